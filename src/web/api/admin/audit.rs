use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use serde::Deserialize;
use serde_json::json;

use crate::domain::Error;
use crate::store::{Event, EventFilter, Store, last_of};
use crate::text::csv_line;
use crate::web::App;
use crate::web::api::download::{CSV, download};

const PAGE: i64 = 1000;

#[derive(Deserialize)]
pub struct Form {
    /// `json`, or `csv` for all pages at once.
    #[serde(default)]
    format: String,
}

/// `GET /admin/audit`: the events that fit, newest first; `next` leads to the following page.
pub async fn list(
    State(app): State<App>,
    Query(filter): Query<EventFilter>,
    Query(form): Query<Form>,
) -> Result<Response, Error> {
    if form.format == "csv" {
        return Ok(download(CSV, "audit.csv", pages(app.store, filter)));
    }
    let events = app.store.events(&filter, PAGE).await?;
    let next = last_of(&events, PAGE, |event| event.id);
    Ok(Json(json!({ "events": events, "next": next })).into_response())
}

/// All events that fit as lines, fetched a page at a time, after a line with the names of the fields.
fn pages(store: Store, filter: EventFilter) -> impl Stream<Item = Result<String, Error>> {
    let head = csv_line(&["at", "actor", "action", "subject", "detail"]);
    stream::try_unfold((head, Some(filter)), move |(head, filter)| {
        let store = store.clone();
        async move {
            let Some(filter) = filter else { return Ok(None) };
            let events = store.events(&filter, PAGE).await?;
            let text = head + &events.iter().map(line).collect::<String>();
            let last = last_of(&events, PAGE, |event| event.id);
            let next = last.map(|last| EventFilter { before: Some(last), ..filter });
            Ok(Some((text, (String::new(), next))))
        }
    })
}

fn line(event: &Event) -> String {
    let actor = event.email.as_deref().unwrap_or_default();
    let (at, detail) = (event.at.rfc3339(), event.detail.to_string());
    csv_line(&[&at, actor, &event.action, &event.subject, &detail])
}
