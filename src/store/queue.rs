//! The evaluation as a job: claimed with a lease, renewed, and ended by whoever holds the latest attempt. A worker
//! that lost its lease finds that its writes touch no row.

use std::time::Duration;

use sqlx::FromRow;
use sqlx::types::Json;

use super::engine::{Result, Store, on, transaction};
use super::outbox::{Occasion, Receivers, tell};
use super::results::CaseResult;
use super::revision::ranking_changed;
use super::timestamp::Timestamp;
use crate::domain::{
    EvaluationId, MailKind, PhaseId, Problem, State, SubmissionId, TeamId, TruthSetId,
};

/// After this many errors of ours a submission is given up.
pub const MAX_TRIES: i64 = 3;

/// After this many ends of a process that was scoring it, too: it is taken to be what ends them. Far more than an
/// unlucky submission meets, because each costs a pause, and the pauses grow.
pub const MAX_INTERRUPTIONS: i64 = 25;

/// The longest pause after an interruption.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// How long a submission waits after so many ends of its process. The first is nobody's fault: none.
fn pause_after(interruptions: i64) -> Duration {
    match u32::try_from(interruptions - 2) {
        Ok(doublings) => {
            MAX_PAUSE.min(Duration::from_secs(1u64.checked_shl(doublings).unwrap_or(u64::MAX)))
        }
        Err(_) => Duration::ZERO,
    }
}

/// A claimed evaluation.
#[derive(Clone, Debug, FromRow)]
pub struct Job {
    pub id: EvaluationId,
    pub submission_id: SubmissionId,
    pub attempt: i64,
    /// Errors of ours since the evaluation was queued.
    pub tries: i64,
    /// Ends of processes that were scoring it, since then.
    pub interruptions: i64,
    /// Whether the phase's own results are made of it, and not those of a trial.
    pub official: bool,
    pub phase_id: PhaseId,
    /// What it is to be scored against.
    pub truth_set_id: TruthSetId,
    /// What its upload was checked for when it was accepted: there is a file for each of that set's cases.
    pub accepted_truth_set_id: TruthSetId,
    pub blob_key: String,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub enum JobOutcome {
    Scored {
        scorer_version: &'static str,
        cases: Vec<CaseResult>,
        /// What its pictures are called among the stored objects, if they were drawn.
        pictures: Option<String>,
    },
    Invalid(Vec<Problem>),
    /// Our fault. Tried again after the pause, or given up after [`MAX_TRIES`].
    Failed {
        reason: String,
        retry_after: Duration,
    },
}

impl JobOutcome {
    /// In one word, for the log.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Scored { .. } => "scored",
            Self::Invalid(_) => "invalid",
            Self::Failed { .. } => "failed",
        }
    }
}

// What waits and what is being scored is few rows among many, and in an index of its own: SQLite uses it where the
// index's condition stands in a query word for word.

/// Claims what has waited longest, a trial's when nothing else waits; an official one for the truth set that its phase
/// has now. Only the lock differs: PostgreSQL must skip rows that another worker is claiming. Binds: worker, now, end
/// of the lease.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "update evaluations
             set state = 'scoring', attempt = attempt + 1, worker = $1, lease_until = $3, cases_done = 0,
                 truth_set_id = case when official_from is null then truth_set_id else (
                     select p.truth_set_id from submissions s join phases p on p.id = s.phase_id
                     where s.id = submission_id) end
             where id = (
                 select id from evaluations
                 where state in ('queued', 'scoring') and state = 'queued'
                   and (lease_until is null or lease_until <= $2)
                 order by case when official_from is null then 1 else 0 end, created_at, id limit 1 ",
            $lock,
            ") returning id, submission_id, attempt, tries, interruptions, truth_set_id,
                 official_from is not null as official,
                 (select s.phase_id from submissions s where s.id = submission_id) as phase_id,
                 (select s.truth_set_id from submissions s where s.id = submission_id)
                     as accepted_truth_set_id,
                 (select s.blob_key from submissions s where s.id = submission_id) as blob_key"
        )
    };
}

/// The submission of an official evaluation and its team, if it never ended like this before. Binds: evaluation, state.
const NEWS_OF: &str =
    "select s.id, s.team_id from evaluations e join submissions s on s.id = e.submission_id
     where e.id = $1 and e.official_from is not null and not exists (
         select 1 from evaluations b
         where b.submission_id = e.submission_id and b.id <> e.id and b.official_from is not null
           and b.state = $2)";

