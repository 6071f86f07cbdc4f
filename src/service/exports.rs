//! What organisers take away, made a piece at a time: a whole challenge is more than fits into an answer's memory.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use super::report::{Report, reports};
use super::{Caller, Services};
use crate::domain::{
    Action, Counting, Error, EvaluationId, Group, Metric, Question, State, SubmissionId,
};
use crate::leaderboard::Row;
use crate::scoring::CaseScores;
use crate::store::{
    Event, EventFilter, MethodOfTeam, MethodText, Phase, Store, SubmissionFilter, Timestamp,
    last_of,
};
use crate::text::{CSV_START, csv_line};

const SUBMISSIONS_AT_ONCE: i64 = 100;
const EVENTS_AT_ONCE: i64 = 1000;

/// Which values of a phase's cases are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of everything that has a score, rather than of what stands on the leaderboard.
    pub all: bool,
    pub group: Option<Group>,
    pub metric: Option<&'static Metric>,
    /// As they were at a moment; by default now.
    pub at: Option<Timestamp>,
}

/// Every value of every case of a phase, one a line, as challengeR reads it: of what stands on the leaderboard, or of
/// everything that has a score. `algorithm` names each submission so that no two are the same and no program takes one
/// for a missing value or a number.
pub async fn results(
    services: &Services,
    caller: &Caller,
    phase: &Phase,
    wanted: Wanted,
) -> Result<impl Stream<Item = Result<String, Error>> + use<>, Error> {
    caller.authorize(Action::Organise)?;
    let head = csv_line(&[
        "submission",
        "team",
        "method",
        "case",
        "group",
        "metric",
        "value",
        "algorithm",
        "state",
        "phase",
        "scorer",
        "truth_set",
        "at",
    ]);
    let lines = match wanted.all {
        true => of_all(services, caller, phase, wanted).await?.left_stream(),
        false => of_leaderboard(services, caller, phase, wanted).await?.right_stream(),
    };
    Ok(stream::iter([Ok(CSV_START.to_owned() + &head)]).chain(lines))
}

/// The values of the leaderboard's entries, best first.
async fn of_leaderboard(
    services: &Services,
    caller: &Caller,
    phase: &Phase,
    wanted: Wanted,
) -> Result<impl Stream<Item = Result<String, Error>> + use<>, Error> {
    let leaderboard = services.leaderboards.view(&caller.actor, phase, wanted.at).await?;
    let every_case = leaderboard.disclosure.every_case().ok_or_else(Error::not_found)?;
    let mut labels = Labels::new(leaderboard.counting);
    let labelled = leaderboard.entries.iter().map(|row| labels.of(&row.team, &row.method));
    let labels: Vec<String> = labelled.collect();
    let store = services.store.clone();
    let chunks = (0..leaderboard.entries.len()).step_by(SUBMISSIONS_AT_ONCE as usize);
    Ok(stream::iter(chunks).then(move |first| {
        let (store, leaderboard) = (store.clone(), Arc::clone(&leaderboard));
        let rows = first..leaderboard.entries.len().min(first + SUBMISSIONS_AT_ONCE as usize);
        let (labels, wanted) = (labels[rows.clone()].to_vec(), wanted.clone());
        async move {
            let rows = leaderboard.entries.get(rows).unwrap_or_default();
            let evaluations: Vec<EvaluationId> = rows.iter().map(|row| row.evaluation).collect();
            let results = store.results_of(&evaluations).await?;
            let mut text = String::new();
            for (row, label) in rows.iter().zip(labels) {
                let Some(results) = results.get(&row.evaluation) else { continue };
                let about = About {
                    submission: row.submission,
                    team: &row.team,
                    method: &row.method,
                    algorithm: &label,
                    state: "ranked",
                    phase: &leaderboard.phase,
                    scorer: leaderboard.scorer_version,
                    truth_set: &leaderboard.truth_set_digest,
                };
                let scores = CaseScores::of(results.open(every_case), &leaderboard.groups);
                text += &about.values(&scores, &wanted);
            }
            Ok(text)
        }
    }))
}

/// The values of everything that has a score, newest first.
async fn of_all(
    services: &Services,
    caller: &Caller,
    phase: &Phase,
    wanted: Wanted,
) -> Result<impl Stream<Item = Result<String, Error>> + use<>, Error> {
    let leaderboard = services.leaderboards.view(&caller.actor, phase, None).await?;
    let ranked: HashSet<SubmissionId> =
        leaderboard.entries.iter().map(|row| row.submission).collect();
    let filter = SubmissionFilter {
        phase: phase.slug.clone(),
        state: State::Scored.to_string(),
        ..SubmissionFilter::default()
    };
    let mut labels = Labels::new(Counting::All);
    Ok(all_reports(services, caller, filter).map_ok(move |report| {
        let state = match &report {
            report if ranked.contains(&report.id) => "ranked",
            Report { disqualified: true, .. } => "disqualified",
            Report { discarded: true, .. } => "discarded",
            Report { published: false, .. } => "hidden",
            Report { late: true, .. } => "late",
            _ => "not counted",
        };
        let about = About {
            submission: report.id,
            team: &report.team,
            method: &report.method,
            algorithm: &labels.of(&report.team, &report.method),
            state,
            phase: &report.phase,
            scorer: report.scorer_version.as_deref().unwrap_or_default(),
            truth_set: report.truth_set_digest.as_deref().unwrap_or_default(),
        };
        report.cases.as_ref().map_or_else(String::new, |cases| about.values(cases, &wanted))
    }))
}

