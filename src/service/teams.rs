//! What members do with their team, and whom organisers invite.

use super::credentials::invitation_link;
use super::{Caller, Services, fields};
use crate::domain::{Action, Error, Refusal, TeamId, UserId};
use crate::store::Timestamp;

/// Creates a team with the caller as its leader.
pub async fn create(services: &Services, caller: &Caller, name: &str) -> Result<TeamId, Error> {
    let user = caller.authenticated_user()?.id;
    let name = name.trim();
    fields::team_name(name)?;
    Ok(services.store.create_team(user, name, Timestamp::now()).await?)
}

/// The caller and the team it is in.
fn own(caller: &Caller) -> Result<(UserId, TeamId), Error> {
    let team = caller.team().ok_or(Refusal::NoTeam)?;
    Ok((caller.authenticated_user()?.id, team.id))
}

/// Makes a link to join the caller's team by, in place of the one before, and gives its whole address.
pub async fn invite_member(services: &Services, caller: &Caller) -> Result<String, Error> {
    let (user, team) = own(caller)?;
    let (path, digest) = invitation_link()?;
    services.store.invite_to_team(team, user, Some(&digest), Timestamp::now()).await?;
    Ok(format!("{}{path}", services.public_url))
}

/// The link to join the caller's team by works no more.
pub async fn withdraw_invitation(services: &Services, caller: &Caller) -> Result<(), Error> {
    let (user, team) = own(caller)?;
    Ok(services.store.invite_to_team(team, user, None, Timestamp::now()).await?)
}

/// Makes another member the leader.
pub async fn hand_over(services: &Services, caller: &Caller, to: UserId) -> Result<(), Error> {
    let (user, team) = own(caller)?;
    Ok(services.store.hand_over(team, user, to, Timestamp::now()).await?)
}

/// Follows the invitation with this secret.
pub async fn join(services: &Services, caller: &Caller, secret: &str) -> Result<(), Error> {
    let user = caller.authenticated_user()?.id;
    let digest = crate::digest::sha256(secret.as_bytes());
    services.store.join_team(user, &digest, Timestamp::now()).await?;
    Ok(())
}

/// Leaves a team. Which one is said, so that a page that was open for long leaves no other one.
pub async fn leave(services: &Services, caller: &Caller, team: TeamId) -> Result<(), Error> {
    services.store.leave_team(caller.authenticated_user()?.id, team, Timestamp::now()).await?;
    Ok(())
}

/// Makes a link for one new person, and gives its whole address. `whom` is for the audit log.
pub async fn invite_person(
    services: &Services,
    caller: &Caller,
    whom: &str,
) -> Result<String, Error> {
    caller.authorize(Action::Organise)?;
    let whom = whom.trim();
    fields::line("a word about who is invited", whom, 1..=200)?;
    let (path, digest) = invitation_link()?;
    let organiser = caller.authenticated_user()?.id;
    services.store.invite_person(organiser, whom, &digest, Timestamp::now()).await?;
    Ok(format!("{}{path}", services.public_url))
}
