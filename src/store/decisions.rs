//! What people decide about a submission after it was sent.

use uuid::Uuid;

use std::collections::HashMap;

use sqlx::FromRow;
use sqlx::types::Json;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::evaluations::{END_CURRENT, QUEUE};
use super::locks::Locks;
use super::outbox::{Occasion, Receivers, tell};
use super::revision::ranking_changed;
use super::search::{among, grouped};
use super::timestamp::Timestamp;
use crate::domain::{Decision, EvaluationId, MailKind, State, SubmissionId, TeamId, UserId};

/// Something that was decided about a submission.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct Decided {
    pub at: Timestamp,
    #[sqlx(try_from = "String")]
    pub decision: Decision,
    /// For the team to read.
    pub reason: String,
}

#[derive(FromRow)]
struct DecidedAbout {
    submission_id: SubmissionId,
    #[sqlx(flatten)]
    decided: Decided,
}

/// A request to change what becomes of a submission.
#[derive(Clone, Copy, Debug)]
pub struct DecisionRequest<'a> {
    pub actor: UserId,
    pub decision: Decision,
    pub reason: &'a str,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// It is so already, or can't be decided about a submission in this state.
    InvalidState(State),
    Unknown,
}

/// What a decision changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow, serde::Serialize)]
struct Status {
    #[sqlx(try_from = "String")]
    state: State,
    published: bool,
    disqualified: bool,
    discarded: bool,
}

impl Status {
    /// As it is after the decision; `None` if that makes no sense here.
    fn after(self, decision: Decision) -> Option<Self> {
        let (running, scored) = (!self.state.is_final(), self.state == State::Scored);
        let after = match decision {
            Decision::Publish => Self { published: true, ..self },
            Decision::Hide => Self { published: false, ..self },
            Decision::Disqualify => Self { disqualified: true, ..self },
            Decision::Reinstate => Self { disqualified: false, ..self },
            Decision::Discard => Self { discarded: true, ..self },
            Decision::Restore => Self { discarded: false, ..self },
            Decision::Cancel if running => Self { state: State::Cancelled, ..self },
            Decision::Requeue if !running && !scored => Self { state: State::Queued, ..self },
            Decision::Rescore if scored => Self { state: State::Queued, ..self },
            Decision::Cancel | Decision::Requeue | Decision::Rescore => self,
        };
        (after != self).then_some(after)
    }
}

/// Binds: id, submission, at, actor, decision, reason.
pub(super) const INSERT: &str =
    "insert into decisions (id, submission_id, at, actor, decision, reason)
     values ($1, $2, $3, $4, $5, $6)";

