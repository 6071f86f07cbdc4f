//! What takes part in a ranking, now or at an earlier moment. How good it is comes apart from who it is, since
//! the one never changes and the other may at any time.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::FromRow;
use uuid::Uuid;

use super::{Phase, Result, Store, Timestamp, on};
use crate::domain::{Approval, Feedback, Standing, Withheld};
use crate::ranking::{Counting, Scheme};

/// A scored submission with its team, as the ranking takes it.
#[derive(Clone, Debug, FromRow)]
pub struct RankedSubmission {
    pub id: Uuid,
    pub team_id: Uuid,
    pub team_name: String,
    pub method: String,
    pub url: String,
    pub created_at: Timestamp,
    /// Since when it has the scores that are meant.
    pub finished_at: Timestamp,
    #[sqlx(flatten)]
    pub scores: ScoresId,
}

/// A submission with a score, whether it is ranked or not.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct ScoredSubmission {
    pub team_id: Uuid,
    #[sqlx(flatten)]
    pub scores: ScoresId,
}

/// Which scores of a submission are meant. What has one id never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, FromRow)]
pub struct ScoresId {
    #[sqlx(rename = "id")]
    pub submission: Uuid,
    /// The attempt that made them, or took them over from a trial.
    pub attempt: i64,
    /// Until when they held, if they don't any more.
    #[sqlx(rename = "past_until")]
    pub until: Option<Timestamp>,
}

/// Dice and HD95 (mm) of every case, in the order of the truth set.
pub type Scores = Withheld<Arc<[[f64; 2]]>>;

/// Says in the transaction of a change that leaderboards are not what they were. As its last words: whoever
/// changes them next waits for its end.
macro_rules! ranking_changed {
    ($tx:ident) => {
        sqlx::query("update revisions set value = value + 1 where name = 'ranking'")
            .execute(&mut *$tx)
            .await?
    };
}

pub(super) use ranking_changed;

/// Keeps what the phase `$1`'s ranking goes by; it holds until `$2`. Binds: phase, now.
pub(super) const KEEP_PHASE: &str = "insert into past_phases
         (phase_id, until, truth_set_id, counting, scheme, approval, feedback, cases_public)
     select id, $2, truth_set_id, counting, scheme, approval, feedback, cases_public
     from phases where id = $1
     on conflict do nothing";

/// Texts that keep the scores of those submissions `s` for which this holds, until `$2`.
macro_rules! keep_scores {
    ($holds:expr) => {
        [
            concat!(
                "insert into past_scores (submission_id, until, truth_set_id, scorer_version, finished_at)
                 select s.id, $2, s.truth_set_id, s.scorer_version, s.finished_at from submissions s
                 where s.state = 'scored' and ",
                $holds
            ),
            concat!(
                "insert into past_results (submission_id, until, case_id, dice, hd95)
                 select r.submission_id, $2, r.case_id, r.dice, r.hd95
                 from case_results r join submissions s on s.id = r.submission_id
                 where s.state = 'scored' and ",
                $holds
            ),
        ]
    };
}

pub(super) use keep_scores;

