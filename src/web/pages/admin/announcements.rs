use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::domain::{Error, Problem};
use crate::service::Caller;
use crate::service::announcements;
use crate::store::Announcement;
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::pages::{Page, html};

#[derive(Template)]
#[template(path = "admin/announcements.html")]
struct Announcements {
    page: Page,
    shown: Vec<Announcement>,
    problems: Vec<Problem>,
    new: New,
}

#[derive(Default, Deserialize)]
pub struct New {
    #[serde(default)]
    title: String,
    #[serde(default)]
    text: String,
}

async fn page(
    app: &App,
    caller: &Caller,
    new: New,
    problems: Vec<Problem>,
) -> Result<Html<String>, Error> {
    let shown = app.store().announcements(announcements::MAX_SHOWN).await?;
    html(&Announcements { page: Page::new(app, caller, "admin").await, shown, problems, new })
}

pub async fn list(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    page(&app, &caller, New::default(), Vec::new()).await
}

pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Form(new): Form<New>,
) -> Result<Response, Error> {
    match announcements::announce(&app.services, &caller, &new.title, &new.text).await {
        Ok(_) => Ok(Redirect::to("/admin/announcements").into_response()),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page(&app, &caller, new, problems).await?))
        }
    }
}

pub async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    announcements::withdraw(&app.services, &caller, &id).await?;
    Ok(Redirect::to("/admin/announcements"))
}
