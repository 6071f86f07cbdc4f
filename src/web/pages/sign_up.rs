use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;

use super::{Page, html};
use crate::challenge::{Code, Problem};
use crate::store::{NewAccount, StoreError, Timestamp};
use crate::web::App;
use crate::web::account_fields;
use crate::web::auth::{AuthSession, begin_session};
use crate::web::caller::Caller;
use crate::web::failure::Failure;

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUp {
    page: Page,
    problems: Vec<Problem>,
    values: Entered,
}

#[derive(Default, Deserialize)]
pub struct Entered {
    email: String,
    display_name: String,
    #[serde(default)]
    affiliation: String,
    team: String,
    password: String,
}

impl Entered {
    /// Without spaces around, except in the password.
    fn trimmed(self) -> Self {
        let trim = |text: String| text.trim().to_owned();
        Self {
            email: trim(self.email),
            display_name: trim(self.display_name),
            affiliation: trim(self.affiliation),
            team: trim(self.team),
            password: self.password,
        }
    }

    fn problems(&self) -> Vec<Problem> {
        [
            account_fields::email(&self.email),
            account_fields::line("a name", &self.display_name, 1..=100),
            account_fields::line("an affiliation", &self.affiliation, 0..=200),
            account_fields::line("a team's name", &self.team, 1..=60),
            account_fields::password(&self.password),
        ]
        .into_iter()
        .filter_map(Result::err)
        .collect()
    }
}

pub async fn form(State(app): State<App>, caller: Caller) -> Result<Response, Failure> {
    let page = Page::new(&app, &caller, "");
    let page = SignUp { page, problems: Vec::new(), values: Entered::default() };
    Ok(html(&page)?.into_response())
}

pub async fn send(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    mut session: AuthSession,
    Form(entered): Form<Entered>,
) -> Result<Response, Failure> {
    let entered = entered.trimmed();
    let mut problems = entered.problems();
    if problems.is_empty() {
        let hash = app.passwords.hash(entered.password.clone()).await?;
        let new = NewAccount {
            email: &entered.email,
            display_name: &entered.display_name,
            affiliation: &entered.affiliation,
            password_hash: &hash,
            organiser: false,
            team: Some(&entered.team),
        };
        let now = Timestamp::now();
        match app.store.add_account(&new, now).await {
            Ok(id) => {
                app.store.note(Some(id), "sign-up", &id.to_string(), json!({}), now).await?;
                let user = app.store.user(id).await?.ok_or_else(Failure::not_found)?;
                begin_session(&mut session, &user, &headers, now).await?;
                return Ok(Redirect::to("/account").into_response());
            }
            Err(StoreError::Taken) => problems.push(Problem::new(
                Code::AccountTaken,
                "an address and a team's name that nobody has yet",
                "one that is taken",
                "Log in if the account is yours, or choose another name for the team.",
            )),
            Err(error) => return Err(error.into()),
        }
    }
    let page = Page::new(&app, &caller, "");
    let page = SignUp { page, problems, values: entered };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}