impl Store {
    /// Decides about one submission, and writes down who did, why, and what was before and after, all or nothing.
    ///
    /// The decision is fenced: a worker that scores the submission meanwhile writes nothing any more.
    pub async fn decide(
        &self,
        id: SubmissionId,
        request: DecisionRequest<'_>,
        now: Timestamp,
    ) -> Result<Outcome> {
        Ok(transaction!(self, tx => {
            if !tx.lock_submission(id).await? {
                return Ok(Outcome::Unknown);
            }
            tx.lock_current_evaluation(id).await?;
            let before: Status = sqlx::query_as(
                "select o.state, s.published, s.disqualified, s.discarded
                 from submissions s
                 join official_evaluations o on o.submission_id = s.id and o.official_until is null
                 where s.id = $1",
            )
            .bind(id)
            .fetch_one(&mut *tx)
            .await?;
            let Some(after) = before.after(request.decision) else {
                return Ok(Outcome::InvalidState(before.state));
            };
            sqlx::query(
                "update submissions set published = $2, disqualified = $3, discarded = $4 where id = $1",
            )
            .bind(id)
            .bind(after.published)
            .bind(after.disqualified)
            .bind(after.discarded)
            .execute(&mut *tx)
            .await?;
            match after.state {
                state if state == before.state => {}
                State::Cancelled => {
                    sqlx::query(
                        "update evaluations
                         set state = 'cancelled', lease_until = null, cases_done = 0, failure = null,
                             finished_at = $2
                         where submission_id = $1 and official_from is not null
                           and official_until is null",
                    )
                    .bind(id)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
                }
                _ => {
                    sqlx::query(END_CURRENT).bind(id).bind(now).execute(&mut *tx).await?;
                    sqlx::query(QUEUE)
                        .bind(EvaluationId::new())
                        .bind(id)
                        .bind(now)
                        .execute(&mut *tx)
                        .await?;
                }
            }
            sqlx::query(INSERT)
                .bind(Uuid::now_v7())
                .bind(id)
                .bind(now)
                .bind(request.actor)
                .bind(request.decision.as_str())
                .bind(request.reason)
                .execute(&mut *tx)
                .await?;
            let detail = serde_json::json!({
                "decision": request.decision, "reason": request.reason, "before": before, "after": after,
            });
            let by = AuditContext { actor: Some(request.actor), detail };
            record_event!(tx, by, "submission decided", id, now);
            let (team, own): (TeamId, i64) = sqlx::query_as(
                "select s.team_id, (select count(*) from team_members m
                                    where m.team_id = s.team_id and m.user_id = $2)
                 from submissions s where s.id = $1",
            )
            .bind(id)
            .bind(request.actor)
            .fetch_one(&mut *tx)
            .await?;
            // A team knows what it cancels itself.
            if request.decision != Decision::Cancel || own == 0 {
                let occasion = Occasion {
                    id: Uuid::now_v7(),
                    kind: MailKind::Decision,
                    subject: id.uuid(),
                    to: Receivers::Members(team),
                    detail: serde_json::json!({ "decision": request.decision, "reason": request.reason }),
                };
                tell!(tx, occasion, now);
            }
            ranking_changed!(tx);
            Outcome::Done
        }))
    }

    /// What was decided about each of these submissions, oldest first.
    pub async fn decisions_about(
        &self,
        submissions: &[SubmissionId],
    ) -> Result<HashMap<SubmissionId, Vec<Decided>>> {
        let text = among!(
            self,
            "select submission_id, at, decision, reason from decisions where submission_id",
            "order by id"
        );
        let rows: Vec<DecidedAbout> = on!(self.read, db => sqlx::query_as(text)
            .bind(Json(submissions))
            .fetch_all(db))?;
        Ok(grouped(rows.into_iter().map(|row| (row.submission_id, row.decided))))
    }

    /// What was decided about a submission, oldest first.
    pub async fn decisions(&self, submission: SubmissionId) -> Result<Vec<Decided>> {
        let mut decided = self.decisions_about(&[submission]).await?;
        Ok(decided.remove(&submission).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(state: State, decision: Decision) -> Option<State> {
        let status = Status { state, published: true, disqualified: false, discarded: false };
        status.after(decision).map(|after| after.state)
    }

    #[test]
    fn only_what_runs_is_cancelled_and_only_what_has_ended_is_queued_again() {
        for &state in State::ALL {
            let running = matches!(state, State::Queued | State::Scoring);
            let scored = state == State::Scored;
            let queued = Some(State::Queued);
            let cancelled = Some(State::Cancelled).filter(|_| running);
            assert_eq!(decide(state, Decision::Cancel), cancelled);
            assert_eq!(decide(state, Decision::Rescore), queued.filter(|_| scored));
            assert_eq!(decide(state, Decision::Requeue), queued.filter(|_| !running && !scored));
        }
    }

    #[test]
    fn what_is_so_already_is_not_decided_again() {
        assert_eq!(decide(State::Scored, Decision::Publish), None);
        assert_eq!(decide(State::Scored, Decision::Reinstate), None);
        assert_eq!(decide(State::Scored, Decision::Restore), None);
        assert_eq!(decide(State::Scored, Decision::Hide), Some(State::Scored));
    }
}
