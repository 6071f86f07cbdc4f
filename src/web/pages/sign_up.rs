use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::join::{digest, invited_by};
use super::log_in::{Next, local};
use super::{Page, html};
use crate::challenge::{Code, Problem, Refusal, SignUp};
use crate::store::{Invitation, NewAccount, StoreError, Timestamp};
use crate::web::App;
use crate::web::account_fields;
use crate::web::auth::{AuthSession, begin_session};
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::place::Place;
use crate::web::throttle::{count_sign_up, too_many};

#[derive(Template)]
#[template(path = "sign_up.html")]
struct Shown {
    page: Page,
    problems: Vec<Problem>,
    values: Entered,
    mode: SignUp,
    /// Whose link was followed.
    invitation: Option<Invitation>,
}

#[derive(Default, Deserialize)]
pub struct Entered {
    email: String,
    display_name: String,
    #[serde(default)]
    affiliation: String,
    /// The team to found, if any.
    #[serde(default)]
    team: String,
    password: String,
    /// Where to go afterwards; an invitation's link, if one was followed.
    #[serde(default)]
    next: String,
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
            next: self.next,
        }
    }

    fn problems(&self) -> Vec<Problem> {
        [
            account_fields::email(&self.email),
            account_fields::line("a name", &self.display_name, 1..=100),
            account_fields::line("an affiliation", &self.affiliation, 0..=200),
            if self.team.is_empty() { Ok(()) } else { account_fields::team_name(&self.team) },
            account_fields::password(&self.password),
        ]
        .into_iter()
        .filter_map(Result::err)
        .collect()
    }
}

impl Shown {
    async fn new(app: &App, caller: &Caller, values: Entered) -> Result<Self, Failure> {
        Ok(Self {
            page: Page::new(app, caller, ""),
            problems: Vec::new(),
            mode: app.store.sign_up_mode().await?,
            invitation: invited_by(app, &values.next).await?,
            values,
        })
    }

    /// Whether an account can be made at all.
    fn admitted(&self) -> bool {
        self.mode != SignUp::Invitation || self.invitation.is_some()
    }

    /// The team whose invitation was followed.
    fn joins(&self) -> Option<&str> {
        self.invitation.as_ref().and_then(|invitation| invitation.team_name.as_deref())
    }

    /// Where a new person goes.
    fn next(&self) -> &str {
        match &self.invitation {
            // It has been followed to its end.
            Some(Invitation { team_id: None, .. }) => "/account",
            _ => local(&self.values.next).unwrap_or("/account"),
        }
    }
}

pub async fn form(
    State(app): State<App>,
    caller: Caller,
    Query(Next { next }): Query<Next>,
) -> Result<Html<String>, Failure> {
    html(&Shown::new(&app, &caller, Entered { next, ..Entered::default() }).await?)
}

pub async fn send(
    State(app): State<App>,
    caller: Caller,
    place: Place,
    headers: HeaderMap,
    mut session: AuthSession,
    Form(entered): Form<Entered>,
) -> Result<Response, Failure> {
    let mut shown = Shown::new(&app, &caller, entered.trimmed()).await?;
    if !shown.admitted() {
        // Before anything is hashed: strangers may send what they like.
        let Failure { status, problems, .. } = Refusal::InvitationNeeded.into();
        shown.problems = problems;
        return Ok((status, html(&shown)?).into_response());
    }
    let entered = &shown.values;
    let mut problems = entered.problems();
    if problems.is_empty() {
        if let Some(seconds) = count_sign_up(&app, &place.network, Timestamp::now()).await? {
            shown.problems = vec![too_many(seconds)];
            let wait = [(header::RETRY_AFTER, seconds.to_string())];
            return Ok((StatusCode::TOO_MANY_REQUESTS, wait, html(&shown)?).into_response());
        }
        let hash = app.passwords.hash(entered.password.clone()).await?;
        let founds = !entered.team.is_empty() && shown.joins().is_none();
        let new = NewAccount {
            email: &entered.email,
            display_name: &entered.display_name,
            affiliation: &entered.affiliation,
            password_hash: &hash,
            organiser: false,
            team: Some(entered.team.as_str()).filter(|_| founds),
        };
        let now = Timestamp::now();
        match app.store.sign_up(&new, digest(&entered.next).as_deref(), now).await {
            Ok(id) => {
                let user = app.store.user(id).await?.ok_or_else(Failure::not_found)?;
                begin_session(&mut session, &user, &headers, now).await?;
                let known = place.remember(&app, user.id, now).await?;
                return Ok((known, Redirect::to(shown.next())).into_response());
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
    shown.problems = problems;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&shown)?).into_response())
}
