//! Who asks for something.

use crate::domain::{Action, Actor, Error, Refusal, TeamId, may};
use crate::store::{Team, User};

/// Somebody, by a token or by a session, or nobody.
#[derive(Clone, Debug)]
pub struct Caller {
    pub actor: Actor,
    person: Option<(User, Option<Team>)>,
}

impl Caller {
    /// Somebody who has not said who they are.
    pub fn nobody() -> Self {
        Self { actor: Actor::Nobody, person: None }
    }

    pub fn person(actor: Actor, user: User, team: Option<Team>) -> Self {
        Self { actor, person: Some((user, team)) }
    }

    pub fn user(&self) -> Option<&User> {
        self.person.as_ref().map(|(user, _)| user)
    }

    pub fn team(&self) -> Option<&Team> {
        self.person.as_ref().and_then(|(_, team)| team.as_ref())
    }

    /// Whether all submissions of a team are shown, not only those that are public.
    pub fn sees_all_of(&self, team: TeamId) -> bool {
        may(&self.actor, Action::ReadSubmission { team }).is_ok()
    }

    /// Goes on only if the policy allows it.
    pub fn authorize(&self, action: Action) -> Result<(), Error> {
        may(&self.actor, action).map_err(|refusal| match refusal {
            Refusal::Standing(standing) => {
                let reason = self.team().and_then(|team| team.reason.as_deref());
                Error::standing(standing, reason)
            }
            refusal => refusal.into(),
        })
    }

    /// The caller and the team it submits for, if it may.
    pub fn submitter(&self) -> Result<(&User, &Team), Error> {
        self.authorize(Action::Submit)?;
        match &self.person {
            Some((user, Some(team))) => Ok((user, team)),
            _ => Err(Refusal::NoTeam.into()),
        }
    }

    /// The person, where there is one.
    pub fn authenticated_user(&self) -> Result<&User, Error> {
        self.user().ok_or_else(|| Refusal::LogIn.into())
    }
}
