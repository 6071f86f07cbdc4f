//! Who may do what. Every handler asks here; what is not allowed below is refused.

use uuid::Uuid;

use super::{Feedback, Scope, Standing};

/// How somebody showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Logged in, in a browser.
    Session,
    /// By a token, which may do no more than its scope says.
    Token(Scope),
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Nobody,
    Person { user: Uuid, organiser: bool, team: Option<(Uuid, Standing)>, means: Means },
}

/// What is asked for. Overview, leaderboard and cases are for everybody and ask for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send a submission for one's team.
    Submit,
    /// See one's own submissions as a list.
    ListSubmissions,
    /// See everybody's submissions as a list.
    ListAllSubmissions,
    /// See a submission of this team.
    ReadSubmission { team: Uuid },
    /// See the scores of single cases in a submission of this team.
    ReadCaseScores { team: Uuid, feedback: Feedback },
    /// Make, see and end one's own tokens.
    ManageAccount,
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    LogIn,
    Scope(Scope),
    NoTeam,
    Standing(Standing),
    /// It exists, but not for this actor; to say so would already tell something.
    Hidden,
    Forbidden,
}

/// Whether `actor` may do `action`.
pub fn may(actor: &Actor, action: Action) -> Result<(), Refusal> {
    let &Actor::Person { organiser, team, means, .. } = actor else {
        return Err(Refusal::LogIn);
    };
    let scope = |needed: Scope| match means {
        Means::Token(scope) if scope < needed => Err(Refusal::Scope(needed)),
        _ => Ok(()),
    };
    let as_organiser = organiser && scope(Scope::Organise).is_ok();
    let own_team = team.map(|(id, _)| id);
    match action {
        Action::Submit => {
            scope(Scope::Submit)?;
            match team {
                None => Err(Refusal::NoTeam),
                Some((_, Standing::Approved)) => Ok(()),
                Some((_, standing)) => Err(Refusal::Standing(standing)),
            }
        }
        Action::ListSubmissions => Ok(()),
        Action::ListAllSubmissions if as_organiser => Ok(()),
        Action::ListAllSubmissions => Err(Refusal::Forbidden),
        Action::ReadSubmission { team } if as_organiser || own_team == Some(team) => Ok(()),
        Action::ReadSubmission { .. } => Err(Refusal::Hidden),
        Action::ReadCaseScores { .. } if as_organiser => Ok(()),
        Action::ReadCaseScores { team, feedback: Feedback::PerCase } if own_team == Some(team) => {
            Ok(())
        }
        Action::ReadCaseScores { .. } => Err(Refusal::Forbidden),
        Action::ManageAccount if means == Means::Session => Ok(()),
        Action::ManageAccount => Err(Refusal::Forbidden),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn person(organiser: bool, team: Option<(Uuid, Standing)>, means: Means) -> Actor {
        Actor::Person { user: Uuid::from_u128(9), organiser, team, means }
    }

    fn member(means: Means) -> Actor {
        person(false, Some((OWN, Standing::Approved)), means)
    }

    #[test]
    fn nobody_may_do_nothing() {
        for action in [
            Action::Submit,
            Action::ListSubmissions,
            Action::ListAllSubmissions,
            Action::ReadSubmission { team: OWN },
            Action::ReadCaseScores { team: OWN, feedback: Feedback::PerCase },
            Action::ManageAccount,
        ] {
            assert_eq!(may(&Actor::Nobody, action), Err(Refusal::LogIn));
        }
    }

    #[test]
    fn a_token_does_no_more_than_its_scope() {
        let reader = member(Means::Token(Scope::Read));
        assert_eq!(may(&reader, Action::ReadSubmission { team: OWN }), Ok(()));
        assert_eq!(may(&reader, Action::Submit), Err(Refusal::Scope(Scope::Submit)));
        let submitter = member(Means::Token(Scope::Submit));
        assert_eq!(may(&submitter, Action::Submit), Ok(()));
        assert_eq!(may(&submitter, Action::ManageAccount), Err(Refusal::Forbidden));
    }

    #[test]
    fn another_teams_submission_is_not_even_there() {
        let action = Action::ReadSubmission { team: OTHER };
        assert_eq!(may(&member(Means::Session), action), Err(Refusal::Hidden));
    }

    #[test]
    fn single_cases_are_seen_only_where_the_phase_gives_them() {
        let cases = |feedback| Action::ReadCaseScores { team: OWN, feedback };
        let member = member(Means::Session);
        assert_eq!(may(&member, cases(Feedback::PerCase)), Ok(()));
        assert_eq!(may(&member, cases(Feedback::Aggregates)), Err(Refusal::Forbidden));
        let organiser = person(true, None, Means::Session);
        assert_eq!(may(&organiser, cases(Feedback::Aggregates)), Ok(()));
    }

    #[test]
    fn an_organisers_token_of_a_lesser_scope_sees_no_other_team() {
        let action = Action::ReadSubmission { team: OTHER };
        let with = |scope| person(true, None, Means::Token(scope));
        assert_eq!(may(&with(Scope::Submit), action), Err(Refusal::Hidden));
        assert_eq!(may(&with(Scope::Organise), action), Ok(()));
        let list = Action::ListAllSubmissions;
        assert_eq!(may(&with(Scope::Read), list), Err(Refusal::Forbidden));
        assert_eq!(may(&with(Scope::Organise), list), Ok(()));
    }

    #[test]
    fn only_an_approved_team_submits() {
        let of = |team| person(false, team, Means::Session);
        assert_eq!(may(&of(None), Action::Submit), Err(Refusal::NoTeam));
        for standing in [Standing::Pending, Standing::Suspended] {
            let refused = may(&of(Some((OWN, standing))), Action::Submit);
            assert_eq!(refused, Err(Refusal::Standing(standing)));
        }
    }
}
