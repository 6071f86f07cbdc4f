//! What members do with their team, and whom organisers invite.

use std::collections::HashMap;
use std::ops::Deref;

use serde::Serialize;
use unicode_security::MixedScript;
use unicode_security::confusable_detection::skeleton;

use super::credentials::invitation_link;
use super::{Caller, Services, fields};
use crate::domain::{Action, Code, Error, Refusal, TeamId, UserId};
use crate::store::{ListedTeam, Renaming, TeamFilter, Timestamp};
use crate::text::folded;

/// A team in the organisers' list, with what may mislead about its name.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    #[serde(flatten)]
    pub team: ListedTeam,
    /// Whether a word of its name mixes letters of several scripts, as `Аlpha` with a Cyrillic A does.
    pub mixes_scripts: bool,
    /// Names of other teams that look the same.
    pub looks_like: Vec<String>,
}

impl Deref for Listed {
    type Target = ListedTeam;

    fn deref(&self) -> &ListedTeam {
        &self.team
    }
}

/// The teams that fit, for organisers.
pub async fn list(
    services: &Services,
    filter: &TeamFilter,
    limit: i64,
) -> Result<Vec<Listed>, Error> {
    let teams = services.store.teams(filter, limit).await?;
    let mut alike: HashMap<String, Vec<(TeamId, String)>> = HashMap::new();
    for (id, name) in services.store.team_names().await? {
        alike.entry(look(&name)).or_default().push((id, name));
    }
    let listed = |team: ListedTeam| {
        let others = alike.get(&look(&team.name)).into_iter().flatten();
        let others = others.filter(|(id, _)| *id != team.id).map(|(_, name)| name.clone());
        Listed { mixes_scripts: mixes_scripts(&team.name), looks_like: others.collect(), team }
    };
    Ok(teams.into_iter().map(listed).collect())
}

/// The same for names that look the same (UTS 39), whatever their letters are.
fn look(name: &str) -> String {
    folded(&skeleton(&folded(name)).collect::<String>())
}

fn mixes_scripts(name: &str) -> bool {
    name.split(|c: char| !c.is_alphanumeric()).any(|word| !word.is_single_script())
}

/// Creates a team with the caller as its leader.
pub async fn create(services: &Services, caller: &Caller, name: &str) -> Result<TeamId, Error> {
    let user = caller.authenticated_user()?.id;
    let name = name.trim();
    fields::team_name(name)?;
    Ok(services.store.create_team(user, name, Timestamp::now()).await?)
}

/// Gives the caller's team another name, in place of `was`, if that is said.
pub async fn rename_own(
    services: &Services,
    caller: &Caller,
    was: Option<&str>,
    name: &str,
) -> Result<(), Error> {
    caller.authorize(Action::LeadTeam)?;
    let (_, team) = own(caller)?;
    rename_to(services, caller, team, (was, name), "by the team itself").await
}

/// Gives any team another name, in place of `was`, if that is said, for a reason.
pub async fn rename(
    services: &Services,
    caller: &Caller,
    team: TeamId,
    names: (Option<&str>, &str),
    reason: &str,
) -> Result<(), Error> {
    caller.authorize(Action::Organise)?;
    let reason = reason.trim();
    fields::line("a reason", reason, 1..=500)?;
    rename_to(services, caller, team, names, reason).await
}

async fn rename_to(
    services: &Services,
    caller: &Caller,
    team: TeamId,
    (was, name): (Option<&str>, &str),
    reason: &str,
) -> Result<(), Error> {
    let (actor, name) = (caller.authenticated_user()?.id, name.trim());
    fields::team_name(name)?;
    let now = Timestamp::now();
    match services.store.rename_team(actor, team, (was, name), reason, now).await? {
        Renaming::Done => Ok(()),
        Renaming::NoTeam => Err(Error::not_found()),
        Renaming::Otherwise(now) => {
            let hint = "Somebody else renamed the team after you opened the page. Save again to have your name.";
            let now = format!("name: {now}, as it is now");
            Err(Error::new(Code::Stale, now, format!("name: {name}"), hint))
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_found_whatever_their_letters_are() {
        for (one, other) in [
            ("Alpha", "\u{410}lpha"),
            ("paypal", "p\u{430}yp\u{430}l"),
            ("Team 1", "Team l"),
            ("nnU-Net", "nnU\u{2011}Net"),
        ] {
            assert_eq!(look(one), look(other), "{one}");
        }
        assert_ne!(look("Alpha"), look("Beta"));
        for mixed in ["\u{410}lpha", "p\u{430}ypal", "Tea\u{43c} 1"] {
            assert!(mixes_scripts(mixed), "{mixed}");
        }
        for plain in ["Alpha 2", "Команда A", "中文 net", "東京ラボ", "Ö-Team"] {
            assert!(!mixes_scripts(plain), "{plain}");
        }
    }
}
