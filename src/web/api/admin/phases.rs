use axum::Json;
use axum::extract::{Path, State};
use axum::response::NoContent;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::{Error, PhaseId};
use crate::json::Members;
use crate::service::Caller;
use crate::service::PhaseSpec;
use crate::service::phases::{current, delete as delete_phase, phase_named, save};
use crate::service::releases;
use crate::store::{Snapshot, Timestamp};
use crate::web::App;
use crate::web::answer::Created;
use crate::web::json::{Expected, Input};

impl Expected for Members {
    const EXPECTED: &'static str = "an object with a phase's fields";
}

/// A phase as it is, with what a change of it may name.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    spec: PhaseSpec,
    id: PhaseId,
    /// Sent with a change, it refuses the change where somebody else has changed the phase meanwhile.
    revision: i64,
}

/// `GET /admin/phases`: every phase with all its rules.
pub async fn list(State(app): State<App>) -> Result<Json<Value>, Error> {
    let mut specs = Vec::new();
    for phase in app.store().phases().await? {
        let spec = current(app.store(), &phase).await?;
        specs.push(json!(Listed { spec, id: phase.id, revision: phase.revision }));
    }
    Ok(Json(json!({ "phases": specs })))
}

/// `POST /admin/phases`: a new one; `slug`, `title` and `truth_set` have to be said.
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Input(Members(said)): Input<Members>,
) -> Result<Created<Json<PhaseSpec>>, Error> {
    let actor = Some(caller.authenticated_user()?.id);
    let spec = save(app.store(), app.services.mailer.is_some(), actor, None, said).await?;
    Ok(Created(Json(spec)))
}

/// `POST /admin/phases/{id}`: changes what is said, `null` for none, and leaves the rest.
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Input(Members(said)): Input<Members>,
) -> Result<Json<PhaseSpec>, Error> {
    let phase = phase_named(app.store(), &slug, Timestamp::now()).await?;
    let actor = Some(caller.authenticated_user()?.id);
    Ok(Json(save(app.store(), app.services.mailer.is_some(), actor, Some(&phase), said).await?))
}

/// Whether results are to be final, and why.
#[derive(Deserialize)]
pub struct Final {
    r#final: bool,
    reason: String,
}

impl Expected for Final {
    const EXPECTED: &'static str = "{\"final\": true or false, \"reason\": TEXT}";
}

/// `POST /admin/phases/{slug}/final`: `{"final": true, "reason": "…"}` declares the results final, `false` takes it
/// back.
pub async fn set_final(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Input(said): Input<Final>,
) -> Result<NoContent, Error> {
    let phase = phase_named(app.store(), &slug, Timestamp::now()).await?;
    releases::set_final(&app.services, &caller, &phase, said.r#final, &said.reason).await?;
    Ok(NoContent)
}

#[derive(Deserialize)]
pub struct NewSnapshot {
    reason: String,
}

impl Expected for NewSnapshot {
    const EXPECTED: &'static str = "{\"reason\": TEXT}";
}

/// `POST /admin/phases/{slug}/snapshots`: `{"reason": "…"}` publishes the exact ranking and analysis of this moment.
pub async fn publish_snapshot(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Input(new): Input<NewSnapshot>,
) -> Result<Created<Json<Snapshot>>, Error> {
    let phase = phase_named(app.store(), &slug, Timestamp::now()).await?;
    let snapshot = releases::publish_snapshot(&app.services, &caller, &phase, &new.reason).await?;
    Ok(Created(Json(snapshot)))
}

#[derive(Deserialize)]
pub struct Deletion {
    reason: String,
}

impl Expected for Deletion {
    const EXPECTED: &'static str = "{\"reason\": TEXT}";
}

/// `POST /admin/phases/{slug}/delete`: deletes a phase that nobody has used.
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Input(Deletion { reason }): Input<Deletion>,
) -> Result<NoContent, Error> {
    let phase = phase_named(app.store(), &slug, Timestamp::now()).await?;
    delete_phase(&app.services, &caller, &phase, &reason).await?;
    Ok(NoContent)
}
