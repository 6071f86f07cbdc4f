use sqlx::FromRow;
use uuid::Uuid;

use super::{Result, Store, Timestamp, new_id, on};
use crate::challenge::Feedback;
use crate::ranking::Counting;

/// A span of time in which teams submit against one truth set, under one set of rules.
#[derive(Clone, Debug, FromRow)]
pub struct Phase {
    pub id: Uuid,
    pub slug: String,
    pub title: String,
    pub truth_set_id: Uuid,
    pub opens_at: Timestamp,
    pub closes_at: Option<Timestamp>,
    /// How many submissions of a team count within `quota_period_hours`.
    pub quota: i64,
    pub quota_period_hours: i64,
    #[sqlx(try_from = "String")]
    pub feedback: Feedback,
    #[sqlx(try_from = "String")]
    pub counting: Counting,
    pub created_at: Timestamp,
}

impl Phase {
    /// Whether a request that arrives at this moment may submit. The closing moment is outside.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.opens_at <= at && self.closes_at.is_none_or(|end| at < end)
    }

    /// How many uploads of a team are taken in a period at all, those that turn out invalid or
    /// fail included.
    pub fn most_attempts(&self) -> i64 {
        self.quota.saturating_mul(10)
    }

    pub fn quota_period(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.quota_period_hours.unsigned_abs() * 3600)
    }
}

/// What an organiser says about a new phase.
#[derive(Clone, Debug)]
pub struct NewPhase<'a> {
    pub slug: &'a str,
    pub title: &'a str,
    pub truth_set_id: Uuid,
    pub opens_at: Timestamp,
    pub closes_at: Option<Timestamp>,
    pub quota: i64,
    pub quota_period_hours: i64,
    pub feedback: Feedback,
    pub counting: Counting,
}

impl Store {
    pub async fn add_phase(&self, new: &NewPhase<'_>, now: Timestamp) -> Result<Uuid> {
        let id = new_id();
        on!(self.write, db => sqlx::query(
            "insert into phases
                 (id, slug, title, truth_set_id, opens_at, closes_at, quota, quota_period_hours,
                  feedback, counting, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(id)
        .bind(new.slug)
        .bind(new.title)
        .bind(new.truth_set_id)
        .bind(new.opens_at)
        .bind(new.closes_at)
        .bind(new.quota)
        .bind(new.quota_period_hours)
        .bind(new.feedback.as_str())
        .bind(new.counting.as_str())
        .bind(now)
        .execute(db))?;
        Ok(id)
    }

    /// All phases, the one that opened last first.
    pub async fn phases(&self) -> Result<Vec<Phase>> {
        Ok(
            on!(self.read, db => sqlx::query_as("select * from phases order by opens_at desc, id desc")
            .fetch_all(db))?,
        )
    }

    pub async fn phase(&self, id: Uuid) -> Result<Option<Phase>> {
        Ok(on!(self.read, db => sqlx::query_as("select * from phases where id = $1")
            .bind(id)
            .fetch_optional(db))?)
    }
}
