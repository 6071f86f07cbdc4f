use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;

use super::{Page, html};
use crate::domain::{Code, Error, Problem};
use crate::service::Caller;
use crate::store::Timestamp;
use crate::web::App;
use crate::web::auth::{AuthSession, Credentials, begin_session};
use crate::web::error::ErrorPage;
use crate::web::query::Asked;
use crate::web::throttle::{Checked, check_password, too_many};
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "account/log_in.html")]
struct LogIn {
    page: Page,
    problems: Vec<Problem>,
    email: String,
    next: String,
}

#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    pub next: String,
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
    Asked(Next { next }): Asked<Next>,
) -> Result<Response, Error> {
    let page = Page::new(&app, &caller, "").await;
    let page = LogIn { page, problems: Vec::new(), email: String::new(), next };
    Ok(html(&page)?.into_response())
}

pub async fn send(
    State(app): State<App>,
    caller: Caller,
    visitor: Visitor,
    headers: HeaderMap,
    mut session: AuthSession,
    Form(entered): Form<Entered>,
) -> Result<Response, Error> {
    let Entered { email, password, next } = entered;
    let email = email.trim().to_owned();
    let who = Credentials { email: email.clone(), password };
    let error = match check_password(&app, &session, &visitor, who).await? {
        Checked::Right(user) => {
            let now = Timestamp::now();
            begin_session(&mut session, &user, &headers, now).await?;
            app.store()
                .record_event(Some(user.id), "log-in", &user.id.to_string(), json!({}), now)
                .await?;
            let known = visitor.remember(&app, user.id, now).await?;
            return Ok((known, Redirect::to(local(&next).unwrap_or("/"))).into_response());
        }
        Checked::Wrong => {
            let mut hint = "Check both; letter case matters in the password only.".to_owned();
            if app.services.mailer.is_some() {
                hint.push_str(" Who has just signed up opens the link in the mail first.");
            }
            let (expected, found) = ("the address and the password of an account", "another pair");
            Error::new(Code::AuthBadPassword, expected, found, hint)
        }
        Checked::HeldOff(seconds) => too_many(seconds),
    };
    let page = Page::new(&app, &caller, "").await;
    let (answer, problems) = ErrorPage::of(error)?;
    Ok(answer.with(html(&LogIn { page, problems, email, next })?))
}

/// Where to go after logging in or signing up: only to an address of this site.
pub fn local(next: &str) -> Option<&str> {
    let elsewhere =
        next.starts_with("//") || next.contains('\\') || next.contains(char::is_control);
    (next.starts_with('/') && !elsewhere).then_some(next)
}

pub async fn log_out(mut session: AuthSession) -> Result<Redirect, Error> {
    session.logout().await?;
    Ok(Redirect::to("/"))
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn after_logging_in_nobody_is_sent_to_another_site() {
        assert_eq!(local("/submit?phase=one"), Some("/submit?phase=one"));
        for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/x", ""]
        {
            assert_eq!(local(elsewhere), None, "{elsewhere}");
        }
    }
}
