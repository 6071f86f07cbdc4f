//! A submission as its team sees it, for the API and the page alike.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;

use super::flags::Flag;
use super::{Caller, Services};
use crate::domain::{
    Action, Alike, Answer, CaseWarning, Cause, Code, Decision, Disclosure, Error, EvaluationId,
    Group, PhaseId, Problem, RankedMetric, State, SubmissionId, TeamId, TruthSetId, Withheld,
    causes, may,
};
use crate::scoring::{CaseScores, SecondaryAggregates, ShownAggregates, VesselAggregates};
use crate::store::{CaseResult, Decided, Phase, Submission, Timestamp};

#[derive(Debug, Serialize)]
pub struct Report {
    pub id: SubmissionId,
    /// The address of the submission's page.
    pub page: String,
    pub state: State,
    pub phase: String,
    pub team: String,
    pub method: String,
    pub description: String,
    /// The method's paper.
    pub url: String,
    pub code_url: String,
    /// Of data that were used besides the challenge's.
    pub data_url: String,
    /// To the phase's questions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// Goes up with every change of what is said of the method.
    pub revision: i64,
    /// Of the zip; of files without one, that of the list of their digests and names.
    pub upload_sha256: String,
    pub upload_bytes: i64,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// Whether it may take part in the ranking once it is scored.
    pub published: bool,
    pub disqualified: bool,
    /// It counts for nothing: neither in the ranking nor towards the quota.
    pub discarded: bool,
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
    /// Of the vessel metrics, which are not ranked either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vessels: Option<VesselAggregates>,
    /// Only where the viewer may see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cases: Option<CaseScores>,
    /// Of each case, once it is scored.
    pub pictures: Vec<Picture>,
    pub warnings: Vec<Warning>,
    /// Why it is invalid, by cause.
    pub summary: Vec<Cause>,
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

/// The picture of a case.
#[derive(Debug, PartialEq, Serialize)]
pub struct Picture {
    pub case: String,
    /// The address of the picture of the prediction, PNG.
    pub preview: String,
    /// For organisers: that of the picture of its agreement with the truth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
    /// For organisers, where the CT was imported: that of the page of its slices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slices: Option<String>,
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
    reports(services, caller, vec![submission]).await?.pop().ok_or_else(Error::not_found)
}

/// The same for any number of them, in their order. What it asks the database grows with their phases and truth sets,
/// and not with their number.
pub async fn reports(
    services: &Services,
    caller: &Caller,
    submissions: Vec<Submission>,
) -> Result<Vec<Report>, Error> {
    let ids: Vec<SubmissionId> = submissions.iter().map(|one| one.id).collect();
    let scored = submissions.iter().filter(|one| one.state == State::Scored);
    let scored: Vec<EvaluationId> = scored.map(|one| one.evaluation).collect();
    let organises = may(&caller.actor, Action::Organise).is_ok();
    let mut decisions = services.store.decisions_about(&ids).await?;
    let mut flags = match organises {
        true => services.store.flags_about(&ids).await?,
        false => HashMap::new(),
    };
    let results = services.store.results_of(&scored).await?;
    let mut phases: HashMap<PhaseId, PhaseRules> = HashMap::new();
    let mut truths: HashMap<TruthSetId, Truth> = HashMap::new();

    let mut reports = Vec::with_capacity(submissions.len());
    for submission in submissions {
        let rules = match phases.entry(submission.phase_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                new.insert(PhaseRules::read(services, caller, submission.phase_id).await?)
            }
        };
        let truth_set = match submission.state {
            State::Scored => submission.truth_set_id,
            _ => rules.phase.truth_set_id,
        };
        let truth = match truths.entry(truth_set) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(Truth::read(services, truth_set).await?),
        };
        let (id, evaluation) = (submission.id, submission.evaluation);
        let drawn = submission.pictures.is_some();
        let mut report = Report::without_scores(services, submission, rules, truth);
        report.decisions = decisions.remove(&id).unwrap_or_default();
        report.flags = flags.remove(&id).unwrap_or_default().into_iter().map(Flag::from).collect();
        if !organises {
            report.failure = None;
        }
        if drawn {
            let picture = |(case, _): &(String, Group)| {
                Picture::of(id, case, organises, organises && truth.with_ct.contains(case))
            };
            report.pictures = truth.groups.iter().map(picture).collect();
        }
        if let Some(results) = results.get(&evaluation) {
            report.truth_set_digest = Some(truth.digest.clone());
            report.add_scores(rules, evaluation, results, &truth.groups);
        }
        reports.push(report);
    }
    Ok(reports)
}

impl Picture {
    fn of(id: SubmissionId, case: &str, organises: bool, has_slices: bool) -> Self {
        Self {
            case: case.to_owned(),
            preview: format!("/api/v1/submissions/{id}/cases/{case}/preview.png"),
            agreement: organises
                .then(|| format!("/api/v1/admin/submissions/{id}/cases/{case}/agreement.png")),
            slices: has_slices.then(|| format!("/admin/submissions/{id}/cases/{case}/slices")),
        }
    }
}

/// A phase, and how much of its scores the caller is shown.
struct PhaseRules {
    phase: Phase,
    level: Disclosure,
    /// Where only what is better is shown: what that is.
    improving: Option<Arc<HashSet<EvaluationId>>>,
}

impl PhaseRules {
    async fn read(services: &Services, caller: &Caller, id: PhaseId) -> Result<Self, Error> {
        let phase = services.store.phase(id).await?.ok_or_else(Error::not_found)?;
        let level = services.leaderboards.own_disclosure(&caller.actor, &phase).await?;
        let improving = match level {
            Disclosure::Improved => Some(services.leaderboards.improving(&phase).await?),
            _ => None,
        };
        Ok(Self { phase, level, improving })
    }
}

