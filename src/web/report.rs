//! A submission as its team sees it, for the API and the page alike.

use serde::Serialize;
use uuid::Uuid;

use super::App;
use super::caller::Caller;
use super::failure::Failure;
use crate::challenge::{Action, Group, Problem, State, may};
use crate::scoring::{Aggregates, CaseScores, SecondaryAggregates};
use crate::store::{Decided, Submission, Timestamp};

#[derive(Debug, Serialize)]
pub struct Report {
    pub id: Uuid,
    /// The address of the submission's page.
    pub page: String,
    pub state: State,
    pub phase: String,
    pub team: String,
    pub method: String,
    pub description: String,
    /// The method's paper or code.
    pub url: String,
    /// Of the zip; of files without one, that of the list of their digests and names.
    pub upload_sha256: String,
    pub upload_bytes: i64,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// Whether it may take part in the ranking once it is scored.
    pub published: bool,
    pub disqualified: bool,
    /// Sent after the phase had closed: never ranked.
    pub late: bool,
    /// What was decided about it and why, oldest first.
    pub decisions: Vec<Decided>,
    pub cases_total: usize,
    pub cases_done: i64,
    /// Headline: mean Dice over the cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dice: Option<f64>,
    /// Headline: mean HD95 over the cases, mm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hd95: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregates: Option<Aggregates>,
    /// Of the secondary metrics, which are not ranked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary: Option<SecondaryAggregates>,
    /// Only where the viewer may see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cases: Option<CaseScores>,
    pub warnings: Vec<Warning>,
    /// Why it is invalid.
    pub errors: Vec<Problem>,
    /// What went wrong on our side, for organisers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scorer_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truth_set_digest: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Warning {
    pub case: String,
    pub message: String,
}

/// What `caller` may see of the submission. It is one the caller may read.
pub async fn report(app: &App, caller: &Caller, submission: Submission) -> Result<Report, Failure> {
    let phase = app.store.phase(submission.phase_id).await?.ok_or_else(Failure::not_found)?;
    let truth = submission.truth_set_id.unwrap_or(phase.truth_set_id);
    let groups: Vec<(String, Group)> = app
        .store
        .cases(truth)
        .await?
        .into_iter()
        .map(|case| (case.case_id, case.case_group))
        .collect();
    let mut report = Report {
        id: submission.id,
        page: format!("{}/submissions/{}", app.settings.public_url, submission.id),
        state: submission.state,
        phase: phase.slug,
        team: submission.team_name,
        method: submission.method,
        description: submission.description,
        url: submission.url,
        upload_sha256: submission.upload_sha256,
        upload_bytes: submission.upload_bytes,
        created_at: submission.created_at,
        finished_at: submission.finished_at,
        published: submission.published,
        disqualified: submission.disqualified,
        late: submission.late,
        decisions: app.store.decisions(submission.id).await?,
        cases_total: groups.len(),
        cases_done: submission.cases_done,
        dice: None,
        hd95: None,
        aggregates: None,
        secondary: None,
        cases: None,
        warnings: Vec::new(),
        errors: submission.problems.unwrap_or_default(),
        failure: submission.failure.filter(|_| may(&caller.actor, Action::Organise).is_ok()),
        scorer_version: submission.scorer_version,
        truth_set_digest: None,
    };
    if report.state == State::Scored {
        let results = app.store.case_results(submission.id).await?;
        let scores = CaseScores::of(&results, &groups);
        let see = Action::ReadCaseScores { team: submission.team_id, feedback: phase.feedback };
        let see_cases = may(&caller.actor, see).is_ok();
        let (mut aggregates, mut secondary) =
            (Aggregates::of(&scores), SecondaryAggregates::of(&scores));
        if !see_cases {
            aggregates = aggregates.without_single_cases(&groups);
            secondary = secondary.without_single_cases(&groups);
        }
        report.dice = aggregates.all.as_ref().map(|all| all.dice.mean);
        report.hd95 = aggregates.all.as_ref().map(|all| all.hd95.mean);
        report.aggregates = Some(aggregates);
        report.secondary = Some(secondary);
        report.cases = see_cases.then_some(scores);
        report.truth_set_digest = app.store.truth_set(truth).await?.map(|set| set.digest);
        for result in results {
            let case = result.case_id;
            let warn = |message| Warning { case: case.clone(), message };
            report.warnings.extend(result.warnings.into_iter().map(warn));
        }
    }
    Ok(report)
}

/// The submission, if the caller may read it.
pub async fn readable(app: &App, caller: &Caller, id: &str) -> Result<Submission, Failure> {
    let id: Uuid = id.parse().map_err(|_| Failure::not_found())?;
    let found = app.store.submission(id).await?;
    let team = found.as_ref().map_or(Uuid::nil(), |submission| submission.team_id);
    caller.must(Action::ReadSubmission { team })?;
    found.ok_or_else(Failure::not_found)
}
