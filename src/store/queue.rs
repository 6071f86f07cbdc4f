//! The submission row as a job: claimed with a lease, renewed, and ended by whoever holds
//! the latest attempt. A worker that lost its lease finds that its writes touch no row.

use std::time::Duration;

use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::{CaseResult, Phase, Result, Store, Timestamp, on, transaction};
use crate::challenge::{Problem, State};

/// After this many claims without an end a submission is given up.
pub const MOST_TRIES: i64 = 3;

/// A claimed submission.
#[derive(Clone, Debug, FromRow)]
pub struct Job {
    pub id: Uuid,
    pub attempt: i64,
    /// Claims since the submission was last queued by a person, this one included.
    pub tries: i64,
    pub phase_id: Uuid,
    pub blob_key: String,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Scored {
        truth_set: Uuid,
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

macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "update submissions
             set state = 'scoring', attempt = attempt + 1, tries = tries + 1, worker = $1,
                 lease_until = $3, cases_done = 0
             where id = (
                 select id from submissions
                 where state in ('queued', 'scoring') and tries < $4
                   and (lease_until is null or lease_until <= $2)
                 order by created_at, id limit 1 ",
            $lock,
            ") returning id, attempt, tries, phase_id, blob_key"
        )
    };
}

impl Store {
    /// Claims the submission that has waited longest, or one whose worker went silent.
    pub async fn claim(
        &self,
        worker: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Option<Job>> {
        self.give_up_silent(now).await?;
        // The one text that differs: PostgreSQL must skip rows that another worker is
        // claiming; SQLite has one writer at a time.
        let text = match self {
            Store::Postgres(_) => claim!("for update skip locked"),
            Store::Sqlite { .. } => claim!(""),
        };
        Ok(on!(self.returning, db => sqlx::query_as(text)
            .bind(worker)
            .bind(now)
            .bind(now.plus(lease))
            .bind(MOST_TRIES)
            .fetch_optional(db))?)
    }

    /// Fails submissions whose last allowed try ran out of its lease: they took their worker
    /// down with them each time.
    async fn give_up_silent(&self, now: Timestamp) -> Result<u64> {
        Ok(on!(self.write, db => sqlx::query(
            "update submissions
             set state = 'failed', finished_at = $1, lease_until = null,
                 failure = 'every worker that scored this submission stopped while doing so'
             where state = 'scoring' and tries >= $2 and lease_until <= $1",
        )
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
        let touched = on!(self.write, db => sqlx::query(
            "update submissions set lease_until = $3, cases_done = $4
             where id = $1 and attempt = $2 and state = 'scoring'",
        )
        .bind(job.id)
        .bind(job.attempt)
        .bind(now.plus(lease))
        .bind(cases_done)
        .execute(db))?;
        Ok(touched == 1)
    }

    /// Puts a submission back as if it had not been claimed, because its worker was told to stop.
    pub async fn release(&self, job: &Job) -> Result<bool> {
        let touched = on!(self.write, db => sqlx::query(
            "update submissions set state = 'queued', tries = tries - 1, lease_until = null
             where id = $1 and attempt = $2 and state = 'scoring'",
        )
        .bind(job.id)
        .bind(job.attempt)
        .execute(db))?;
        Ok(touched == 1)
    }

    /// Lets go of all leases at once. Only for a process that knows to be alone with the
    /// database: what is being scored then belongs to a process that is gone.
    pub async fn end_all_leases(&self, now: Timestamp) -> Result<u64> {
        Ok(on!(self.write, db => sqlx::query(
            "update submissions set lease_until = $1 where state = 'scoring' and lease_until > $1",
        )
        .bind(now)
        .execute(db))?)
    }

    /// Writes how an attempt ended, results and state in one transaction. False, and nothing
    /// written, if another attempt has begun or the submission was cancelled meanwhile.
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
            Verdict::Scored { truth_set, scorer_version, cases } => {
                (Some(*truth_set), Some(*scorer_version), cases.as_slice())
            }
            _ => (None, None, [].as_slice()),
        };
        Ok(transaction!(self, tx => {
            let touched = sqlx::query(
                "update submissions
                 set state = $3, problems = $4, failure = $5, lease_until = $6,
                     truth_set_id = $7, scorer_version = $8, cases_done = $9, finished_at = $10
                 where id = $1 and attempt = $2 and state = 'scoring'",
            )
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
            sqlx::query("delete from case_results where submission_id = $1")
                .bind(job.id)
                .execute(&mut *tx)
                .await?;
            for case in cases {
                sqlx::query(
                    "insert into case_results (submission_id, case_id, dice, hd95, warnings, cl_dice,
                         surface_dice, voxel_precision, voxel_recall, component_difference)
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
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
        let rows: Vec<RankedRow> = on!(self.read, db => sqlx::query_as(
            "select s.id, s.team_id, t.name as team_name, s.method, s.url, s.created_at,
                    r.case_id, r.dice, r.hd95
             from submissions s
             join teams t on t.id = s.team_id
             join case_results r on r.submission_id = s.id
             join cases c on c.truth_set_id = s.truth_set_id and c.case_id = r.case_id
             where s.phase_id = $1 and s.truth_set_id = $2 and s.scorer_version = $3
               and s.state = 'scored' and s.published and not s.disqualified and not s.late
               and t.standing = 'approved' and ($4 is null or s.created_at < $4)
             order by s.created_at, s.id, c.position",
        )
        .bind(phase.id)
        .bind(phase.truth_set_id)
        .bind(scorer_version)
        .bind(before)
        .fetch_all(db))?;

        let mut submissions: Vec<RankedSubmission> = Vec::new();
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
                _ => submissions.push(RankedSubmission {
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
        Ok(submissions)
    }
}
