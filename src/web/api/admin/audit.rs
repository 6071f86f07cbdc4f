use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::domain::{Code, Error, Problem};
use crate::service::exports;
use crate::store::{EventFilter, last_of};
use crate::web::App;
use crate::web::api::download::{CSV, download};
use crate::web::query::Asked;

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
    Asked(filter): Asked<EventFilter>,
    Asked(form): Asked<Form>,
) -> Result<Response, Error> {
    match form.format.as_str() {
        "" | "json" => {}
        "csv" => {
            return Ok(download(
                CSV,
                "audit.csv",
                exports::events(app.services.store.clone(), filter),
            ));
        }
        other => {
            let problem =
                Problem::new(Code::FieldInvalid, "json or csv", other, "Leave it out for JSON.");
            return Err(Error::of(vec![problem]));
        }
    }
    let events = app.store().events(&filter, PAGE).await?;
    let next = last_of(&events, PAGE, |event| event.id);
    Ok(Json(json!({ "events": events, "next": next })).into_response())
}
