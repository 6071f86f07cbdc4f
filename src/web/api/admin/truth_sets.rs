use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, NoContent, Response};
use serde_json::{Value, json};

use crate::domain::Error;
use crate::scoring::MOST_OBSERVERS_BYTES;
use crate::web::App;
use crate::web::answer::Created;
use crate::web::caller::Caller;
use crate::web::json;
use crate::web::observers;
use crate::web::truth::{self, Report};

/// `GET /admin/truth-sets`: all versions, newest first.
pub async fn list(State(app): State<App>) -> Result<Json<Value>, Error> {
    Ok(Json(json!({ "truth_sets": truth::list(&app).await? })))
}

/// `POST /admin/truth-sets`: a zip in the field `file`, and a `name`. 201 with the report of the check,
/// or 422 with every problem.
pub async fn import(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let id = truth::import(&app, &caller, &headers, body).await?.to_string();
    let location = [(header::LOCATION, format!("/api/v1/admin/truth-sets/{id}"))];
    Ok(Created((location, Json(truth::report(&app, &id).await?))).into_response())
}

/// `GET /admin/truth-sets/{id}`: what was found when it was imported.
pub async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Report>, Error> {
    Ok(Json(truth::report(&app, &id).await?))
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
    let document = json::document(&headers, body, MOST_OBSERVERS_BYTES).await?;
    observers::import(&app, &caller, &id, &document).await?;
    Ok(Json(truth::report(&app, &id).await?))
}

/// `POST /admin/truth-sets/{id}/observers/remove`: takes the annotators away again.
pub async fn remove_observers(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<NoContent, Error> {
    observers::remove(&app, &caller, &id).await?;
    Ok(NoContent)
}
