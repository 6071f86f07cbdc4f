use axum::Json;
use axum::extract::{Query, State};

use super::OfPhase;
use crate::store::Timestamp;
use crate::web::App;
use crate::web::board::{Board, board};
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::submit::phase_named;

/// `GET /leaderboard`: the ranking of a phase, by default the open one.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(of): Query<OfPhase>,
) -> Result<Json<Board>, Failure> {
    let phase = phase_named(&app, &of.phase, Timestamp::now()).await?;
    Ok(Json(board(&app, &caller, &phase).await?))
}
