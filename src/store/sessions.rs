//! Sessions of people in a browser, kept for tower-sessions. The cookie's id is kept as a
//! digest only: who reads the table can't take over a session.

use crate::domain::UserId;
use std::time::Duration;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use sqlx::types::Json;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result as SessionResult};

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::timestamp::Timestamp;

type Data = std::collections::HashMap<String, serde_json::Value>;

/// How coarsely it is known when a session was last seen: a request that only reads is not to
/// become one that writes.
const SEEN_EVERY: Duration = Duration::from_secs(10 * 60);

/// Ends all of a person's sessions.
pub(super) const END_SESSIONS: &str = "delete from sessions where user_id = $1";

/// Where somebody is logged in.
#[derive(Clone, Debug)]
pub struct Session {
    /// What the row is known by; the cookie can't be found out from it.
    pub digest: String,
    pub begun_at: Option<Timestamp>,
    pub seen_at: Option<Timestamp>,
    /// The browser in a few words.
    pub browser: Option<String>,
}

impl Session {
    /// What a session's data say of its beginning, under these names.
    pub const BEGUN: &str = "begun";
    pub const BROWSER: &str = "browser";

    /// What the row of a session is known by.
    pub fn digest(id: Id) -> String {
        digest(&id)
    }

    fn of((digest, Json(data), seen_at): (String, Json<Data>, Option<Timestamp>)) -> Self {
        let text = |name| data.get(name).and_then(|value| value.as_str());
        let begun_at = text(Self::BEGUN).and_then(Timestamp::parse);
        let browser = text(Self::BROWSER).map(str::to_owned);
        Self { digest, begun_at, seen_at, browser }
    }
}

fn digest(id: &Id) -> String {
    crate::digest::hex(&Sha256::digest(id.0.to_le_bytes()))
}

/// The person a session belongs to, as axum-login writes it into the session's data.
fn user(data: &Data) -> Option<UserId> {
    data.get("axum-login.data")?.get("user_id")?.as_str()?.parse().ok()
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

impl Store {
    async fn put_session(&self, record: &Record) -> Result<u64> {
        on!(self.write, db => sqlx::query(
            "insert into sessions (digest, user_id, data, expires_at) values ($1, $2, $3, $4)
             on conflict (digest) do update
             set user_id = excluded.user_id, data = excluded.data, expires_at = excluded.expires_at",
        )
        .bind(digest(&record.id))
        .bind(user(&record.data))
        .bind(Json(&record.data))
        .bind(Timestamp::from(record.expiry_date))
        .execute(db))
    }

    /// Where a person is logged in, the latest first.
    pub async fn sessions_of(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        let rows: Vec<(String, Json<Data>, Option<Timestamp>)> = on!(self.read, db => sqlx::query_as(
            "select digest, data, seen_at from sessions where user_id = $1 and expires_at > $2",
        )
        .bind(user)
        .bind(now)
        .fetch_all(db))?;
        let mut sessions: Vec<Session> = rows.into_iter().map(Session::of).collect();
        sessions.sort_by(|a, b| (b.begun_at, &b.digest).cmp(&(a.begun_at, &a.digest)));
        Ok(sessions)
    }

    /// Remembers roughly when a session was last seen.
    pub async fn touch_session(&self, digest: &str, now: Timestamp) -> Result<()> {
        let long_ago = now.minus(SEEN_EVERY);
        let unseen: Option<(String,)> = on!(self.read, db => sqlx::query_as(
            "select digest from sessions
             where digest = $1 and (seen_at is null or seen_at <= $2)",
        )
        .bind(digest)
        .bind(long_ago)
        .fetch_optional(db))?;
        if unseen.is_some() {
            on!(self.write, db => sqlx::query("update sessions set seen_at = $2 where digest = $1")
                .bind(digest)
                .bind(now)
                .execute(db))?;
        }
        Ok(())
    }

    /// Ends a person's session, and writes it down; false if the person has no such session.
    pub async fn end_session(&self, user: UserId, digest: &str, now: Timestamp) -> Result<bool> {
        Ok(transaction!(self, tx => {
            let ended = sqlx::query("delete from sessions where user_id = $1 and digest = $2")
                .bind(user)
                .bind(digest)
                .execute(&mut *tx)
                .await?;
            if ended.rows_affected() == 0 {
                return Ok(false);
            }
            record_event!(tx, AuditContext::person(user), "session ended", user, now);
            true
        }))
    }

    /// Ends a person's sessions but for `kept`, and writes down how many.
    pub async fn end_other_sessions(&self, user: UserId, kept: &str, now: Timestamp) -> Result<()> {
        transaction!(self, tx => {
            let ended = sqlx::query("delete from sessions where user_id = $1 and digest <> $2")
                .bind(user)
                .bind(kept)
                .execute(&mut *tx)
                .await?;
            let detail = serde_json::json!({ "sessions": ended.rows_affected() });
            let by = AuditContext { actor: Some(user), detail };
            record_event!(tx, by, "other sessions ended", user, now);
        });
        Ok(())
    }

    /// Forgets sessions that are over.
    pub async fn delete_expired_sessions(&self, now: Timestamp) -> Result<u64> {
        on!(self.write, db => sqlx::query("delete from sessions where expires_at <= $1")
            .bind(now)
            .execute(db))
    }
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> SessionResult<()> {
        // 128 random bits: an id that is there already does not happen.
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> SessionResult<()> {
        self.put_session(record).await.map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> SessionResult<Option<Record>> {
        let found: Option<(Json<Data>, Timestamp)> = on!(self.read, db => sqlx::query_as(
            "select data, expires_at from sessions where digest = $1 and expires_at > $2",
        )
        .bind(digest(id))
        .bind(Timestamp::now())
        .fetch_optional(db))
        .map_err(backend)?;
        Ok(found.map(|(Json(data), expires)| Record { id: *id, data, expiry_date: expires.into() }))
    }

    async fn delete(&self, id: &Id) -> SessionResult<()> {
        on!(self.write, db => sqlx::query("delete from sessions where digest = $1")
            .bind(digest(id))
            .execute(db))
        .map_err(backend)?;
        Ok(())
    }
}
