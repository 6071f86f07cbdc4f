//! Who may do what. Every handler asks here; what is not allowed below is refused.

use crate::domain::{TeamId, UserId};

use super::{Approval, Scope, Standing};

/// How somebody showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// Logged in, in a browser.
    Session,
    /// By a token, which may do no more than its scope says.
    Token(Scope),
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Nobody,
    Person { user: UserId, organiser: bool, team: Option<Membership>, method: AuthMethod },
}

/// In which team somebody is, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    pub team: TeamId,
    pub standing: Standing,
    pub leader: bool,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// See what is for everybody: overview, leaderboard, cases, how to log in.
    ViewPublic,
    /// See what is one's own.
    ViewOwn,
    /// Send a submission for one's team, to whatever phase.
    Submit,
    /// Send it to a phase that asks for this.
    SubmitTo { approval: Approval },
    /// See a submission of this team.
    ReadSubmission { team: TeamId },
    /// Change what is said of the method of a submission of this team.
    EditSubmission { team: TeamId },
    /// Change one's own account: password, tokens, sessions, team.
    ManageAccount,
    /// Leave one's team.
    LeaveTeam,
    /// Invite to one's team, and say who leads it.
    LeadTeam,
    /// See everything but the truth's voxels, and run the challenge.
    Organise,
    /// Let somebody in again who forgot the password, or delete somebody's account.
    ManageAccountOf { organiser: bool },
    /// Make somebody an organiser, or no longer one.
    ChangeRoles,
}

/// Why not. What depends on rows is found out by the store, in the transaction that would have changed them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    LogIn,
    Scope(Scope),
    NoTeam,
    Standing(Standing),
    NotLeader,
    /// A leader with others in the team can't just go.
    HandOverFirst,
    /// A team that has sent something can't be left by everybody.
    HasSubmissions,
    /// Nobody is in two teams.
    AlreadyMember,
    TeamNameTaken,
    InvitationOver,
    /// Only who is invited makes an account.
    InvitationNeeded,
    /// Somebody else has to withdraw an organiser's role, so that one is always left.
    OwnRole,
    /// This is the only organiser's account.
    LastOrganiser,
    /// It exists, but not for this actor; to say so would already tell something.
    Hidden,
    Forbidden,
}

