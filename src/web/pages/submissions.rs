use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect};

use super::{Page, html};
use crate::domain::{self, Action, Decision, Disclosure, Error, OF_VESSELS, PerMetric, may};
use crate::scoring::{
    Aggregates, CaseScores, Grouped, ScoredCase, SecondarySummaries, VesselSummaries,
};
use crate::service::Caller;
use crate::service::decide;
use crate::service::report::{Picture, Report, readable, report};
use crate::store::Submission;
use crate::web::App;
use segmentation_metrics::Summary;

const MAX_LISTED: i64 = 500;

#[derive(Template)]
#[template(path = "submission/list.html")]
struct Submissions {
    page: Page,
    rows: Vec<Submission>,
}

pub async fn list(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    let rows = match caller.team() {
        Some(team) => app.store().submissions_of(team.id, MAX_LISTED).await?,
        None => Vec::new(),
    };
    html(&Submissions { page: Page::new(&app, &caller, "submissions").await, rows })
}

#[derive(Template)]
#[template(path = "submission/page.html")]
struct Shown {
    page: Page,
    groups: Vec<(&'static str, PerMetric<Summary>)>,
    secondary: Vec<(&'static str, SecondarySummaries)>,
    vessels: Vec<(&'static str, VesselSummaries)>,
    report: Report,
    /// The pictures with the scores of their cases, the worst first; without scores in the order of the cases.
    pictures: Vec<(Picture, Option<PerMetric<f64>>)>,
    /// What an organiser can decide, where the viewer is one.
    decisions: &'static [Decision],
    organises: bool,
    /// Whether the viewer's own team can still stop it.
    cancellable: bool,
    /// Whether the viewer's own team can correct it and send it anew.
    correctable: bool,
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Html<String>, Error> {
    let submission = readable(&app.services, &caller, &id).await?;
    let team_id = submission.team_id;
    let mut report = report(&app.services, &caller, submission).await?;
    let pictures = worst_first(std::mem::take(&mut report.pictures), report.cases.as_ref());
    // With every case there are whole summaries; without, the page shows rounded means.
    let groups = report.cases.as_ref().map(|cases| Aggregates::of(cases).named());
    let groups = groups.unwrap_or_default();
    let secondary = report.secondary.map_or_else(Vec::new, Grouped::named);
    let vessels = report.vessels.clone().map_or_else(Vec::new, Grouped::named);
    let page = Page::new(&app, &caller, "submissions").await;
    let organiser = may(&caller.actor, Action::Organise).is_ok();
    let own = caller.team().is_some_and(|team| team.id == team_id);
    html(&Shown {
        page,
        groups,
        secondary,
        vessels,
        organises: organiser,
        decisions: if organiser { Decision::ALL } else { &[] },
        pictures,
        cancellable: own && !report.state.is_final(),
        correctable: own && report.state == domain::State::Invalid,
        report,
    })
}

/// By Dice, as far as single cases are shown.
fn worst_first(
    pictures: Vec<Picture>,
    cases: Option<&CaseScores>,
) -> Vec<(Picture, Option<PerMetric<f64>>)> {
    let scored = |picture: Picture| {
        let mut cases = cases.into_iter().flat_map(CaseScores::iter);
        let values = cases.find(|case| case.id == picture.case).map(ScoredCase::ranked);
        (picture, values)
    };
    let mut scored: Vec<_> = pictures.into_iter().map(scored).collect();
    let dice = |values: &Option<PerMetric<f64>>| values.map_or(f64::NEG_INFINITY, |of| of.dice);
    scored.sort_by(|(_, a), (_, b)| dice(a).total_cmp(&dice(b)));
    scored
}

pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    let submission = readable(&app.services, &caller, &id).await?;
    decide::cancel_own(&app.services, &caller, &submission).await?;
    Ok(Redirect::to(&format!("/submissions/{}", submission.id)))
}
