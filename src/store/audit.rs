use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Result, Store, Timestamp, new_id, on};

/// Something that happened and can be asked about later.
#[derive(Clone, Debug, FromRow)]
pub struct Event {
    pub id: Uuid,
    pub at: Timestamp,
    pub actor: Option<Uuid>,
    pub action: String,
    pub subject: String,
    #[sqlx(json)]
    pub detail: serde_json::Value,
}

impl Store {
    /// Writes down that `actor` (nobody: the program itself) did `action` to `subject`.
    pub async fn note(
        &self,
        actor: Option<Uuid>,
        action: &str,
        subject: &str,
        detail: serde_json::Value,
        now: Timestamp,
    ) -> Result<()> {
        on!(self.write, db => sqlx::query(
            "insert into audit (id, at, actor, action, subject, detail)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(new_id())
        .bind(now)
        .bind(actor)
        .bind(action)
        .bind(subject)
        .bind(Json(&detail))
        .execute(db))?;
        Ok(())
    }

    /// The latest events, newest first.
    pub async fn events(&self, most: i64) -> Result<Vec<Event>> {
        Ok(on!(self.read, db => sqlx::query_as("select * from audit order by id desc limit $1")
            .bind(most)
            .fetch_all(db))?)
    }
}