/// Whether `actor` may do `action`.
///
/// Every route names an action, asked before its handler runs; what depends on the object is asked by the handler.
pub fn may(actor: &Actor, action: Action) -> Result<(), Refusal> {
    if action == Action::ViewPublic {
        return Ok(());
    }
    let &Actor::Person { organiser, team, method, .. } = actor else {
        return Err(Refusal::LogIn);
    };
    let scope = |needed: Scope| match method {
        AuthMethod::Token(scope) if scope < needed => Err(Refusal::Scope(needed)),
        _ => Ok(()),
    };
    let as_organiser = organiser && scope(Scope::Organise).is_ok();
    let own_team = team.map(|membership| membership.team);
    match action {
        Action::Submit | Action::SubmitTo { .. } => {
            scope(Scope::Submit)?;
            let required = action == Action::SubmitTo { approval: Approval::Required };
            match team.map(|membership| membership.standing) {
                None => Err(Refusal::NoTeam),
                Some(Standing::Approved) => Ok(()),
                Some(Standing::Pending) if !required => Ok(()),
                Some(standing) => Err(Refusal::Standing(standing)),
            }
        }
        Action::LeaveTeam | Action::LeadTeam if method != AuthMethod::Session => {
            Err(Refusal::Forbidden)
        }
        Action::LeaveTeam | Action::LeadTeam => match team {
            None => Err(Refusal::NoTeam),
            // It stays as it is, so that nobody walks out of a suspension.
            Some(Membership { standing: Standing::Suspended, .. }) => {
                Err(Refusal::Standing(Standing::Suspended))
            }
            Some(Membership { leader: false, .. }) if action == Action::LeadTeam => {
                Err(Refusal::NotLeader)
            }
            Some(_) => Ok(()),
        },
        Action::ViewPublic | Action::ViewOwn => Ok(()),
        Action::ReadSubmission { team } if as_organiser || own_team == Some(team) => Ok(()),
        Action::ReadSubmission { .. } => Err(Refusal::Hidden),
        Action::EditSubmission { .. } if as_organiser => Ok(()),
        Action::EditSubmission { team: of } => match team {
            Some(Membership { team, standing, .. }) if team == of => {
                scope(Scope::Submit)?;
                match standing {
                    Standing::Suspended => Err(Refusal::Standing(standing)),
                    Standing::Pending | Standing::Approved => Ok(()),
                }
            }
            _ => Err(Refusal::Hidden),
        },
        Action::ManageAccount if method == AuthMethod::Session => Ok(()),
        Action::ManageAccount => Err(Refusal::Forbidden),
        Action::Organise if as_organiser => Ok(()),
        Action::Organise if organiser => scope(Scope::Organise),
        Action::Organise => Err(Refusal::Forbidden),
        // A token in wrong hands is not to become an organiser's log-in, nor to remove organisers.
        Action::ManageAccountOf { organiser: true } | Action::ChangeRoles
            if method != AuthMethod::Session =>
        {
            Err(Refusal::Forbidden)
        }
        Action::ManageAccountOf { .. } | Action::ChangeRoles => may(actor, Action::Organise),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const OWN: TeamId = TeamId::from_uuid(Uuid::from_u128(1));
    const OTHER: TeamId = TeamId::from_uuid(Uuid::from_u128(2));

    fn person(organiser: bool, team: Option<(TeamId, Standing)>, method: AuthMethod) -> Actor {
        let team = team.map(|(team, standing)| Membership { team, standing, leader: false });
        Actor::Person { user: UserId::from_uuid(Uuid::from_u128(9)), organiser, team, method }
    }

    fn member(method: AuthMethod) -> Actor {
        person(false, Some((OWN, Standing::Approved)), method)
    }

    #[test]
    fn nobody_may_do_nothing_but_look() {
        assert_eq!(may(&Actor::Nobody, Action::ViewPublic), Ok(()));
        for action in [
            Action::Submit,
            Action::ViewOwn,
            Action::ReadSubmission { team: OWN },
            Action::EditSubmission { team: OWN },
            Action::ManageAccount,
            Action::LeaveTeam,
            Action::LeadTeam,
            Action::Organise,
            Action::ManageAccountOf { organiser: false },
            Action::ChangeRoles,
        ] {
            assert_eq!(may(&Actor::Nobody, action), Err(Refusal::LogIn));
        }
    }

    #[test]
    fn a_token_does_no_more_than_its_scope() {
        let reader = member(AuthMethod::Token(Scope::Read));
        assert_eq!(may(&reader, Action::ReadSubmission { team: OWN }), Ok(()));
        assert_eq!(may(&reader, Action::Submit), Err(Refusal::Scope(Scope::Submit)));
        let submitter = member(AuthMethod::Token(Scope::Submit));
        assert_eq!(may(&submitter, Action::Submit), Ok(()));
        assert_eq!(may(&submitter, Action::ManageAccount), Err(Refusal::Forbidden));
    }

    #[test]
    fn another_teams_submission_is_not_even_there() {
        let action = Action::ReadSubmission { team: OTHER };
        assert_eq!(may(&member(AuthMethod::Session), action), Err(Refusal::Hidden));
    }

    #[test]
    fn an_organisers_token_of_a_lesser_scope_sees_no_other_team() {
        let action = Action::ReadSubmission { team: OTHER };
        let with = |scope| person(true, None, AuthMethod::Token(scope));
        assert_eq!(may(&with(Scope::Submit), action), Err(Refusal::Hidden));
        assert_eq!(may(&with(Scope::Organise), action), Ok(()));
        let needed = Refusal::Scope(Scope::Organise);
        assert_eq!(may(&with(Scope::Submit), Action::Organise), Err(needed));
        assert_eq!(may(&with(Scope::Organise), Action::Organise), Ok(()));
        assert_eq!(may(&member(AuthMethod::Session), Action::Organise), Err(Refusal::Forbidden));
    }

    #[test]
    fn a_token_does_nothing_to_an_organisers_account_and_makes_nobody_one() {
        let of = |organiser| Action::ManageAccountOf { organiser };
        for (method, allowed) in
            [(AuthMethod::Session, true), (AuthMethod::Token(Scope::Organise), false)]
        {
            let organiser = person(true, None, method);
            assert_eq!(may(&organiser, of(false)), Ok(()));
            assert_eq!(may(&organiser, of(true)).is_ok(), allowed);
            assert_eq!(may(&organiser, Action::ChangeRoles).is_ok(), allowed);
            for action in [of(false), Action::ChangeRoles] {
                assert_eq!(may(&member(method), action), Err(Refusal::Forbidden));
            }
        }
    }

    #[test]
    fn what_is_said_of_a_method_is_its_teams_and_the_organisers_to_change_and_not_a_suspended_teams()
     {
        let edit = Action::EditSubmission { team: OWN };
        let of = |team| person(false, Some(team), AuthMethod::Session);
        assert_eq!(may(&of((OWN, Standing::Pending)), edit), Ok(()));
        assert_eq!(may(&of((OTHER, Standing::Approved)), edit), Err(Refusal::Hidden));
        let suspended = Err(Refusal::Standing(Standing::Suspended));
        assert_eq!(may(&of((OWN, Standing::Suspended)), edit), suspended);
        let reader = member(AuthMethod::Token(Scope::Read));
        assert_eq!(may(&reader, edit), Err(Refusal::Scope(Scope::Submit)));
        let organiser = |scope| person(true, None, AuthMethod::Token(scope));
        assert_eq!(may(&organiser(Scope::Organise), edit), Ok(()));
        assert_eq!(may(&organiser(Scope::Submit), edit), Err(Refusal::Hidden));
    }

    #[test]
    fn a_team_submits_where_it_is_approved_or_none_has_to_be_and_a_suspended_one_nowhere() {
        let of = |team| person(false, team, AuthMethod::Session);
        let any = Action::SubmitTo { approval: Approval::None };
        let approved = Action::SubmitTo { approval: Approval::Required };
        for (standing, where_it_may) in [
            (Standing::Pending, [Action::Submit, any].as_slice()),
            (Standing::Approved, &[Action::Submit, any, approved]),
            (Standing::Suspended, &[]),
        ] {
            for action in [Action::Submit, any, approved] {
                let asked = may(&of(Some((OWN, standing))), action);
                let allowed = where_it_may.contains(&action);
                let expected = if allowed { Ok(()) } else { Err(Refusal::Standing(standing)) };
                assert_eq!(asked, expected, "{standing} {action:?}");
                assert_eq!(may(&of(None), action), Err(Refusal::NoTeam));
            }
        }
    }

    #[test]
    fn a_team_is_led_by_its_leader_and_a_suspended_one_stays_as_it_is() {
        let of = |standing, leader| {
            let team = Some(Membership { team: OWN, standing, leader });
            let user = UserId::from_uuid(Uuid::from_u128(9));
            Actor::Person { user, organiser: true, team, method: AuthMethod::Session }
        };
        for standing in [Standing::Pending, Standing::Approved] {
            assert_eq!(may(&of(standing, true), Action::LeadTeam), Ok(()));
            assert_eq!(may(&of(standing, false), Action::LeadTeam), Err(Refusal::NotLeader));
            assert_eq!(may(&of(standing, false), Action::LeaveTeam), Ok(()));
        }
        let suspended = of(Standing::Suspended, true);
        for action in [Action::LeadTeam, Action::LeaveTeam] {
            assert_eq!(may(&suspended, action), Err(Refusal::Standing(Standing::Suspended)));
            assert_eq!(may(&person(true, None, AuthMethod::Session), action), Err(Refusal::NoTeam));
            let by_token = member(AuthMethod::Token(Scope::Organise));
            assert_eq!(may(&by_token, action), Err(Refusal::Forbidden));
        }
    }
}
