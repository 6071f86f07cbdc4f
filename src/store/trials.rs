//! Trying a truth set: what a phase's submissions would score against it, beside their official scores, and
//! making it the phase's own.

use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::audit::note;
use super::ranked::{KEEP_PHASE, keep_scores, ranking_changed};
use super::{By, Result, Store, Timestamp, new_id, on, transaction};
use crate::domain::{Decision, Problem, State};

/// A truth set tried on the scored submissions of a phase, and how far that is.
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

/// A wish to make a trial's truth set the phase's own.
#[derive(Clone, Copy, Debug)]
pub struct Activation<'a> {
    pub actor: Uuid,
    /// For the teams to read.
    pub reason: &'a str,
    /// The scorer whose results are ranked; others' are not taken over.
    pub scorer_version: &'a str,
    /// The positions before and after, to be kept.
    pub comparison: &'a serde_json::Value,
}

/// What became of the wish.
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

/// How the trail names a truth set.
#[derive(FromRow, serde::Serialize)]
struct Named {
    name: String,
    digest: String,
}

const NAMED: &str = "select name, digest from truth_sets where id = $1";

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
                     where s.phase_id = t.phase_id and s.state in ('queued', 'scoring', 'scored')
                       and not exists (select 1 from trial_entries o
                                       where o.trial_id = t.id and o.submission_id = s.id)) as uncovered
             from trials t
             left join users u on u.id = t.created_by
             left join trial_entries e on e.trial_id = t.id ",
            $rest
        )
    };
}

/// From trial $1, the entries `e` whose results can become official for this scorer.
macro_rules! taken {
    ($scorer:literal) => {
        concat!(
            "e.trial_id = $1 and (e.state = 'invalid' or (e.state = 'scored' and e.scorer_version = ",
            $scorer,
            "))"
        )
    };
}

/// The scores that an activation replaces hold until now: where the trial has others, and where the submission is
/// to be scored anew. Binds: trial, now, scorer version, phase, its new truth set.
const KEEP_SCORES: [&str; 2] = keep_scores!(concat!(
    "s.phase_id = $4 and (s.truth_set_id <> $5 or s.scorer_version <> $3 or exists (
         select 1 from trial_entries e where e.submission_id = s.id and ",
    taken!("$3"),
    "))"
));

