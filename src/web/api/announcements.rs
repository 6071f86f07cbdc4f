use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::domain::Error;
use crate::web::App;

/// The most announcements that are shown.
pub const MOST: i64 = 50;

/// `GET /announcements`: what the organisers told everybody, newest first.
pub async fn list(State(app): State<App>) -> Result<Json<Value>, Error> {
    Ok(Json(json!({ "announcements": app.store.announcements(MOST).await? })))
}
