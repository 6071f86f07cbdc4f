//! Where the link leads that was mailed to a new address.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};

use super::notice::Notice;
use super::{Page, html};
use crate::domain::Error;
use crate::service::{Caller, accounts};
use crate::web::App;

#[derive(Template)]
#[template(path = "account/address.html")]
struct Address {
    page: Page,
    secret: String,
    email: String,
}

pub async fn form(
    State(app): State<App>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Html<String>, Error> {
    let email = accounts::asked_address(&app.services, &secret).await?;
    html(&Address { page: Page::new(&app, &caller, "").await, secret, email })
}

/// Only a form changes the address: programs that look at mails follow the links in them.
pub async fn send(
    State(app): State<App>,
    _: Caller,
    Path(secret): Path<String>,
) -> Result<Response, Error> {
    accounts::confirm_address(&app.services, &secret).await?;
    Ok(Notice::Saved.at(&app, "/account"))
}
