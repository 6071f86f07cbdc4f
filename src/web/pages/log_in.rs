use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;

use super::{Page, html};
use crate::challenge::{Code, Problem};
use crate::store::Timestamp;
use crate::web::App;
use crate::web::account_fields;
use crate::web::auth::{AuthSession, Credentials};
use crate::web::caller::Caller;
use crate::web::failure::Failure;

#[derive(Template)]
#[template(path = "log_in.html")]
struct LogIn {
    page: Page,
    problems: Vec<Problem>,
    email: String,
    next: String,
}

#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub struct Entered {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub async fn form(
    State(app): State<App>,
    caller: Caller,
    Query(Next { next }): Query<Next>,
) -> Result<Response, Failure> {
    let page = Page::new(&app, &caller, "");
    let page = LogIn { page, problems: Vec::new(), email: String::new(), next };
    Ok(html(&page)?.into_response())
}

pub async fn send(
    State(app): State<App>,
    caller: Caller,
    mut session: AuthSession,
    Form(entered): Form<Entered>,
) -> Result<Response, Failure> {
    let Entered { email, password, next } = entered;
    let email = email.trim().to_owned();
    let who = Credentials { email: email.clone(), password };
    let now = Timestamp::now();
    if let Some(user) = session.authenticate(who).await? {
        session.login(&user).await?;
        app.store.note(Some(user.id), "log-in", &user.id.to_string(), json!({}), now).await?;
        return Ok(Redirect::to(local(&next)).into_response());
    }
    // Only where there is an account: people type anything into this field, passwords too.
    if account_fields::email(&email).is_ok()
        && let Some(user) = app.store.user_by_email(&email).await?
    {
        app.store.note(None, "failed log-in", &user.id.to_string(), json!({}), now).await?;
    }
    let problem = Problem::new(
        Code::AuthBadPassword,
        "the address and the password of an account",
        "another pair",
        "Check both; letter case matters in the password only.",
    );
    let page = Page::new(&app, &caller, "");
    let page = LogIn { page, problems: vec![problem], email, next };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}

/// Where to go after logging in: only to an address of this site.
fn local(next: &str) -> &str {
    let elsewhere =
        next.starts_with("//") || next.contains('\\') || next.contains(char::is_control);
    if next.starts_with('/') && !elsewhere { next } else { "/" }
}

pub async fn log_out(mut session: AuthSession) -> Result<Redirect, Failure> {
    session.logout().await?;
    Ok(Redirect::to("/"))
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn after_logging_in_nobody_is_sent_to_another_site() {
        assert_eq!(local("/submit?phase=one"), "/submit?phase=one");
        for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/x", ""]
        {
            assert_eq!(local(elsewhere), "/", "{elsewhere}");
        }
    }
}
