//! Trying a truth set: evaluations of a phase's submissions against it that are not official yet.

use std::collections::{HashMap, HashSet};

use sqlx::FromRow;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::locks::Locks;
use super::ranked::{RankedSubmission, Scores, Value, by_evaluation};
use super::timestamp::Timestamp;
use crate::domain::{
    EvaluationId, PhaseId, Problem, State, SubmissionId, TrialId, TruthSetId, UserId,
};

/// A truth set tried on the submissions of a phase, and how far that is.
#[derive(Clone, Debug, FromRow)]
pub struct Trial {
    pub id: TrialId,
    pub phase_id: PhaseId,
    pub truth_set_id: TruthSetId,
    pub created_at: Timestamp,
    /// The e-mail address of who started it.
    pub email: Option<String>,
    pub activated_at: Option<Timestamp>,
    /// The truth set that the phase had before.
    pub replaced_id: Option<TruthSetId>,
    /// The positions before and after, as they were when it was activated.
    #[sqlx(json(nullable))]
    pub comparison: Option<serde_json::Value>,
    /// How many submissions still wait for their result or are being scored.
    pub waiting: i64,
    pub scored: i64,
    pub invalid: i64,
    pub failed: i64,
    /// That will never have a result, because a later trial of the phase has begun.
    pub cancelled: i64,
    /// Submissions of the phase that have, or may get, a score and are not in the trial.
    pub uncovered: i64,
}

impl Trial {
    /// Whether every submission in it has come to an end and nothing else has taken its place.
    pub fn is_ready(&self) -> bool {
        self.activated_at.is_none() && self.waiting == 0 && self.cancelled == 0
    }
}

/// A submission that has no score in a trial.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct Unscored {
    #[sqlx(rename = "submission_id")]
    pub submission: SubmissionId,
    #[sqlx(rename = "team_name")]
    pub team: String,
    pub method: String,
    #[sqlx(try_from = "String")]
    pub state: State,
    /// Why it would be invalid.
    #[sqlx(json(nullable))]
    pub problems: Option<Vec<Problem>>,
    /// What went wrong on our side.
    pub failure: Option<String>,
}

/// How the audit log names a truth set.
#[derive(FromRow, serde::Serialize)]
pub(super) struct Named {
    name: String,
    digest: String,
}

pub(super) const NAMED: &str = "select name, digest from truth_sets where id = $1";

/// Whether a truth set concerns a submission `s` with its current evaluation `o`: it has a score, may get one, or would
/// have one but for an earlier truth set, as where that had other cases than the one that it was sent for.
macro_rules! concerned {
    () => {
        "(o.state in ('queued', 'scoring', 'scored') or (o.state = 'invalid' and (
             o.truth_set_id <> s.truth_set_id or exists (
                 select 1 from official_evaluations b
                 where b.submission_id = s.id and b.state = 'scored'))))"
    };
}

macro_rules! select_trials {
    ($rest:literal) => {
        concat!(
            "select t.id, t.phase_id, t.truth_set_id, t.created_at, u.email, t.activated_at, t.replaced_id,
                    t.comparison,
                    count(case when e.state in ('queued', 'scoring') then 1 end) as waiting,
                    count(case when e.state = 'scored' then 1 end) as scored,
                    count(case when e.state = 'invalid' then 1 end) as invalid,
                    count(case when e.state = 'failed' then 1 end) as failed,
                    count(case when e.state = 'cancelled' then 1 end) as cancelled,
                    (select count(*) from submissions s
                     join official_evaluations o on o.submission_id = s.id and o.official_until is null
                     where s.phase_id = t.phase_id and ",
            concerned!(),
            "  and not exists (select 1 from evaluations x
                                       where x.trial_id = t.id and x.submission_id = s.id)) as uncovered
             from trials t
             left join users u on u.id = t.created_by
             left join evaluations e on e.trial_id = t.id ",
            $rest
        )
    };
}

pub(super) use {concerned, select_trials};

