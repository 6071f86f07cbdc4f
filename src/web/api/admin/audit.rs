use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::json;

use crate::store::{Event, EventFilter, Result as StoreResult, Store};
use crate::text::csv_field;
use crate::web::App;
use crate::web::failure::Failure;

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
) -> Result<Response, Failure> {
    if form.format != "csv" {
        let events = app.store.events(&filter, PAGE).await?;
        let next = events.last().filter(|_| events.len() as i64 == PAGE).map(|last| last.id);
        return Ok(Json(json!({ "events": events, "next": next })).into_response());
    }
    let kind = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((kind, Body::from_stream(csv(app.store, filter))).into_response())
}

/// All events that fit as CSV, a page at a time: however long the trail, little of it is in memory. Should the
/// database fail on the way, the answer breaks off, and who reads it can tell.
fn csv(store: Store, filter: EventFilter) -> impl Stream<Item = StoreResult<String>> {
    let head = String::from("at,actor,action,subject,detail\r\n");
    stream::try_unfold((head, Some(filter)), move |(mut text, filter)| {
        let store = store.clone();
        async move {
            let Some(mut filter) = filter else { return Ok(None) };
            let events = store.events(&filter, PAGE).await?;
            events.iter().for_each(|event| text.push_str(&line(event)));
            filter.before = events.last().map(|last| last.id);
            let more = events.len() as i64 == PAGE;
            Ok(Some((text, (String::new(), Some(filter).filter(|_| more)))))
        }
    })
    .inspect_err(|error| tracing::error!(%error, "the audit trail's CSV breaks off"))
}

fn line(event: &Event) -> String {
    let actor = event.email.as_deref().unwrap_or_default();
    let fields =
        [&event.at.rfc3339(), actor, &event.action, &event.subject, &event.detail.to_string()];
    fields.map(csv_field).join(",") + "\r\n"
}
