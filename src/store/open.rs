//! Opening either engine, and what is done to a connection before it is used again.

use std::path::Path;
use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::engine::{Result, Store, StoreError};
use super::{audit, challenge};

/// How long a request waits for a connection to PostgreSQL: when it is away, people are told so within two seconds.
const MAX_WAIT: Duration = Duration::from_millis(1500);

/// How long a process that starts waits for PostgreSQL.
const MAX_START: Duration = Duration::from_secs(10);

// No pool looks after its idle connections, of which there are few: sqlx 0.9 counts them such that the number can
// wrap around for a moment, and whoever goes over them at that moment never comes to an end. One that has broken
// meanwhile is found out when it is taken.
impl Store {
    /// Opens PostgreSQL at `url` and brings its tables up to date.
    pub async fn postgres(url: &str) -> Result<Self> {
        Self::postgres_with(url, None).await
    }

    /// The same with a password that is not in the address, where some of its characters would mean other things.
    pub async fn postgres_with(url: &str, password: Option<&str>) -> Result<Self> {
        let unreachable = |error: sqlx::Error| match error {
            sqlx::Error::PoolTimedOut => StoreError::Unreachable("nobody answers there".into()),
            error => StoreError::Unreachable(error.to_string()),
        };
        let mut options: PgConnectOptions = url.parse().map_err(unreachable)?;
        if let Some(password) = password {
            options = options.password(password);
        }
        let pool = sqlx::postgres::PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(MAX_WAIT)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(options);
        // A machine that starts may begin this program before its database.
        let end = tokio::time::Instant::now() + MAX_START;
        while let Err(error) = pool.acquire().await {
            let passes = matches!(error, sqlx::Error::PoolTimedOut);
            if !passes || tokio::time::Instant::now() >= end {
                return Err(unreachable(error));
            }
        }
        sqlx::migrate!().run(&pool).await?;
        audit::protect_postgres(&pool).await?;
        challenge::begin_postgres(&pool).await?;
        Ok(Self::Postgres(pool))
    }

    /// Opens the SQLite file at `path`, made if it is not there, and brings its tables up to date.
    pub async fn sqlite(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        let unreachable = |error: sqlx::Error| StoreError::Unreachable(error.to_string());
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            // After some errors (a full disk, one of input or output, no memory, an interruption) SQLite has rolled
            // back by itself. sqlx then fails to roll back, believes in a transaction for ever and begins no other:
            // such a connection is closed, and another one opened in its place.
            .before_acquire(|connection, _| {
                Box::pin(async move { Ok(!connection.is_in_transaction()) })
            })
            .connect_with(options.clone())
            .await
            .map_err(unreachable)?;
        sqlx::migrate!().run(&write).await?;
        audit::protect_sqlite(&write).await?;
        challenge::begin_sqlite(&write).await?;
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.pragma("query_only", "on"))
            .await
            .map_err(unreachable)?;
        Ok(Self::Sqlite { read, write })
    }
}
