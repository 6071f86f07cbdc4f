use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::{Error, UserId};
use crate::service::Caller;
use crate::service::accounts;
use crate::web::App;
use crate::web::json::{Expected, Input};

/// `POST /admin/users/{id}/reset-link`: a link with which the person sets a new password.
pub async fn reset_link(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
) -> Result<Json<Value>, Error> {
    let user = app.store().user(id).await?.ok_or_else(Error::not_found)?;
    let link = accounts::reset_link(&app.services, &caller, &user).await?;
    Ok(Json(json!({ "user": id, "link": link })))
}

#[derive(Deserialize)]
pub struct Wanted {
    reason: String,
}

impl Expected for Wanted {
    const EXPECTED: &'static str = "{\"reason\": TEXT}";
}

/// `POST /admin/users/{id}/anonymise`: deletes the account; `{"reason": "…"}`.
pub async fn anonymise(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
    Input(Wanted { reason }): Input<Wanted>,
) -> Result<Json<Value>, Error> {
    let user = app.store().user(id).await?.ok_or_else(Error::not_found)?;
    accounts::anonymise(&app.services, &caller, &user, &reason).await?;
    Ok(Json(json!({ "user": id, "anonymised": true })))
}
