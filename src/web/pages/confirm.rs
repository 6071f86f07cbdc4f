//! Where the link leads that was mailed to who signed up. The password is asked for: whoever wrote the address need not be
//! whom the mail reaches, and nobody is to confirm an account of somebody else's.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::log_in::local;
use super::{Page, html};
use crate::domain::{Code, Error, Problem};
use crate::service::Caller;
use crate::store::{SignedUp, StoreError, Timestamp};
use crate::web::App;
use crate::web::auth::{AuthSession, begin_session};
use crate::web::error::ErrorPage;
use crate::web::throttle::{count_confirmation, too_many};
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "account/confirm.html")]
struct Confirm {
    page: Page,
    problems: Vec<Problem>,
    secret: String,
    email: String,
}

#[derive(Deserialize)]
pub struct Entered {
    password: String,
}

async fn opened(app: &App, secret: &str) -> Result<SignedUp, Error> {
    let digest = crate::digest::sha256(secret.as_bytes());
    let found = app.store().signed_up(&digest, Timestamp::now()).await?;
    found.ok_or_else(over)
}

fn over() -> Error {
    Error::new(
        Code::LinkOver,
        "a link that still works",
        "one that was used, replaced or has expired",
        "Log in if you have an account by now, or sign up again: another mail comes.",
    )
}

pub async fn form(
    State(app): State<App>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Html<String>, Error> {
    let email = opened(&app, &secret).await?.entered.email;
    html(&Confirm { page: Page::new(&app, &caller, "").await, problems: Vec::new(), secret, email })
}

pub async fn send(
    State(app): State<App>,
    caller: Caller,
    Path(secret): Path<String>,
    visitor: Visitor,
    headers: HeaderMap,
    mut session: AuthSession,
    Form(Entered { password }): Form<Entered>,
) -> Result<Response, Error> {
    let of = opened(&app, &secret).await?;
    let now = Timestamp::now();
    let page = Page::new(&app, &caller, "").await;
    let page = Confirm { page, problems: Vec::new(), secret, email: of.entered.email.clone() };
    let refused = |error: Error| {
        let (answer, problems) = ErrorPage::of(error)?;
        Ok(answer.with(html(&Confirm { problems, ..page })?))
    };
    if let Some(seconds) = count_confirmation(&app, &of.digest, now).await? {
        return refused(too_many(seconds));
    }
    if !app.services.passwords.verify(password, Some(of.entered.password_hash.clone())).await? {
        return refused(Error::new(
            Code::AuthBadPassword,
            "the password that you chose when you signed up",
            "another one",
            "If it is lost, sign up again: another mail comes. If you did not sign up, leave this alone.",
        ));
    }
    let (user, whole) = match app.store().confirm_sign_up(&of, now).await {
        // Somebody was faster, with another of the links.
        Err(StoreError::Taken) => return Err(over()),
        made => made?,
    };
    app.store().set_confirmed(user, now).await?;
    let user = app.store().user(user).await?.ok_or_else(Error::not_found)?;
    begin_session(&mut session, &user, &headers, now).await?;
    let known = visitor.remember(&app, user.id, now).await?;
    let next = if whole { local(&of.entered.next).unwrap_or("/account") } else { "/team" };
    Ok((known, Redirect::to(next)).into_response())
}
