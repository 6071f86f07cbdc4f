use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::store::Timestamp;
use crate::web::App;
use crate::web::board::{Board, board};
use crate::web::failure::Failure;
use crate::web::submit::phase_named;

#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    phase: String,
}

/// `GET /leaderboard`: the ranking of a phase, by default the open one.
pub async fn show(
    State(app): State<App>,
    Query(which): Query<Which>,
) -> Result<Json<Board>, Failure> {
    let phase = phase_named(&app, &which.phase, Timestamp::now()).await?;
    Ok(Json(board(&app, &phase).await?))
}