impl Store {
    /// Queues an evaluation against a truth set for every submission of a phase that has a score, or lost it to the
    /// phase's truth set. Trials of the phase that are not done are given up.
    pub async fn start_trial(
        &self,
        phase: PhaseId,
        truth_set: TruthSetId,
        actor: UserId,
        now: Timestamp,
    ) -> Result<TrialId> {
        let id = TrialId::new();
        transaction!(self, tx => {
            tx.lock_phase(phase).await?;
            sqlx::query(
                "update evaluations set state = 'cancelled', lease_until = null, finished_at = $2
                 where state in ('queued', 'scoring')
                   and trial_id in (select id from trials where phase_id = $1)",
            )
            .bind(phase)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "insert into trials (id, phase_id, truth_set_id, created_by, created_at)
                 values ($1, $2, $3, $4, $5)",
            )
            .bind(id)
            .bind(phase)
            .bind(truth_set)
            .bind(actor)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            let submissions: Vec<SubmissionId> = sqlx::query_scalar(concat!(
                "select s.id from submissions s
                 join official_evaluations o on o.submission_id = s.id and o.official_until is null
                 where s.phase_id = $1 and o.state in ('scored', 'invalid') and ", concerned!(),
                " order by s.id"
            ))
            .bind(phase)
            .fetch_all(&mut *tx)
            .await?;
            for &submission in &submissions {
                sqlx::query(
                    "insert into evaluations
                         (id, submission_id, truth_set_id, trial_id, state, created_at)
                     values ($1, $2, $3, $4, 'queued', $5)",
                )
                .bind(EvaluationId::new())
                .bind(submission)
                .bind(truth_set)
                .bind(id)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            }
            let (slug, current): (String, TruthSetId) =
                sqlx::query_as("select slug, truth_set_id from phases where id = $1")
                    .bind(phase)
                    .fetch_one(&mut *tx)
                    .await?;
            let before: Named = sqlx::query_as(NAMED).bind(current).fetch_one(&mut *tx).await?;
            let tried: Named = sqlx::query_as(NAMED).bind(truth_set).fetch_one(&mut *tx).await?;
            let detail = serde_json::json!({
                "phase": slug, "current": before, "tried": tried, "submissions": submissions.len(),
            });
            let by = AuditContext { actor: Some(actor), detail };
            record_event!(tx, by, "trial started", id, now);
        });
        Ok(id)
    }

    pub async fn trial(&self, id: TrialId) -> Result<Option<Trial>> {
        on!(self.read, db => sqlx::query_as(select_trials!(
            "where t.id = $1 group by t.id, u.email"
        ))
        .bind(id)
        .fetch_optional(db))
    }

    /// All trials, newest first.
    pub async fn trials(&self) -> Result<Vec<Trial>> {
        on!(self.read, db => sqlx::query_as(select_trials!(
            "group by t.id, u.email order by t.id desc"
        ))
        .fetch_all(db))
    }

    /// What has no score in a trial though it has come to an end, oldest submission first.
    pub async fn unscored_in_trial(&self, trial: TrialId) -> Result<Vec<Unscored>> {
        on!(self.read, db => sqlx::query_as(
            "select e.submission_id, t.name as team_name, s.method, e.state, e.problems, e.failure
             from evaluations e
             join submissions s on s.id = e.submission_id
             join teams t on t.id = s.team_id
             where e.trial_id = $1 and e.state in ('invalid', 'failed')
             order by e.submission_id",
        )
        .bind(trial)
        .fetch_all(db))
    }

    /// What has come to a result in a trial, be it that it is invalid.
    pub async fn results_in_trial(&self, trial: TrialId) -> Result<HashSet<SubmissionId>> {
        let found: Vec<SubmissionId> = on!(self.read, db => sqlx::query_scalar(
            "select submission_id from evaluations where trial_id = $1 and state in ('scored', 'invalid')",
        )
        .bind(trial)
        .fetch_all(db))?;
        Ok(found.into_iter().collect())
    }

    /// What a trial has scored by this scorer, and would be ranked if its truth set were the phase's. The
    /// scores are those of [`Store::scores_in_trial`].
    pub async fn ranked_in_trial(
        &self,
        trial: TrialId,
        scorer_version: &str,
    ) -> Result<Vec<RankedSubmission>> {
        on!(self.read, db => sqlx::query_as(
            "select s.id, s.team_id, t.name as team_name, s.method, s.url, s.created_at,
                    e.id as evaluation, e.finished_at as result_from, false as baseline
             from evaluations e
             join submissions s on s.id = e.submission_id
             join official_evaluations o on o.submission_id = s.id and o.official_until is null
             join teams t on t.id = s.team_id
             where e.trial_id = $1 and e.scorer_version = $2 and e.state = 'scored'
               and o.state in ('scored', 'invalid')
               and s.published and not s.disqualified and not s.discarded and not s.late
               and t.baseline is null
               and (t.standing = 'approved' or (t.standing = 'pending' and exists
                    (select 1 from phases p where p.id = s.phase_id and p.approval = 'none')))
             order by s.created_at, s.id",
        )
        .bind(trial)
        .bind(scorer_version)
        .fetch_all(db))
    }

    /// The scores that a trial has given, official or not.
    pub async fn scores_in_trial(&self, trial: TrialId) -> Result<HashMap<EvaluationId, Scores>> {
        let values: Vec<Value> = on!(self.read, db => sqlx::query_as(
            "select e.id as evaluation, r.dice, r.hd95
             from evaluations e
             join evaluation_results r on r.evaluation_id = e.id
             join cases c on c.truth_set_id = e.truth_set_id and c.case_id = r.case_id
             where e.trial_id = $1 and e.state = 'scored'
             order by e.id, c.position",
        )
        .bind(trial)
        .fetch_all(db))?;
        Ok(by_evaluation(values))
    }
}
