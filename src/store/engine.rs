//! The two engines behind one type, and what every module of the store stands on: errors, `on!` and `transaction!`.

use sqlx::{PgPool, SqlitePool};

use super::outage;
use super::timestamp::Timestamp;
use crate::domain::{Error, Refusal};

/// Where the rows are.
#[derive(Clone, Debug)]
pub enum Store {
    Postgres(PgPool),
    /// One writer, because SQLite has one; many readers.
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database can't be opened: {0}")]
    Unreachable(String),
    #[error("the database refuses the tables: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A name, an address or a key that has to be unique is there already.
    #[error("there is one already")]
    Taken,
    /// The rules don't allow it, as the rows are.
    #[error("the rules refuse it: {0:?}")]
    Refused(Refusal),
    /// The engine is away, starting, or can't write just now: the same may work in a moment. Whether a change
    /// that ended so was made is not known on PostgreSQL, where the answer alone may have been lost.
    #[error(transparent)]
    Unavailable(sqlx::Error),
    #[error(transparent)]
    Sql(sqlx::Error),
}

impl StoreError {
    /// Whether it says something of the engine rather than of what was asked.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Unreachable(_))
    }

    /// Whether the engine is there and says itself that it can't: what only reads may go on.
    pub fn is_unwritable(&self) -> bool {
        matches!(self, Self::Unavailable(sqlx::Error::Database(_)))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal.into(),
            error if error.is_unavailable() => Self::unavailable(error),
            error => Self::internal(error),
        }
    }
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(database) if database.is_unique_violation() => Self::Taken,
            _ if outage::is_outage(&error) => Self::Unavailable(error),
            _ => Self::Sql(error),
        }
    }
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// Runs the same query on the engine that is there. `on!(self.read, db => query.fetch_all(db))`
/// gives the rows, `write` the number of rows touched, `returning` the rows a write gives back.
macro_rules! on {
    ($store:ident.read, $db:ident => $query:expr) => {
        match $store {
            $crate::store::engine::Store::Postgres($db) => $query.await,
            $crate::store::engine::Store::Sqlite { read: $db, .. } => $query.await,
        }
        .map_err($crate::store::engine::StoreError::from)
    };
    ($store:ident.write, $db:ident => $query:expr) => {
        match $store {
            $crate::store::engine::Store::Postgres($db) => {
                $query.await.map(|done| done.rows_affected())
            }
            $crate::store::engine::Store::Sqlite { write: $db, .. } => {
                $query.await.map(|done| done.rows_affected())
            }
        }
        .map_err($crate::store::engine::StoreError::from)
    };
    ($store:ident.returning, $db:ident => $query:expr) => {
        match $store {
            $crate::store::engine::Store::Postgres($db) => $query.await,
            $crate::store::engine::Store::Sqlite { write: $db, .. } => $query.await,
        }
        .map_err($crate::store::engine::StoreError::from)
    };
}

/// Runs a block in one transaction, committed when the block comes to its end. A `return`
/// or `?` inside leaves the function and rolls back. On SQLite the transaction takes the
/// write lock at once: one that reads first and writes later could fail half way.
macro_rules! transaction {
    ($store:ident, $tx:ident => $block:block) => {
        match $store {
            $crate::store::engine::Store::Postgres(pool) => {
                let pool = pool.clone();
                let mut $tx =
                    $crate::store::engine::begun(async move { pool.begin().await }).await?;
                let value = $block;
                $tx.commit().await?;
                value
            }
            $crate::store::engine::Store::Sqlite { write, .. } => {
                let write = write.clone();
                let begin = async move { write.begin_with("BEGIN IMMEDIATE").await };
                let mut $tx = $crate::store::engine::begun(begin).await?;
                let value = $block;
                $tx.commit().await?;
                value
            }
        }
    };
}

pub(super) use {on, transaction};

/// Begins a transaction whether or not somebody still waits for it: given up half way, sqlx's PostgreSQL leaves one
/// open that it doesn't know of, and what the connection's next users write is committed by nobody.
pub(super) async fn begun<T: Send + 'static>(
    begin: impl Future<Output = sqlx::Result<T>> + Send + 'static,
) -> sqlx::Result<T> {
    tokio::spawn(begin).await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
}

impl Store {
    /// Whether the database is in this process, and a change that failed therefore was not made.
    pub fn is_local(&self) -> bool {
        matches!(self, Self::Sqlite { .. })
    }

    /// Whether a row can be written. It is the same row each time.
    pub async fn check_writing(&self, now: Timestamp) -> Result<()> {
        on!(self.write, db => sqlx::query(
            "insert into write_checks (id, at) values (1, $1)
             on conflict (id) do update set at = excluded.at",
        )
        .bind(now)
        .execute(db))?;
        Ok(())
    }

    /// Closes the connections; on SQLite this folds the write-ahead log into the file.
    pub async fn close(&self) {
        match self {
            Self::Postgres(pool) => pool.close().await,
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
        }
    }
}
