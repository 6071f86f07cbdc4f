//! What takes part in a ranking, now or at an earlier moment. How good it is comes apart from who it is, since
//! the one never changes and the other may at any time.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::FromRow;
use sqlx::types::Json;

use super::engine::{Result, Store, on};
use super::phases::Phase;
use super::search::among;
use super::timestamp::Timestamp;
use crate::domain::{
    Approval, Counting, EvaluationId, Feedback, PerMetric, Scheme, Standing, SubmissionId, TeamId,
    TruthSetId, Withheld,
};

/// A scored submission with its team, as the ranking takes it.
#[derive(Clone, Debug, FromRow)]
pub struct RankedSubmission {
    pub id: SubmissionId,
    pub team_id: TeamId,
    pub team_name: String,
    pub method: String,
    pub url: String,
    pub created_at: Timestamp,
    /// Since when it has the scores that are meant.
    pub result_from: Timestamp,
    /// Whose scores are meant.
    pub evaluation: EvaluationId,
    /// Whether its team is a baseline today: then it is shown, and not ranked.
    pub baseline: bool,
}

/// A submission with a score, whether it is ranked or not.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct ScoredSubmission {
    pub team_id: TeamId,
    pub evaluation: EvaluationId,
}

/// The values of every case, in the order of the truth set.
pub type Scores = Withheld<Arc<[PerMetric<f64>]>>;

/// Submissions `s` of teams `t` with official evaluations `o`.
macro_rules! select_ranked {
    ($rest:expr) => {
        concat!(
            "select s.id, s.team_id, t.name as team_name, s.method, s.url, s.created_at,
                    o.id as evaluation, o.scorer_version, o.result_from, t.baseline is not null as baseline
             from official_evaluations o
             join submissions s on s.id = o.submission_id
             join teams t on t.id = s.team_id ",
            $rest
        )
    };
}

/// The scores of official evaluations.
macro_rules! select_scores {
    ($rest:expr) => {
        concat!("select evaluation_id as evaluation, dice, hd95 from official_results ", $rest)
    };
}

/// How a team has to stand at least to take part.
fn least_standing(phase: &Phase) -> &'static str {
    match phase.rules.approval {
        Approval::Required => Standing::Approved.as_str(),
        Approval::None => Standing::Pending.as_str(),
    }
}

#[derive(FromRow)]
struct AtMoment {
    #[sqlx(flatten)]
    ranked: RankedSubmission,
    scorer_version: String,
}

#[derive(FromRow)]
pub(super) struct Value {
    evaluation: EvaluationId,
    dice: f64,
    hd95: f64,
}

#[derive(FromRow)]
struct PastRules {
    truth_set_id: TruthSetId,
    #[sqlx(try_from = "String")]
    counting: Counting,
    #[sqlx(try_from = "String")]
    scheme: Scheme,
    #[sqlx(try_from = "String")]
    approval: Approval,
    #[sqlx(try_from = "String")]
    feedback: Feedback,
    cases_public: bool,
}

impl Store {
    /// Everything that may take part in a phase's ranking or stand beside it as a baseline: scored against the phase's truth
    /// set by this scorer, published, not disqualified, not discarded, not late, of teams that stand as the phase asks for, and
    /// sent before a moment; oldest first.
    pub async fn ranked(
        &self,
        phase: &Phase,
        scorer_version: &str,
        before: Option<Timestamp>,
    ) -> Result<Vec<RankedSubmission>> {
        on!(self.read, db => sqlx::query_as(select_ranked!(
            "where o.phase_id = $1 and o.truth_set_id = $2 and o.scorer_version = $3
               and o.official_until is null and o.state = 'scored'
               and (s.created_at < $4 or $4 is null)
               and s.published and not s.disqualified and not s.discarded and not s.late
               and t.standing in ('approved', $5)
             order by s.created_at, s.id"
        ))
        .bind(phase.id)
        .bind(phase.truth_set_id)
        .bind(scorer_version)
        .bind(before)
        .bind(least_standing(phase))
        .fetch_all(db))
    }

    /// The same as it stood at an earlier moment, with `phase` as it was then ([`Store::phase_at`]): scores,
    /// publication, disqualification, what was discarded or late, and the teams' standing are those of the moment; names, and which
    /// teams are baselines, are today's.
    ///
    /// The scorer's version of the moment is that of the latest score.
    pub async fn ranked_at(
        &self,
        phase: &Phase,
        at: Timestamp,
        before: Option<Timestamp>,
    ) -> Result<Vec<RankedSubmission>> {
        let mut found: Vec<AtMoment> = on!(self.read, db => sqlx::query_as(select_ranked!(
            "where o.phase_id = $1 and o.truth_set_id = $3 and o.state = 'scored'
               and o.result_from <= $2 and (o.official_until is null or o.official_until > $2)
               and not s.late and (s.late_until is null or s.late_until <= $2)
               and (s.created_at < $4 or $4 is null)
               and coalesce((select d.decision = 'hide' from decisions d
                             where d.submission_id = s.id and d.at > $2
                               and d.decision in ('publish', 'hide')
                             order by d.id limit 1), s.published)
               and not coalesce((select d.decision = 'reinstate' from decisions d
                                 where d.submission_id = s.id and d.at > $2
                                   and d.decision in ('disqualify', 'reinstate')
                                 order by d.id limit 1), s.disqualified)
               and not coalesce((select d.decision = 'restore' from decisions d
                                 where d.submission_id = s.id and d.at > $2
                                   and d.decision in ('discard', 'restore')
                                 order by d.id limit 1), s.discarded)
               and coalesce((select p.standing from past_standings p
                             where p.team_id = t.id and p.until > $2
                             order by p.until limit 1), t.standing) in ('approved', $5)
             order by s.created_at, s.id"
        ))
        .bind(phase.id)
        .bind(at)
        .bind(phase.truth_set_id)
        .bind(before)
        .bind(least_standing(phase))
        .fetch_all(db))?;
        let latest = found.iter().max_by_key(|one| one.ranked.result_from);
        let Some(version) = latest.map(|one| one.scorer_version.clone()) else {
            return Ok(Vec::new());
        };
        found.retain(|one| one.scorer_version == version);
        Ok(found.into_iter().map(|one| one.ranked).collect())
    }

