use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::challenge::Problem;
use crate::store::Phase;
use crate::web::App;
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::pages::{Page, html};
use crate::web::{trials, truth};

#[derive(Template)]
#[template(path = "admin_truth_sets.html")]
struct TruthSets {
    page: Page,
    sets: Vec<truth::Summary>,
    trials: Vec<trials::Summary>,
    limit: String,
    /// What was wrong with what was sent.
    problems: Vec<Problem>,
}

#[derive(Template)]
#[template(path = "admin_truth_set.html")]
struct TruthSet {
    page: Page,
    set: truth::Report,
    phases: Vec<Phase>,
}

pub async fn list(State(app): State<App>, caller: Caller) -> Result<Html<String>, Failure> {
    page(&app, &caller, Vec::new()).await
}

async fn page(app: &App, caller: &Caller, problems: Vec<Problem>) -> Result<Html<String>, Failure> {
    html(&TruthSets {
        page: Page::new(app, caller, "desk"),
        sets: truth::list(app).await?,
        trials: trials::list(app).await?,
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
) -> Result<Response, Failure> {
    match truth::import(&app, &caller, &headers, body).await {
        Ok(id) => Ok(Redirect::to(&format!("/admin/truth-sets/{id}")).into_response()),
        Err(failure) if failure.status.is_client_error() => {
            let status = failure.status;
            Ok((status, page(&app, &caller, failure.problems).await?).into_response())
        }
        Err(failure) => Err(failure),
    }
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    html(&TruthSet {
        page: Page::new(&app, &caller, "desk"),
        set: truth::report(&app, &id).await?,
        phases: app.store.phases().await?,
    })
}
