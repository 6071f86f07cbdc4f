use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::store::Timestamp;
use crate::web::App;
use crate::web::analysis::{Analysis, analysis};
use crate::web::board::moment;
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::submit::phase_named;

#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    phase: String,
    /// `normal`, `diseased`, or anything else for all cases.
    #[serde(default)]
    group: String,
    /// The moment whose ranking is meant.
    #[serde(default)]
    at: String,
}

/// `GET /analysis`: how far a phase's ranking can be trusted.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Analysis>, Failure> {
    let phase = phase_named(&app, &which.phase, Timestamp::now()).await?;
    Ok(Json(analysis(&app, &caller, &phase, which.group.parse().ok(), moment(&which.at)?).await?))
}
