//! Links that let somebody in once. The secret in them is kept as a digest only.

use crate::domain::UserId;
use std::time::Duration;

use sqlx::FromRow;

use super::accounts::{END_ADDRESS_CHANGE, NewAccount, insert_user};
use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::sessions::END_SESSIONS;
use super::timestamp::Timestamp;
use super::tokens::REVOKE_TOKENS;

/// How long a link to set a new password works.
const RESET: Duration = Duration::from_secs(24 * 3600);

/// How long used and expired links are kept.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// To set the password of one person, within a day.
    Reset,
    /// To make the first organiser's account, until the next start of a server.
    Welcome,
}

impl LinkKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Welcome => "welcome",
        }
    }
}

/// A link that can be used.
#[derive(Clone, Debug, FromRow)]
pub struct OpenLink {
    pub digest: String,
    /// The address of whose it is.
    pub email: Option<String>,
}

impl Store {
    /// Adds a link in place of unused ones for the same, and writes it down: `user` is whose password
    /// a reset sets, `actor` who asked for the link (nobody: the program itself).
    pub async fn add_link(
        &self,
        kind: LinkKind,
        user: Option<UserId>,
        digest: &str,
        actor: Option<UserId>,
        now: Timestamp,
    ) -> Result<()> {
        let expires = (kind == LinkKind::Reset).then(|| now.plus(RESET));
        transaction!(self, tx => {
            sqlx::query(
                "delete from one_time_links
                 where kind = $1 and user_id is not distinct from $2 and used_at is null",
            )
            .bind(kind.as_str())
            .bind(user)
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "insert into one_time_links (digest, kind, user_id, created_at, expires_at)
                 values ($1, $2, $3, $4, $5)",
            )
            .bind(digest)
            .bind(kind.as_str())
            .bind(user)
            .bind(now)
            .bind(expires)
            .execute(&mut *tx)
            .await?;
            let action = match kind {
                LinkKind::Reset => "reset link made",
                LinkKind::Welcome => "welcome link made",
            };
            let by = AuditContext { actor, detail: serde_json::json!({}) };
            record_event!(tx, by, action, user.map(|user| user.to_string()).unwrap_or_default(), now);
        });
        Ok(())
    }

    /// The link, if it can be used: that for the first organiser only while there is none.
    pub async fn open_link(
        &self,
        kind: LinkKind,
        digest: &str,
        now: Timestamp,
    ) -> Result<Option<OpenLink>> {
        on!(self.read, db => sqlx::query_as(
            "select l.digest, u.email from one_time_links l left join users u on u.id = l.user_id
             where l.digest = $1 and l.kind = $2 and l.used_at is null
                 and (l.expires_at is null or l.expires_at > $3)
                 and (l.kind <> 'welcome' or not exists (select 1 from users where organiser))",
        )
        .bind(digest)
        .bind(kind.as_str())
        .bind(now)
        .fetch_optional(db))
    }

    /// Uses a link up to set a password, ends the person's sessions and tokens and writes it down; gives whose password it
    /// is, nobody if the link can't be used. Tokens, too, the places known, and an address asked for: who sets a new password because
    /// somebody else got in can't know what was made meanwhile.
    pub async fn reset_password(
        &self,
        digest: &str,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<UserId>> {
        Ok(transaction!(self, tx => {
            let used: Option<(UserId,)> = sqlx::query_as(
                "update one_time_links set used_at = $3
                 where digest = $1 and kind = $2 and used_at is null and expires_at > $3
                 returning user_id",
            )
            .bind(digest)
            .bind(LinkKind::Reset.as_str())
            .bind(now)
            .fetch_optional(&mut *tx)
            .await?;
            let Some((user,)) = used else { return Ok(None) };
            sqlx::query("update users set password_hash = $2 where id = $1")
                .bind(user)
                .bind(password_hash)
                .execute(&mut *tx)
                .await?;
            sqlx::query(END_ADDRESS_CHANGE).bind(user).execute(&mut *tx).await?;
            let sessions = sqlx::query(END_SESSIONS).bind(user).execute(&mut *tx).await?;
            let tokens =
                sqlx::query(REVOKE_TOKENS).bind(user).bind(now).execute(&mut *tx).await?;
            let detail = serde_json::json!({
                "sessions ended": sessions.rows_affected(),
                "tokens revoked": tokens.rows_affected(),
            });
            let by = AuditContext { actor: Some(user), detail };
            sqlx::query("delete from known_places where user_id = $1")
                .bind(user)
                .execute(&mut *tx)
                .await?;
            record_event!(tx, by, "password reset", user, now);
            Some(user)
        }))
    }

    /// Uses a link up to add the first organiser, and writes it down; nobody if the link can't be
    /// used or there is an organiser already. `Taken` if the address is, and then the link can be used again.
    pub async fn add_first_organiser(
        &self,
        digest: &str,
        new: &NewAccount<'_>,
        now: Timestamp,
    ) -> Result<Option<UserId>> {
        let id = UserId::new();
        Ok(transaction!(self, tx => {
            let used = sqlx::query(
                "update one_time_links set used_at = $3
                 where digest = $1 and kind = $2 and used_at is null
                     and not exists (select 1 from users where organiser)",
            )
            .bind(digest)
            .bind(LinkKind::Welcome.as_str())
            .bind(now)
            .execute(&mut *tx)
            .await?;
            if used.rows_affected() == 0 {
                return Ok(None);
            }
            insert_user!(id, new, true, now).execute(&mut *tx).await?;
            record_event!(tx, AuditContext::person(id), "organiser created", id, now);
            Some(id)
        }))
    }

    /// Forgets links that were of use long ago.
    pub async fn delete_expired_links(&self, now: Timestamp) -> Result<u64> {
        on!(self.write, db => sqlx::query("delete from address_changes where expires_at <= $1")
            .bind(now)
            .execute(db))?;
        on!(self.write, db => sqlx::query(
            "delete from one_time_links where used_at <= $1 or expires_at <= $1",
        )
        .bind(now.minus(KEPT))
        .execute(db))
    }
}
