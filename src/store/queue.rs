//! The submission row as a job: claimed with a lease, renewed, and ended by whoever holds
//! the latest attempt. A worker that lost its lease finds that its writes touch no row.
//! A trial's entry is a job in the same way.

use std::time::Duration;

use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::jobs::Work;
use super::ranked::ranking_changed;
use super::{CaseResult, Result, Store, Timestamp, on, transaction};
use crate::challenge::{Problem, State};

/// After this many claims without an end a submission is given up.
pub const MOST_TRIES: i64 = 3;

/// A claimed submission, or a trial's entry for one.
#[derive(Clone, Debug, FromRow)]
pub struct Job {
    #[sqlx(skip)]
    pub work: Work,
    pub id: Uuid,
    pub attempt: i64,
    /// Claims since the submission was last queued by a person, this one included.
    pub tries: i64,
    pub phase_id: Uuid,
    /// What it is to be scored against.
    #[sqlx(rename = "wanted_truth_set_id")]
    pub truth_set_id: Uuid,
    pub blob_key: String,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Scored {
        scorer_version: &'static str,
        cases: Vec<CaseResult>,
    },
    Invalid(Vec<Problem>),
    /// Our fault. Tried again after the pause, or given up after [`MOST_TRIES`].
    Failed {
        reason: String,
        retry_after: Duration,
    },
}

impl Verdict {
    /// In one word, for the log.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Scored { .. } => "scored",
            Self::Invalid(_) => "invalid",
            Self::Failed { .. } => "failed",
        }
    }
}

impl Store {
    /// Claims the submission that has waited longest, or one whose worker went silent; when nobody waits,
    /// an entry of a trial.
    pub async fn claim(
        &self,
        worker: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Option<Job>> {
        for work in Work::ALL {
            self.give_up_silent(work, now).await?;
            let text = work.texts().claim(self);
            let job: Option<Job> = on!(self.returning, db => sqlx::query_as(text)
                .bind(worker)
                .bind(now)
                .bind(now.plus(lease))
                .bind(MOST_TRIES)
                .fetch_optional(db))?;
            if let Some(job) = job {
                return Ok(Some(Job { work, ..job }));
            }
        }
        Ok(None)
    }

    /// Fails what ran out of the lease of its last allowed try: it took its worker
    /// down with it each time.
    async fn give_up_silent(&self, work: Work, now: Timestamp) -> Result<u64> {
        Ok(on!(self.write, db => sqlx::query(work.texts().give_up_silent)
            .bind(now)
            .bind(MOST_TRIES)
            .execute(db))?)
    }

    /// Keeps a lease alive and says how far the work is; false if the attempt is no longer ours.
    pub async fn renew(
        &self,
        job: &Job,
        cases_done: i64,
        lease: Duration,
        now: Timestamp,
    ) -> Result<bool> {
        let touched = on!(self.write, db => sqlx::query(job.work.texts().renew)
            .bind(job.id)
            .bind(job.attempt)
            .bind(now.plus(lease))
            .bind(cases_done)
            .execute(db))?;
        Ok(touched == 1)
    }

    /// Puts a job back as if it had not been claimed, because its worker was told to stop.
    pub async fn release(&self, job: &Job) -> Result<bool> {
        let touched = on!(self.write, db => sqlx::query(job.work.texts().release)
            .bind(job.id)
            .bind(job.attempt)
            .execute(db))?;
        Ok(touched == 1)
    }

    /// Lets go of all leases at once. Only for a process that knows to be alone with the
    /// database: what is being scored then belongs to a process that is gone.
    pub async fn end_all_leases(&self, now: Timestamp) -> Result<u64> {
        let mut ended = 0;
        for work in Work::ALL {
            ended += on!(self.write, db => sqlx::query(work.texts().end_leases)
                .bind(now)
                .execute(db))?;
        }
        Ok(ended)
    }

    /// Writes how an attempt ended, results and state in one transaction. False, and nothing
    /// written, if another attempt has begun or the submission was cancelled meanwhile. Where
    /// the phase has another truth set by now, the submission goes back to the queue instead.
    pub async fn finish(&self, job: &Job, verdict: &Verdict, now: Timestamp) -> Result<bool> {
        let (state, problems, failure, lease_until) = match verdict {
            Verdict::Scored { .. } => (State::Scored, None, None, None),
            Verdict::Invalid(problems) => (State::Invalid, Some(Json(problems)), None, None),
            Verdict::Failed { reason, .. } if job.tries >= MOST_TRIES => {
                (State::Failed, None, Some(reason), None)
            }
            Verdict::Failed { reason, retry_after } => {
                (State::Queued, None, Some(reason), Some(now.plus(*retry_after)))
            }
        };
        let (truth_set, scorer_version, cases) = match verdict {
            Verdict::Scored { scorer_version, cases } => {
                (Some(job.truth_set_id), Some(*scorer_version), cases.as_slice())
            }
            _ => (None, None, [].as_slice()),
        };
        let texts = job.work.texts();
        // Held on PostgreSQL until the end, so that no other truth set becomes active in between.
        let truth_set_of_phase = match self {
            Store::Postgres(_) => "select truth_set_id from phases where id = $1 for share",
            Store::Sqlite { .. } => "select truth_set_id from phases where id = $1",
        };
        Ok(transaction!(self, tx => {
            if job.work == Work::Official {
                let current: Uuid = sqlx::query_scalar(truth_set_of_phase)
                    .bind(job.phase_id)
                    .fetch_one(&mut *tx)
                    .await?;
                if current != job.truth_set_id {
                    sqlx::query(texts.release)
                        .bind(job.id)
                        .bind(job.attempt)
                        .execute(&mut *tx)
                        .await?;
                    tx.commit().await?;
                    return Ok(false);
                }
            }
            let touched = sqlx::query(texts.finish)
                .bind(job.id)
                .bind(job.attempt)
                .bind(state.as_str())
                .bind(problems)
                .bind(failure)
                .bind(lease_until)
                .bind(truth_set)
                .bind(scorer_version)
                .bind(cases.len() as i64)
                .bind(state.is_final().then_some(now))
                .execute(&mut *tx)
                .await?
                .rows_affected();
            if touched != 1 {
                return Ok(false);
            }
            sqlx::query(texts.forget_results).bind(job.id).execute(&mut *tx).await?;
            for case in cases {
                sqlx::query(texts.keep_result)
                    .bind(job.id)
                    .bind(&case.case_id)
                    .bind(case.dice)
                    .bind(case.hd95)
                    .bind(Json(&case.warnings))
                    .bind(case.secondary.map(|secondary| secondary.cl_dice))
                    .bind(case.secondary.map(|secondary| secondary.surface_dice))
                    .bind(case.secondary.map(|secondary| secondary.precision))
                    .bind(case.secondary.map(|secondary| secondary.recall))
                    .bind(case.secondary.map(|secondary| secondary.component_difference))
                    .execute(&mut *tx)
                    .await?;
            }
            if job.work == Work::Official && state == State::Scored {
                ranking_changed!(tx);
            }
            true
        }))
    }
}
