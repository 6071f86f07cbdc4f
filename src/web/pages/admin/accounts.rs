use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use crate::challenge::{Code, Problem};
use crate::store::User;
use crate::web::App;
use crate::web::account_fields;
use crate::web::accounts;
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::pages::{Page, html};

#[derive(Template)]
#[template(path = "admin_accounts.html")]
struct Accounts {
    page: Page,
    email: String,
    problems: Vec<Problem>,
    /// A link made just now, to be shown this once.
    link: Option<String>,
}

#[derive(Deserialize)]
pub struct Whose {
    #[serde(default)]
    email: String,
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(Whose { email }): Query<Whose>,
) -> Result<Html<String>, Failure> {
    page(&app, &caller, email, Ok(None))
}

fn page(
    app: &App,
    caller: &Caller,
    email: String,
    outcome: Result<Option<String>, Vec<Problem>>,
) -> Result<Html<String>, Failure> {
    let (link, problems) = match outcome {
        Ok(link) => (link, Vec::new()),
        Err(problems) => (None, problems),
    };
    html(&Accounts { page: Page::new(app, caller, "desk"), email, problems, link })
}

/// The page after a form: with what came of it, or with what was wrong.
fn answer(
    app: &App,
    caller: &Caller,
    email: String,
    outcome: Result<Option<String>, Failure>,
) -> Result<Response, Failure> {
    match outcome {
        Ok(link) => Ok(page(app, caller, email, Ok(link))?.into_response()),
        Err(failure) if failure.status.is_client_error() => {
            let status = failure.status;
            Ok((status, page(app, caller, email, Err(failure.problems))?).into_response())
        }
        Err(failure) => Err(failure),
    }
}

/// Whose address it is.
async fn user_with(app: &App, email: &str) -> Result<User, Failure> {
    let user = match account_fields::email(email) {
        Ok(()) => app.store.user_by_email(email).await?,
        Err(_) => None,
    };
    user.ok_or_else(|| {
        Failure::of(
            StatusCode::UNPROCESSABLE_ENTITY,
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
) -> Result<Response, Failure> {
    let email = email.trim().to_owned();
    let made = async {
        let user = user_with(&app, &email).await?;
        Ok(Some(accounts::reset_link(&app, &caller, &user).await?))
    };
    let made = made.await;
    answer(&app, &caller, email, made)
}
