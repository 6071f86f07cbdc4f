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

/// How far a challenge is in its first hour: of each, whether there is any.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Beginnings {
    pub truth_sets: i64,
    pub phases: i64,
    /// Somebody has said who can sign up, or somebody has.
    pub sign_ups: i64,
    /// Submissions of organisers, which are scored.
    pub own: i64,
    /// Submissions of others.
    pub others: i64,
}

impl Store {
    /// How far the challenge is.
    pub async fn beginnings(&self) -> Result<Beginnings> {
        on!(self.read, db => sqlx::query_as(
            "select (select count(*) from truth_sets) as truth_sets,
                    (select count(*) from phases) as phases,
                    (select count(*) from settings where name = 'sign_up')
                        + (select count(*) from users where not organiser and deleted_at is null) as sign_ups,
                    (select count(*) from (
                        select s.id from submissions s join users u on u.id = s.user_id
                        join official_evaluations o on o.submission_id = s.id and o.official_until is null
                        where u.organiser and o.state = 'scored' limit 1) as own) as own,
                    (select count(*) from (
                        select s.id from submissions s join users u on u.id = s.user_id
                        where not u.organiser limit 1) as others) as others",
        )
        .fetch_one(db))
    }

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
