//! What an organiser's overview counts.

use std::time::Duration;

use sqlx::FromRow;

use super::engine::{Result, Store, on};
use super::timestamp::Timestamp;

/// So far back it is counted how much is scored.
const HOUR: Duration = Duration::from_secs(3600);

/// Scored submissions of a phase that wait until an organiser publishes or hides them.
#[derive(Clone, Debug, FromRow)]
pub struct ToReview {
    pub slug: String,
    pub title: String,
    pub count: i64,
    /// When the first of them was sent.
    pub oldest: Timestamp,
}

impl Store {
    /// How many official evaluations came to an end within the last hour, with a score or as invalid.
    pub async fn ended_last_hour(&self, now: Timestamp) -> Result<i64> {
        on!(self.read, db => sqlx::query_scalar(
            "select count(*) from official_evaluations
             where finished_at > $1 and state in ('scored', 'invalid')",
        )
        .bind(now.minus(HOUR))
        .fetch_one(db))
    }

    /// Scored submissions that nobody has published or hidden yet, by phase.
    pub async fn to_review(&self) -> Result<Vec<ToReview>> {
        on!(self.read, db => sqlx::query_as(
            "select p.slug, p.title, count(*) as count, min(s.created_at) as oldest
             from submissions s
             join official_evaluations o on o.submission_id = s.id and o.official_until is null
             join phases p on p.id = s.phase_id
             where o.state = 'scored' and not s.published and not s.late and not s.disqualified
               and not s.discarded and not exists (
                   select 1 from decisions d where d.submission_id = s.id and d.decision = 'hide')
             group by p.id, p.slug, p.title order by min(s.created_at)",
        )
        .fetch_all(db))
    }
}
