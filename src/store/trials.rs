//! Trying a truth set: evaluations of a phase's submissions against it that are not official yet, and making it the
//! phase's own, which moves the moments from and until which evaluations are official.

use std::collections::HashMap;

use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, new_id, on, transaction};
use super::evaluations::{END_CURRENT, EvaluationId, QUEUE};
use super::locks::Locks;
use super::ranked::{RankedSubmission, Scores, Value, by_evaluation};
use super::revision::{KEEP_PHASE, ranking_changed};
use super::timestamp::Timestamp;
use crate::domain::{Decision, Problem, State};

/// A truth set tried on the submissions of a phase, and how far that is.
#[derive(Clone, Debug, FromRow)]
pub struct Trial {
    pub id: Uuid,
    pub phase_id: Uuid,
    pub truth_set_id: Uuid,
    pub created_at: Timestamp,
    /// The address of mail of who started it.
    pub email: Option<String>,
    pub activated_at: Option<Timestamp>,
    /// The truth set that the phase had before.
    pub replaced_id: Option<Uuid>,
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
    pub submission: Uuid,
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

/// A request to make a trial's truth set the phase's own.
#[derive(Clone, Copy, Debug)]
pub struct ActivateTruthSet<'a> {
    pub actor: Uuid,
    /// For the teams to read.
    pub reason: &'a str,
    /// The scorer whose results are ranked; others' are not taken over.
    pub scorer_version: &'a str,
    /// The positions before and after, to be kept.
    pub comparison: &'a serde_json::Value,
}

/// What became of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activated {
    Done {
        /// Results that are official now.
        taken: u64,
        /// Submissions that are to be scored anew.
        requeued: u64,
    },
    /// Results are missing, or it was activated already, or a later trial took its place.
    NotReady,
    Unknown,
}

/// How the audit log names a truth set.
#[derive(FromRow, serde::Serialize)]
struct Named {
    name: String,
    digest: String,
}

const NAMED: &str = "select name, digest from truth_sets where id = $1";

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

/// The evaluations of trial $1 whose results can become official for the scorer $2.
macro_rules! taken {
    () => {
        "trial_id = $1 and (state = 'invalid' or (state = 'scored' and scorer_version = $2))"
    };
}

