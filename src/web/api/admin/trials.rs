use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::Error;
use crate::service::Caller;
use crate::service::trials::{self, Report};
use crate::web::App;
use crate::web::answer::Created;
use crate::web::json::{Expected, Input};

/// `GET /admin/trials`: all of them, newest first.
pub async fn list(State(app): State<App>) -> Result<Json<Value>, Error> {
    Ok(Json(json!({ "trials": trials::list(&app.services).await? })))
}

#[derive(Deserialize)]
pub struct Wanted {
    phase: String,
    truth_set: String,
}

impl Expected for Wanted {
    const EXPECTED: &'static str = "{\"phase\": SLUG, \"truth_set\": NAME}";
}

/// `POST /admin/trials`: `{"phase": SLUG, "truth_set": NAME}`.
pub async fn start(
    State(app): State<App>,
    caller: Caller,
    Input(wanted): Input<Wanted>,
) -> Result<Created<Json<Report>>, Error> {
    let Wanted { phase, truth_set } = wanted;
    let id = trials::start(&app.services, &caller, &phase, &truth_set).await?;
    Ok(Created(Json(trials::report(&app.services, &caller, &id.to_string()).await?)))
}

/// `GET /admin/trials/{id}`: how far it is, and the positions before and after.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Report>, Error> {
    Ok(Json(trials::report(&app.services, &caller, &id).await?))
}

#[derive(Deserialize)]
pub struct Because {
    reason: String,
}

impl Expected for Because {
    const EXPECTED: &'static str = "{\"reason\": TEXT}";
}

/// `POST /admin/trials/{id}/activate`: `{"reason": TEXT}`.
pub async fn activate(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Input(Because { reason }): Input<Because>,
) -> Result<Json<Report>, Error> {
    trials::activate(&app.services, &caller, &id, &reason).await?;
    Ok(Json(trials::report(&app.services, &caller, &id).await?))
}
