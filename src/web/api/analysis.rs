use axum::Json;
use axum::extract::State;

use crate::domain::Error;
use crate::leaderboard::Analysis;
use crate::service::Caller;
use crate::web::App;
use crate::web::query::{Asked, RankingQuery};

/// `GET /analysis`: how far a phase's ranking can be trusted.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<RankingQuery>,
) -> Result<Json<Analysis>, Error> {
    let phase = query.phase(app.store()).await?;
    Ok(Json(
        app.services
            .leaderboards
            .analysis(&caller.actor, &phase, query.group()?, query.at()?)
            .await?,
    ))
}
