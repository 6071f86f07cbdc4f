//! What people are told by mail, and whom organisers write to.

use std::time::Duration;

use crate::string_enum::string_enum;

string_enum! {
    /// A kind of mail, which each person can switch off.
    MailKind {
        /// The person's team was approved or suspended.
        Approval = "approval",
        /// A submission of the person's team is scored, invalid or failed.
        Result = "result",
        /// Something was decided about a submission of the person's team.
        Decision = "decision",
        /// Organisers have announced something.
        News = "news",
        /// Organisers have written to many.
        Letter = "letter",
        /// To organisers: a team waits for approval.
        TeamWaiting = "team_waiting",
        /// To organisers: a submission has failed.
        SubmissionFailed = "submission_failed",
    }

    /// What became of a mail.
    MailState {
        Waiting = "waiting",
        Sent = "sent",
        /// Tried for so long that it was given up.
        Failed = "failed",
        /// There was nothing to tell the person any more.
        Dropped = "dropped",
    }

    /// Whom organisers write to.
    Audience {
        Everybody = "everybody",
        /// Members of the teams that have sent something to a phase.
        Phase = "phase",
        /// Everybody else who is no organiser.
        WithoutSubmission = "without_submission",
    }
}

/// So long a mail waits for others that go with it.
const SOON: Duration = Duration::from_secs(2 * 60);

impl MailKind {
    /// Whether only organisers get it.
    pub fn is_for_organisers(self) -> bool {
        matches!(self, Self::TeamWaiting | Self::SubmissionFailed)
    }

    /// Whether those for the same person go as one mail.
    pub fn is_bundled(self) -> bool {
        matches!(self, Self::Result | Self::Decision | Self::TeamWaiting | Self::SubmissionFailed)
    }

    /// How long it waits before it is sent.
    pub fn wait(self) -> Duration {
        if self.is_bundled() { SOON } else { Duration::ZERO }
    }

    /// When it is sent, for a list of all kinds.
    pub fn occasion(self) -> &'static str {
        match self {
            Self::Approval => "my team is approved or suspended",
            Self::Result => "a submission of my team is scored, invalid or failed",
            Self::Decision => "organisers decide about a submission of my team",
            Self::News => "organisers publish an announcement",
            Self::Letter => "organisers write to many participants",
            Self::TeamWaiting => "a team waits for approval",
            Self::SubmissionFailed => "a submission fails because of an internal error",
        }
    }

    /// What such mails are called in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::Approval => "mails about the approval of your team",
            Self::Result => "mails about results of your team",
            Self::Decision => "mails about decisions of the organisers",
            Self::News => "mails about news",
            Self::Letter => "letters of the organisers",
            Self::TeamWaiting => "mails about teams that wait for approval",
            Self::SubmissionFailed => "mails about submissions that failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_come_often_is_bundled_and_what_is_written_to_people_is_not() {
        for &kind in MailKind::ALL {
            assert_eq!(kind.is_bundled(), !kind.wait().is_zero(), "{kind}");
            assert!(!kind.is_for_organisers() || kind.is_bundled(), "{kind}");
        }
        assert!(!MailKind::Letter.is_bundled() && !MailKind::News.is_bundled());
    }
}