/// Tells a team that a submission has ended, and organisers that it failed. A rescore that ends as before is no news.
macro_rules! tell_of_end {
    ($tx:ident, $evaluation:expr, $state:expr, $failure:expr, $now:expr) => {
        let ended: Option<(SubmissionId, TeamId)> = sqlx::query_as(NEWS_OF)
            .bind($evaluation)
            .bind($state.as_str())
            .fetch_optional(&mut *$tx)
            .await?;
        if let Some((submission, team)) = ended {
            let occasion = |kind, to, detail| Occasion {
                id: uuid::Uuid::now_v7(),
                kind,
                subject: submission.uuid(),
                to,
                detail,
            };
            let (to, detail) = (Receivers::Members(team), serde_json::json!({ "state": $state }));
            tell!($tx, occasion(MailKind::Result, to, detail), $now);
            if $state == State::Failed {
                let (to, detail) =
                    (Receivers::Organisers(None), serde_json::json!({ "because": $failure }));
                tell!($tx, occasion(MailKind::SubmissionFailed, to, detail), $now);
            }
        }
    };
}

/// Puts an attempt's evaluation back. Binds: id, attempt.
const RELEASE: &str = "update evaluations set state = 'queued', lease_until = null
     where id = $1 and attempt = $2 and state = 'scoring'";

impl Store {
    /// Claims the evaluation that has waited longest; when no other waits, one of a trial.
    pub async fn claim(&self, worker: &str, lease: Duration) -> Result<Option<Job>> {
        let now = self.clock().await?;
        self.interrupt_silent(now).await?;
        let text = match self {
            Store::Postgres(_) => claim!("for update skip locked"),
            Store::Sqlite { .. } => claim!(""),
        };
        on!(self.returning, db => sqlx::query_as(text)
            .bind(worker)
            .bind(now)
            .bind(now.plus(lease))
            .fetch_optional(db))
    }

    /// Puts back what ran out of its lease, or gives it up where that was so each time: its worker is gone.
    async fn interrupt_silent(&self, now: Timestamp) -> Result<u64> {
        let silent: Vec<(EvaluationId, i64, i64)> = on!(self.read, db => sqlx::query_as(
            "select id, attempt, interruptions from evaluations
             where state in ('queued', 'scoring') and state = 'scoring' and lease_until <= $1
             order by lease_until limit 1000",
        )
        .bind(now)
        .fetch_all(db))?;
        let mut interrupted = 0;
        for (id, attempt, before) in silent {
            let times = before + 1;
            let failed = times >= MAX_INTERRUPTIONS;
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
            interrupted += transaction!(self, tx => {
                let touched = sqlx::query(
                "update evaluations
                 set state = $4, interruptions = interruptions + 1, lease_until = $5, finished_at = $6,
                     failure = $7
                 where id = $1 and attempt = $2 and state = 'scoring' and lease_until <= $3",
            )
            .bind(id)
            .bind(attempt)
            .bind(now)
            .bind(state.as_str())
            .bind(pause)
            .bind(failed.then_some(now))
            .bind(&why)
            .execute(&mut *tx)
            .await?
            .rows_affected();
            if failed && touched == 1 {
                tell_of_end!(tx, id, State::Failed, why, now);
            }
            touched
            });
        }
        Ok(interrupted)
    }

    /// Keeps a lease alive and says how far the work is; false if the attempt is no longer ours.
    pub async fn renew(&self, job: &Job, cases_done: i64, lease: Duration) -> Result<bool> {
        let now = self.clock().await?;
        let touched = on!(self.write, db => sqlx::query(
            "update evaluations set lease_until = $3, cases_done = $4
             where id = $1 and attempt = $2 and state = 'scoring'",
        )
        .bind(job.id)
        .bind(job.attempt)
        .bind(now.plus(lease))
        .bind(cases_done)
        .execute(db))?;
        Ok(touched == 1)
    }

    /// Puts a job back as if it had not been claimed, because its worker was told to stop.
    pub async fn release(&self, job: &Job) -> Result<bool> {
        let touched = on!(self.write, db => sqlx::query(RELEASE)
            .bind(job.id)
            .bind(job.attempt)
            .execute(db))?;
        Ok(touched == 1)
    }

