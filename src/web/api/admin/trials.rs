use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::web::App;
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::trials::{self, Report};

/// `GET /admin/trials`: all of them, newest first.
pub async fn list(State(app): State<App>) -> Result<Json<Value>, Failure> {
    Ok(Json(json!({ "trials": trials::list(&app).await? })))
}

#[derive(Deserialize)]
pub struct Wanted {
    phase: String,
    truth_set: String,
}

/// `POST /admin/trials`: `{"phase": SLUG, "truth_set": NAME}`.
pub async fn start(
    State(app): State<App>,
    caller: Caller,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<(StatusCode, Json<Report>), Failure> {
    let Json(Wanted { phase, truth_set }) =
        wanted.map_err(|_| super::not_json("{\"phase\": SLUG, \"truth_set\": NAME}"))?;
    let id = trials::start(&app, &caller, &phase, &truth_set).await?;
    Ok((StatusCode::CREATED, Json(trials::report(&app, &caller, &id.to_string()).await?)))
}

/// `GET /admin/trials/{id}`: how far it is, and the positions before and after.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Report>, Failure> {
    Ok(Json(trials::report(&app, &caller, &id).await?))
}

#[derive(Deserialize)]
pub struct Because {
    reason: String,
}

/// `POST /admin/trials/{id}/activate`: `{"reason": TEXT}`.
pub async fn activate(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    because: Result<Json<Because>, JsonRejection>,
) -> Result<Json<Report>, Failure> {
    let Json(Because { reason }) = because.map_err(|_| super::not_json("{\"reason\": TEXT}"))?;
    trials::activate(&app, &caller, &id, &reason).await?;
    Ok(Json(trials::report(&app, &caller, &id).await?))
}
