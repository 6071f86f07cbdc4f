use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::store::{Event, EventFilter, last_of};
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
    Query(mut filter): Query<EventFilter>,
    Query(form): Query<Form>,
) -> Result<Response, Failure> {
    if form.format != "csv" {
        let events = app.store.events(&filter, PAGE).await?;
        let next = last_of(&events, PAGE, |event| event.id);
        return Ok(Json(json!({ "events": events, "next": next })).into_response());
    }
    let mut text = String::from("at,actor,action,subject,detail\r\n");
    loop {
        let events = app.store.events(&filter, PAGE).await?;
        events.iter().for_each(|event| text.push_str(&line(event)));
        match events.last() {
            Some(last) if events.len() as i64 == PAGE => filter.before = Some(last.id),
            _ => break,
        }
    }
    let kind = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((kind, text).into_response())
}

fn line(event: &Event) -> String {
    let actor = event.email.as_deref().unwrap_or_default();
    let fields =
        [&event.at.rfc3339(), actor, &event.action, &event.subject, &event.detail.to_string()];
    fields.map(csv_field).join(",") + "\r\n"
}
