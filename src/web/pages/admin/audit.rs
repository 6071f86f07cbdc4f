use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::audit_sentence::Sentence;
use crate::domain::{Error, EventId};
use crate::service::Caller;
use crate::store::{Event, EventFilter, last_of};
use crate::web::App;
use crate::web::pages::{Page, html};
use crate::web::query::Asked;

const PAGE: i64 = 100;

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct Audit {
    page: Page,
    filter: EventFilter,
    actions: Vec<String>,
    /// Each with what it says in a sentence.
    events: Vec<(Event, Sentence)>,
    /// Where the next page begins.
    next: Option<EventId>,
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Asked(filter): Asked<EventFilter>,
) -> Result<Html<String>, Error> {
    let events = app.store().events(&filter, PAGE).await?;
    let next = last_of(&events, PAGE, |event| event.id);
    let names = app.store().audit_names(&events).await?;
    let in_words = |event: Event| {
        let sentence = Sentence::of(&event, &names);
        (event, sentence)
    };
    let events = events.into_iter().map(in_words).collect();
    let actions = app.store().event_actions().await?;
    html(&Audit { page: Page::new(&app, &caller, "admin").await, filter, actions, events, next })
}
