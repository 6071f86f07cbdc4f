//! Setting a new password by a link that an organiser made.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;

use super::{Page, html, link_over};
use crate::challenge::Problem;
use crate::store::{LinkKind, Timestamp};
use crate::web::App;
use crate::web::account_fields;
use crate::web::caller::Caller;
use crate::web::failure::Failure;

#[derive(Template)]
#[template(path = "reset.html")]
struct Reset {
    page: Page,
    problems: Vec<Problem>,
    secret: String,
}

#[derive(Deserialize)]
pub struct Entered {
    password: String,
}

/// The digest of a link's secret, if the link can be used.
async fn opened(app: &App, secret: &str) -> Result<String, Failure> {
    let digest = crate::digest::sha256(secret.as_bytes());
    match app.store.is_link_open(LinkKind::Reset, &digest, Timestamp::now()).await? {
        true => Ok(digest),
        false => Err(link_over()),
    }
}

pub async fn form(
    State(app): State<App>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Response, Failure> {
    opened(&app, &secret).await?;
    let page = Page::new(&app, &caller, "");
    Ok(html(&Reset { page, problems: Vec::new(), secret })?.into_response())
}

pub async fn send(
    State(app): State<App>,
    caller: Caller,
    Path(secret): Path<String>,
    Form(entered): Form<Entered>,
) -> Result<Response, Failure> {
    // Before anything is hashed: strangers may send what they like.
    let digest = opened(&app, &secret).await?;
    if let Err(problem) = account_fields::password(&entered.password) {
        let page = Page::new(&app, &caller, "");
        let page = html(&Reset { page, problems: vec![problem], secret })?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let hash = app.passwords.hash(entered.password).await?;
    let now = Timestamp::now();
    let user = app.store.reset_password(&digest, &hash, now).await?.ok_or_else(link_over)?;
    app.store.note(Some(user), "password reset", &user.to_string(), json!({}), now).await?;
    Ok(Redirect::to("/login").into_response())
}
