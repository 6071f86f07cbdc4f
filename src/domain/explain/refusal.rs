//! What the policy and the store refuse, in words.

use crate::domain::{Code, Error, Refusal, Scope};

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::LogIn => Self::new(
                Code::AuthRequired,
                "a log-in, or the header 'Authorization: Bearer TOKEN'",
                "neither",
                "Log in, or create a token on the account page and send it.",
            ),
            Refusal::Scope(needed) => Self::new(
                Code::AuthScope,
                format!("a token with the scope '{needed}'"),
                "a token with another scope",
                format!("Create a token with the scope '{needed}' on the account page."),
            ),
            Refusal::NoTeam => Self::new(
                Code::TeamNone,
                "a member of a team",
                "somebody without one",
                "Create a team on the team page, or join one by its invitation link.",
            ),
            Refusal::Standing(standing) => Self::standing(standing, None),
            Refusal::NotLeader => Self::new(
                Code::TeamNotLeader,
                "the leader of the team",
                "another member",
                "Ask the leader, who can also make you the leader.",
            ),
            Refusal::HandOverFirst => Self::new(
                Code::TeamHandOverFirst,
                "a member who does not lead the team",
                "its leader",
                "Make another member the leader first.",
            ),
            Refusal::HasSubmissions => Self::new(
                Code::TeamHasSubmissions,
                "a team with other members, or without submissions",
                "the last member of a team with submissions",
                "Invite somebody and make them the leader first, or ask the organisers to merge the team into another one.",
            ),
            Refusal::AlreadyMember => Self::new(
                Code::TeamAlreadyMember,
                "somebody without a team",
                "a member of one",
                "Leave your team first.",
            ),
            Refusal::TeamNameTaken => Self::new(
                Code::TeamNameTaken,
                "a name that no team has yet",
                "one that is taken",
                "Choose another name, or join that team by its invitation link.",
            ),
            Refusal::InvitationOver => Self::new(
                Code::TeamInvitationOver,
                "a valid invitation",
                "one that was used, withdrawn, replaced or has expired",
                "Ask for a new one.",
            ),
            Refusal::InvitationNeeded => Self::new(
                Code::AccountInvitationNeeded,
                "a sign-up by an invitation link",
                "a sign-up without one",
                "Ask a team or an organiser for an invitation link.",
            ),
            Refusal::OwnRole => Self::new(
                Code::OrganiserOwnRole,
                "the role of another organiser",
                "your own",
                "Ask another organiser to withdraw it.",
            ),
            Refusal::LastOrganiser => Self::new(
                Code::AccountLastOrganiser,
                "at least one other organiser",
                "the only one",
                "Make somebody else an organiser first.",
            ),
            Refusal::Hidden => Self::not_found(),
            Refusal::Forbidden => Self::new(
                Code::Forbidden,
                "somebody with permission",
                "somebody without it",
                format!("Log in, or use a token with the scope '{}'.", Scope::Organise),
            ),
        }
    }
}
