use sqlx::FromRow;
use sqlx::types::Json;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::locks::Locks;
use super::revision::{KEEP_PHASE, ranking_changed};
use super::timestamp::Timestamp;
use crate::domain::{
    Approval, Counting, Feedback, Late, PhaseId, Publication, Question, Scheme, TruthSetId,
    Visibility,
};

/// A span of time in which teams submit against one truth set, under one set of rules.
#[derive(Clone, Debug, FromRow)]
pub struct Phase {
    pub id: PhaseId,
    pub slug: String,
    pub title: String,
    pub truth_set_id: TruthSetId,
    pub opens_at: Timestamp,
    pub closes_at: Option<Timestamp>,
    /// How many submissions of a team count within `quota_period_hours`.
    pub quota: i64,
    pub quota_period_hours: i64,
    #[sqlx(try_from = "String")]
    pub feedback: Feedback,
    #[sqlx(try_from = "String")]
    pub counting: Counting,
    #[sqlx(flatten)]
    pub rules: Rules,
    /// Since when an organiser has declared the results final.
    pub final_at: Option<Timestamp>,
    /// Goes up with every change of what is said about it.
    pub revision: i64,
    pub created_at: Timestamp,
}

/// Those rules of a phase that have a usual value.
#[derive(Clone, Debug, PartialEq, Eq, FromRow, serde::Serialize, serde::Deserialize)]
pub struct Rules {
    /// For people, in Markdown.
    pub description: String,
    #[sqlx(try_from = "String")]
    pub scheme: Scheme,
    /// How many uploads of a team are taken in a period at all, those that turn out invalid or are cancelled
    /// included; by default ten times the quota.
    pub attempts: Option<i64>,
    /// How many submissions of a team count in the whole phase; `None`: no limit.
    pub total: Option<i64>,
    /// Whether everybody sees the values of single cases where aggregates are shown exactly.
    pub cases_public: bool,
    #[sqlx(try_from = "String")]
    pub leaderboard: Visibility,
    /// The moment whose leaderboard everybody sees while it is frozen.
    pub frozen_at: Option<Timestamp>,
    #[sqlx(try_from = "String")]
    pub publication: Publication,
    #[sqlx(try_from = "String")]
    pub late: Late,
    /// Whether it takes submissions of teams that no organiser has approved.
    #[sqlx(try_from = "String")]
    pub approval: Approval,
    /// Which fields a submission can't do without.
    pub needs_method: bool,
    pub needs_description: bool,
    pub needs_url: bool,
    /// What it asks about methods.
    #[sqlx(json)]
    pub questions: Vec<Question>,
}

/// What a phase's total is where nothing is said: a stranger's uploads are questions about hidden truth, and a
/// quota per period alone lets anybody ask for ever.
pub const MAX_TOTAL: i64 = 100;

impl Default for Rules {
    fn default() -> Self {
        Self {
            description: String::new(),
            scheme: Scheme::MeanOfPositions,
            attempts: None,
            total: Some(MAX_TOTAL),
            cases_public: false,
            leaderboard: Visibility::Public,
            frozen_at: None,
            publication: Publication::Automatic,
            late: Late::Refused,
            approval: Approval::Required,
            needs_method: false,
            needs_description: false,
            needs_url: false,
            questions: Vec::new(),
        }
    }
}

impl Phase {
    /// Whether a request that arrives at this moment may submit. The closing moment is outside.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.opens_at <= at && self.closes_at.is_none_or(|end| at < end)
    }

    /// Whether it is over, and takes submissions that are never ranked.
    pub fn takes_late(&self, at: Timestamp) -> bool {
        self.rules.late == Late::Unranked && self.closes_at.is_some_and(|end| at >= end)
    }

    /// Whether nothing that is sent from this moment on is scored.
    pub fn is_closed_for_good(&self, at: Timestamp) -> bool {
        self.closes_at.is_some_and(|end| at >= end) && self.rules.late == Late::Refused
    }

    /// How many uploads of a team are taken in a period at all, those that turn out invalid or are cancelled
    /// included.
    pub fn max_attempts(&self) -> i64 {
        self.rules.attempts.unwrap_or_else(|| self.quota.saturating_mul(10))
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
    pub truth_set_id: TruthSetId,
    pub opens_at: Timestamp,
    pub closes_at: Option<Timestamp>,
    pub quota: i64,
    pub quota_period_hours: i64,
    pub feedback: Feedback,
    pub counting: Counting,
    pub rules: Rules,
}

/// The values of a phase's columns from `slug` on, as [`Store::add_phase`] and [`Store::change_phase`] name them.
macro_rules! bind_phase {
    ($query:expr, $phase:expr) => {
        $query
            .bind($phase.slug)
            .bind($phase.title)
            .bind($phase.truth_set_id)
            .bind($phase.opens_at)
            .bind($phase.closes_at)
            .bind($phase.quota)
            .bind($phase.quota_period_hours)
            .bind($phase.feedback.as_str())
            .bind($phase.counting.as_str())
            .bind($phase.rules.attempts)
            .bind($phase.rules.leaderboard.as_str())
            .bind($phase.rules.frozen_at)
            .bind($phase.rules.publication.as_str())
            .bind($phase.rules.late.as_str())
            .bind($phase.rules.needs_method)
            .bind($phase.rules.needs_description)
            .bind($phase.rules.needs_url)
            .bind(&$phase.rules.description)
            .bind($phase.rules.scheme.as_str())
            .bind($phase.rules.approval.as_str())
            .bind($phase.rules.total)
            .bind($phase.rules.cases_public)
            .bind(Json(&$phase.rules.questions))
    };
}

