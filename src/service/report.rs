//! A submission as its team sees it, for the API and the page alike.

use serde::Serialize;
use uuid::Uuid;

use super::flags::Flag;
use super::{Caller, Services};
use crate::domain::{Action, CaseWarning, Disclosure, Error, Group, Problem, State, Withheld, may};
use crate::scoring::{CaseScores, SecondaryAggregates, ShownAggregates};
use crate::store::{CaseResult, Decided, EvaluationId, Phase, Submission, Timestamp};

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
    /// How much of its scores this holds; what is not shown is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disclosure: Option<Disclosure>,
    /// Where only what is better is shown: whether it was better than the team's best before by a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub improved: Option<bool>,
    /// Headline: mean Dice over the cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dice: Option<f64>,
    /// Headline: mean HD95 over the cases, mm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hd95: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregates: Option<ShownAggregates>,
    /// Of the secondary metrics, which are not ranked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary: Option<SecondaryAggregates>,
    /// Only where the viewer may see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cases: Option<CaseScores>,
    pub warnings: Vec<Warning>,
    /// Why it is invalid.
    pub errors: Vec<Problem>,
    /// Why organisers should look at it, for organisers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
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
    /// The case it is about; none for what most cases agree on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    pub message: String,
}

/// What `caller` may see of the submission. It is one the caller may read.
pub async fn report(
    services: &Services,
    caller: &Caller,
    submission: Submission,
) -> Result<Report, Error> {
    let phase = services.store.phase(submission.phase_id).await?.ok_or_else(Error::not_found)?;
    let truth = match submission.state {
        State::Scored => submission.truth_set_id,
        _ => phase.truth_set_id,
    };
    let groups: Vec<(String, Group)> = services
        .store
        .cases(truth)
        .await?
        .into_iter()
        .map(|case| (case.case_id, case.case_group))
        .collect();
    let mut report = Report {
        id: submission.id,
        page: format!("{}/submissions/{}", services.public_url, submission.id),
        state: submission.state,
        phase: phase.slug.clone(),
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
        decisions: services.store.decisions(submission.id).await?,
        cases_total: groups.len(),
        cases_done: submission.cases_done,
        disclosure: None,
        improved: None,
        dice: None,
        hd95: None,
        aggregates: None,
        secondary: None,
        cases: None,
        warnings: Vec::new(),
        errors: submission.problems.unwrap_or_default(),
        flags: Vec::new(),
        failure: submission.failure.filter(|_| may(&caller.actor, Action::Organise).is_ok()),
        scorer_version: submission.scorer_version,
        truth_set_digest: None,
    };
    if may(&caller.actor, Action::Organise).is_ok() {
        report.flags =
            services.store.flags_of(report.id).await?.into_iter().map(Flag::from).collect();
    }
    if report.state == State::Scored {
        let evaluation = submission.evaluation;
        let results = services.store.case_results(evaluation).await?;
        report.truth_set_digest = services.store.truth_set(truth).await?.map(|set| set.digest);
        report.add_scores(services, caller, &phase, evaluation, &results, &groups).await?;
    }
    Ok(report)
}

impl Report {
    /// Adds what the caller may see of the scores.
    async fn add_scores(
        &mut self,
        services: &Services,
        caller: &Caller,
        phase: &Phase,
        id: EvaluationId,
        results: &Withheld<Vec<CaseResult>>,
        groups: &[(String, Group)],
    ) -> Result<(), Error> {
        let level = services.leaderboards.own_disclosure(&caller.actor, phase).await?;
        self.disclosure = Some(level);
        if level == Disclosure::Improved {
            let improved = services.leaderboards.improving(phase).await?.contains(&id);
            self.improved = Some(improved);
        }
        let shows_scores = level != Disclosure::Hidden && self.improved != Some(false);
        let turn = if shows_scores { CaseResult::most_turned(results) } else { None };
        if shows_scores {
            let values = CaseResult::values(results);
            self.aggregates = ShownAggregates::of(&values, groups, level);
            let means = self.aggregates.and_then(|aggregates| aggregates.means());
            self.dice = means.map(|means| means.dice);
            self.hd95 = means.map(|means| means.hd95);
        }
        let of_case = |(case, warning): (String, CaseWarning)| Warning {
            case: Some(case),
            message: warning.to_string(),
        };
        if let Some(every_case) = level.every_case() {
            let scores = CaseScores::of(results.open(every_case), groups);
            self.secondary = Some(SecondaryAggregates::of(&scores));
            self.warnings = CaseResult::warnings(results, true).map(of_case).collect();
            self.cases = Some(scores);
        } else {
            self.warnings = CaseResult::warnings(results, false).map(of_case).collect();
            let about_most = |turn: String| CaseWarning::about_most(&turn);
            let message = turn.map(about_most);
            self.warnings.extend(message.map(|message| Warning { case: None, message }));
        }
        Ok(())
    }
}

/// The submission, if the caller may read it.
pub async fn readable(services: &Services, caller: &Caller, id: &str) -> Result<Submission, Error> {
    let id: Uuid = id.parse().map_err(|_| Error::not_found())?;
    let found = services.store.submission(id).await?;
    let team = found.as_ref().map_or(Uuid::nil(), |submission| submission.team_id);
    caller.must(Action::ReadSubmission { team })?;
    found.ok_or_else(Error::not_found)
}
