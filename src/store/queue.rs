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
use crate::domain::{Problem, State};

/// After this many errors of ours a submission is given up.
pub const MOST_TRIES: i64 = 3;

/// After this many ends of a process that was scoring it, too: it is taken to be what ends them. Far more than an
/// unlucky submission meets, because each costs a pause, and the pauses grow.
pub const MOST_INTERRUPTIONS: i64 = 25;

/// The longest pause after an interruption.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long a submission waits after so many ends of its process. The first is nobody's fault: none.
fn pause_after(interruptions: i64) -> Duration {
    match u32::try_from(interruptions - 2) {
        Ok(doublings) => {
            LONGEST_PAUSE.min(Duration::from_secs(1u64.checked_shl(doublings).unwrap_or(u64::MAX)))
        }
        Err(_) => Duration::ZERO,
    }
}

/// A claimed submission, or a trial's entry for one.
#[derive(Clone, Debug, FromRow)]
pub struct Job {
    #[sqlx(skip)]
    pub work: Work,
    pub id: Uuid,
    pub attempt: i64,
    /// Errors of ours since the submission was last queued by a person.
    pub tries: i64,
    /// Ends of processes that were scoring it, since then.
    pub interruptions: i64,
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
    /// Claims the submission that has waited longest; when nobody waits, an entry of a trial.
    pub async fn claim(&self, worker: &str, lease: Duration) -> Result<Option<Job>> {
        let now = self.clock().await?;
        for work in Work::ALL {
            self.interrupt_silent(work, now).await?;
            let text = work.texts().claim(self);
            let job: Option<Job> = on!(self.returning, db => sqlx::query_as(text)
                .bind(worker)
                .bind(now)
                .bind(now.plus(lease))
                .fetch_optional(db))?;
            if let Some(job) = job {
                return Ok(Some(Job { work, ..job }));
            }
        }
        Ok(None)
    }

    /// Puts back what ran out of its lease, or gives it up where that was so each time: its worker is gone.
    async fn interrupt_silent(&self, work: Work, now: Timestamp) -> Result<u64> {
        let texts = work.texts();
        let silent: Vec<(Uuid, i64, i64)> =
            on!(self.read, db => sqlx::query_as(texts.silent).bind(now).fetch_all(db))?;
        let mut interrupted = 0;
        for (id, attempt, before) in silent {
            let times = before + 1;
            let failed = times >= MOST_INTERRUPTIONS;
            let (state, pause, why) = if failed {
                let why = format!(
                    "every process that scored it ended while doing so, {times} times; look into its log, \
                     and at the machine's memory, before it is tried again"
                );
                (State::Failed, None, why)
            } else {
                let why =
                    format!("the process that scored it ended before it was done ({times} so far)");
                (State::Queued, Some(now.plus(pause_after(times))), why)
            };
            interrupted += on!(self.write, db => sqlx::query(texts.interrupt)
                .bind(id)
                .bind(attempt)
                .bind(now)
                .bind(state.as_str())
                .bind(pause)
                .bind(failed.then_some(now))
                .bind(&why)
                .execute(db))?;
        }
        Ok(interrupted)
    }

    /// Keeps a lease alive and says how far the work is; false if the attempt is no longer ours.
    pub async fn renew(&self, job: &Job, cases_done: i64, lease: Duration) -> Result<bool> {
        let now = self.clock().await?;
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
    pub async fn end_all_leases(&self) -> Result<u64> {
        let now = self.clock().await?;
        let mut ended = 0;
        for work in Work::ALL {
            on!(self.write, db => sqlx::query(work.texts().end_leases).bind(now).execute(db))?;
            ended += self.interrupt_silent(work, now).await?;
        }
        Ok(ended)
    }

    /// Writes how an attempt ended, results and state in one transaction. False, and nothing
    /// written, if another attempt has begun or the submission was cancelled meanwhile. Where
    /// the phase has another truth set by now, the submission goes back to the queue instead.
    pub async fn finish(&self, job: &Job, verdict: &Verdict) -> Result<bool> {
        let now = self.clock().await?;
        let (state, problems, failure, lease_until) = match verdict {
            Verdict::Scored { .. } => (State::Scored, None, None, None),
            Verdict::Invalid(problems) => (State::Invalid, Some(Json(problems)), None, None),
            Verdict::Failed { reason, .. } if job.tries + 1 >= MOST_TRIES => {
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
                .bind(i64::from(matches!(verdict, Verdict::Failed { .. })))
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
                if let Some(mask) = &case.mask {
                    sqlx::query(texts.keep_mask)
                        .bind(job.id)
                        .bind(&case.case_id)
                        .bind(mask.voxels)
                        .bind(&mask.sha256)
                        .execute(&mut *tx)
                        .await?;
                }
            }
            if job.work == Work::Official && state == State::Scored {
                ranking_changed!(tx);
            }
            true
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_nothing_to_a_bound() {
        let seconds = [1, 2, 3, 4, 8, 9, 25, 1000].map(|times| pause_after(times).as_secs());
        assert_eq!(seconds, [0, 1, 2, 4, 60, 60, 60, 60]);
    }
}
