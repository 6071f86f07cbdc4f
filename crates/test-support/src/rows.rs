//! Rows for the store as most tests need them; what a test is about it says with `..`.

use asoca::domain::{Counting, Feedback, SubmissionId, TeamId, TruthSetId, UserId};
use asoca::store::{NewAccount, NewPhase, NewSubmission, Rules, Timestamp};

/// A participant called Ada, whose password nobody knows, and who leads a new team, if there is one.
pub fn account<'a>(email: &'a str, team: Option<&'a str>) -> NewAccount<'a> {
    NewAccount {
        email,
        display_name: "Ada",
        affiliation: "",
        password_hash: "hash",
        organiser: false,
        team,
    }
}

/// A phase without an end that takes one submission an hour, and counts a team's best.
pub fn phase(slug: &str, truth_set_id: TruthSetId, opens_at: Timestamp) -> NewPhase<'_> {
    NewPhase {
        slug,
        title: "A phase",
        truth_set_id,
        opens_at,
        closes_at: None,
        quota: 1,
        quota_period_hours: 1,
        feedback: Feedback::Rounded,
        counting: Counting::Best,
        rules: Rules::default(),
    }
}

/// A submission whose upload is nowhere.
pub fn submission<'a>(team_id: TeamId, user_id: UserId) -> NewSubmission<'a> {
    NewSubmission {
        id: SubmissionId::new(),
        team_id,
        user_id,
        method: "",
        description: "",
        url: "",
        code_url: "",
        data_url: "",
        answers: &[],
        blob_key: "none",
        upload_bytes: 1,
        upload_sha256: "",
        idempotency_key: None,
        request_sha256: "",
    }
}
