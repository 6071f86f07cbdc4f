use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::json::Members;
use crate::store::Timestamp;
use crate::web::App;
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::json::{Expected, Input};
use crate::web::phase_spec::{PhaseSpec, current, save};
use crate::web::submit::phase_named;

impl Expected for Members {
    const EXPECTED: &'static str = "an object with a phase's fields";
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
    Input(Members(said)): Input<Members>,
) -> Result<(StatusCode, Json<PhaseSpec>), Failure> {
    let actor = Some(caller.somebody()?.id);
    let spec = save(&app.store, app.settings.mail.is_some(), actor, None, said).await?;
    Ok((StatusCode::CREATED, Json(spec)))
}

/// `POST /admin/phases/{id}`: changes what is said, `null` for none, and leaves the rest.
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Input(Members(said)): Input<Members>,
) -> Result<Json<PhaseSpec>, Failure> {
    let phase = phase_named(&app, &slug, Timestamp::now()).await?;
    let actor = Some(caller.somebody()?.id);
    Ok(Json(save(&app.store, app.settings.mail.is_some(), actor, Some(&phase), said).await?))
}