impl Store {
    /// Queues every scored submission of a phase to be scored against a truth set as well. Trials of the
    /// phase that are not done are given up.
    pub async fn start_trial(
        &self,
        phase: Uuid,
        truth_set: Uuid,
        actor: Uuid,
        now: Timestamp,
    ) -> Result<Uuid> {
        let id = new_id();
        transaction!(self, tx => {
            // Locks the phase, so that trials and activations come one after the other.
            sqlx::query("update phases set truth_set_id = truth_set_id where id = $1")
                .bind(phase)
                .execute(&mut *tx)
                .await?;
            sqlx::query(
                "update trial_entries set state = 'cancelled', lease_until = null, finished_at = $2
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
            let submissions: Vec<Uuid> = sqlx::query_scalar(
                "select id from submissions where phase_id = $1 and state = 'scored' order by id",
            )
            .bind(phase)
            .fetch_all(&mut *tx)
            .await?;
            for &submission in &submissions {
                sqlx::query(
                    "insert into trial_entries
                         (id, trial_id, submission_id, state, attempt, tries, cases_done, created_at)
                     values ($1, $2, $3, 'queued', 0, 0, 0, $4)",
                )
                .bind(new_id())
                .bind(id)
                .bind(submission)
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
            let by = By { actor: Some(actor), detail };
            note!(tx, by, "trial started", id, now);
        });
        Ok(id)
    }

    pub async fn trial(&self, id: Uuid) -> Result<Option<Trial>> {
        Ok(on!(self.read, db => sqlx::query_as(select_trials!(
            "where t.id = $1 group by t.id, u.email"
        ))
        .bind(id)
        .fetch_optional(db))?)
    }

    /// All trials, newest first.
    pub async fn trials(&self) -> Result<Vec<Trial>> {
        Ok(on!(self.read, db => sqlx::query_as(select_trials!(
            "group by t.id, u.email order by t.id desc"
        ))
        .fetch_all(db))?)
    }

    /// What has no score in a trial though it has come to an end, oldest submission first.
    pub async fn unscored_in_trial(&self, trial: Uuid) -> Result<Vec<Unscored>> {
        Ok(on!(self.read, db => sqlx::query_as(
            "select e.submission_id, t.name as team_name, s.method, e.state, e.problems, e.failure
             from trial_entries e
             join submissions s on s.id = e.submission_id
             join teams t on t.id = s.team_id
             where e.trial_id = $1 and e.state in ('invalid', 'failed')
             order by e.submission_id",
        )
        .bind(trial)
        .fetch_all(db))?)
    }

    /// Makes the trial's truth set the phase's own and its results the official ones, all or nothing, so that
    /// no moment has a leaderboard without them. What the trial does not cover is queued to be scored anew.
    ///
    /// Fenced: whoever scores a submission of the phase meanwhile writes nothing any more.
    pub async fn activate_trial(
        &self,
        id: Uuid,
        wish: Activation<'_>,
        now: Timestamp,
    ) -> Result<Activated> {
        Ok(transaction!(self, tx => {
            let of: Option<(Uuid, Uuid)> =
                sqlx::query_as("select phase_id, truth_set_id from trials where id = $1")
                    .bind(id)
                    .fetch_optional(&mut *tx)
                    .await?;
            let Some((phase, truth_set)) = of else { return Ok(Activated::Unknown) };
            // Locks the phase: a score that is being written is waited for, and the next one waits.
            sqlx::query("update phases set truth_set_id = truth_set_id where id = $1")
                .bind(phase)
                .execute(&mut *tx)
                .await?;
            let trial: Trial =
                sqlx::query_as(select_trials!("where t.id = $1 group by t.id, u.email"))
                    .bind(id)
                    .fetch_one(&mut *tx)
                    .await?;
            if !trial.is_ready() {
                return Ok(Activated::NotReady);
            }
            let (slug, replaced): (String, Uuid) =
                sqlx::query_as("select slug, truth_set_id from phases where id = $1")
                    .bind(phase)
                    .fetch_one(&mut *tx)
                    .await?;
            sqlx::query(KEEP_PHASE).bind(phase).bind(now).execute(&mut *tx).await?;
            for text in KEEP_SCORES {
                sqlx::query(text)
                    .bind(id)
                    .bind(now)
                    .bind(wish.scorer_version)
                    .bind(phase)
                    .bind(truth_set)
                    .execute(&mut *tx)
                    .await?;
            }
            sqlx::query("update phases set truth_set_id = $2 where id = $1")
                .bind(phase)
                .bind(truth_set)
                .execute(&mut *tx)
                .await?;
            // Fences whoever scores one of them, and makes decisions about them wait.
            sqlx::query(
                "update submissions set attempt = attempt + 1
                 where phase_id = $1 and state in ('queued', 'scoring', 'scored')",
            )
            .bind(phase)
            .execute(&mut *tx)
            .await?;
            let concerned: Vec<Uuid> = sqlx::query_scalar(
                "select id from submissions where phase_id = $1 and state = 'scored' order by id",
            )
            .bind(phase)
            .fetch_all(&mut *tx)
            .await?;

            sqlx::query(concat!(
                "delete from case_results where submission_id in (
                     select s.id from submissions s join trial_entries e on e.submission_id = s.id
                     where s.state = 'scored' and ", taken!("$2"), ")"
            ))
            .bind(id)
            .bind(wish.scorer_version)
            .execute(&mut *tx)
            .await?;
            sqlx::query(concat!(
                "insert into case_results (submission_id, case_id, dice, hd95, warnings, cl_dice,
                     surface_dice, voxel_precision, voxel_recall, component_difference)
                 select e.submission_id, r.case_id, r.dice, r.hd95, r.warnings, r.cl_dice,
                     r.surface_dice, r.voxel_precision, r.voxel_recall, r.component_difference
                 from trial_results r
                 join trial_entries e on e.id = r.entry_id
                 join submissions s on s.id = e.submission_id
                 where s.state = 'scored' and ", taken!("$2")
            ))
            .bind(id)
            .bind(wish.scorer_version)
            .execute(&mut *tx)
            .await?;
            let taken = sqlx::query(concat!(
                "update submissions
                 set state = e.state, problems = e.problems, truth_set_id = e.truth_set_id,
                     scorer_version = e.scorer_version, cases_done = e.cases_done,
                     finished_at = e.finished_at
                 from trial_entries e
                 where e.submission_id = submissions.id and submissions.state = 'scored' and ", taken!("$2")
            ))
            .bind(id)
            .bind(wish.scorer_version)
            .execute(&mut *tx)
            .await?
            .rows_affected();
            let requeued = sqlx::query(
                "update submissions
                 set state = 'queued', tries = 0, interruptions = 0, lease_until = null, cases_done = 0, failure = null,
                     finished_at = null
                 where phase_id = $1 and (state in ('queued', 'scoring')
                     or (state = 'scored' and (truth_set_id <> $2 or scorer_version <> $3)))",
            )
            .bind(phase)
            .bind(truth_set)
            .bind(wish.scorer_version)
            .execute(&mut *tx)
            .await?
            .rows_affected();

            for submission in concerned {
                sqlx::query(super::decisions::INSERT)
                    .bind(new_id())
                    .bind(submission)
                    .bind(now)
                    .bind(wish.actor)
                    .bind(Decision::Rescore.as_str())
                    .bind(wish.reason)
                    .execute(&mut *tx)
                    .await?;
            }
            sqlx::query(
                "update trials set activated_at = $2, replaced_id = $3, comparison = $4 where id = $1",
            )
            .bind(id)
            .bind(now)
            .bind(replaced)
            .bind(Json(wish.comparison))
            .execute(&mut *tx)
            .await?;
            let before: Named = sqlx::query_as(NAMED).bind(replaced).fetch_one(&mut *tx).await?;
            let after: Named = sqlx::query_as(NAMED).bind(truth_set).fetch_one(&mut *tx).await?;
            let detail = serde_json::json!({
                "phase": slug, "reason": wish.reason, "trial": id, "before": before, "after": after,
                "taken": taken, "requeued": requeued,
            });
            let by = By { actor: Some(wish.actor), detail };
            note!(tx, by, "truth set activated", phase, now);
            ranking_changed!(tx);
            Activated::Done { taken, requeued }
        }))
    }
}
