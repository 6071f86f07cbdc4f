use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::{Page, html};
use crate::domain::{Error, Observers, Scheme};
use crate::leaderboard::reference;
use crate::service::Caller;
use crate::service::phases::current_phase;
use crate::store::{Case, Timestamp};
use crate::web::App;

#[derive(Template)]
#[template(path = "scoring.html")]
struct Scoring {
    page: Page,
    /// Of the current phase.
    scheme: Option<Scheme>,
    cases: Vec<Case>,
    observers: Observers,
}

#[derive(Template)]
#[template(path = "cases.html")]
struct Cases {
    page: Page,
    cases: Vec<Case>,
}

/// What to submit, how it is scored, and how well human annotators agree.
pub async fn show(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    let phase = current_phase(app.store(), Timestamp::now()).await?;
    let (cases, observers) = match phase.as_ref().map(|phase| phase.truth_set_id) {
        Some(truth) => (app.store().cases(truth).await?, reference(app.store(), truth).await?),
        None => (Vec::new(), Observers::PAPER),
    };
    let scheme = phase.map(|phase| phase.rules.scheme);
    html(&Scoring { page: Page::new(&app, &caller, "about").await, scheme, cases, observers })
}

/// The cases of the current phase.
pub async fn cases(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    let cases = match current_phase(app.store(), Timestamp::now()).await? {
        Some(phase) => app.store().cases(phase.truth_set_id).await?,
        None => Vec::new(),
    };
    html(&Cases { page: Page::new(&app, &caller, "about").await, cases })
}