/// Binds: slug, phase. A name that the phase has or had is no new one.
const ADD_NAME: &str = "insert into phase_names (slug, phase_id)
     select $1, $2 where not exists (select 1 from phase_names where slug = $1 and phase_id = $2)";

impl Store {
    /// Adds a phase, and writes down who did; `Taken` if its slug is there already.
    pub async fn add_phase(
        &self,
        new: &NewPhase<'_>,
        by: &AuditContext,
        now: Timestamp,
    ) -> Result<PhaseId> {
        let id = PhaseId::new();
        transaction!(self, tx => {
            bind_phase!(sqlx::query(
                "insert into phases
                     (id, created_at, slug, title, truth_set_id, opens_at, closes_at, quota,
                      quota_period_hours, feedback, counting, attempts, leaderboard, frozen_at,
                      publication, late, needs_method, needs_description, needs_url,
                      description, scheme, approval, total, cases_public, questions)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
                         $17, $18, $19, $20, $21, $22, $23, $24, $25)",
            ).bind(id).bind(now), new).execute(&mut *tx).await?;
            sqlx::query(ADD_NAME).bind(new.slug).bind(id).execute(&mut *tx).await?;
            record_event!(tx, by, "phase created", id, now);
            ranking_changed!(tx);
        });
        Ok(id)
    }

    /// Changes all that is said about a phase, and writes down who did; false if it has no such revision, because
    /// somebody else has changed it. `Taken` if another phase has the slug or once had it.
    pub async fn change_phase(
        &self,
        id: PhaseId,
        revision: i64,
        to: &NewPhase<'_>,
        by: &AuditContext,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            sqlx::query(KEEP_PHASE).bind(id).bind(now).execute(&mut *tx).await?;
            let touched = bind_phase!(sqlx::query(
                "update phases
                 set slug = $3, title = $4, truth_set_id = $5, opens_at = $6, closes_at = $7,
                     quota = $8, quota_period_hours = $9, feedback = $10, counting = $11,
                     attempts = $12, leaderboard = $13, frozen_at = $14, publication = $15,
                     late = $16, needs_method = $17, needs_description = $18, needs_url = $19,
                     description = $20, scheme = $21, approval = $22, total = $23,
                     cases_public = $24, questions = $25, revision = revision + 1
                 where id = $1 and revision = $2",
            ).bind(id).bind(revision), to).execute(&mut *tx).await?;
            if touched.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query(ADD_NAME).bind(to.slug).bind(id).execute(&mut *tx).await?;
            // What came in time for a deadline that was moved is late no more; nothing that was in time becomes late.
            sqlx::query(
                "update submissions set late = false, late_until = $3
                 where phase_id = $1 and late and (created_at < $2 or $2 is null)",
            )
            .bind(id)
            .bind(to.closes_at)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            record_event!(tx, by, "phase changed", id, now);
            ranking_changed!(tx);
            true
        }))
    }

    /// Deletes a phase that nothing was sent to, tried on or published of, and writes down who did; otherwise false. Its short
    /// names are free then.
    pub async fn delete_phase(
        &self,
        id: PhaseId,
        by: &AuditContext,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            tx.lock_phase(id).await?;
            let used: i64 = sqlx::query_scalar(
                "select (select count(*) from submissions where phase_id = $1)
                      + (select count(*) from trials where phase_id = $1)
                      + (select count(*) from snapshots where phase_id = $1)",
            )
            .bind(id)
            .fetch_one(&mut *tx)
            .await?;
            if used > 0 {
                return Ok(false);
            }
            for text in [
                "delete from past_phases where phase_id = $1",
                "delete from phase_names where phase_id = $1",
                "delete from phases where id = $1",
            ] {
                sqlx::query(text).bind(id).execute(&mut *tx).await?;
            }
            record_event!(tx, by, "phase deleted", id, now);
            ranking_changed!(tx);
            true
        }))
    }

    /// All phases, the one that opened last first.
    pub async fn phases(&self) -> Result<Vec<Phase>> {
        Ok(
            on!(self.read, db => sqlx::query_as("select * from phases order by opens_at desc, id desc")
            .fetch_all(db))?,
        )
    }

    /// The phase that has this slug or once had it.
    pub async fn phase_called(&self, slug: &str) -> Result<Option<Phase>> {
        on!(self.read, db => sqlx::query_as(
            "select p.* from phases p join phase_names n on n.phase_id = p.id where n.slug = $1",
        )
        .bind(slug)
        .fetch_optional(db))
    }

    pub async fn phase(&self, id: PhaseId) -> Result<Option<Phase>> {
        on!(self.read, db => sqlx::query_as("select * from phases where id = $1")
            .bind(id)
            .fetch_optional(db))
    }
}
