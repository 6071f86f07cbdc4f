//! The submission row as a job: claimed with a lease, renewed, and ended by whoever holds
//! the latest attempt. A worker that lost its lease finds that its writes touch no row.
//! A trial's entry is a job in the same way.

use std::time::Duration;

use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::jobs::Work;
use super::{CaseResult, Phase, Result, Store, Timestamp, on, transaction};
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

/// A scored submission with its team and cases, as the ranking takes it.
#[derive(Clone, Debug)]
pub struct RankedSubmission {
    pub id: Uuid,
    pub team_id: Uuid,
    pub team_name: String,
    pub method: String,
    pub url: String,
    pub created_at: Timestamp,
    /// In the order of the truth set; official metrics only, as nothing else is ranked.
    pub cases: Vec<CaseResult>,
}

#[derive(FromRow)]
struct RankedRow {
    id: Uuid,
    team_id: Uuid,
    team_name: String,
    method: String,
    url: String,
    created_at: Timestamp,
    case_id: String,
    dice: f64,
    hd95: f64,
}

/// What may be ranked, from these tables where this holds.
macro_rules! ranked {
    ($from:literal, $holds:literal) => {
        concat!(
            "select s.id, s.team_id, t.name as team_name, s.method, s.url, s.created_at,
                    r.case_id, r.dice, r.hd95
             from ",
            $from,
            " join teams t on t.id = s.team_id
             where ",
            $holds,
            " and s.state = 'scored' and s.published and not s.disqualified and not s.late
               and t.standing = 'approved'
             order by s.created_at, s.id, c.position"
        )
    };
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
            true
        }))
    }

    /// Everything that may take part in a phase's ranking: scored against the phase's truth
    /// set by this scorer, published, not disqualified, not late, of approved teams, and sent
    /// before a moment; oldest first.
    pub async fn ranked(
        &self,
        phase: &Phase,
        scorer_version: &str,
        before: Option<Timestamp>,
    ) -> Result<Vec<RankedSubmission>> {
        let rows: Vec<RankedRow> = on!(self.read, db => sqlx::query_as(ranked!(
            "submissions s
             join case_results r on r.submission_id = s.id
             join cases c on c.truth_set_id = s.truth_set_id and c.case_id = r.case_id",
            "s.phase_id = $1 and s.truth_set_id = $2 and s.scorer_version = $3
             and ($4 is null or s.created_at < $4)"
        ))
        .bind(phase.id)
        .bind(phase.truth_set_id)
        .bind(scorer_version)
        .bind(before)
        .fetch_all(db))?;
        Ok(RankedSubmission::of(rows))
    }

    /// The same for what a trial has scored by this scorer: what might be ranked if its truth set were the
    /// phase's.
    pub async fn ranked_in_trial(
        &self,
        trial: Uuid,
        scorer_version: &str,
    ) -> Result<Vec<RankedSubmission>> {
        let rows: Vec<RankedRow> = on!(self.read, db => sqlx::query_as(ranked!(
            "trial_entries e
             join submissions s on s.id = e.submission_id
             join trial_results r on r.entry_id = e.id
             join cases c on c.truth_set_id = e.truth_set_id and c.case_id = r.case_id",
            "e.trial_id = $1 and e.scorer_version = $2 and e.state = 'scored'"
        ))
        .bind(trial)
        .bind(scorer_version)
        .fetch_all(db))?;
        Ok(RankedSubmission::of(rows))
    }
}

impl RankedSubmission {
    /// Rows come submission by submission.
    fn of(rows: Vec<RankedRow>) -> Vec<Self> {
        let mut submissions: Vec<Self> = Vec::new();
        for row in rows {
            let case = CaseResult {
                case_id: row.case_id,
                dice: row.dice,
                hd95: row.hd95,
                warnings: Vec::new(),
                secondary: None,
            };
            match submissions.last_mut() {
                Some(last) if last.id == row.id => last.cases.push(case),
                _ => submissions.push(Self {
                    id: row.id,
                    team_id: row.team_id,
                    team_name: row.team_name,
                    method: row.method,
                    url: row.url,
                    created_at: row.created_at,
                    cases: vec![case],
                }),
            }
        }
        submissions
    }
}
