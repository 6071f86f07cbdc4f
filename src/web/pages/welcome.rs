//! Making the first organiser's account, by the link that the server printed when it started.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{Page, html, link_over, opened};
use crate::domain::{Code, Error, Problem};
use crate::service::Caller;
use crate::service::fields;
use crate::store::{LinkKind, NewAccount, StoreError, Timestamp};
use crate::web::App;
use crate::web::auth::{AuthSession, begin_session};
use crate::web::error::ErrorPage;
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "account/welcome.html")]
struct Welcome {
    page: Page,
    problems: Vec<Problem>,
    secret: String,
    values: Entered,
}

#[derive(Default, Deserialize)]
pub struct Entered {
    email: String,
    display_name: String,
    password: String,
}

impl Entered {
    fn problems(&self) -> Vec<Problem> {
        [
            fields::email(&self.email),
            fields::line("a name", &self.display_name, 1..=100),
            fields::password(&self.password),
        ]
        .into_iter()
        .filter_map(Result::err)
        .collect()
    }
}

pub async fn form(
    State(app): State<App>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Response, Error> {
    opened(&app, LinkKind::Welcome, &secret).await?;
    let page = Page::new(&app, &caller, "").await;
    let values = Entered::default();
    Ok(html(&Welcome { page, problems: Vec::new(), secret, values })?.into_response())
}

pub async fn send(
    State(app): State<App>,
    caller: Caller,
    Path(secret): Path<String>,
    visitor: Visitor,
    headers: HeaderMap,
    mut session: AuthSession,
    Form(mut values): Form<Entered>,
) -> Result<Response, Error> {
    let digest = opened(&app, LinkKind::Welcome, &secret).await?.digest;
    values.email = values.email.trim().to_owned();
    values.display_name = values.display_name.trim().to_owned();
    let mut problems = values.problems();
    if problems.is_empty() {
        let hash = app.services.passwords.hash(values.password.clone()).await?;
        let new = NewAccount {
            email: &values.email,
            display_name: &values.display_name,
            affiliation: "",
            password_hash: &hash,
            organiser: true,
            team: None,
        };
        let now = Timestamp::now();
        match app.store().add_first_organiser(&digest, &new, now).await {
            Ok(id) => {
                let id = id.ok_or_else(link_over)?;
                let user = app.store().user(id).await?.ok_or_else(Error::not_found)?;
                begin_session(&mut session, &user, &headers, now).await?;
                let known = visitor.remember(&app, user.id, now).await?;
                return Ok((known, Redirect::to("/admin")).into_response());
            }
            Err(StoreError::Taken) => problems.push(Problem::new(
                Code::AccountTaken,
                "an address that has no account yet",
                "one that is taken",
                "Choose another address.",
            )),
            Err(error) => return Err(error.into()),
        }
    }
    let page = Page::new(&app, &caller, "").await;
    let (answer, problems) = ErrorPage::of(Error::of(problems))?;
    Ok(answer.with(html(&Welcome { page, problems, secret, values })?))
}
