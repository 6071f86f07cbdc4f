//! What organisers take away, made a piece at a time: a whole challenge is more than fits into an answer's memory.

use std::collections::HashSet;

use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use super::report::{Report, reports};
use super::{Caller, Services};
use crate::domain::{Action, Error, State, SubmissionId};
use crate::store::{Event, EventFilter, Phase, Store, SubmissionFilter, last_of};
use crate::text::csv_line;

const SUBMISSIONS_AT_ONCE: i64 = 100;
const EVENTS_AT_ONCE: i64 = 1000;

/// Every value of every case of a phase, one a line, as challengeR reads it: of what stands on the leaderboard, where under
/// `best` and `latest` a team is one algorithm, or of `all` that has a score.
pub async fn results(
    services: &Services,
    caller: &Caller,
    phase: &Phase,
    all: bool,
) -> Result<impl Stream<Item = Result<String, Error>> + use<>, Error> {
    caller.authorize(Action::Organise)?;
    let leaderboard = services.leaderboards.view(&caller.actor, phase, None).await?;
    let ranked: HashSet<SubmissionId> =
        leaderboard.entries.iter().map(|row| row.submission).collect();
    let filter = SubmissionFilter {
        phase: phase.slug.clone(),
        state: State::Scored.to_string(),
        ..SubmissionFilter::default()
    };
    let head = csv_line(&["submission", "team", "method", "case", "group", "metric", "value"]);
    let lines = all_reports(services, caller, filter)
        .try_filter(move |report| std::future::ready(all || ranked.contains(&report.id)))
        .map_ok(|report| values(&report));
    Ok(stream::iter([Ok(head)]).chain(lines))
}

fn values(report: &Report) -> String {
    let mut text = String::new();
    let id = report.id.to_string();
    for case in report.cases.iter().flat_map(|cases| cases.iter()) {
        let group = case.group.map_or("", |group| group.as_str());
        for (metric, value) in case.values() {
            let value = value.to_string();
            let fields = [&id, &report.team, &report.method, &case.id, group, metric.key, &value];
            text += &csv_line(&fields);
        }
    }
    text
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
    let head = csv_line(&["at", "actor", "action", "subject", "detail"]);
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
    csv_line(&[&at, actor, &event.action, &event.subject, &detail])
}
