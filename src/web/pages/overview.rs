use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::{Page, html, period};
use crate::store::{Case, Timestamp};
use crate::web::App;
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::submit::current_phase;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    page: Page,
    phase: Option<Shown>,
    cases: Vec<Case>,
}

struct Shown {
    title: String,
    open: bool,
    /// It has opened, if only to close again.
    begun: bool,
    opens_at: Timestamp,
    closes_at: Option<Timestamp>,
    quota: i64,
    period: String,
}

pub async fn show(State(app): State<App>, caller: Caller) -> Result<Html<String>, Failure> {
    let now = Timestamp::now();
    let phase = current_phase(&app, now).await?;
    let cases = match &phase {
        Some(phase) => app.store.cases(phase.truth_set_id).await?,
        None => Vec::new(),
    };
    let phase = phase.map(|phase| Shown {
        open: phase.is_open(now),
        begun: phase.opens_at <= now,
        period: period(&phase),
        title: phase.title,
        opens_at: phase.opens_at,
        closes_at: phase.closes_at,
        quota: phase.quota,
    });
    html(&Overview { page: Page::new(&app, &caller, "overview"), phase, cases })
}
