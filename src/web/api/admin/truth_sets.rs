use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, NoContent, Response};
use serde_json::{Value, json};

use crate::domain::Error;
use crate::scoring::MAX_OBSERVERS_BYTES;
use crate::service::Caller;
use crate::service::annotators;
use crate::service::truth_sets::{self, Report};
use crate::web::App;
use crate::web::answer::Created;
use crate::web::gate::receive_truth;
use crate::web::json;

/// `GET /admin/truth-sets`: all versions, newest first.
pub async fn list(State(app): State<App>) -> Result<Json<Value>, Error> {
    Ok(Json(json!({ "truth_sets": truth_sets::list(&app.services).await? })))
}

/// `POST /admin/truth-sets`: a zip in the field `file`, and a `name`. 201 with the report of the check,
/// or 422 with every problem.
pub async fn import(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let upload = receive_truth(&app, &caller, &headers, body).await?;
    let id = truth_sets::import(&app.services, &caller, upload).await?.to_string();
    let location = [(header::LOCATION, format!("/api/v1/admin/truth-sets/{id}"))];
    Ok(Created((location, Json(truth_sets::report(&app.services, &id).await?))).into_response())
}

/// `GET /admin/truth-sets/{id}`: what was found when it was imported.
pub async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Report>, Error> {
    Ok(Json(truth_sets::report(&app.services, &id).await?))
}

/// `POST /admin/truth-sets/{id}/observers`: what `asoca consensus --json` printed. The truth set with its
/// annotators, or 422 with every problem.
pub async fn import_observers(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Report>, Error> {
    let document = json::document(&headers, body, MAX_OBSERVERS_BYTES).await?;
    annotators::import(&app.services, &caller, &id, &document).await?;
    Ok(Json(truth_sets::report(&app.services, &id).await?))
}

/// `POST /admin/truth-sets/{id}/observers/remove`: takes the annotators away again.
pub async fn remove_observers(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<NoContent, Error> {
    annotators::remove(&app.services, &caller, &id).await?;
    Ok(NoContent)
}
