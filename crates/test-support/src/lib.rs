//! What several test binaries and benches stand on: databases, servers, clients, made-up challenges.
//!
//! Nothing here returns an error: what goes wrong fails the test, where it is seen.

#![deny(missing_docs)]
#![allow(clippy::disallowed_types, reason = "statuses are what tests look at")]

pub mod acts;
pub mod challenge;
pub mod client;
pub mod cluster;
mod database;
pub mod form;
pub mod page;
pub mod program;
pub mod rows;
pub mod site;
pub mod snapshots;

pub use database::{Database, Engine};

/// Makes two tests of each `async fn name(database: Database)`: `sqlite::name` and
/// `postgres::name`. One that is not listed is dead code, and the compiler says so.
#[macro_export]
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $($crate::on_engine!($name, Sqlite);)+
        }
        mod postgres {
            $($crate::on_engine!($name, Postgres);)+
        }
    };
}

/// Makes a test of an `async fn name(database: Database)` of the module above.
#[macro_export]
macro_rules! on_engine {
    ($name:ident, $engine:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            use $crate::{Database, Engine};
            if let Some(database) = Database::fresh(Engine::$engine).await {
                super::$name(database).await;
            }
        }
    };
}

/// What the store withholds, for tests that look at what is stored.
pub fn opened<T: Clone>(withheld: &asoca::domain::Withheld<T>) -> T {
    withheld.open(asoca::domain::Disclosure::EveryCase.exact().unwrap()).clone()
}
