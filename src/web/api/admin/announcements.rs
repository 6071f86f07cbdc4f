use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

use crate::store::Announcement;
use crate::web::App;
use crate::web::caller::Caller;
use crate::web::desk;
use crate::web::failure::Failure;
use crate::web::json::{Expected, Input};

#[derive(Deserialize)]
pub struct New {
    title: String,
    /// In Markdown.
    #[serde(default)]
    text: String,
}

impl Expected for New {
    const EXPECTED: &'static str = "{\"title\": TEXT, \"text\": TEXT in Markdown}";
}

/// `POST /admin/announcements`: `{"title": "…", "text": "…"}`.
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Input(new): Input<New>,
) -> Result<(StatusCode, Json<Announcement>), Failure> {
    let made = desk::announce(&app, &caller, &new.title, &new.text).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// `POST /admin/announcements/{id}/withdraw`: shows it to nobody any more.
pub async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    desk::withdraw(&app, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
