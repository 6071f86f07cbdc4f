use std::collections::HashSet;

use axum::extract::{Query, State};
use axum::response::Response;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::Error;
use crate::domain::State as SubmissionState;
use crate::scoring::ScoredCase;
use crate::store::{Submission, SubmissionFilter, Timestamp, last_of};
use crate::text::csv_line;
use crate::web::App;
use crate::web::api::download::{CSV, download};
use crate::web::board::board;
use crate::web::caller::Caller;
use crate::web::report::{Report, report};
use crate::web::submit::phase_named;

const PAGE: i64 = 100;

#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    phase: String,
    /// `true`: everything that has a score, rather than what stands on the leaderboard.
    #[serde(default)]
    all: bool,
}

/// `GET /admin/exports/results.csv`: every value of every case, one a line, as challengeR reads it.
///
/// By default of what stands on the leaderboard: under `best` and `latest` a team is one algorithm then.
pub async fn results(
    State(app): State<App>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Response, Error> {
    let phase = phase_named(&app, &which.phase, Timestamp::now()).await?;
    let board = board(&app, &caller, &phase, None).await?;
    let ranked: HashSet<Uuid> = board.entries.iter().map(|row| row.submission).collect();
    let filter = SubmissionFilter {
        phase: phase.slug.clone(),
        state: SubmissionState::Scored.to_string(),
        ..SubmissionFilter::default()
    };
    let head = csv_line(&["submission", "team", "method", "case", "group", "metric", "value"]);
    let lines = reports(app, caller, filter)
        .try_filter(move |report| std::future::ready(which.all || ranked.contains(&report.id)))
        .map_ok(|report| lines(&report));
    let name = format!("asoca-{}-results.csv", phase.slug);
    Ok(download(CSV, &name, stream::iter([Ok(head)]).chain(lines)))
}

fn lines(report: &Report) -> String {
    let mut text = String::new();
    let id = report.id.to_string();
    for case in report.cases.iter().flat_map(|cases| cases.iter()) {
        let group = case.group.map_or("", |group| group.as_str());
        for (metric, value) in metrics(case) {
            let value = value.to_string();
            let fields = [&id, &report.team, &report.method, &case.id, group, metric, &value];
            text += &csv_line(&fields);
        }
    }
    text
}

/// All metrics of a case that were computed, by name.
fn metrics(case: &ScoredCase) -> Vec<(&'static str, f64)> {
    let mut metrics = vec![("dice", case.dice), ("hd95", case.hd95)];
    if let Some(secondary) = &case.secondary {
        metrics.extend([
            ("cl_dice", secondary.cl_dice),
            ("surface_dice", secondary.surface_dice),
            ("precision", secondary.precision),
            ("recall", secondary.recall),
            ("component_difference", secondary.component_difference as f64),
        ]);
    }
    metrics
}

/// `GET /admin/exports/submissions.json`: everything about every submission, newest first.
pub async fn submissions(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<SubmissionFilter>,
) -> Response {
    let mut first = true;
    let reports = reports(app, caller, filter).and_then(move |report| {
        let comma = if std::mem::take(&mut first) { "\n" } else { ",\n" };
        let text = serde_json::to_string(&report).map_err(Error::internal);
        std::future::ready(text.map(|text| format!("{comma}{text}")))
    });
    let around = |text: &str| stream::iter([Ok(text.to_owned())]);
    let pieces = around("{\"submissions\": [").chain(reports).chain(around("\n]}\n"));
    download("application/json", "asoca-submissions.json", pieces)
}

/// The submissions that fit, newest first, as an organiser sees them.
fn reports(
    app: App,
    caller: Caller,
    filter: SubmissionFilter,
) -> impl stream::Stream<Item = Result<Report, Error>> {
    pages(app.clone(), filter).and_then(move |submission| {
        let (app, caller) = (app.clone(), caller.clone());
        async move { report(&app, &caller, submission).await }
    })
}

/// The submissions that fit, newest first, fetched a page at a time.
fn pages(
    app: App,
    filter: SubmissionFilter,
) -> impl stream::Stream<Item = Result<Submission, Error>> {
    stream::try_unfold(Some(filter), move |filter| {
        let app = app.clone();
        async move {
            let Some(filter) = filter else { return Ok::<_, Error>(None) };
            let page = app.store.submissions(&filter, PAGE).await?;
            let last = last_of(&page, PAGE, |submission| submission.id);
            let next = last.map(|last| SubmissionFilter { before: Some(last), ..filter });
            Ok(Some((stream::iter(page.into_iter().map(Ok)), next)))
        }
    })
    .try_flatten()
}
