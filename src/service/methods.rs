//! What is said of the methods of submissions, which teams can correct.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Caller, Services, edits, fields};
use crate::domain::{Action, Code, Error, Problem, SubmissionId, questions};
use crate::store::{MethodText, MethodVersion, Phase, Submission, Timestamp};

/// The most characters of a method's name, of its description and of an address.
pub const MAX_METHOD: usize = 200;
pub const MAX_DESCRIPTION: usize = 5000;
pub const MAX_URL: usize = 500;

/// So many versions are listed. Older ones are kept.
const LISTED: i64 = 100;

/// What of a [`MethodText`] is to be different; what is not said stays as it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct MethodChange {
    pub method: Option<String>,
    pub description: Option<String>,
    pub url: Option<String>,
    pub code_url: Option<String>,
    pub data_url: Option<String>,
    /// By the questions' keys; what is not said keeps its answer.
    pub answers: Option<Map<String, Value>>,
    /// The revision that was changed; refused if there is a newer one.
    pub revision: Option<i64>,
}

impl MethodChange {
    /// What there is with this change, but for the answers.
    fn over(&self, there: &MethodText) -> MethodText {
        let one = |said: &Option<String>, there: &String| {
            said.as_ref().unwrap_or(there).trim().replace("\r\n", "\n")
        };
        MethodText {
            method: one(&self.method, &there.method),
            description: one(&self.description, &there.description),
            url: one(&self.url, &there.url),
            code_url: one(&self.code_url, &there.code_url),
            data_url: one(&self.data_url, &there.data_url),
            answers: there.answers.clone(),
        }
    }
}

/// All that was said of a submission's method, the latest first: for who may read the submission.
pub async fn versions(
    services: &Services,
    submission: &Submission,
) -> Result<Vec<MethodVersion>, Error> {
    Ok(services.store.method_versions(submission.id, LISTED).await?)
}

/// Refuses a change by who may not make it.
pub fn may_change(caller: &Caller, submission: &Submission) -> Result<(), Error> {
    caller.authorize(Action::EditSubmission { team: submission.team_id })
}

/// Changes what is said of a submission's method.
pub async fn change(
    services: &Services,
    caller: &Caller,
    id: SubmissionId,
    to: MethodChange,
) -> Result<Submission, Error> {
    let author = caller.authenticated_user()?.id;
    let find = async || services.store.submission(id).await?.ok_or_else(Error::not_found);
    loop {
        let submission: Submission = find().await?;
        may_change(caller, &submission)?;
        let (before, revision) = (submission.says, submission.revision);
        let mut after = to.over(&before);
        let phase =
            services.store.phase(submission.phase_id).await?.ok_or_else(Error::not_found)?;
        let mut problems = problems(&phase, &before, &after);
        if let Some(said) = &to.answers {
            match questions::answers(&phase.rules.questions, said, Some(&before.answers)) {
                Ok(answers) => after.answers = answers,
                Err(wrong) => problems.extend(wrong),
            }
        }
        if to.revision.is_some_and(|of| of != revision) {
            return Err(edits::stale("fields of the method", &before, &after)?);
        }
        if !problems.is_empty() {
            return Err(Error::of(problems));
        }
        if after == before {
            return find().await;
        }
        let detail =
            json!({ "before": told(revision, &before), "after": told(revision + 1, &after) });
        let now = Timestamp::now();
        if services.store.change_method(id, revision, &after, author, detail, now).await? {
            return find().await;
        }
    }
}

/// What the audit log says of a revision, which is kept as a whole elsewhere.
fn told(revision: i64, says: &MethodText) -> Value {
    let MethodText { method, description, url, code_url, data_url, answers } = says;
    json!({
        "revision": revision, "method": method, "url": url, "code_url": code_url, "data_url": data_url,
        "description_bytes": description.len(), "answers": answers.len(),
    })
}

/// What is wrong with a change. What stays as it was is not looked at: it was sent under other rules.
fn problems(phase: &Phase, before: &MethodText, after: &MethodText) -> Vec<Problem> {
    let rules = &phase.rules;
    let mut checks = Vec::new();
    if after.method != before.method {
        checks.push(fields::line("a method", &after.method, 0..=MAX_METHOD));
    }
    if after.description != before.description {
        checks.push(fields::text("a description", &after.description, MAX_DESCRIPTION));
    }
    for (what, before, after) in [
        ("a paper", &before.url, &after.url),
        ("code", &before.code_url, &after.code_url),
        ("data", &before.data_url, &after.data_url),
    ] {
        if after != before && !after.is_empty() {
            checks.push(fields::https_url(what, after, MAX_URL));
        }
    }
    for (needed, name, before, after) in [
        (rules.needs_method, "method", &before.method, &after.method),
        (rules.needs_description, "description", &before.description, &after.description),
        (rules.needs_url, "url", &before.url, &after.url),
    ] {
        if needed && after.is_empty() && !before.is_empty() {
            let expected = format!("the field '{name}', which this phase requires");
            let hint = "Fill it in and save again.";
            checks.push(Err(Problem::new(Code::FieldInvalid, expected, "none", hint)));
        }
    }
    checks.into_iter().filter_map(Result::err).collect()
}
