//! What an organiser decides about teams and people, for the pages and the API alike.

use serde::Serialize;
use uuid::Uuid;

use super::App;
use super::account_fields;
use super::auth::invitation_link;
use super::caller::Caller;
use super::desk::checked;
use crate::domain::{Action, Code, Error, TeamDecision};
use crate::store::{TeamOutcome, TeamWish, Timestamp};

/// What became of a decision about one team.
#[derive(Clone, Debug, Serialize)]
pub struct Decided {
    pub team: Uuid,
    pub done: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// Decides about teams, each for itself; `into` names the team that they are merged into.
pub async fn decide(
    app: &App,
    caller: &Caller,
    teams: &[Uuid],
    decision: TeamDecision,
    into: &str,
    reason: &str,
) -> Result<Vec<Decided>, Error> {
    caller.must(Action::Organise)?;
    let reason = checked("teams", teams, reason)?;
    let into = match decision {
        TeamDecision::Merge => Some(target(app, into).await?),
        _ => None,
    };
    let wish = TeamWish { actor: caller.somebody()?.id, reason };
    let mut results = Vec::with_capacity(teams.len());
    for &team in teams {
        let now = Timestamp::now();
        let outcome = match into {
            Some(into) if into == team => None,
            Some(into) => Some(app.store.merge_teams(team, into, wish, now).await?),
            None => Some(app.store.decide_team(team, decision, wish, now).await?),
        };
        let because = match outcome {
            Some(TeamOutcome::Done) => None,
            Some(TeamOutcome::NotNow(standing)) => Some(format!("it is {standing}")),
            Some(TeamOutcome::Unknown) => Some("there is no such team any more".into()),
            None => Some("it can't become part of itself".into()),
        };
        results.push(Decided { team, done: because.is_none(), because });
    }
    Ok(results)
}

/// The team that is meant by its id or its name.
async fn target(app: &App, text: &str) -> Result<Uuid, Error> {
    if let Ok(id) = text.trim().parse() {
        return Ok(id);
    }
    app.store.team_named(text).await?.ok_or_else(|| {
        Error::new(
            Code::FieldInvalid,
            "the name of the team to merge into",
            if text.trim().is_empty() { "none" } else { "one that no team has" },
            "Copy it from the list of teams.",
        )
    })
}

/// Makes a link for one new person, and gives its whole address. `whom` is for the audit trail.
pub async fn invite(app: &App, caller: &Caller, whom: &str) -> Result<String, Error> {
    caller.must(Action::Organise)?;
    let whom = whom.trim();
    account_fields::line("a word about who is invited", whom, 1..=200).map_err(Error::from)?;
    let (path, digest) = invitation_link()?;
    let organiser = caller.somebody()?.id;
    app.store.invite_person(organiser, whom, &digest, Timestamp::now()).await?;
    Ok(format!("{}{path}", app.settings.public_url))
}
