use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::{Page, html};
use crate::domain::{Code, Error};
use crate::service::Caller;
use crate::web::App;
use crate::web::api::members::{DESCRIBED, Described};

#[derive(Template)]
#[template(path = "api.html")]
struct Docs {
    page: Page,
    codes: &'static [Code],
    described: &'static [Described],
}

pub async fn show(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    html(&Docs {
        page: Page::new(&app, &caller, "api").await,
        codes: Code::ALL,
        described: DESCRIBED,
    })
}
