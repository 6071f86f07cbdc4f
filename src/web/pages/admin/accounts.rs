use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{Html, Response};
use serde::Deserialize;

use crate::domain::{Code, Error, Problem};
use crate::service::Caller;
use crate::service::accounts;
use crate::service::fields;
use crate::store::User;
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::pages::notice::{Notice, Told};
use crate::web::pages::{Page, html};
use crate::web::query::Asked;

#[derive(Template)]
#[template(path = "admin/accounts.html")]
struct Accounts {
    page: Page,
    email: String,
    problems: Vec<Problem>,
    /// What came of a form of this page.
    notice: Option<Notice>,
}

#[derive(Deserialize)]
pub struct Whose {
    #[serde(default)]
    email: String,
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Asked(Whose { email }): Asked<Whose>,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    let page = Page::new(&app, &caller, "admin").await;
    html(&Accounts { page, email, problems: Vec::new(), notice })
}

/// The way back from a form: to what came of it, or the page with what was wrong.
async fn answer(
    app: &App,
    caller: &Caller,
    email: String,
    outcome: Result<Notice, Error>,
) -> Result<Response, Error> {
    match outcome {
        Ok(notice) => Ok(notice.at(app, "/admin/reset-link")),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            let page = Page::new(app, caller, "admin").await;
            Ok(answer.with(html(&Accounts { page, email, problems, notice: None })?))
        }
    }
}

/// Whose address it is.
async fn user_with(app: &App, email: &str) -> Result<User, Error> {
    let user = match fields::email(email) {
        Ok(()) => app.store().user_by_email(email).await?,
        Err(_) => None,
    };
    user.ok_or_else(|| {
        Error::new(
            Code::FieldInvalid,
            "the address of an account",
            "one that nobody has",
            "Letter case doesn't matter; look for typing errors.",
        )
    })
}

pub async fn reset_link(
    State(app): State<App>,
    caller: Caller,
    Form(Whose { email }): Form<Whose>,
) -> Result<Response, Error> {
    let email = email.trim().to_owned();
    let made = async {
        let user = user_with(&app, &email).await?;
        let secret = accounts::reset_link(&app.services, &caller, &user).await?;
        Ok(Notice::Secret { secret, whom: user.email })
    };
    let made = made.await;
    answer(&app, &caller, email, made).await
}

#[derive(Deserialize)]
pub struct Unwanted {
    #[serde(default)]
    email: String,
    #[serde(default)]
    reason: String,
}

pub async fn anonymise(
    State(app): State<App>,
    caller: Caller,
    Form(Unwanted { email, reason }): Form<Unwanted>,
) -> Result<Response, Error> {
    let email = email.trim().to_owned();
    let deleted = async {
        let user = user_with(&app, &email).await?;
        accounts::anonymise(&app.services, &caller, &user, &reason).await?;
        Ok(Notice::Deleted(user.email))
    };
    let deleted = deleted.await;
    answer(&app, &caller, email, deleted).await
}
