//! What an organiser does to submissions and tells everybody, for the pages and the API alike.

use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::App;
use super::account_fields;
use super::caller::Caller;
use super::phase_spec::LONGEST_TEXT;
use crate::domain::{Action, Decision, Error, State};
use crate::store::{Announcement, By, Outcome, Submission, Timestamp, Wish};

/// The most submissions or teams one request decides about.
const MOST_AT_ONCE: usize = 1000;

/// What became of a decision about one submission.
#[derive(Clone, Debug, Serialize)]
pub struct Result {
    pub submission: Uuid,
    pub done: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// Decides about submissions, each for itself.
pub async fn decide(
    app: &App,
    caller: &Caller,
    submissions: &[Uuid],
    decision: Decision,
    reason: &str,
) -> std::result::Result<Vec<Result>, Error> {
    caller.must(Action::Organise)?;
    let reason = checked("submissions", submissions, reason)?;
    let mut results = Vec::with_capacity(submissions.len());
    for &submission in submissions {
        let outcome = one(app, caller, submission, decision, reason).await?;
        let because = match outcome {
            Outcome::Done => None,
            Outcome::NotNow(state) => Some(format!("it is {state}, or so already")),
            Outcome::Unknown => Some("there is no such submission".into()),
        };
        results.push(Result { submission, done: because.is_none(), because });
    }
    Ok(results)
}

/// The reason as it is kept, if there is one and the number of what is decided about is within bounds.
pub fn checked<'a>(
    what: &str,
    chosen: &[Uuid],
    reason: &'a str,
) -> std::result::Result<&'a str, Error> {
    let reason = reason.trim();
    account_fields::line("a reason, which the team will read,", reason, 1..=500)
        .map_err(Error::from)?;
    if chosen.is_empty() || chosen.len() > MOST_AT_ONCE {
        return Err(Error::new(
            crate::domain::Code::FieldInvalid,
            format!("1 to {MOST_AT_ONCE} {what}"),
            chosen.len().to_string(),
            "Choose what is to be decided about.",
        ));
    }
    Ok(reason)
}

/// Cancels a submission of the caller's own team that has no score yet.
pub async fn cancel_own(
    app: &App,
    caller: &Caller,
    submission: &Submission,
) -> std::result::Result<(), Error> {
    let (_, team) = caller.submitter()?;
    if team.id != submission.team_id {
        return Err(Error::not_found());
    }
    match one(app, caller, submission.id, Decision::Cancel, "by the team itself").await? {
        Outcome::Done => Ok(()),
        Outcome::NotNow(state) => Err(too_late(state)),
        Outcome::Unknown => Err(Error::not_found()),
    }
}

fn too_late(state: State) -> Error {
    Error::new(
        crate::domain::Code::SubmissionEnded,
        "a submission that waits or is being scored",
        format!("one that is {state}"),
        "Nothing is left to cancel; an organiser can hide it.",
    )
}

async fn one(
    app: &App,
    caller: &Caller,
    submission: Uuid,
    decision: Decision,
    reason: &str,
) -> std::result::Result<Outcome, Error> {
    let wish = Wish { actor: caller.somebody()?.id, decision, reason };
    let outcome = app.store.decide(submission, wish, Timestamp::now()).await?;
    if outcome == Outcome::Done && matches!(decision, Decision::Requeue | Decision::Rescore) {
        app.bell.ring();
    }
    Ok(outcome)
}

/// Tells everybody something.
pub async fn announce(
    app: &App,
    caller: &Caller,
    title: &str,
    text: &str,
) -> std::result::Result<Announcement, Error> {
    let (title, text) = (title.trim(), text.trim());
    let wrong = [
        account_fields::line("a title", title, 1..=200),
        account_fields::text("a text", text, LONGEST_TEXT),
    ];
    let problems: Vec<_> = wrong.into_iter().filter_map(std::result::Result::err).collect();
    if !problems.is_empty() {
        return Err(Error::of(problems));
    }
    let detail = json!({ "title": title, "text": text });
    let by = By { actor: Some(caller.somebody()?.id), detail };
    Ok(app.store.announce(title, text, &by, Timestamp::now()).await?)
}

/// Shows an announcement to nobody any more.
pub async fn withdraw(app: &App, caller: &Caller, id: &str) -> std::result::Result<(), Error> {
    let id: Uuid = id.parse().map_err(|_| Error::not_found())?;
    let by = By { actor: Some(caller.somebody()?.id), ..By::default() };
    if app.store.withdraw_announcement(id, &by, Timestamp::now()).await? {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}
