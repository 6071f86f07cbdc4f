//! The audit log: who did what, when, and what was before and after. Rows are only ever added; the database
//! itself refuses anything else.

use crate::domain::{EventId, UserId};
use sqlx::types::Json;
use sqlx::{FromRow, PgPool, SqlitePool};

use super::engine::{Result, Store, on};
use super::search::{containing, folded, or_none};
use super::timestamp::Timestamp;

/// Something that happened and can be asked about later.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct Event {
    pub id: EventId,
    pub at: Timestamp,
    /// `None`: the program itself, or somebody who is not known.
    pub actor: Option<UserId>,
    pub action: String,
    /// The id of what it was done to.
    pub subject: String,
    #[sqlx(json)]
    pub detail: serde_json::Value,
    /// The actor's e-mail address.
    #[sqlx(default)]
    pub email: Option<String>,
}

/// Who changes something (nobody: the program itself), and what the audit log says of it.
#[derive(Clone, Debug, Default)]
pub struct AuditContext {
    pub actor: Option<UserId>,
    /// What was before and after, or whatever tells it.
    pub detail: serde_json::Value,
}

/// Writes an event into the transaction of the change it tells of.
macro_rules! record_event {
    ($tx:ident, $by:expr, $action:expr, $subject:expr, $now:expr) => {
        sqlx::query($crate::store::audit::INSERT)
            .bind($crate::domain::EventId::new())
            .bind($now)
            .bind($by.actor)
            .bind($action)
            .bind($subject.to_string())
            .bind(sqlx::types::Json(&$by.detail))
            .bind($crate::store::search::folded(&$by.detail.to_string()))
            .execute(&mut *$tx)
            .await?
    };
}

pub(super) use record_event;

impl AuditContext {
    /// A person who does something to what is their own, where there is no more to say.
    pub(super) fn person(id: UserId) -> Self {
        Self { actor: Some(id), detail: serde_json::json!({}) }
    }
}

/// Which events are wanted; an empty text stands for all.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct EventFilter {
    pub action: String,
    /// Part of an actor's e-mail address.
    pub actor: String,
    pub subject: String,
    /// Part of the detail.
    pub text: String,
    /// Only what is older than the event with this id: the next page.
    #[serde(deserialize_with = "or_none")]
    pub before: Option<EventId>,
}

/// Binds: id, at, actor, action, subject, detail, and that [`folded`].
pub(super) const INSERT: &str = "insert into audit
         (id, at, actor, action, subject, detail, detail_folded)
     values ($1, $2, $3, $4, $5, $6, $7)";

/// Makes PostgreSQL refuse to change or empty the audit log.
///
/// Its text differs from SQLite's, so it is no migration.
pub(super) async fn protect_postgres(pool: &PgPool) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    // Processes that start at the same time would step on each other's definitions.
    sqlx::query("select pg_advisory_xact_lock(7272001)").execute(&mut *tx).await?;
    for text in [
        "create or replace function refuse_change() returns trigger language plpgsql as
         $$ begin raise exception 'the audit log is append-only'; end $$",
        "create or replace trigger audit_append_only before update or delete on audit
         for each row execute function refuse_change()",
        "create or replace trigger audit_never_emptied before truncate on audit
         for each statement execute function refuse_change()",
        "create or replace trigger decisions_append_only before update or delete on decisions
         for each row execute function refuse_change()",
        "create or replace trigger decisions_never_emptied before truncate on decisions
         for each statement execute function refuse_change()",
    ] {
        sqlx::query(text).execute(&mut *tx).await?;
    }
    tx.commit().await
}

/// Makes SQLite refuse to change the audit log.
///
/// `insert or replace` deletes without asking the triggers of deletes.
pub(super) async fn protect_sqlite(pool: &SqlitePool) -> sqlx::Result<()> {
    for text in [
        "create trigger if not exists audit_not_changed before update on audit
         begin select raise(abort, 'the audit log is append-only'); end",
        "create trigger if not exists audit_not_deleted before delete on audit
         begin select raise(abort, 'the audit log is append-only'); end",
        "create trigger if not exists audit_not_replaced before insert on audit
         when exists (select 1 from audit where id = new.id or rowid = new.rowid)
         begin select raise(abort, 'the audit log is append-only'); end",
        "create trigger if not exists decisions_not_changed before update on decisions
         begin select raise(abort, 'decisions are append-only'); end",
        "create trigger if not exists decisions_not_deleted before delete on decisions
         begin select raise(abort, 'decisions are append-only'); end",
        "create trigger if not exists decisions_not_replaced before insert on decisions
         when exists (select 1 from decisions where id = new.id or rowid = new.rowid)
         begin select raise(abort, 'decisions are append-only'); end",
    ] {
        sqlx::query(text).execute(pool).await?;
    }
    Ok(())
}

impl Store {
    /// Writes down that `actor` (nobody: the program itself) did `action` to `subject`.
    pub async fn record_event(
        &self,
        actor: Option<UserId>,
        action: &str,
        subject: &str,
        detail: serde_json::Value,
        now: Timestamp,
    ) -> Result<()> {
        on!(self.write, db => sqlx::query(INSERT)
            .bind(EventId::new())
            .bind(now)
            .bind(actor)
            .bind(action)
            .bind(subject)
            .bind(Json(&detail))
            .bind(folded(&detail.to_string()))
            .execute(db))?;
        Ok(())
    }

    /// The latest events that fit, newest first.
    pub async fn events(&self, filter: &EventFilter, limit: i64) -> Result<Vec<Event>> {
        on!(self.read, db => sqlx::query_as(
            "select a.id, a.at, a.actor, a.action, a.subject, a.detail, u.email
             from audit a left join users u on u.id = a.actor
             where ($1 = '' or a.action = $1) and ($2 = '' or u.email like $2 escape '!')
               and ($3 = '' or a.subject = $3)
               and ($4 = '' or a.detail_folded like $4 escape '!')
               and (a.id < $5 or $5 is null)
             order by a.id desc limit $6",
        )
        .bind(&filter.action)
        .bind(containing(&filter.actor))
        .bind(&filter.subject)
        .bind(containing(&filter.text))
        .bind(filter.before)
        .bind(limit)
        .fetch_all(db))
    }

    /// Every action there has been so far, by name.
    pub async fn event_actions(&self) -> Result<Vec<String>> {
        on!(self.read, db => sqlx::query_scalar(
            "select distinct action from audit order by action",
        )
        .fetch_all(db))
    }
}
