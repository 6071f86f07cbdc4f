use sqlx::FromRow;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::outbox::{Occasion, Receivers, tell};
use super::timestamp::Timestamp;
use crate::domain::{AnnouncementId, MailKind};

/// Something organisers tell everybody.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct Announcement {
    pub id: AnnouncementId,
    pub at: Timestamp,
    pub title: String,
    /// In Markdown.
    pub text: String,
}

impl Store {
    /// Tells everybody something, and writes down who did.
    pub async fn announce(
        &self,
        title: &str,
        text: &str,
        by: &AuditContext,
        now: Timestamp,
    ) -> Result<Announcement> {
        let new = Announcement {
            id: AnnouncementId::new(),
            at: now,
            title: title.into(),
            text: text.into(),
        };
        transaction!(self, tx => {
            sqlx::query("insert into announcements (id, at, title, text) values ($1, $2, $3, $4)")
                .bind(new.id)
                .bind(new.at)
                .bind(title)
                .bind(text)
                .execute(&mut *tx)
                .await?;
            record_event!(tx, by, "announced", new.id, now);
            let occasion = Occasion {
                id: uuid::Uuid::now_v7(),
                kind: MailKind::News,
                subject: new.id.uuid(),
                to: Receivers::Everybody,
                detail: serde_json::json!({}),
            };
            tell!(tx, occasion, now);
        });
        Ok(new)
    }

    /// Shows it to nobody any more; false if it is shown to nobody already.
    pub async fn withdraw_announcement(
        &self,
        id: AnnouncementId,
        by: &AuditContext,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            let touched = sqlx::query(
                "update announcements set withdrawn_at = $2 where id = $1 and withdrawn_at is null",
            )
            .bind(id)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            if touched.rows_affected() == 0 {
                return Ok(false);
            }
            record_event!(tx, by, "announcement withdrawn", id, now);
            true
        }))
    }

    /// One that is not withdrawn.
    pub async fn announcement(&self, id: AnnouncementId) -> Result<Option<Announcement>> {
        on!(self.read, db => sqlx::query_as(
            "select id, at, title, text from announcements where id = $1 and withdrawn_at is null",
        )
        .bind(id)
        .fetch_optional(db))
    }

    /// The latest that are not withdrawn, newest first.
    pub async fn announcements(&self, limit: i64) -> Result<Vec<Announcement>> {
        on!(self.read, db => sqlx::query_as(
            "select id, at, title, text from announcements where withdrawn_at is null
             order by at desc, id desc limit $1",
        )
        .bind(limit)
        .fetch_all(db))
    }
}