/// What of a truth set is in a report.
struct Truth {
    digest: String,
    groups: Vec<(String, Group)>,
    /// The cases whose CT was imported.
    with_ct: HashSet<String>,
}

impl Truth {
    async fn read(services: &Services, id: TruthSetId) -> Result<Self, Error> {
        let set = services.store.truth_set(id).await?.ok_or_else(Error::not_found)?;
        let cases = services.store.cases(id).await?;
        let imported = cases.iter().filter(|case| case.ct_at.is_some());
        let with_ct = imported.map(|case| case.case_id.clone()).collect();
        let groups = cases.into_iter().map(|case| (case.case_id, case.case_group)).collect();
        Ok(Self { digest: set.digest, groups, with_ct })
    }
}

impl Report {
    /// What is known of a submission without its scores, as organisers see it.
    fn without_scores(
        services: &Services,
        of: Submission,
        rules: &PhaseRules,
        truth: &Truth,
    ) -> Self {
        Self {
            id: of.id,
            page: format!("{}/submissions/{}", services.public_url, of.id),
            state: of.state,
            phase: rules.phase.slug.clone(),
            team: of.team_name,
            method: of.says.method,
            description: of.says.description,
            url: of.says.url,
            code_url: of.says.code_url,
            data_url: of.says.data_url,
            answers: of.says.answers,
            revision: of.revision,
            upload_sha256: of.upload_sha256,
            upload_bytes: of.upload_bytes,
            created_at: of.created_at,
            finished_at: of.finished_at,
            published: of.published,
            disqualified: of.disqualified,
            discarded: of.discarded,
            late: of.late,
            decisions: Vec::new(),
            cases_total: truth.groups.len(),
            cases_done: of.cases_done,
            disclosure: None,
            improved: None,
            dice: None,
            hd95: None,
            aggregates: None,
            secondary: None,
            vessels: None,
            cases: None,
            pictures: Vec::new(),
            warnings: Vec::new(),
            summary: causes(of.problems.as_deref().unwrap_or_default()),
            errors: of.problems.unwrap_or_default(),
            flags: Vec::new(),
            failure: of.failure,
            scorer_version: of.scorer_version,
            truth_set_digest: None,
        }
    }

    /// The mean of a metric over all cases as it is shown, and a dash where it is not.
    pub fn mean(&self, metric: RankedMetric) -> String {
        let all = self.aggregates.as_ref().and_then(|aggregates| aggregates.of_group(None));
        all.map_or_else(|| "–".to_owned(), |means| means.of(metric).text(metric.digits))
    }

    /// The warnings, those that are alike together.
    pub fn alike_warnings(&self) -> Vec<Alike> {
        Alike::of(self.warnings.iter().map(|one| (one.case.as_deref(), one.message.as_str())))
    }

    /// Adds what the caller may see of the scores.
    fn add_scores(
        &mut self,
        rules: &PhaseRules,
        id: EvaluationId,
        results: &Withheld<Vec<CaseResult>>,
        groups: &[(String, Group)],
    ) {
        let level = rules.level;
        self.disclosure = Some(level);
        self.improved = rules.improving.as_ref().map(|improving| improving.contains(&id));
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
            self.vessels = Some(VesselAggregates::of(&scores)).filter(|of| of.all.is_some());
            self.warnings = CaseResult::warnings(results, true).map(of_case).collect();
            self.cases = Some(scores);
        } else {
            self.warnings = CaseResult::warnings(results, false).map(of_case).collect();
            let about_most = |turn: String| CaseWarning::about_most(&turn);
            let message = turn.map(about_most);
            self.warnings.extend(message.map(|message| Warning { case: None, message }));
        }
    }
}

/// Why a submission is not on the leaderboard, in a word and in a sentence for its team.
pub struct NotRanked {
    pub word: &'static str,
    pub why: &'static str,
}

impl Report {
    /// Why it is not on the leaderboard although it has a score, or would not be if it had one.
    pub fn not_ranked(&self) -> Option<NotRanked> {
        let hidden = self.decisions.iter().any(|decided| decided.decision == Decision::Hide);
        let (word, why) = if self.discarded {
            (
                "discarded",
                "The organisers discarded it: it counts neither in the ranking nor towards the quota.",
            )
        } else if self.disqualified {
            ("disqualified", "The organisers disqualified it: it is not ranked.")
        } else if self.late {
            ("late", "It was submitted after the phase had closed: it is scored, but not ranked.")
        } else if self.published {
            return None;
        } else if hidden {
            (
                "hidden",
                "The organisers took it off the leaderboard; only your team and the organisers see it.",
            )
        } else if self.state == State::Scored {
            (
                "awaiting review",
                "It is not on the leaderboard yet: an organiser reviews it first. Only your team and the organisers see it.",
            )
        } else {
            return None;
        };
        Some(NotRanked { word, why })
    }
}

/// The submission, if the caller may read it.
pub async fn readable(services: &Services, caller: &Caller, id: &str) -> Result<Submission, Error> {
    let id: SubmissionId = id.parse().map_err(|_| Error::not_found())?;
    let found = services.store.submission(id).await?;
    let team = found.as_ref().map_or(TeamId::NIL, |submission| submission.team_id);
    caller.authorize(Action::ReadSubmission { team })?;
    found.ok_or_else(Error::not_found)
}

/// A submission that has no score has nothing of what comes with one.
pub fn not_scored(id: SubmissionId, state: State) -> Error {
    Error::new(
        Code::SubmissionNotScored,
        "a submission that is scored",
        format!("one that is {state}"),
        format!("Look at /api/v1/submissions/{id} for its state."),
    )
    .about(id)
}
