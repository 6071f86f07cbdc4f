//! A password for PostgreSQL with any characters, given apart from the address, to a real server that asks for it.

use std::fs;
use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use test_support::cluster::{Cluster, LOCKED, NoCluster};
use test_support::program::{Done, asoca, run};

/// The worst of what people and `openssl rand -base64` make up.
const PASSWORDS: [&str; 9] = [
    "p@ss",
    "a/b",
    "half#way",
    "100%41",
    "one+one = 2",
    "who?a=b&c",
    "quote'd \"\\ back",
    ":@/#?%+ '[]{}$PATH",
    "Grüße 冠状動脈",
];

#[tokio::main(flavor = "current_thread")]
async fn set_password(cluster: &Cluster, statement: &str, password: &str) {
    let mut connection = PgConnection::connect(&cluster.url("postgres")).await.unwrap();
    let text = format!("{statement} password '{}'", password.replace('\'', "''"));
    connection.execute(AssertSqlSafe(text)).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::main(flavor = "current_thread")]
async fn make_database(cluster: &Cluster) {
    let mut connection = PgConnection::connect(&cluster.url("postgres")).await.unwrap();
    let text = format!("create database theirs owner {LOCKED}");
    connection.execute(AssertSqlSafe(text)).await.unwrap();
    connection.close().await.unwrap();
}

/// Tells whether the program gets into the database: whom it then doesn't know, it says.
fn knock(data: &Path, url: &str, variables: &[(&str, &str)]) -> Done {
    let mut command = asoca([&"admin", &"create-token", &"--email", &"nobody@example.org"]);
    command.env("ASOCA_DATA", data).env("DATABASE_URL", url).envs(variables.iter().copied());
    run(&mut command)
}

#[test]
fn any_password_works_apart_from_the_address() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(NoCluster::NotInstalled) => {
            let required = ["CI", "ASOCA_REQUIRE_ENGINES"].map(std::env::var_os);
            assert!(required == [None, None], "PostgreSQL's binaries are not on this machine");
            println!("not run: PostgreSQL's binaries are not on this machine");
            return;
        }
        Err(NoCluster::Failed(reason)) => panic!("PostgreSQL can't be started: {reason}"),
    };
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("password"));
    let url = cluster.url_of(LOCKED, "theirs");
    set_password(&cluster, &format!("create role {LOCKED} login"), "at first");
    make_database(&cluster);
    for password in PASSWORDS {
        set_password(&cluster, &format!("alter role {LOCKED}"), password);
        let inside = ["nobody@example.org"];
        knock(&data, &url, &[("ASOCA_DATABASE_PASSWORD", password)]).refused(2, &inside);
        for end in ["", "\n", "\r\n"] {
            fs::write(&file, format!("{password}{end}")).unwrap();
            let named = [("ASOCA_DATABASE_PASSWORD_FILE", file.to_str().unwrap())];
            knock(&data, &url, &named).refused(2, &inside);
        }
        // It goes before one in the address, which stays where it is.
        let other = cluster.url_of(&format!("{LOCKED}:hush"), "theirs");
        knock(&data, &other, &[("ASOCA_DATABASE_PASSWORD", password)]).refused(2, &inside);
        let wrong = knock(&data, &other, &[]);
        wrong.refused(4, &["PostgreSQL of DATABASE_URL", "ASOCA_DATABASE_PASSWORD"]);
        assert!(!wrong.stderr.contains("hush"), "{wrong:?}");
    }
    knock(&data, &url, &[]).refused(4, &["PostgreSQL of DATABASE_URL"]);
}

#[test]
fn a_file_for_a_secret_is_there_and_holds_one() {
    let folder = tempfile::tempdir().unwrap();
    let (data, empty) = (folder.path().join("data"), folder.path().join("empty"));
    fs::write(&empty, "\n").unwrap();
    let url = "postgres://asoca@localhost/asoca?host=/nowhere";
    let name = "ASOCA_DATABASE_PASSWORD_FILE";
    let missing = folder.path().join("missing");
    for path in [&missing, &empty, &folder.path().to_owned()] {
        let path = path.to_str().unwrap();
        knock(&data, url, &[(name, path)]).refused(2, &[name, path]);
    }
    let both = [(name, empty.to_str().unwrap()), ("ASOCA_DATABASE_PASSWORD", "hush")];
    let both = knock(&data, url, &both);
    both.refused(2, &["ASOCA_DATABASE_PASSWORD and ASOCA_DATABASE_PASSWORD_FILE"]);
    assert!(!both.stderr.contains("hush"));
}