    /// Ends all leases at once. Only for a process that knows to be alone with the
    /// database: what is being scored then belongs to a process that is gone.
    pub async fn end_all_leases(&self) -> Result<u64> {
        let now = self.clock().await?;
        on!(self.write, db => sqlx::query(
            "update evaluations set lease_until = $1
             where state in ('queued', 'scoring') and state = 'scoring' and lease_until > $1",
        )
        .bind(now)
        .execute(db))?;
        self.interrupt_silent(now).await
    }

    /// Writes how an attempt ended, results and state in one transaction. False, and nothing
    /// written, if another attempt has begun or the evaluation was cancelled meanwhile. Where
    /// the phase has another truth set by now, an official one goes back to the queue instead.
    pub async fn finish(&self, job: &Job, outcome: &JobOutcome) -> Result<bool> {
        let now = self.clock().await?;
        let (state, problems, failure, lease_until) = match outcome {
            JobOutcome::Scored { .. } => (State::Scored, None, None, None),
            JobOutcome::Invalid(problems) => (State::Invalid, Some(Json(problems)), None, None),
            JobOutcome::Failed { reason, .. } if job.tries + 1 >= MAX_TRIES => {
                (State::Failed, None, Some(reason), None)
            }
            JobOutcome::Failed { reason, retry_after } => {
                (State::Queued, None, Some(reason), Some(now.plus(*retry_after)))
            }
        };
        let (scorer_version, cases, pictures) = match outcome {
            JobOutcome::Scored { scorer_version, cases, pictures } => {
                (Some(*scorer_version), cases.as_slice(), pictures.as_deref())
            }
            _ => (None, [].as_slice(), None),
        };
        // Held on PostgreSQL until the end, so that no other truth set becomes active in between.
        let truth_set_of_phase = match self {
            Store::Postgres(_) => "select truth_set_id from phases where id = $1 for share",
            Store::Sqlite { .. } => "select truth_set_id from phases where id = $1",
        };
        Ok(transaction!(self, tx => {
            let active: TruthSetId = sqlx::query_scalar(truth_set_of_phase)
                .bind(job.phase_id)
                .fetch_one(&mut *tx)
                .await?;
            if job.official && active != job.truth_set_id {
                sqlx::query(RELEASE).bind(job.id).bind(job.attempt).execute(&mut *tx).await?;
                false
            } else {
                let touched = sqlx::query(
                    "update evaluations
                     set state = $3, problems = $4, failure = $5, lease_until = $6, scorer_version = $7,
                         cases_done = $8, finished_at = $9, tries = tries + $10, pictures = $11
                     where id = $1 and attempt = $2 and state = 'scoring'",
                )
                .bind(job.id)
                .bind(job.attempt)
                .bind(state.as_str())
                .bind(problems)
                .bind(failure)
                .bind(lease_until)
                .bind(scorer_version)
                .bind(cases.len() as i64)
                .bind(state.is_final().then_some(now))
                .bind(i64::from(matches!(outcome, JobOutcome::Failed { .. })))
                .bind(pictures)
                .execute(&mut *tx)
                .await?
                .rows_affected();
                if touched != 1 {
                    return Ok(false);
                }
                for case in cases {
                    sqlx::query(
                        "insert into evaluation_results
                             (evaluation_id, case_id, dice, hd95, warnings, cl_dice, surface_dice,
                              voxel_precision, voxel_recall, component_difference, vessels)
                         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                    )
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
                    .bind(case.vessels.as_ref().map(Json))
                    .execute(&mut *tx)
                    .await?;
                    if let Some(mask) = &case.mask {
                        sqlx::query(
                            "insert into case_masks (submission_id, case_id, voxels, sha256)
                             values ($1, $2, $3, $4)
                             on conflict (submission_id, case_id)
                             do update set voxels = excluded.voxels, sha256 = excluded.sha256",
                        )
                        .bind(job.submission_id)
                        .bind(&case.case_id)
                        .bind(mask.voxels)
                        .bind(&mask.sha256)
                        .execute(&mut *tx)
                        .await?;
                    }
                }
                if state.is_final() {
                    tell_of_end!(tx, job.id, state, failure, now);
                }
                if job.official && state == State::Scored {
                    ranking_changed!(tx);
                }
                true
            }
        }))
    }

    /// What all pictures are called that an evaluation names, also one of a trial.
    pub async fn picture_names(&self) -> Result<Vec<String>> {
        on!(self.read, db => sqlx::query_scalar("select pictures from evaluations where pictures is not null")
            .fetch_all(db))
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
