//! Asking for a link to set a new password.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{Page, html};
use crate::domain::{Error, Problem};
use crate::service::Caller;
use crate::service::accounts::mail_link;
use crate::service::fields;
use crate::store::Timestamp;
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::network::Network;
use crate::web::throttle::{count_mail, too_many};

#[derive(Template)]
#[template(path = "account/forgot.html")]
struct Forgot {
    page: Page,
    problems: Vec<Problem>,
    email: String,
    /// Whether this site sends mail at all.
    mail: bool,
    /// Whether a link was just asked for.
    asked: bool,
}

impl Forgot {
    async fn new(app: &App, caller: &Caller) -> Self {
        Self {
            page: Page::new(app, caller, "").await,
            problems: Vec::new(),
            email: String::new(),
            mail: app.services.mailer.is_some(),
            asked: false,
        }
    }
}

#[derive(Deserialize)]
pub struct Entered {
    email: String,
}

pub async fn form(State(app): State<App>, caller: Caller) -> Result<Response, Error> {
    Ok(html(&Forgot::new(&app, &caller).await)?.into_response())
}

/// Says the same whether or not anybody has the address.
pub async fn send(
    State(app): State<App>,
    caller: Caller,
    network: Network,
    Form(entered): Form<Entered>,
) -> Result<Response, Error> {
    let page = Forgot::new(&app, &caller).await;
    let Some(mailer) = app.services.mailer.clone() else {
        return Ok(html(&page)?.into_response());
    };
    let email = entered.email.trim().to_owned();
    if let Err(problem) = fields::email(&email) {
        let (answer, problems) = ErrorPage::of(problem.into())?;
        return Ok(answer.with(html(&Forgot { problems, email, ..page })?));
    }
    match count_mail(&app, Some(&network), &email, Timestamp::now()).await? {
        None => {
            mail_link(app.services.clone(), mailer, email);
            Ok(html(&Forgot { asked: true, ..page })?.into_response())
        }
        Some(seconds) => {
            let (answer, problems) = ErrorPage::of(too_many(seconds))?;
            Ok(answer.with(html(&Forgot { problems, email, ..page })?))
        }
    }
}
