use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::domain::{Error, Problem};
use crate::service::Caller;
use crate::service::trials;
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::pages::{Page, html};

#[derive(Template)]
#[template(path = "admin/trial.html")]
struct Trial {
    page: Page,
    report: trials::Report,
    /// Why it was not activated.
    problems: Vec<Problem>,
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    phase: String,
    #[serde(default)]
    truth_set: String,
}

pub async fn start(
    State(app): State<App>,
    caller: Caller,
    Form(Wanted { phase, truth_set }): Form<Wanted>,
) -> Result<Redirect, Error> {
    let id = trials::start(&app.services, &caller, &phase, &truth_set).await?;
    Ok(Redirect::to(&format!("/admin/trials/{id}")))
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Html<String>, Error> {
    page(&app, &caller, &id, Vec::new()).await
}

async fn page(
    app: &App,
    caller: &Caller,
    id: &str,
    problems: Vec<Problem>,
) -> Result<Html<String>, Error> {
    let report = trials::report(&app.services, caller, id).await?;
    html(&Trial { page: Page::new(app, caller, "admin").await, report, problems })
}

#[derive(Deserialize)]
pub struct Because {
    #[serde(default)]
    reason: String,
}

pub async fn activate(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Form(Because { reason }): Form<Because>,
) -> Result<Response, Error> {
    match trials::activate(&app.services, &caller, &id, &reason).await {
        Ok(()) => Ok(Redirect::to(&format!("/admin/trials/{id}")).into_response()),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page(&app, &caller, &id, problems).await?))
        }
    }
}