    /// Since when a submission has had scores that count, be they others now; `None` where it never had any.
    pub async fn first_scored(&self, submission: SubmissionId) -> Result<Option<Timestamp>> {
        on!(self.read, db => sqlx::query_scalar(
            "select result_from from official_evaluations
             where submission_id = $1 and state = 'scored' order by result_from limit 1",
        )
        .bind(submission)
        .fetch_optional(db))
    }

    /// The phase with the truth set, the feedback and the rules of ranking that it had at an earlier moment.
    pub async fn phase_at(&self, phase: &Phase, at: Timestamp) -> Result<Phase> {
        let past: Option<PastRules> = on!(self.read, db => sqlx::query_as(
            "select truth_set_id, counting, scheme, approval, feedback, cases_public from past_phases
             where phase_id = $1 and until > $2 order by until limit 1",
        )
        .bind(phase.id)
        .bind(at)
        .fetch_optional(db))?;
        let mut phase = phase.clone();
        if let Some(past) = past {
            phase.truth_set_id = past.truth_set_id;
            phase.counting = past.counting;
            phase.feedback = past.feedback;
            phase.rules.scheme = past.scheme;
            phase.rules.approval = past.approval;
            phase.rules.cases_public = past.cases_public;
        }
        Ok(phase)
    }

    /// Everything of a phase that has scores against its truth set by this scorer, ranked or not, as it was scored:
    /// what a team was told of a submission depends on all that it was told before.
    pub async fn scored(
        &self,
        phase: &Phase,
        scorer_version: &str,
    ) -> Result<Vec<ScoredSubmission>> {
        on!(self.read, db => sqlx::query_as(
            "select team_id, id as evaluation from official_evaluations
             where phase_id = $1 and truth_set_id = $2 and scorer_version = $3
               and official_until is null and state = 'scored'
             order by result_from, submission_id",
        )
        .bind(phase.id)
        .bind(phase.truth_set_id)
        .bind(scorer_version)
        .fetch_all(db))
    }

    /// The same as it stood at an earlier moment, with `phase` as it was then ([`Store::phase_at`]).
    pub async fn scored_at(&self, phase: &Phase, at: Timestamp) -> Result<Vec<ScoredSubmission>> {
        on!(self.read, db => sqlx::query_as(
            "select team_id, id as evaluation from official_evaluations
             where phase_id = $1 and truth_set_id = $3 and state = 'scored'
               and result_from <= $2 and (official_until is null or official_until > $2)
             order by result_from, submission_id",
        )
        .bind(phase.id)
        .bind(at)
        .bind(phase.truth_set_id)
        .fetch_all(db))
    }

    /// The scores that the submissions of a phase have against its truth set now.
    pub async fn scores_of_phase(&self, phase: &Phase) -> Result<HashMap<EvaluationId, Scores>> {
        let values: Vec<Value> = on!(self.read, db => sqlx::query_as(select_scores!(
            "where phase_id = $1 and truth_set_id = $2 and official_until is null
             order by evaluation_id, position"
        ))
        .bind(phase.id)
        .bind(phase.truth_set_id)
        .fetch_all(db))?;
        Ok(by_evaluation(values))
    }

    /// The same as it stood at an earlier moment, with `phase` as it was then ([`Store::phase_at`]).
    pub async fn scores_of_phase_at(
        &self,
        phase: &Phase,
        at: Timestamp,
    ) -> Result<HashMap<EvaluationId, Scores>> {
        let values: Vec<Value> = on!(self.read, db => sqlx::query_as(select_scores!(
            "where phase_id = $1 and truth_set_id = $2 and result_from <= $3
               and (official_until is null or official_until > $3)
             order by evaluation_id, position"
        ))
        .bind(phase.id)
        .bind(phase.truth_set_id)
        .bind(at)
        .fetch_all(db))?;
        Ok(by_evaluation(values))
    }

    /// The scores of these official evaluations, where they have any.
    pub async fn scores_of(
        &self,
        evaluations: &[EvaluationId],
    ) -> Result<HashMap<EvaluationId, Scores>> {
        let text =
            among!(self, select_scores!("where evaluation_id"), "order by evaluation_id, position");
        let values: Vec<Value> = on!(self.read, db => sqlx::query_as(text)
            .bind(Json(evaluations))
            .fetch_all(db))?;
        Ok(by_evaluation(values))
    }
}

/// Rows come evaluation by evaluation.
pub(super) fn by_evaluation(values: Vec<Value>) -> HashMap<EvaluationId, Scores> {
    let scores = |rows: &[Value]| {
        let of = rows.first()?.evaluation;
        let scores = rows.iter().map(|row| PerMetric { dice: row.dice, hd95: row.hd95 }).collect();
        Some((of, Withheld::new(scores)))
    };
    values.chunk_by(|a, b| a.evaluation == b.evaluation).filter_map(scores).collect()
}
