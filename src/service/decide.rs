//! What organisers decide about submissions and teams, many at a time and each for itself; and what a team decides
//! about its own submission.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Caller, Services, fields};
use crate::domain::{Action, Code, Decision, Error, State, SubmissionId, TeamDecision, TeamId};
use crate::store::{
    DecisionRequest, Outcome, Submission, TeamDecisionRequest, TeamOutcome, Timestamp,
};

/// The most submissions or teams one request decides about.
const MAX_AT_ONCE: usize = 1000;

/// What a decision was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    Submission(SubmissionId),
    Team(TeamId),
}

/// What became of a decision about one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    #[serde(flatten)]
    pub subject: Subject,
    pub done: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

impl Decided {
    fn of(subject: Subject, because: Option<String>) -> Self {
        Self { subject, done: because.is_none(), because }
    }
}

impl Subject {
    pub fn id(self) -> Uuid {
        match self {
            Self::Submission(id) => id.uuid(),
            Self::Team(id) => id.uuid(),
        }
    }
}

/// Decides about submissions.
pub async fn submissions(
    services: &Services,
    caller: &Caller,
    ids: &[SubmissionId],
    decision: Decision,
    reason: &str,
) -> Result<Vec<Decided>, Error> {
    let reason = checked(caller, "submissions", ids.len(), reason)?;
    let mut results = Vec::with_capacity(ids.len());
    for &id in ids {
        let because = match submission(services, caller, id, decision, reason).await? {
            Outcome::Done => None,
            Outcome::InvalidState(state) => {
                Some(format!("the submission is {state}, or the decision was made already"))
            }
            Outcome::Unknown => Some("there is no such submission".to_owned()),
        };
        results.push(Decided::of(Subject::Submission(id), because));
    }
    Ok(results)
}

/// Decides about teams; `into` names the team that they are merged into.
pub async fn teams(
    services: &Services,
    caller: &Caller,
    ids: &[TeamId],
    decision: TeamDecision,
    into: &str,
    reason: &str,
) -> Result<Vec<Decided>, Error> {
    let reason = checked(caller, "teams", ids.len(), reason)?;
    let into = match decision {
        TeamDecision::Merge => Some(team_named(services, into).await?),
        _ => None,
    };
    let store = &services.store;
    let request = TeamDecisionRequest { actor: caller.authenticated_user()?.id, reason };
    let mut results = Vec::with_capacity(ids.len());
    for &id in ids {
        let now = Timestamp::now();
        let outcome = match (into, decision) {
            (Some(into), _) if into == id => None,
            (Some(into), _) => Some(store.merge_teams(id, into, request, now).await?),
            (None, TeamDecision::Baseline | TeamDecision::Rank) => {
                let marked = decision == TeamDecision::Baseline;
                Some(store.mark_baseline(id, marked, request, now).await?)
            }
            (None, _) => Some(store.decide_team(id, decision, request, now).await?),
        };
        let because = match outcome {
            Some(TeamOutcome::Done) => None,
            Some(TeamOutcome::InvalidState(standing)) => Some(format!("it is {standing}")),
            Some(TeamOutcome::NothingToChange) => Some(match decision {
                TeamDecision::Baseline => "it is a baseline already".to_owned(),
                _ => "it is no baseline".to_owned(),
            }),
            Some(TeamOutcome::Unknown) => Some("this team no longer exists".to_owned()),
            None => Some("a team can't be merged into itself".to_owned()),
        };
        results.push(Decided::of(Subject::Team(id), because));
    }
    Ok(results)
}

/// The reason as it is kept, if an organiser decides, there is one and the number of what is decided about is within
/// bounds.
fn checked<'a>(
    caller: &Caller,
    what: &str,
    count: usize,
    reason: &'a str,
) -> Result<&'a str, Error> {
    caller.authorize(Action::Organise)?;
    let reason = reason.trim();
    fields::line("a reason, which the team will read,", reason, 1..=500)?;
    if count == 0 || count > MAX_AT_ONCE {
        return Err(Error::new(
            Code::FieldInvalid,
            format!("1 to {MAX_AT_ONCE} {what}"),
            count.to_string(),
            "Choose at least one.",
        ));
    }
    Ok(reason)
}

/// The team that is meant by its id or its name.
async fn team_named(services: &Services, text: &str) -> Result<TeamId, Error> {
    if let Ok(id) = text.trim().parse() {
        return Ok(id);
    }
    services.store.team_named(text).await?.ok_or_else(|| {
        Error::new(
            Code::FieldInvalid,
            "the name of the team to merge into",
            if text.trim().is_empty() { "none" } else { "a name that no team has" },
            "Copy it from the list of teams.",
        )
    })
}

/// Cancels a submission of the caller's own team that has no score yet.
pub async fn cancel_own(
    services: &Services,
    caller: &Caller,
    of: &Submission,
) -> Result<(), Error> {
    let (_, team) = caller.submitter()?;
    if team.id != of.team_id {
        return Err(Error::not_found());
    }
    match submission(services, caller, of.id, Decision::Cancel, "by the team itself").await? {
        Outcome::Done => Ok(()),
        Outcome::InvalidState(state) => Err(too_late(state)),
        Outcome::Unknown => Err(Error::not_found()),
    }
}

fn too_late(state: State) -> Error {
    Error::new(
        Code::SubmissionEnded,
        "a submission that waits or is being scored",
        format!("one that is {state}"),
        "It can't be cancelled any more; an organiser can hide it.",
    )
}

async fn submission(
    services: &Services,
    caller: &Caller,
    id: SubmissionId,
    decision: Decision,
    reason: &str,
) -> Result<Outcome, Error> {
    let request = DecisionRequest { actor: caller.authenticated_user()?.id, decision, reason };
    let outcome = services.store.decide(id, request, Timestamp::now()).await?;
    if outcome == Outcome::Done && matches!(decision, Decision::Requeue | Decision::Rescore) {
        services.notifier.notify_queued();
    }
    Ok(outcome)
}
