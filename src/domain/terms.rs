//! The challenge's words as types: what is a string in a row or a request is one of these inside.

use crate::string_enum::string_enum;

string_enum! {
    /// What a picture of the site may be.
    ImageKind { Png = "png", Jpeg = "jpeg", Webp = "webp" }

    /// What the overview shows beside what the challenge is.
    Hero {
        /// Coronary arteries of a synthetic heart, which turn.
        Example = "example",
        /// A picture that organisers have uploaded.
        Picture = "picture",
        Nothing = "nothing",
    }

    /// The half of the data set a case belongs to.
    Group { Normal = "normal", Diseased = "diseased" }

    /// Where a submission is in its life.
    State {
        Queued = "queued",
        Scoring = "scoring",
        Scored = "scored",
        /// The upload's fault; never scored as 0, never ranked.
        Invalid = "invalid",
        /// Our fault; never costs quota.
        Failed = "failed",
        Cancelled = "cancelled",
    }

    /// What can be decided about a submission.
    Decision {
        /// Let it take part in the ranking.
        Publish = "publish",
        /// Take it out of the ranking; its team still sees it.
        Hide = "hide",
        Disqualify = "disqualify",
        /// Take back a disqualification.
        Reinstate = "reinstate",
        /// Let it count for nothing: neither in the ranking nor towards the quota.
        Discard = "discard",
        /// Let one that was discarded count again.
        Restore = "restore",
        /// Stop what waits or is being scored.
        Cancel = "cancel",
        /// Queue what has ended without a score again.
        Requeue = "requeue",
        /// Queue what has a score again.
        Rescore = "rescore",
    }

    /// Whether a team takes part: a pending one, which no organiser has approved, where a phase takes every team.
    Standing { Pending = "pending", Approved = "approved", Suspended = "suspended" }

    /// What organisers decide about a team.
    TeamDecision {
        /// Let a new team take part.
        Approve = "approve",
        /// Let it submit nothing, and take it out of the ranking.
        Suspend = "suspend",
        /// Take back a suspension.
        Reinstate = "reinstate",
        /// Give all it has to another team.
        Merge = "merge",
        /// Show what it sends on leaderboards as baselines, which have no position.
        Baseline = "baseline",
        /// Rank a baseline as other teams are.
        Rank = "rank",
    }

    /// Who gets in.
    SignUp {
        /// Everybody; each phase says whether a new team takes part before an organiser approves it.
        Open = "open",
        /// Everybody, but a new team waits for an organiser, whatever a phase says.
        Approval = "approval",
        /// Who follows an invitation link.
        Invitation = "invitation",
    }

    /// Whether a phase takes submissions of teams that no organiser has approved.
    Approval {
        /// It takes those of every team that is not suspended.
        None = "none",
        Required = "required",
    }

    /// What a token may be used for; each scope includes the ones before it.
    Scope { Read = "read", Submit = "submit", Organise = "organise" }

    /// Who sees a phase's leaderboard, and how much of it.
    Visibility {
        Public = "public",
        /// Organisers only.
        Hidden = "hidden",
        /// Everybody, but only what was sent before a moment.
        Frozen = "frozen",
    }

    /// When results may take part in the ranking.
    Publication { Automatic = "automatic", AfterReview = "after_review" }

    /// What becomes of a submission after the phase has closed.
    Late {
        Refused = "refused",
        /// Scored, and never ranked.
        Unranked = "unranked",
    }

    /// What of the scores is shown until the results are final.
    Feedback {
        /// Nothing.
        Hidden = "hidden",
        /// Rounded means over all cases, when they are better than what the team had.
        Improved = "improved",
        /// Rounded means over all cases and each group of them.
        Rounded = "rounded",
        /// To a team everything about its own submissions; to everybody exact aggregates.
        PerCase = "per_case",
    }
}

impl Decision {
    /// What was done, for a sentence.
    pub fn past(self) -> &'static str {
        match self {
            Self::Publish => "published",
            Self::Hide => "hidden from the leaderboard",
            Self::Disqualify => "disqualified",
            Self::Reinstate => "reinstated",
            Self::Discard => "discarded",
            Self::Restore => "restored",
            Self::Cancel => "cancelled",
            Self::Requeue => "queued again",
            Self::Rescore => "scored again",
        }
    }
}

impl Standing {
    /// As it is after the decision; `None` if that makes no sense here.
    pub fn after(self, decision: TeamDecision) -> Option<Self> {
        match (self, decision) {
            (Self::Pending, TeamDecision::Approve) => Some(Self::Approved),
            (Self::Pending | Self::Approved, TeamDecision::Suspend) => Some(Self::Suspended),
            (Self::Suspended, TeamDecision::Reinstate) => Some(Self::Approved),
            _ => None,
        }
    }
}

impl Approval {
    /// What a new phase asks for where nothing is said: without mail nobody's address is confirmed, and anybody could found
    /// any number of teams.
    pub fn usual(mail: bool) -> Self {
        if mail { Self::None } else { Self::Required }
    }
}

impl SignUp {
    /// What a phase asks of a team, where the phase itself says `said`.
    pub fn approval(self, said: Approval) -> Approval {
        if self == Self::Approval { Approval::Required } else { said }
    }
}

impl State {
    /// What it means to a team, where the word does not say it.
    pub fn meaning(self) -> Option<&'static str> {
        match self {
            State::Queued => Some("Waiting for a free worker."),
            State::Invalid => Some(
                "The upload has a problem, which its page explains. It is not scored and uses no quota.",
            ),
            State::Failed => Some(
                "It could not be scored because of an internal error. It uses no quota; the organisers know and can queue it again.",
            ),
            State::Cancelled => Some("It was stopped before it had a score."),
            State::Scoring | State::Scored => None,
        }
    }

    /// Whether nothing more will happen to the submission by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, State::Queued | State::Scoring)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_read_back_from_its_own_text() {
        for &state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("SCORED".parse::<State>().is_err());
    }

    #[test]
    fn a_suspension_is_taken_back_by_reinstating_and_not_by_approving() {
        use TeamDecision::{Approve, Reinstate, Suspend};
        for (standing, makes_sense) in [
            (Standing::Pending, [Approve, Suspend].as_slice()),
            (Standing::Approved, &[Suspend]),
            (Standing::Suspended, &[Reinstate]),
        ] {
            for &decision in TeamDecision::ALL {
                let after = standing.after(decision);
                assert_eq!(after.is_some(), makes_sense.contains(&decision), "{decision}");
                assert_ne!(after, Some(standing));
            }
        }
    }

    #[test]
    fn scopes_are_ordered_from_least_to_most() {
        assert!(Scope::Read < Scope::Submit && Scope::Submit < Scope::Organise);
    }
}
