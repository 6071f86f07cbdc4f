//! Where the link leads that a mail can be switched off with, for people without a log-in. Mail programs send the POST
//! themselves (RFC 8058), so it asks for nothing and answers with a page rather than leading to one.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;

use super::{Page, html};
use crate::domain::{Code, Error, MailKind, UserId};
use crate::service::Caller;
use crate::web::App;

#[derive(Template)]
#[template(path = "account/unsubscribe.html")]
struct Unsubscribe {
    page: Page,
    secret: String,
    kind: MailKind,
    done: bool,
}

async fn found(app: &App, secret: &str) -> Result<(UserId, MailKind), Error> {
    let digest = crate::digest::sha256(secret.as_bytes());
    app.store().mail_link(&digest).await?.ok_or_else(|| {
        Error::new(
            Code::LinkOver,
            "a link of a mail of the last months",
            "one that is older, or of an account that was deleted",
            "Log in and switch the mails off on your account’s page.",
        )
    })
}

pub async fn form(
    State(app): State<App>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Html<String>, Error> {
    let (_, kind) = found(&app, &secret).await?;
    html(&Unsubscribe { page: Page::new(&app, &caller, "").await, secret, kind, done: false })
}

pub async fn send(
    State(app): State<App>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Html<String>, Error> {
    let (user, kind) = found(&app, &secret).await?;
    app.store().switch_mail_off(user, kind).await?;
    html(&Unsubscribe { page: Page::new(&app, &caller, "").await, secret, kind, done: true })
}
