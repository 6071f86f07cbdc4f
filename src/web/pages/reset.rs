//! Setting a new password by a link that an organiser made.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{Page, html, link_over, opened};
use crate::domain::{Error, Problem};
use crate::service::Caller;
use crate::service::fields;
use crate::store::{LinkKind, OpenLink, Timestamp};
use crate::web::App;
use crate::web::auth::AuthSession;
use crate::web::error::ErrorPage;
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "account/reset.html")]
struct Reset {
    page: Page,
    problems: Vec<Problem>,
    secret: String,
    /// Whose password it is.
    email: String,
}

#[derive(Deserialize)]
pub struct Entered {
    password: String,
}

pub async fn form(
    State(app): State<App>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Response, Error> {
    let email = opened(&app, LinkKind::Reset, &secret).await?.email.unwrap_or_default();
    let page = Page::new(&app, &caller, "").await;
    Ok(html(&Reset { page, problems: Vec::new(), secret, email })?.into_response())
}

pub async fn send(
    State(app): State<App>,
    caller: Caller,
    Path(secret): Path<String>,
    visitor: Visitor,
    mut session: AuthSession,
    Form(entered): Form<Entered>,
) -> Result<Response, Error> {
    let OpenLink { digest, email } = opened(&app, LinkKind::Reset, &secret).await?;
    if let Err(problem) = fields::password(&entered.password) {
        let page = Page::new(&app, &caller, "").await;
        let email = email.unwrap_or_default();
        let (answer, problems) = ErrorPage::of(problem.into())?;
        return Ok(answer.with(html(&Reset { page, problems, secret, email })?));
    }
    let hash = app.services.passwords.hash(entered.password).await?;
    let now = Timestamp::now();
    let Some(user) = app.store().reset_password(&digest, &hash, now).await? else {
        return Err(link_over());
    };
    // Whoever this browser was logged in as: nobody is to take somebody else's session for their own.
    session.logout().await?;
    // Whoever tries passwords meanwhile, they get in from here.
    let known = visitor.remember(&app, user, now).await?;
    Ok((known, Redirect::to("/login")).into_response())
}
