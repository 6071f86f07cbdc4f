//! Making a tried truth set the phase's own: a matter of moments, from and until which evaluations are official.

use uuid::Uuid;

use sqlx::types::Json;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, transaction};
use super::evaluations::{END_CURRENT, QUEUE};
use super::locks::Locks;
use super::revision::{KEEP_PHASE, ranking_changed};
use super::timestamp::Timestamp;
use super::trials::{NAMED, Named, Trial, concerned, select_trials};
use crate::domain::{Decision, EvaluationId, PhaseId, SubmissionId, TrialId, TruthSetId, UserId};

/// A request to make a trial's truth set the phase's own.
#[derive(Clone, Copy, Debug)]
pub struct ActivateTruthSet<'a> {
    pub actor: UserId,
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

/// The evaluations of trial $1 whose results can become official for the scorer $2.
macro_rules! taken {
    () => {
        "trial_id = $1 and (state = 'invalid' or (state = 'scored' and scorer_version = $2))"
    };
}

impl Store {
    /// Makes the trial's truth set the phase's own and its evaluations the official ones, all or nothing, so that
    /// no moment has a leaderboard without them. What the trial does not cover is queued to be scored anew.
    ///
    /// Fenced: whoever scores a submission of the phase meanwhile writes nothing any more.
    pub async fn activate_trial(
        &self,
        id: TrialId,
        request: ActivateTruthSet<'_>,
        now: Timestamp,
    ) -> Result<Activated> {
        Ok(transaction!(self, tx => {
            let of: Option<(PhaseId, TruthSetId)> =
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
            let (slug, replaced): (String, TruthSetId) =
                sqlx::query_as("select slug, truth_set_id from phases where id = $1")
                    .bind(phase)
                    .fetch_one(&mut *tx)
                    .await?;
            sqlx::query(KEEP_PHASE).bind(phase).bind(now).execute(&mut *tx).await?;
            sqlx::query("update phases set truth_set_id = $2, revision = revision + 1 where id = $1")
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
            let taken: Vec<SubmissionId> = sqlx::query_scalar(concat!(
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
            let anew: Vec<SubmissionId> = sqlx::query_scalar(concat!(
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
                    .bind(Uuid::now_v7())
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
