use axum::Json;
use axum::extract::{Query, State};

use crate::domain::Error;
use crate::leaderboard::Analysis;
use crate::service::Caller;
use crate::web::App;
use crate::web::query::RankingQuery;

/// `GET /analysis`: how far a phase's ranking can be trusted.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<RankingQuery>,
) -> Result<Json<Analysis>, Error> {
    let phase = query.phase(app.store()).await?;
    Ok(Json(
        app.services
            .leaderboards
            .analysis(&caller.actor, &phase, query.group(), query.at()?)
            .await?,
    ))
}
