use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::{Decision, Error, SubmissionId};
use crate::service::Caller;
use crate::service::decide;
use crate::service::phases::slug_of;
use crate::service::report::reports;
use crate::store::{SubmissionFilter, last_of};
use crate::web::App;
use crate::web::json::{Expected, Input};
use crate::web::query::Asked;

const PAGE: i64 = 200;

/// `GET /admin/submissions`: everybody's that fit, newest first; `next` leads to the following page.
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(filter): Asked<SubmissionFilter>,
) -> Result<Json<Value>, Error> {
    let phase = slug_of(app.store(), &filter.phase).await?;
    let filter = SubmissionFilter { phase, ..filter };
    let found = app.store().submissions(&filter, PAGE).await?;
    let next = last_of(&found, PAGE, |submission| submission.id);
    let reports = reports(&app.services, &caller, found).await?;
    Ok(Json(json!({ "submissions": reports, "next": next })))
}

#[derive(Deserialize)]
pub struct Wanted {
    submissions: Vec<SubmissionId>,
    decision: Decision,
    reason: String,
}

impl Expected for Wanted {
    const EXPECTED: &'static str = "{\"submissions\": [ID, …], \"decision\": \"publish, hide, disqualify, reinstate, discard, restore, cancel, requeue or rescore\", \"reason\": TEXT}";
}

/// `POST /admin/decisions`: `{"submissions": [ID, …], "decision": "hide", "reason": "…"}`.
pub async fn decide(
    State(app): State<App>,
    caller: Caller,
    Input(wanted): Input<Wanted>,
) -> Result<Json<Value>, Error> {
    let results = decide::submissions(
        &app.services,
        &caller,
        &wanted.submissions,
        wanted.decision,
        &wanted.reason,
    )
    .await?;
    Ok(Json(json!({ "results": results })))
}
