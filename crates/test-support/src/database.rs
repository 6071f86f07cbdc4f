use std::sync::LazyLock;

use asoca::store::Store;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::cluster::{Cluster, NoCluster};

/// What a database is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file in the folder.
    Sqlite,
    /// A database of the tests' own cluster.
    Postgres,
}

/// A database that nobody else uses, with its tables and no row, and a folder beside it.
pub struct Database {
    /// Connections to it.
    pub store: Store,
    /// Gone with the database.
    pub folder: TempDir,
    postgres: Option<String>,
}

static CLUSTER: LazyLock<Result<Cluster, NoCluster>> = LazyLock::new(Cluster::start);

/// Copied for each test, which is faster than bringing an empty one up to date.
const TEMPLATE: &str = "asoca_template";
static MIGRATED: OnceCell<()> = OnceCell::const_new();

impl Database {
    /// `None`, and a word about it, where the machine lacks the engine. Where everything has
    /// to be tested that is an error: `CI` or `ASOCA_REQUIRE_ENGINES=1` in the environment.
    pub async fn fresh(engine: Engine) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let postgres = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(copy_of_template(cluster()?).await),
        };
        let mut database = Self { store: Self::open(&folder, &postgres).await, folder, postgres };
        // Opened anew, so that what a test finds is what a restarted server finds.
        database.store = database.opened_again().await;
        Some(database)
    }

    /// An empty database of a PostgreSQL that the test has to itself, and may stop.
    pub async fn of(cluster: &Cluster) -> Self {
        let (folder, postgres) = (tempfile::tempdir().unwrap(), Some(cluster.url("postgres")));
        Self { store: Self::open(&folder, &postgres).await, folder, postgres }
    }

    /// The same rows through connections of its own, as another process has them.
    pub async fn opened_again(&self) -> Store {
        Self::open(&self.folder, &self.postgres).await
    }

    async fn open(folder: &TempDir, postgres: &Option<String>) -> Store {
        match postgres {
            Some(url) => Store::postgres(url).await.unwrap(),
            None => Store::sqlite(&folder.path().join("asoca.db")).await.unwrap(),
        }
    }
}

fn cluster() -> Option<&'static Cluster> {
    CLUSTER.as_ref().map_err(NoCluster::must_not_be).ok()
}

/// Makes a database and gives its address.
async fn copy_of_template(cluster: &Cluster) -> String {
    MIGRATED
        .get_or_init(async || {
            make(cluster, format!("create database {TEMPLATE}")).await;
            Store::postgres(&cluster.url(TEMPLATE)).await.unwrap().close().await;
        })
        .await;
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    make(cluster, format!("create database {name} template {TEMPLATE}")).await;
    cluster.url(&name)
}

async fn make(cluster: &Cluster, text: String) {
    let mut connection = PgConnection::connect(&cluster.url("postgres")).await.unwrap();
    connection.execute(AssertSqlSafe(text)).await.unwrap();
    connection.close().await.unwrap();
}
