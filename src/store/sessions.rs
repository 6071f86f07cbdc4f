//! Sessions of people in a browser, kept for tower-sessions. The cookie's id is kept as a
//! digest only: who reads the table can't take over a session.

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use sqlx::types::Json;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result as SessionResult};
use uuid::Uuid;

use super::{Result, Store, Timestamp, on};

type Data = std::collections::HashMap<String, serde_json::Value>;

fn digest(id: &Id) -> String {
    crate::digest::hex(&Sha256::digest(id.0.to_le_bytes()))
}

/// The person a session belongs to, as axum-login writes it into the session's data.
fn user(data: &Data) -> Option<Uuid> {
    data.get("axum-login.data")?.get("user_id")?.as_str()?.parse().ok()
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

impl Store {
    async fn put_session(&self, record: &Record) -> Result<u64> {
        Ok(on!(self.write, db => sqlx::query(
            "insert into sessions (digest, user_id, data, expires_at) values ($1, $2, $3, $4)
             on conflict (digest) do update
             set user_id = excluded.user_id, data = excluded.data, expires_at = excluded.expires_at",
        )
        .bind(digest(&record.id))
        .bind(user(&record.data))
        .bind(Json(&record.data))
        .bind(Timestamp::from(record.expiry_date))
        .execute(db))?)
    }

    /// Forgets sessions that are over.
    pub async fn sweep_sessions(&self, now: Timestamp) -> Result<u64> {
        Ok(on!(self.write, db => sqlx::query("delete from sessions where expires_at <= $1")
            .bind(now)
            .execute(db))?)
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