/// What is said of the methods of the leaderboard's entries, best first, one a line, with a column for each question that the
/// phase asks. The last column has all answers as JSON, with the words that they were asked in and those to earlier questions.
pub async fn methods(
    services: &Services,
    caller: &Caller,
    phase: &Phase,
) -> Result<impl Stream<Item = Result<String, Error>> + use<>, Error> {
    caller.authorize(Action::Organise)?;
    let leaderboard = services.leaderboards.view(&caller.actor, phase, None).await?;
    let questions = phase.rules.questions.clone();
    let mut head: Vec<String> = [
        "submission",
        "position",
        "team",
        "affiliation",
        "website",
        "method",
        "description",
        "code",
        "paper",
        "data",
        "created_at",
    ]
    .map(str::to_owned)
    .to_vec();
    head.extend(questions.iter().map(|question| format!("answer_{}", question.key)));
    head.push("answers".to_owned());
    let head = CSV_START.to_owned() + &line(&head);
    let store = services.store.clone();
    let chunks = (0..leaderboard.entries.len()).step_by(SUBMISSIONS_AT_ONCE as usize);
    let lines = stream::iter(chunks).then(move |first| {
        let (store, leaderboard) = (store.clone(), Arc::clone(&leaderboard));
        let questions = questions.clone();
        async move {
            let rows = leaderboard.entries.iter().skip(first).take(SUBMISSIONS_AT_ONCE as usize);
            let ids: Vec<SubmissionId> = rows.clone().map(|row| row.submission).collect();
            let said = store.methods_of(&ids).await?;
            let of = |row: &Row| Some(method_line(row, said.get(&row.submission)?, &questions));
            Ok(rows.filter_map(of).collect())
        }
    });
    Ok(stream::iter([Ok(head)]).chain(lines))
}

fn method_line(row: &Row, of: &MethodOfTeam, questions: &[Question]) -> String {
    let MethodText { method, description, url, code_url, data_url, answers } = &of.says;
    let position = row.placed.as_ref().map(|placed| placed.position.to_string());
    let mut fields = vec![
        row.submission.to_string(),
        position.unwrap_or_default(),
        row.team.clone(),
        of.affiliation.clone(),
        of.website.clone(),
        method.clone(),
        description.clone(),
        code_url.clone(),
        url.clone(),
        data_url.clone(),
        row.created_at.rfc3339(),
    ];
    fields.extend(questions.iter().map(|question| {
        let answer = answers.iter().find(|answer| answer.key == question.key);
        answer.map(|answer| answer.value.text()).unwrap_or_default()
    }));
    fields.push(serde_json::to_string(answers).unwrap_or_default());
    line(&fields)
}

fn line(fields: &[String]) -> String {
    csv_line(&fields.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What the lines of one submission have in common.
struct About<'a> {
    submission: SubmissionId,
    team: &'a str,
    method: &'a str,
    algorithm: &'a str,
    state: &'a str,
    phase: &'a str,
    scorer: &'a str,
    truth_set: &'a str,
}

impl About<'_> {
    fn values(&self, scores: &CaseScores, wanted: &Wanted) -> String {
        let id = self.submission.to_string();
        let at = wanted.at.map_or_else(String::new, |at| at.rfc3339());
        let mut text = String::new();
        for case in scores.iter() {
            if wanted.group.is_some() && wanted.group != case.group {
                continue;
            }
            let group = case.group.map_or("", |group| group.as_str());
            for (metric, value) in case.values() {
                if wanted.metric.is_some_and(|wanted| wanted.key != metric.key) {
                    continue;
                }
                text += &csv_line(&[
                    &id,
                    self.team,
                    self.method,
                    &case.id,
                    group,
                    metric.key,
                    &value.to_string(),
                    self.algorithm,
                    self.state,
                    self.phase,
                    self.scorer,
                    self.truth_set,
                    &at,
                ]);
            }
        }
        text
    }
}

/// Names for submissions, each another one.
struct Labels {
    counting: Counting,
    /// How often each was given.
    given: HashMap<String, usize>,
}

impl Labels {
    fn new(counting: Counting) -> Self {
        Self { counting, given: HashMap::new() }
    }

    /// The team's name, where one of its submissions counts, or the team's with the method's.
    fn of(&mut self, team: &str, method: &str) -> String {
        let name = match self.counting {
            Counting::All if !method.is_empty() => format!("{team}: {method}"),
            _ if is_value(team) => format!("{team} (team)"),
            _ => team.to_owned(),
        };
        let before = self.given.entry(name.clone()).or_default();
        *before += 1;
        if *before == 1 {
            return name;
        }
        // Somebody may be called what this would be.
        let numbered = format!("{name} ({before})");
        self.of_numbered(numbered)
    }

