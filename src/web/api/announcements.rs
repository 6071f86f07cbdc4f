use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::domain::Error;
use crate::service::announcements::MAX_SHOWN;
use crate::web::App;

/// `GET /announcements`: the organisers' announcements, newest first.
pub async fn list(State(app): State<App>) -> Result<Json<Value>, Error> {
    Ok(Json(json!({ "announcements": app.store().announcements(MAX_SHOWN).await? })))
}
