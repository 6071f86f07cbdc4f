//! What organisers write to many people.

use sqlx::FromRow;
use uuid::Uuid;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::outbox::{Occasion, Receivers, tell};
use super::timestamp::Timestamp;
use crate::domain::{Audience, LetterId, MailKind, PhaseId, UserId};

/// A letter that was sent, and what became of it.
#[derive(Clone, Debug, FromRow)]
pub struct Letter {
    pub id: LetterId,
    pub at: Timestamp,
    /// What its author is called now.
    pub author: String,
    #[sqlx(try_from = "String")]
    pub audience: Audience,
    /// The title of the phase that it is about, if it is about one.
    pub phase: Option<String>,
    pub subject: String,
    pub text: String,
    pub receivers: i64,
    pub waiting: i64,
    pub sent: i64,
    pub failed: i64,
}

/// A letter to be sent.
#[derive(Clone, Debug)]
pub struct NewLetter<'a> {
    /// One that was there before makes no second letter.
    pub key: &'a str,
    pub audience: Audience,
    pub phase: Option<PhaseId>,
    pub subject: &'a str,
    pub text: &'a str,
}

/// The columns of [`Letter`].
macro_rules! select_letters {
    ($rest:literal) => {
        concat!(
            "select l.id, l.at, u.display_name as author, l.audience, p.title as phase, l.subject, l.text, l.receivers,
                    (select count(*) from mails m where m.event_id = l.id and m.state = 'waiting') as waiting,
                    (select count(*) from mails m where m.event_id = l.id and m.state = 'sent') as sent,
                    (select count(*) from mails m where m.event_id = l.id and m.state = 'failed') as failed
             from letters l join users u on u.id = l.author left join phases p on p.id = l.phase_id ",
            $rest
        )
    };
}

impl Store {
    /// Writes a letter and its mails, and who sent it; nothing if there is one of this key.
    pub async fn add_letter(
        &self,
        new: &NewLetter<'_>,
        author: UserId,
        now: Timestamp,
    ) -> Result<Option<LetterId>> {
        let id = LetterId::new();
        let Some(to) = Receivers::of(new.audience, new.phase) else { return Ok(None) };
        Ok(transaction!(self, tx => {
            let added = sqlx::query(
                "insert into letters (id, key, at, author, audience, phase_id, subject, text, receivers)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, 0) on conflict (key) do nothing",
            )
            .bind(id)
            .bind(new.key)
            .bind(now)
            .bind(author)
            .bind(new.audience.as_str())
            .bind(new.phase)
            .bind(new.subject)
            .bind(new.text)
            .execute(&mut *tx)
            .await?;
            if added.rows_affected() == 0 {
                return Ok(None);
            }
            let occasion = Occasion {
                id: id.uuid(),
                kind: MailKind::Letter,
                subject: id.uuid(),
                to,
                detail: serde_json::json!({}),
            };
            let receivers = tell!(tx, occasion, now) as i64;
            sqlx::query("update letters set receivers = $2 where id = $1")
                .bind(id)
                .bind(receivers)
                .execute(&mut *tx)
                .await?;
            let detail = serde_json::json!({
                "subject": new.subject, "to": new.audience, "phase": new.phase, "receivers": receivers,
            });
            let by = AuditContext { actor: Some(author), detail };
            record_event!(tx, by, "letter sent", id, now);
            Some(id)
        }))
    }

    /// The letter that the form with this key made.
    pub async fn letter_of_key(&self, key: &str) -> Result<Option<Letter>> {
        on!(self.read, db => sqlx::query_as(select_letters!("where l.key = $1"))
            .bind(key)
            .fetch_optional(db))
    }

    /// A letter.
    pub async fn letter(&self, id: Uuid) -> Result<Option<Letter>> {
        on!(self.read, db => sqlx::query_as(select_letters!("where l.id = $1"))
            .bind(id)
            .fetch_optional(db))
    }

    /// The latest letters, newest first.
    pub async fn letters(&self, limit: i64) -> Result<Vec<Letter>> {
        on!(self.read, db => sqlx::query_as(select_letters!("order by l.id desc limit $1"))
            .bind(limit)
            .fetch_all(db))
    }
}