    fn of_numbered(&mut self, name: String) -> String {
        match self.given.insert(name.clone(), 1) {
            None => name,
            Some(_) => self.of_numbered(format!("{name}*")),
        }
    }
}

/// Whether R or pandas would read it as a number, a missing value or a truth value.
fn is_value(text: &str) -> bool {
    const WORDS: [&str; 15] = [
        "", "na", "n/a", "<na>", "n/a n/a", "null", "none", "nil", "true", "false", "t", "f",
        "1.ind", "1.qnan", "nan",
    ];
    let plain = text.trim().to_ascii_lowercase().replace(['#', '+', '-'], "");
    WORDS.contains(&plain.as_str()) || plain.parse::<f64>().is_ok()
}

/// Everything about every submission that fits, newest first, as one JSON document.
pub fn submissions(
    services: &Services,
    caller: &Caller,
    filter: SubmissionFilter,
) -> Result<impl Stream<Item = Result<String, Error>> + use<>, Error> {
    caller.authorize(Action::Organise)?;
    let mut first = true;
    let reports = all_reports(services, caller, filter).and_then(move |report| {
        let comma = if std::mem::take(&mut first) { "\n" } else { ",\n" };
        let text = serde_json::to_string(&report).map_err(Error::internal);
        std::future::ready(text.map(|text| format!("{comma}{text}")))
    });
    let around = |text: &str| stream::iter([Ok(text.to_owned())]);
    Ok(around("{\"submissions\": [").chain(reports).chain(around("\n]}\n")))
}

/// The submissions that fit, newest first, as an organiser sees them, read a page at a time.
fn all_reports(
    services: &Services,
    caller: &Caller,
    filter: SubmissionFilter,
) -> impl Stream<Item = Result<Report, Error>> + use<> {
    let (services, caller) = (services.clone(), caller.clone());
    stream::try_unfold(Some(filter), move |filter| {
        let (services, caller) = (services.clone(), caller.clone());
        async move {
            let Some(filter) = filter else { return Ok::<_, Error>(None) };
            let page = services.store.submissions(&filter, SUBMISSIONS_AT_ONCE).await?;
            let last = last_of(&page, SUBMISSIONS_AT_ONCE, |submission| submission.id);
            let next = last.map(|last| SubmissionFilter { before: Some(last), ..filter });
            let reports = reports(&services, &caller, page).await?;
            Ok(Some((stream::iter(reports.into_iter().map(Ok)), next)))
        }
    })
    .try_flatten()
}

/// All events of the audit log that fit as lines, newest first, after a line with the names of the fields.
pub fn events(store: Store, filter: EventFilter) -> impl Stream<Item = Result<String, Error>> {
    let head = CSV_START.to_owned()
        + &csv_line(&["at", "actor", "action", "subject", "detail", "id", "actor_id"]);
    stream::try_unfold((head, Some(filter)), move |(head, filter)| {
        let store = store.clone();
        async move {
            let Some(filter) = filter else { return Ok(None) };
            let events = store.events(&filter, EVENTS_AT_ONCE).await?;
            let text = head + &events.iter().map(event).collect::<String>();
            let last = last_of(&events, EVENTS_AT_ONCE, |event| event.id);
            let next = last.map(|last| EventFilter { before: Some(last), ..filter });
            Ok(Some((text, (String::new(), next))))
        }
    })
}

fn event(event: &Event) -> String {
    let actor = event.email.as_deref().unwrap_or_default();
    let (at, detail) = (event.at.rfc3339(), event.detail.to_string());
    let actor_id = event.actor.map_or_else(String::new, |actor| actor.to_string());
    csv_line(&[
        &at,
        actor,
        &event.action,
        &event.subject,
        &detail,
        &event.id.to_string(),
        &actor_id,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_submissions_have_a_label_and_none_reads_as_a_value() {
        let teams =
            ["NA", "null", "007", "1e5", "Inf", "nan", "T", "A", "-1.#IND", "Team A", "N/A"];
        let mut labels = Labels::new(Counting::Best);
        let given: Vec<String> = teams.map(|team| labels.of(team, "x")).to_vec();
        for (label, team) in given.iter().zip(teams) {
            assert!(label.starts_with(team) && !is_value(label), "{label}");
        }
        assert_eq!((given[7].as_str(), given[9].as_str()), ("A", "Team A"));

        let mut labels = Labels::new(Counting::All);
        let sent = [
            ("A", "U-Net"),
            ("A", "U-Net"),
            ("A", "U-Net (2)"),
            ("A", "U-Net"),
            ("A", ""),
            ("A", ""),
            ("NA", ""),
        ];
        let given: Vec<String> = sent.map(|(team, method)| labels.of(team, method)).to_vec();
        let distinct: HashSet<&String> = given.iter().collect();
        assert_eq!(distinct.len(), sent.len(), "{given:?}");
        assert_eq!((given[0].as_str(), given[1].as_str()), ("A: U-Net", "A: U-Net (2)"));
        assert_eq!((given[4].as_str(), given[6].as_str()), ("A", "NA (team)"));
    }
}
