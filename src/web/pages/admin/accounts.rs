use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use crate::domain::{Code, Error, Problem};
use crate::service::Caller;
use crate::service::accounts;
use crate::service::fields;
use crate::store::User;
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::pages::{Page, html};
use crate::web::query::Asked;

#[derive(Template)]
#[template(path = "admin/accounts.html")]
struct Accounts {
    page: Page,
    email: String,
    problems: Vec<Problem>,
    done: Option<Done>,
}

/// What came of a form of this page.
enum Done {
    /// A link made just now, to be shown this once.
    Link(String),
    Deleted,
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
) -> Result<Html<String>, Error> {
    let page = Page::new(&app, &caller, "admin");
    html(&Accounts { page, email, problems: Vec::new(), done: None })
}

/// The page after a form: with what came of it, or with what was wrong.
fn answer(
    app: &App,
    caller: &Caller,
    email: String,
    outcome: Result<Done, Error>,
) -> Result<Response, Error> {
    let page = Page::new(app, caller, "admin");
    match outcome {
        Ok(done) => {
            let done = Some(done);
            Ok(html(&Accounts { page, email, problems: Vec::new(), done })?.into_response())
        }
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(html(&Accounts { page, email, problems, done: None })?))
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
        Ok(Done::Link(accounts::reset_link(&app.services, &caller, &user).await?))
    };
    let made = made.await;
    answer(&app, &caller, email, made)
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
        Ok(Done::Deleted)
    };
    let deleted = deleted.await;
    answer(&app, &caller, email, deleted)
}
