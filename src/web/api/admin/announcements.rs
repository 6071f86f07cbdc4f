use axum::Json;
use axum::extract::{Path, State};
use axum::response::NoContent;
use serde::Deserialize;

use crate::domain::Error;
use crate::service::Caller;
use crate::service::announcements;
use crate::store::Announcement;
use crate::web::App;
use crate::web::answer::Created;
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
) -> Result<Created<Json<Announcement>>, Error> {
    let made = announcements::announce(&app.services, &caller, &new.title, &new.text).await?;
    Ok(Created(Json(made)))
}

/// `POST /admin/announcements/{id}/withdraw`: shows it to nobody any more.
pub async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<NoContent, Error> {
    announcements::withdraw(&app.services, &caller, &id).await?;
    Ok(NoContent)
}
