use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::domain::{Error, PerMetric, Problem, RankedMetric};
use crate::scoring::Aggregates;
use crate::scoring::MAX_OBSERVERS_BYTES;
use crate::service::Caller;
use crate::service::{annotators, trials, truth_sets};
use crate::store::{Phase, Timestamp};
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::gate::receive_truth;
use crate::web::json;
use crate::web::pages::{Page, html};
use challenge_ranking::Welch;

#[derive(Template)]
#[template(path = "admin/truth_sets.html")]
struct TruthSets {
    page: Page,
    sets: Vec<truth_sets::Summary>,
    trials: Vec<trials::Summary>,
    limit: String,
    /// What was wrong with what was sent.
    problems: Vec<Problem>,
}

#[derive(Template)]
#[template(path = "admin/truth_set.html")]
struct TruthSet {
    page: Page,
    set: truth_sets::Report,
    phases: Vec<Phase>,
    /// What was wrong with a table of annotators that was sent.
    problems: Vec<Problem>,
}

pub async fn list(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    page(&app, &caller, Vec::new()).await
}

async fn page(app: &App, caller: &Caller, problems: Vec<Problem>) -> Result<Html<String>, Error> {
    html(&TruthSets {
        page: Page::new(app, caller, "admin").await,
        sets: truth_sets::list(&app.services).await?,
        trials: trials::list(&app.services).await?,
        limit: format!("{} MiB", app.settings.max_upload >> 20),
        problems,
    })
}

/// Leads to the report of the check, or shows the page again with all that is wrong.
pub async fn import(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let imported = async {
        let upload = receive_truth(&app, &caller, &headers, body).await?;
        truth_sets::import(&app.services, &caller, upload).await
    };
    match imported.await {
        Ok(id) => Ok(Redirect::to(&format!("/admin/truth-sets/{id}")).into_response()),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page(&app, &caller, problems).await?))
        }
    }
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Html<String>, Error> {
    page_of(&app, &caller, &id, Vec::new()).await
}

async fn page_of(
    app: &App,
    caller: &Caller,
    id: &str,
    problems: Vec<Problem>,
) -> Result<Html<String>, Error> {
    html(&TruthSet {
        page: Page::new(app, caller, "admin").await,
        set: truth_sets::report(&app.services, id).await?,
        phases: app.store().phases().await?,
        problems,
    })
}

/// Leads back to the truth set, or shows it with all that is wrong.
pub async fn import_observers(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let document = json::document_of_form(&headers, body, MAX_OBSERVERS_BYTES).await?;
    match annotators::import(&app.services, &caller, &id, &document).await {
        Ok(()) => Ok(Redirect::to(&format!("/admin/truth-sets/{id}")).into_response()),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page_of(&app, &caller, &id, problems).await?))
        }
    }
}

pub async fn remove_observers(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    annotators::remove(&app.services, &caller, &id).await?;
    Ok(Redirect::to(&format!("/admin/truth-sets/{id}")))
}

impl TruthSet {
    /// Of (x, y, z) in mm, to the tenth of a micrometre: a header has more digits than a scanner knows.
    fn spacing(&self, mm: &[f64; 3]) -> String {
        mm.map(|mm| ((mm * 1e4).round() / 1e4).to_string()).join(" × ")
    }

    fn with_ct(&self) -> usize {
        self.set.cases.iter().filter(|case| case.ct_imported_at.is_some()).count()
    }

    /// When the last of the CTs was imported.
    fn ct_at(&self) -> Option<Timestamp> {
        self.set.cases.iter().filter_map(|case| case.ct_imported_at).max()
    }

    /// Each annotator and all of them together, with the summaries by group.
    fn annotators(&self) -> Vec<(&str, Aggregates)> {
        let Some(report) = &self.set.observers else { return Vec::new() };
        let table = &report.table;
        let each = table.annotators.iter();
        each.map(|one| (one.name.as_str(), Aggregates::of(&table.scores(one))))
            .chain([("together", Aggregates::of(&table.all_scores()))])
            .collect()
    }

    /// Each case with every annotator's Dice and HD95 (mm).
    fn single_cases(&self) -> Vec<(&str, Vec<PerMetric<f64>>)> {
        let Some(report) = &self.set.observers else { return Vec::new() };
        let table = &report.table;
        let values = |at: usize| {
            table.annotators.iter().filter_map(|one| one.values.get(at).copied()).collect()
        };
        let cases = table.cases.iter().enumerate();
        cases.map(|(at, case)| (case.id.as_str(), values(at))).collect()
    }

    /// Of each metric the test of the groups' difference, where there is one.
    fn tests(&self) -> Vec<(&'static str, Welch)> {
        let Some(report) = &self.set.observers else { return Vec::new() };
        let tests = report.table.group_tests();
        let test = |metric: &RankedMetric| Some((metric.title, (*tests.of(*metric)).ok()?));
        RankedMetric::ALL.iter().filter_map(test).collect()
    }
}
