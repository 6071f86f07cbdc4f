use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::store::Timestamp;
use crate::web::App;
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::phase_spec::{PhaseSpec, current, save};
use crate::web::submit::phase_named;

type Said = Result<Json<Map<String, Value>>, JsonRejection>;

fn said(body: Said) -> Result<Map<String, Value>, Failure> {
    body.map(|Json(said)| said).map_err(|_| super::not_json("an object with a phase's fields"))
}

/// `GET /admin/phases`: every phase with all its rules.
pub async fn list(State(app): State<App>) -> Result<Json<Value>, Failure> {
    let mut specs = Vec::new();
    for phase in app.store.phases().await? {
        specs.push(current(&app.store, &phase).await?);
    }
    Ok(Json(json!({ "phases": specs })))
}

/// `POST /admin/phases`: a new one; `slug`, `title` and `truth_set` have to be said.
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    body: Said,
) -> Result<(StatusCode, Json<PhaseSpec>), Failure> {
    let actor = Some(caller.somebody()?.id);
    let spec = save(&app.store, app.settings.mail.is_some(), actor, None, said(body)?).await?;
    Ok((StatusCode::CREATED, Json(spec)))
}

/// `POST /admin/phases/{id}`: changes what is said, `null` for none, and leaves the rest.
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    body: Said,
) -> Result<Json<PhaseSpec>, Failure> {
    let phase = phase_named(&app, &slug, Timestamp::now()).await?;
    let actor = Some(caller.somebody()?.id);
    Ok(Json(save(&app.store, app.settings.mail.is_some(), actor, Some(&phase), said(body)?).await?))
}
