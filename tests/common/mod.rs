//! What every test of the store and of the server stands on: a fresh database of either engine.

pub mod cluster;
mod database;

pub use database::{Database, Engine};

/// Makes two tests of each `async fn name(database: Database)`: `sqlite::name` and
/// `postgres::name`. One that is not listed is dead code, and the compiler says so.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $($crate::common::on_engine!($name, Sqlite);)+
        }
        mod postgres {
            $($crate::common::on_engine!($name, Postgres);)+
        }
    };
}

macro_rules! on_engine {
    ($name:ident, $engine:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            use $crate::common::{Database, Engine};
            if let Some(database) = Database::fresh(Engine::$engine).await {
                super::$name(database).await;
            }
        }
    };
}

pub(crate) use {on_both_engines, on_engine};

/// What the store withholds, for tests that look at what is stored.
#[allow(dead_code, reason = "not every binary looks")]
pub fn opened<T: Clone>(withheld: &asoca::domain::Withheld<T>) -> T {
    withheld.open(asoca::domain::Disclosure::EveryCase.exact().unwrap()).clone()
}