macro_rules! select_ranked {
    ($rest:expr) => {
        concat!(
            "select s.id, s.team_id, t.name as team_name, s.method, s.url, s.created_at, ",
            $rest
        )
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
struct Value {
    #[sqlx(flatten)]
    of: ScoresId,
    dice: f64,
    hd95: f64,
}

#[derive(FromRow)]
struct PastRules {
    truth_set_id: Uuid,
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
    /// How often leaderboards have changed. What is read after this is at least as new.
    pub async fn ranking_revision(&self) -> Result<i64> {
        Ok(on!(self.read, db => sqlx::query_scalar(
            "select value from revisions where name = 'ranking'",
        )
        .fetch_one(db))?)
    }

    /// Everything that may take part in a phase's ranking: scored against the phase's truth
    /// set by this scorer, published, not disqualified, not late, of teams that stand as the phase asks for, and
    /// sent before a moment; oldest first.
    pub async fn ranked(
        &self,
        phase: &Phase,
        scorer_version: &str,
        before: Option<Timestamp>,
    ) -> Result<Vec<RankedSubmission>> {
        Ok(on!(self.read, db => sqlx::query_as(select_ranked!(
            "s.finished_at, s.attempt, cast(null as timestamptz) as past_until
             from submissions s join teams t on t.id = s.team_id
             where s.phase_id = $1 and s.truth_set_id = $2 and s.scorer_version = $3
               and ($4 is null or s.created_at < $4)
               and s.state = 'scored' and s.published and not s.disqualified and not s.late
               and t.standing in ('approved', $5)
             order by s.created_at, s.id"
        ))
        .bind(phase.id)
        .bind(phase.truth_set_id)
        .bind(scorer_version)
        .bind(before)
        .bind(least_standing(phase))
        .fetch_all(db))?)
    }

    /// The same as it stood at an earlier moment, with `phase` as it was then ([`Store::phase_at`]): scores,
    /// publication, disqualification and the teams' standing are those of the moment, names are today's.
    ///
    /// The scorer's version of the moment is that of the latest score.
    pub async fn ranked_at(
        &self,
        phase: &Phase,
        at: Timestamp,
        before: Option<Timestamp>,
    ) -> Result<Vec<RankedSubmission>> {
        let mut found: Vec<AtMoment> = on!(self.read, db => sqlx::query_as(select_ranked!(
            "r.finished_at, s.attempt, r.past_until, r.scorer_version
             from (select id, truth_set_id, scorer_version, finished_at,
                          cast(null as timestamptz) as past_until
                   from submissions
                   where phase_id = $1 and state = 'scored' and finished_at <= $2
                   union all
                   select p.submission_id, p.truth_set_id, p.scorer_version, p.finished_at, p.until
                   from past_scores p join submissions o on o.id = p.submission_id
                   where o.phase_id = $1 and p.finished_at <= $2 and p.until > $2) r
             join submissions s on s.id = r.id
             join teams t on t.id = s.team_id
             where r.truth_set_id = $3 and not s.late and ($4 is null or s.created_at < $4)
               and coalesce((select d.decision = 'hide' from decisions d
                             where d.submission_id = s.id and d.at > $2
                               and d.decision in ('publish', 'hide')
                             order by d.id limit 1), s.published)
               and not coalesce((select d.decision = 'reinstate' from decisions d
                                 where d.submission_id = s.id and d.at > $2
                                   and d.decision in ('disqualify', 'reinstate')
                                 order by d.id limit 1), s.disqualified)
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
        let latest = found.iter().max_by_key(|one| one.ranked.finished_at);
        let Some(version) = latest.map(|one| one.scorer_version.clone()) else {
            return Ok(Vec::new());
        };
        found.retain(|one| one.scorer_version == version);
        Ok(found.into_iter().map(|one| one.ranked).collect())
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
        Ok(on!(self.read, db => sqlx::query_as(
            "select s.id, s.team_id, s.attempt, cast(null as timestamptz) as past_until
             from submissions s
             where s.phase_id = $1 and s.truth_set_id = $2 and s.scorer_version = $3
               and s.state = 'scored'
             order by s.finished_at, s.id",
        )
        .bind(phase.id)
        .bind(phase.truth_set_id)
        .bind(scorer_version)
        .fetch_all(db))?)
    }

    /// The same as it stood at an earlier moment, with `phase` as it was then ([`Store::phase_at`]).
    pub async fn scored_at(&self, phase: &Phase, at: Timestamp) -> Result<Vec<ScoredSubmission>> {
        Ok(on!(self.read, db => sqlx::query_as(
            "select s.id, s.team_id, s.attempt, r.past_until
             from (select id, truth_set_id, finished_at, cast(null as timestamptz) as past_until
                   from submissions
                   where phase_id = $1 and state = 'scored' and finished_at <= $2
                   union all
                   select p.submission_id, p.truth_set_id, p.finished_at, p.until
                   from past_scores p join submissions o on o.id = p.submission_id
                   where o.phase_id = $1 and p.finished_at <= $2 and p.until > $2) r
             join submissions s on s.id = r.id
             where r.truth_set_id = $3
             order by r.finished_at, s.id",
        )
        .bind(phase.id)
        .bind(at)
        .bind(phase.truth_set_id)
        .fetch_all(db))?)
    }

    /// What a trial has scored by this scorer: what might be ranked if its truth set were the phase's. The
    /// scores are those of [`Store::scores_in_trial`].
    pub async fn ranked_in_trial(
        &self,
        trial: Uuid,
        scorer_version: &str,
    ) -> Result<Vec<RankedSubmission>> {
        Ok(on!(self.read, db => sqlx::query_as(select_ranked!(
            "e.finished_at, e.attempt, cast(null as timestamptz) as past_until
             from trial_entries e
             join submissions s on s.id = e.submission_id
             join teams t on t.id = s.team_id
             where e.trial_id = $1 and e.scorer_version = $2 and e.state = 'scored'
               and s.state = 'scored' and s.published and not s.disqualified and not s.late
               and (t.standing = 'approved' or (t.standing = 'pending' and exists
                    (select 1 from phases p where p.id = s.phase_id and p.approval = 'none')))
             order by s.created_at, s.id"
        ))
        .bind(trial)
        .bind(scorer_version)
        .fetch_all(db))?)
    }

    /// The scores that all submissions of a phase have against its truth set now.
    pub async fn scores_of_phase(&self, phase: &Phase) -> Result<HashMap<ScoresId, Scores>> {
        let values: Vec<Value> = on!(self.read, db => sqlx::query_as(
            "select s.id, s.attempt, cast(null as timestamptz) as past_until, r.dice, r.hd95
             from submissions s
             join case_results r on r.submission_id = s.id
             join cases c on c.truth_set_id = s.truth_set_id and c.case_id = r.case_id
             where s.phase_id = $1 and s.truth_set_id = $2 and s.state = 'scored'
             order by s.id, c.position",
        )
        .bind(phase.id)
        .bind(phase.truth_set_id)
        .fetch_all(db))?;
        Ok(by_submission(values))
    }

    pub async fn scores_in_trial(&self, trial: Uuid) -> Result<HashMap<ScoresId, Scores>> {
        let values: Vec<Value> = on!(self.read, db => sqlx::query_as(
            "select e.submission_id as id, e.attempt, cast(null as timestamptz) as past_until,
                    r.dice, r.hd95
             from trial_entries e
             join trial_results r on r.entry_id = e.id
             join cases c on c.truth_set_id = e.truth_set_id and c.case_id = r.case_id
             where e.trial_id = $1 and e.state = 'scored'
             order by e.submission_id, c.position",
        )
        .bind(trial)
        .fetch_all(db))?;
        Ok(by_submission(values))
    }

    /// The scores that submissions of a phase had against its truth set at an earlier moment and have no more.
    pub async fn past_scores_of_phase(
        &self,
        phase: &Phase,
        at: Timestamp,
    ) -> Result<HashMap<ScoresId, Scores>> {
        let values: Vec<Value> = on!(self.read, db => sqlx::query_as(
            "select s.id, s.attempt, p.until as past_until, r.dice, r.hd95
             from past_scores p
             join submissions s on s.id = p.submission_id
             join past_results r on r.submission_id = p.submission_id and r.until = p.until
             join cases c on c.truth_set_id = p.truth_set_id and c.case_id = r.case_id
             where s.phase_id = $1 and p.truth_set_id = $2 and p.finished_at <= $3 and p.until > $3
             order by s.id, c.position",
        )
        .bind(phase.id)
        .bind(phase.truth_set_id)
        .bind(at)
        .fetch_all(db))?;
        Ok(by_submission(values))
    }

    /// The scores that a submission has now; none where they have become others meanwhile.
    pub async fn scores(&self, of: ScoresId) -> Result<Option<Scores>> {
        let values: Vec<(f64, f64)> = on!(self.read, db => sqlx::query_as(
            "select r.dice, r.hd95
             from submissions s
             join case_results r on r.submission_id = s.id
             join cases c on c.truth_set_id = s.truth_set_id and c.case_id = r.case_id
             where s.id = $1 and s.attempt = $2 and s.state = 'scored'
             order by c.position",
        )
        .bind(of.submission)
        .bind(of.attempt)
        .fetch_all(db))?;
        let scores: Arc<[[f64; 2]]> = values.into_iter().map(|(dice, hd95)| [dice, hd95]).collect();
        Ok((!scores.is_empty()).then(|| Withheld::new(scores)))
    }
}

/// Rows come submission by submission.
fn by_submission(values: Vec<Value>) -> HashMap<ScoresId, Scores> {
    let scores = |rows: &[Value]| {
        let of = rows.first()?.of;
        let scores = rows.iter().map(|row| [row.dice, row.hd95]).collect();
        Some((of, Withheld::new(scores)))
    };
    values.chunk_by(|a, b| a.of == b.of).filter_map(scores).collect()
}
