use axum::Json;
use axum::extract::{Path, State};

use crate::domain::Error;
use crate::service::Caller;
use crate::service::entries::{Entry, entry};
use crate::web::App;

/// `GET /entries/{id}`: what counts or counted on a leaderboard, by the submission's id.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Entry>, Error> {
    Ok(Json(entry(&app.services, &caller, &id).await?))
}
