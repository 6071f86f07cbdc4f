use axum::Json;
use axum::extract::{Path, State};
use axum::response::NoContent;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::{Error, TeamDecision, TeamId};
use crate::service::Caller;
use crate::service::decide;
use crate::service::profiles::{self, ProfileChange};
use crate::service::teams;
use crate::store::{ProfileVersion, ProfiledTeam, TeamFilter, last_of};
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

impl Expected for ProfileChange {
    const EXPECTED: &'static str = "{\"affiliation\": TEXT, \"website\": URL, \"description\": TEXT, \"revision\": NUMBER}, what is to be different of it";
}

/// A team with all that it has said of itself.
#[derive(Serialize)]
pub struct Profiled {
    #[serde(flatten)]
    team: ProfiledTeam,
    history: Vec<ProfileVersion>,
}

/// `GET /admin/teams/{id}/profile`: what a team says of itself, and all that it has said.
pub async fn profile(
    State(app): State<App>,
    Path(id): Path<TeamId>,
) -> Result<Json<Profiled>, Error> {
    let team = profiles::of(&app.services, id).await?;
    profiled(&app, team).await
}

/// `POST /admin/teams/{id}/profile`: changes what a team says of itself, and leaves what is not said.
pub async fn change_profile(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TeamId>,
    Input(to): Input<ProfileChange>,
) -> Result<Json<Profiled>, Error> {
    let team = profiles::change(&app.services, &caller, id, to).await?;
    profiled(&app, team).await
}

async fn profiled(app: &App, team: ProfiledTeam) -> Result<Json<Profiled>, Error> {
    let history = profiles::versions(&app.services, team.id).await?;
    Ok(Json(Profiled { team, history }))
}
