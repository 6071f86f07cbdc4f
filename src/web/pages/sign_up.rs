use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::join::{digest, invited_by};
use super::log_in::{Next, local};
use super::{Page, html};
use crate::domain::{Code, Error, Problem, Refusal, SignUp};
use crate::service::Caller;
use crate::service::fields;
use crate::service::sign_ups;
use crate::store::{Invitation, NewSignUp, StoreError, Timestamp};
use crate::web::App;
use crate::web::auth::{AuthSession, begin_session};
use crate::web::error::ErrorPage;
use crate::web::query::Asked;
use crate::web::throttle::{count_mail, count_sign_up, too_many};
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "account/sign_up.html")]
struct Shown {
    page: Page,
    problems: Vec<Problem>,
    values: Entered,
    mode: SignUp,
    /// Whose link was followed.
    invitation: Option<Invitation>,
    /// Whether the address has to be confirmed by a mail.
    mail: bool,
    /// Whether such a mail was just asked for.
    asked: bool,
}

#[derive(Default, Deserialize)]
pub struct Entered {
    email: String,
    display_name: String,
    #[serde(default)]
    affiliation: String,
    /// The team to create, if any.
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
            fields::email(&self.email),
            fields::line("a name", &self.display_name, 1..=100),
            fields::line("an affiliation", &self.affiliation, 0..=200),
            if self.team.is_empty() { Ok(()) } else { fields::team_name(&self.team) },
            fields::password(&self.password),
        ]
        .into_iter()
        .filter_map(Result::err)
        .collect()
    }
}

impl Shown {
    async fn new(app: &App, caller: &Caller, values: Entered) -> Result<Self, Error> {
        Ok(Self {
            page: Page::new(app, caller, "").await,
            problems: Vec::new(),
            mode: app.store().sign_up_mode().await?,
            invitation: invited_by(app, &values.next).await?,
            mail: app.services.mailer.is_some(),
            asked: false,
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

    /// The name of the team that is to be created: who is invited to one creates none.
    fn team(&self) -> Option<String> {
        let creates = !self.values.team.is_empty() && self.joins().is_none();
        creates.then(|| self.values.team.clone())
    }

    /// The same, if nobody has the name. Names of teams are no secret, other than addresses.
    async fn free_team(&self, app: &App) -> Result<Result<Option<String>, Problem>, Error> {
        let Some(team) = self.team() else { return Ok(Ok(None)) };
        if app.store().team_named(&team).await?.is_none() {
            return Ok(Ok(Some(team)));
        }
        Ok(Err(Problem::new(
            Code::AccountTaken,
            "a team's name that nobody has yet",
            "one that is taken",
            "Choose another name for the team, or join it by its invitation link.",
        )))
    }

    /// What of the account is taken. Only where no mail confirms addresses, and an account that exists is no secret.
    async fn taken(&self, app: &App) -> Result<Vec<Problem>, Error> {
        let mut problems: Vec<Problem> = self.free_team(app).await?.err().into_iter().collect();
        // If neither is any more, it was the address: teams don't lose their names in a moment.
        if problems.is_empty() || app.store().user_by_email(&self.values.email).await?.is_some() {
            problems.push(Problem::new(
                Code::AccountTaken,
                "an e-mail address that has no account yet",
                "one that is taken",
                "Log in if the account is yours.",
            ));
        }
        Ok(problems)
    }

    fn entered(&self, password_hash: String, team: Option<String>) -> NewSignUp {
        NewSignUp {
            email: self.values.email.clone(),
            display_name: self.values.display_name.clone(),
            affiliation: self.values.affiliation.clone(),
            password_hash,
            team,
            invitation: digest(&self.values.next),
            next: self.next().to_owned(),
        }
    }

    /// The form again, with what was wrong.
    fn refused(self, error: Error) -> Result<Response, Error> {
        let (answer, problems) = ErrorPage::of(error)?;
        Ok(answer.with(html(&Self { problems, ..self })?))
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
    Asked(Next { next }): Asked<Next>,
) -> Result<Html<String>, Error> {
    html(&Shown::new(&app, &caller, Entered { next, ..Entered::default() }).await?)
}

pub async fn send(
    State(app): State<App>,
    caller: Caller,
    visitor: Visitor,
    headers: HeaderMap,
    mut session: AuthSession,
    Form(entered): Form<Entered>,
) -> Result<Response, Error> {
    let shown = Shown::new(&app, &caller, entered.trimmed()).await?;
    if !shown.admitted() {
        // Before anything is hashed: strangers may send what they like.
        return shown.refused(Refusal::InvitationNeeded.into());
    }
    let mut problems = shown.values.problems();
    if problems.is_empty() {
        let now = Timestamp::now();
        // Only so many accounts from a network, and only so many mails to an address: whether or not anybody has it.
        let mut held_off = count_sign_up(&app, &visitor.network, now).await?;
        if held_off.is_none() && shown.mail {
            held_off = count_mail(&app, None, &shown.values.email, now).await?;
        }
        if let Some(seconds) = held_off {
            return shown.refused(too_many(seconds));
        }
        let password_hash = app.services.passwords.hash(shown.values.password.clone()).await?;
        if let Some(mailer) = app.services.mailer.clone() {
            match shown.free_team(&app).await? {
                Ok(team) => {
                    sign_ups::begin(
                        app.services.clone(),
                        mailer,
                        shown.entered(password_hash, team),
                    );
                    return Ok(html(&Shown { asked: true, ..shown })?.into_response());
                }
                Err(problem) => problems.push(problem),
            }
        } else {
            let entered = shown.entered(password_hash, shown.team());
            match app.store().sign_up(&entered.account(), entered.invitation.as_deref(), now).await
            {
                Ok(id) => {
                    let user = app.store().user(id).await?.ok_or_else(Error::not_found)?;
                    begin_session(&mut session, &user, &headers, now).await?;
                    let known = visitor.remember(&app, user.id, now).await?;
                    return Ok((known, Redirect::to(shown.next())).into_response());
                }
                Err(StoreError::Taken) => problems.extend(shown.taken(&app).await?),
                Err(error) => return Err(error.into()),
            }
        }
    }
    shown.refused(Error::of(problems))
}
