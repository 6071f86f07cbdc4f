use axum::Json;
use axum::extract::{Query, State};

use crate::domain::Error;
use crate::web::App;
use crate::web::analysis::{Analysis, analysis};
use crate::web::board::Which;
use crate::web::caller::Caller;

/// `GET /analysis`: how far a phase's ranking can be trusted.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Analysis>, Error> {
    let phase = which.phase(&app).await?;
    Ok(Json(analysis(&app, &caller, &phase, which.group(), which.at()?).await?))
}
