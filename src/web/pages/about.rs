use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::{Page, html};
use crate::domain::Error;
use crate::service::Caller;
use crate::web::App;
use crate::web::markdown;

#[derive(Template)]
#[template(path = "about.html")]
struct About {
    page: Page,
    phases: Vec<Described>,
}

/// A phase with what its organisers say of it.
struct Described {
    slug: String,
    title: String,
    html: String,
}

/// Who runs the challenge, on what terms, and all its pages.
pub async fn show(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    let mut phases: Vec<Described> = Vec::new();
    for phase in app.store().phases().await? {
        if !phase.rules.description.trim().is_empty() {
            let html = markdown::html(&phase.rules.description);
            phases.push(Described { slug: phase.slug, title: phase.title, html });
        }
    }
    html(&About { page: Page::new(&app, &caller, "about").await, phases })
}
