use axum::Json;
use axum::extract::{Path, State};
use axum::response::NoContent;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::{Error, TeamDecision, TeamId};
use crate::service::Caller;
use crate::service::decide;
use crate::service::teams;
use crate::store::{TeamFilter, last_of};
use crate::web::App;
use crate::web::json::{Expected, Input};
use crate::web::query::Asked;

const PAGE: i64 = 200;

/// `GET /admin/teams`: those that fit with their members, those that wait for approval first; `next` leads to
/// the following page.
pub async fn list(
    State(app): State<App>,
    Asked(filter): Asked<TeamFilter>,
) -> Result<Json<Value>, Error> {
    let teams = teams::list(&app.services, &filter, PAGE).await?;
    let next = last_of(&teams, PAGE, |team| team.id);
    Ok(Json(json!({ "teams": teams, "next": next })))
}

#[derive(Deserialize)]
pub struct Wanted {
    teams: Vec<TeamId>,
    decision: TeamDecision,
    /// An id or a name.
    #[serde(default)]
    into: String,
    reason: String,
}

impl Expected for Wanted {
    const EXPECTED: &'static str = "{\"teams\": [ID, …], \"decision\": \"approve, suspend, reinstate, baseline, rank or merge\", \"into\": ID or name, \"reason\": TEXT}";
}

/// `POST /admin/teams/decisions`: `{"teams": [ID, …], "decision": "suspend", "reason": "…"}`, and to merge `into`.
pub async fn decide(
    State(app): State<App>,
    caller: Caller,
    Input(wanted): Input<Wanted>,
) -> Result<Json<Value>, Error> {
    let Wanted { teams, decision, into, reason } = wanted;
    let results = decide::teams(&app.services, &caller, &teams, decision, &into, &reason).await?;
    Ok(Json(json!({ "results": results })))
}

#[derive(Deserialize)]
pub struct Name {
    name: String,
    reason: String,
    #[serde(default)]
    was: Option<String>,
}

impl Expected for Name {
    const EXPECTED: &'static str = "{\"name\": TEXT, \"reason\": TEXT, \"was\": TEXT (optional)}";
}

/// `POST /admin/teams/{id}`: gives the team another name; `{"name": "…", "reason": "…"}`, refused where its name is not `"was"`.
pub async fn rename(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TeamId>,
    Input(Name { name, reason, was }): Input<Name>,
) -> Result<NoContent, Error> {
    teams::rename(&app.services, &caller, id, (was.as_deref(), &name), &reason).await?;
    Ok(NoContent)
}
