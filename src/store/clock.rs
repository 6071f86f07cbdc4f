//! The one clock that leases are timed by: the database's. Workers on several machines never agree on the time.

use super::engine::{Result, Store, on};
use super::timestamp::Timestamp;

impl Store {
    /// What time it is for the database. On SQLite that is the clock of the one process which works on it.
    pub async fn clock(&self) -> Result<Timestamp> {
        let text = match self {
            Store::Postgres(_) => "select clock_timestamp()",
            Store::Sqlite { .. } => "select strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')",
        };
        on!(self.read, db => sqlx::query_scalar(text).fetch_one(db))
    }
}
