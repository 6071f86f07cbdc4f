//! Mail on its way: claimed with a lease by whoever sends it, and ended once it is sent. A sender that was killed between sending and
//! writing so sends once more, and nothing is lost.

use std::time::Duration;

use sqlx::FromRow;
use uuid::Uuid;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::locks::Locks;
use super::outbox::{reached, setting};
use super::timestamp::Timestamp;
use crate::domain::{MailKind, UserId};

/// The event of a mail that could not be sent.
pub const NOT_SENT: &str = "mail not sent";

/// So long sending is tried.
const GIVEN_UP: Duration = Duration::from_secs(24 * 3600);

/// So long what was sent is kept, and mails can be switched off by their links.
const KEPT: Duration = Duration::from_secs(180 * 24 * 3600);

/// Mails of a kind to one person that are being sent.
#[derive(Clone, Debug)]
pub struct ClaimedMails {
    pub claim: Uuid,
    pub user: UserId,
    pub kind: MailKind,
    /// The address, if the person is still to be told.
    pub email: Option<String>,
    /// Oldest first; none if somebody else was faster.
    pub events: Vec<MailEvent>,
}

/// What one of them tells.
#[derive(Clone, Debug, FromRow)]
pub struct MailEvent {
    pub event_id: Uuid,
    pub subject: Uuid,
    #[sqlx(json)]
    pub detail: serde_json::Value,
    /// How often it was tried, this time included.
    pub tries: i64,
}

/// What came of sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    Sent,
    /// In words, and how long to wait until the next time.
    Failed {
        why: String,
        pause: Duration,
    },
    /// There was nothing to tell.
    Nothing,
}

/// Mail that did not get out.
#[derive(Clone, Debug, FromRow)]
pub struct Unsent {
    pub waiting: i64,
    /// Why the last of them was not sent.
    pub failure: Option<String>,
}

impl Store {
    /// Claims the mail that has been due for longest, with what goes with it; nothing if none is due. `digest` is of the
    /// secret that the mail can be switched off with.
    pub async fn claim_mails(&self, digest: &str, lease: Duration) -> Result<Option<ClaimedMails>> {
        let now = self.clock().await?;
        let due: Option<(UserId, String, Uuid)> = on!(self.read, db => sqlx::query_as(
            "select user_id, kind, event_id from mails
             where state = 'waiting' and due_at <= $1 and (lease_until is null or lease_until <= $1)
             order by due_at limit 1",
        )
        .bind(now)
        .fetch_optional(db))?;
        let Some((user, kind, event)) = due else { return Ok(None) };
        let kind: MailKind = kind.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let claim = Uuid::now_v7();
        let events: Vec<MailEvent> = transaction!(self, tx => {
            // Of two senders that look at the same moment, the second finds nothing to claim.
            tx.lock_user(user).await?;
            let claimed = sqlx::query(
                "update mails set claim = $1, lease_until = $2, tries = tries + 1
                 where user_id = $3 and kind = $4 and state = 'waiting'
                   and (lease_until is null or lease_until <= $5) and (event_id = $6 or $7)",
            )
            .bind(claim)
            .bind(now.plus(lease))
            .bind(user)
            .bind(kind.as_str())
            .bind(now)
            .bind(event)
            .bind(kind.is_bundled())
            .execute(&mut *tx)
            .await?;
            if claimed.rows_affected() > 0 {
                sqlx::query(
                    "insert into mail_links (digest, user_id, kind, created_at) values ($1, $2, $3, $4)",
                )
                .bind(digest)
                .bind(user)
                .bind(kind.as_str())
                .bind(now)
                .execute(&mut *tx)
                .await?;
            }
            sqlx::query_as(
                "select m.event_id, e.subject, e.detail, m.tries
                 from mails m join mail_events e on e.id = m.event_id
                 where m.user_id = $1 and m.claim = $2 order by m.event_id",
            )
            .bind(user)
            .bind(claim)
            .fetch_all(&mut *tx)
            .await?
        });
        let email = on!(self.read, db => sqlx::query_scalar(
            concat!("select u.email from users u where ", reached!("u.id = $3")),
        )
        .bind(setting(kind))
        .bind(kind.as_str())
        .bind(user)
        .fetch_optional(db))?;
        Ok(Some(ClaimedMails { claim, user, kind, email, events }))
    }

    /// Writes what came of mails that were claimed. `dropped`: those of them that tell the person nothing any more.
    pub async fn settle_mails(
        &self,
        of: &ClaimedMails,
        dropped: &[Uuid],
        sending: &Sending,
    ) -> Result<()> {
        let now = self.clock().await?;
        transaction!(self, tx => {
            for event in dropped {
                sqlx::query(
                    "update mails set state = 'dropped', ended_at = $3, claim = null, lease_until = null
                     where user_id = $4 and claim = $1 and event_id = $2",
                )
                .bind(of.claim)
                .bind(event)
                .bind(now)
                .bind(of.user)
                .execute(&mut *tx)
                .await?;
            }
            match sending {
                Sending::Nothing => {}
                Sending::Sent => {
                    sqlx::query(
                        "update mails set state = 'sent', ended_at = $2, claim = null, lease_until = null,
                                failure = null
                         where user_id = $3 and claim = $1",
                    )
                    .bind(of.claim)
                    .bind(now)
                    .bind(of.user)
                    .execute(&mut *tx)
                    .await?;
                }
                Sending::Failed { why, pause } => {
                    let given_up = sqlx::query(
                        "update mails set state = 'failed', ended_at = $2, claim = null, lease_until = null,
                                failure = $3
                         where user_id = $5 and claim = $1 and created_at <= $4",
                    )
                    .bind(of.claim)
                    .bind(now)
                    .bind(why)
                    .bind(now.minus(GIVEN_UP))
                    .bind(of.user)
                    .execute(&mut *tx)
                    .await?;
                    if given_up.rows_affected() > 0 {
                        let detail = serde_json::json!({ "because": why, "kind": of.kind });
                        let by = AuditContext { actor: None, detail };
                        record_event!(tx, by, NOT_SENT, of.user, now);
                    }
                    sqlx::query(
                        "update mails set due_at = $2, failure = $3, claim = null, lease_until = null
                         where user_id = $4 and claim = $1",
                    )
                    .bind(of.claim)
                    .bind(now.plus(*pause))
                    .bind(why)
                    .bind(of.user)
                    .execute(&mut *tx)
                    .await?;
                }
            }
        });
        Ok(())
    }

    /// Mail that was tried, was not sent and will be tried again.
    pub async fn unsent_mail(&self) -> Result<Unsent> {
        on!(self.read, db => sqlx::query_as(
            "select count(*) as waiting, max(failure) as failure from mails
             where state = 'waiting' and failure is not null",
        )
        .fetch_one(db))
    }

    /// Forgets what was sent long ago. Letters are kept, with who got them.
    pub async fn delete_old_mails(&self, now: Timestamp) -> Result<()> {
        let before = now.minus(KEPT);
        on!(self.write, db => sqlx::query(
            "delete from mails where state <> 'waiting' and kind <> 'letter' and created_at < $1",
        )
        .bind(before)
        .execute(db))?;
        on!(self.write, db => sqlx::query(
            "delete from mail_events
             where at < $1 and not exists (select 1 from mails m where m.event_id = mail_events.id)",
        )
        .bind(before)
        .execute(db))?;
        on!(self.write, db => sqlx::query("delete from mail_links where created_at < $1")
            .bind(before)
            .execute(db))?;
        Ok(())
    }
}