impl Store {
    /// Queues an evaluation against a truth set for every submission of a phase that has a score, or lost it to the
    /// phase's truth set. Trials of the phase that are not done are given up.
    pub async fn start_trial(
        &self,
        phase: Uuid,
        truth_set: Uuid,
        actor: Uuid,
        now: Timestamp,
    ) -> Result<Uuid> {
        let id = new_id();
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
            let submissions: Vec<Uuid> = sqlx::query_scalar(concat!(
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
            let (slug, current): (String, Uuid) =
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

    pub async fn trial(&self, id: Uuid) -> Result<Option<Trial>> {
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
    pub async fn unscored_in_trial(&self, trial: Uuid) -> Result<Vec<Unscored>> {
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

    /// What a trial has scored by this scorer, and would be ranked if its truth set were the phase's. The
    /// scores are those of [`Store::scores_in_trial`].
    pub async fn ranked_in_trial(
        &self,
        trial: Uuid,
        scorer_version: &str,
    ) -> Result<Vec<RankedSubmission>> {
        on!(self.read, db => sqlx::query_as(
            "select s.id, s.team_id, t.name as team_name, s.method, s.url, s.created_at,
                    e.id as evaluation, e.finished_at as result_from
             from evaluations e
             join submissions s on s.id = e.submission_id
             join official_evaluations o on o.submission_id = s.id and o.official_until is null
             join teams t on t.id = s.team_id
             where e.trial_id = $1 and e.scorer_version = $2 and e.state = 'scored'
               and o.state in ('scored', 'invalid')
               and s.published and not s.disqualified and not s.late
               and (t.standing = 'approved' or (t.standing = 'pending' and exists
                    (select 1 from phases p where p.id = s.phase_id and p.approval = 'none')))
             order by s.created_at, s.id",
        )
        .bind(trial)
        .bind(scorer_version)
        .fetch_all(db))
    }

    /// The scores that a trial has given, official or not.
    pub async fn scores_in_trial(&self, trial: Uuid) -> Result<HashMap<EvaluationId, Scores>> {
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

    /// Makes the trial's truth set the phase's own and its evaluations the official ones, all or nothing, so that
    /// no moment has a leaderboard without them. What the trial does not cover is queued to be scored anew.
    ///
    /// Fenced: whoever scores a submission of the phase meanwhile writes nothing any more.
    pub async fn activate_trial(
        &self,
        id: Uuid,
        request: ActivateTruthSet<'_>,
        now: Timestamp,
    ) -> Result<Activated> {
        Ok(transaction!(self, tx => {
            let of: Option<(Uuid, Uuid)> =
                sqlx::query_as("select phase_id, truth_set_id from trials where id = $1")
                    .bind(id)
                    .fetch_optional(&mut *tx)
                    .await?;
            let Some((phase, truth_set)) = of else { return Ok(Activated::Unknown) };
            // A score that is being written is waited for, and the next one waits.
            tx.lock_phase(phase).await?;
            let trial: Trial =
                sqlx::query_as(select_trials!("where t.id = $1 group by t.id, u.email"))
                    .bind(id)
                    .fetch_one(&mut *tx)
                    .await?;
            if !trial.is_ready() {
                return Ok(Activated::NotReady);
            }
            // Decisions about them wait.
            tx.lock_submissions_of_phase(phase).await?;
            let (slug, replaced): (String, Uuid) =
                sqlx::query_as("select slug, truth_set_id from phases where id = $1")
                    .bind(phase)
                    .fetch_one(&mut *tx)
                    .await?;
            sqlx::query(KEEP_PHASE).bind(phase).bind(now).execute(&mut *tx).await?;
            sqlx::query("update phases set truth_set_id = $2 where id = $1")
                .bind(phase)
                .bind(truth_set)
                .execute(&mut *tx)
                .await?;

            // What waits or is being scored is scored against the new truth; whoever scores it is fenced.
            let running = sqlx::query(
                "update evaluations
                 set state = 'queued', attempt = attempt + 1, tries = 0, interruptions = 0,
                     lease_until = null, cases_done = 0, failure = null
                 where state in ('queued', 'scoring') and official_from is not null
                   and submission_id in (select id from submissions where phase_id = $1)",
            )
            .bind(phase)
            .execute(&mut *tx)
            .await?
            .rows_affected();
            sqlx::query(concat!(
                "update evaluations set official_until = $3
                 where official_from is not null and official_until is null
                   and state in ('scored', 'invalid')
                   and submission_id in (select submission_id from evaluations where ", taken!(), ")"
            ))
            .bind(id)
            .bind(request.scorer_version)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            // Where the current one has just ended.
            let taken: Vec<Uuid> = sqlx::query_scalar(concat!(
                "update evaluations set official_from = $3
                 where ", taken!(), " and not exists (
                     select 1 from official_evaluations c
                     where c.submission_id = evaluations.submission_id and c.official_until is null)
                 returning submission_id"
            ))
            .bind(id)
            .bind(request.scorer_version)
            .bind(now)
            .fetch_all(&mut *tx)
            .await?;
            let anew: Vec<Uuid> = sqlx::query_scalar(concat!(
                "select s.id from submissions s
                 join official_evaluations o on o.submission_id = s.id and o.official_until is null
                 where s.phase_id = $1 and o.state in ('scored', 'invalid') and ", concerned!(),
                "  and (o.truth_set_id <> $2 or (o.state = 'scored' and o.scorer_version <> $3))
                 order by s.id"
            ))
            .bind(phase)
            .bind(truth_set)
            .bind(request.scorer_version)
            .fetch_all(&mut *tx)
            .await?;
            for &submission in &anew {
                sqlx::query(END_CURRENT).bind(submission).bind(now).execute(&mut *tx).await?;
                sqlx::query(QUEUE)
                    .bind(EvaluationId::new())
                    .bind(submission)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
            }

            for &submission in taken.iter().chain(&anew) {
                sqlx::query(super::decisions::INSERT)
                    .bind(new_id())
                    .bind(submission)
                    .bind(now)
                    .bind(request.actor)
                    .bind(Decision::Rescore.as_str())
                    .bind(request.reason)
                    .execute(&mut *tx)
                    .await?;
            }
            sqlx::query(
                "update trials set activated_at = $2, replaced_id = $3, comparison = $4 where id = $1",
            )
            .bind(id)
            .bind(now)
            .bind(replaced)
            .bind(Json(request.comparison))
            .execute(&mut *tx)
            .await?;
            let before: Named = sqlx::query_as(NAMED).bind(replaced).fetch_one(&mut *tx).await?;
            let after: Named = sqlx::query_as(NAMED).bind(truth_set).fetch_one(&mut *tx).await?;
            let (taken, requeued) = (taken.len() as u64, running + anew.len() as u64);
            let detail = serde_json::json!({
                "phase": slug, "reason": request.reason, "trial": id, "before": before, "after": after,
                "taken": taken, "requeued": requeued,
            });
            let by = AuditContext { actor: Some(request.actor), detail };
            record_event!(tx, by, "truth set activated", phase, now);
            ranking_changed!(tx);
            Activated::Done { taken, requeued }
        }))
    }
}
