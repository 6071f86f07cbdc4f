use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::notice::{Notice, Told};
use super::sessions::this_one;
use super::{Page, html};
use crate::domain::{Code, Error, MailKind, Problem, Scope, TokenId};
use crate::service::Caller;
use crate::service::accounts::{self, delete_own};
use crate::service::credentials::make_token;
use crate::service::fields;
use crate::store::{Session, Team, Timestamp, Token, User};
use crate::web::App;
use crate::web::auth::{AuthSession, Credentials, begin_session};
use crate::web::error::ErrorPage;
use crate::web::throttle::{Checked, check_password, count_mail, too_many};
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "account/settings.html")]
struct Account {
    page: Page,
    user: User,
    team: Option<Team>,
    tokens: Vec<Shown>,
    sessions: Vec<Session>,
    /// What the session of this request is known by.
    this_one: String,
    said: Said,
    scopes: Vec<(Scope, &'static str)>,
    /// The kinds of mail that the person can get, and whether it does; none where no mail is sent.
    mails: Vec<(MailKind, bool)>,
}

/// What came of a form of this page.
#[derive(Default)]
struct Said {
    problems: Vec<Problem>,
    notice: Option<Notice>,
}

struct Shown {
    token: Token,
    valid: bool,
    /// Where it was used from, the one met last first.
    networks: Vec<String>,
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    session: AuthSession,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    account(&app, &caller, &session, Said { notice, ..Said::default() }).await
}

async fn account(
    app: &App,
    caller: &Caller,
    session: &AuthSession,
    said: Said,
) -> Result<Html<String>, Error> {
    let user = caller.authenticated_user()?.clone();
    let now = Timestamp::now();
    let tokens = app.store().tokens_of(user.id).await?;
    let networks = app.store().token_networks(user.id).await?;
    let networks = |token: TokenId| {
        let of_token = networks.iter().filter(|seen| seen.token_id == token);
        of_token.map(|seen| seen.network.clone()).collect()
    };
    let mut scopes =
        vec![(Scope::Read, "read results"), (Scope::Submit, "read results and submit")];
    if user.organiser {
        scopes.push((Scope::Organise, "do everything I may"));
    }
    let mut mails = Vec::new();
    if app.services.mailer.is_some() {
        let off = app.store().mails_off(user.id).await?;
        let mine = kinds_for(user.organiser);
        mails.extend(mine.map(|kind| (kind, !off.contains(&kind))));
    }
    html(&Account {
        page: Page::new(app, caller, "account").await,
        team: caller.team().cloned(),
        tokens: tokens
            .into_iter()
            .map(|token| Shown { valid: token.is_valid(now), networks: networks(token.id), token })
            .collect(),
        sessions: app.store().sessions_of(user.id, now).await?,
        this_one: this_one(session),
        said,
        scopes,
        mails,
        user,
    })
}

/// The kinds of mail that somebody can get.
fn kinds_for(organiser: bool) -> impl Iterator<Item = MailKind> {
    let kinds = MailKind::ALL.iter().copied();
    kinds.filter(move |kind| organiser || !kind.is_for_organisers())
}

/// Switches kinds of mail on and off: those that are ticked are on.
pub async fn set_mails(
    State(app): State<App>,
    caller: Caller,
    Form(ticked): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let user = caller.authenticated_user()?;
    let ticked: Vec<&str> = ticked.iter().map(|(name, _)| name.as_str()).collect();
    let off = kinds_for(user.organiser).filter(|kind| !ticked.contains(&kind.as_str()));
    app.store().set_mails_off(user.id, &off.collect::<Vec<_>>()).await?;
    Ok(Notice::Saved.at(&app, "/account"))
}

/// Mails a link to the person's own address, which confirms it.
pub async fn confirm_address(
    State(app): State<App>,
    caller: Caller,
    visitor: Visitor,
    session: AuthSession,
) -> Result<Response, Error> {
    let email = caller.authenticated_user()?.email.clone();
    if app.services.mailer.is_none() {
        return Err(Error::not_found());
    }
    let now = Timestamp::now();
    if let Some(seconds) = count_mail(&app, Some(&visitor.network), &email, now).await? {
        return refused(&app, &caller, &session, too_many(seconds)).await;
    }
    accounts::change_address(&app.services, &caller, &email).await?;
    Ok(Notice::Mailed(email).at(&app, "/account"))
}

#[derive(Deserialize)]
pub struct Wanted {
    name: String,
    scope: String,
    days: u64,
}

pub async fn add_token(
    State(app): State<App>,
    caller: Caller,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Error> {
    let user = caller.authenticated_user()?;
    let name = wanted.name.trim();
    let scope: Option<Scope> = wanted.scope.parse().ok();
    let scope = scope.filter(|&scope| scope < Scope::Organise || user.organiser);
    let named = fields::line("a name", name, 1..=60).is_ok();
    let (Some(scope), true, 1..=3660) = (scope, named, wanted.days) else {
        return Err(Error::new(
            Code::FieldInvalid,
            "a name of 1 to 60 characters, one of the listed rights, and 1 to 3660 days",
            "something else",
            "Go back and choose again.",
        ));
    };
    let lifetime = Duration::from_secs(wanted.days * 24 * 3600);
    let secret = make_token(app.store(), user.id, name, scope, lifetime, Timestamp::now()).await?;
    Ok(Notice::Secret { secret, whom: name.to_owned() }.at(&app, "/account"))
}

#[derive(Deserialize)]
pub struct Profile {
    display_name: String,
    #[serde(default)]
    affiliation: String,
}

/// Changes name and affiliation, or shows the page again.
pub async fn change_profile(
    State(app): State<App>,
    caller: Caller,
    session: AuthSession,
    Form(Profile { display_name, affiliation }): Form<Profile>,
) -> Result<Response, Error> {
    let changed = accounts::change_profile(&app.services, &caller, &display_name, &affiliation);
    match changed.await {
        Ok(()) => Ok(Notice::Saved.at(&app, "/account")),
        Err(error) => refused(&app, &caller, &session, error).await,
    }
}

pub async fn revoke_token(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TokenId>,
) -> Result<Redirect, Error> {
    let user = caller.authenticated_user()?;
    if !app.store().revoke_token(user.id, id, Timestamp::now()).await? {
        return Err(Error::not_found());
    }
    Ok(Redirect::to("/account"))
}

#[derive(Deserialize)]
pub struct Passwords {
    old: String,
    new: String,
}

/// Sets a new password and ends all sessions; a new one begins here.
pub async fn change_password(
    State(app): State<App>,
    caller: Caller,
    visitor: Visitor,
    headers: HeaderMap,
    mut session: AuthSession,
    Form(Passwords { old, new }): Form<Passwords>,
) -> Result<Response, Error> {
    let email = caller.authenticated_user()?.email.clone();
    let mut problems: Vec<Problem> = fields::password(&new).err().into_iter().collect();
    if problems.is_empty() {
        let who = Credentials { email, password: old };
        match check_password(&app, &session, &visitor, who).await? {
            Checked::Right(mut user) => {
                let hash = app.services.passwords.hash(new).await?;
                let now = Timestamp::now();
                if app.store().change_password(&user, &hash, now).await? {
                    user.password_hash = hash;
                    begin_session(&mut session, &user, &headers, now).await?;
                    return Ok(Notice::PasswordChanged.at(&app, "/account"));
                }
            }
            Checked::Wrong => {}
            Checked::HeldOff(seconds) => return Err(too_many(seconds)),
        }
        problems.push(wrong_password());
    }
    refused(&app, &caller, &session, Error::of(problems)).await
}

#[derive(Deserialize)]
pub struct NewAddress {
    email: String,
    password: String,
}

/// Asks for another e-mail address, or shows the page again.
pub async fn change_address(
    State(app): State<App>,
    caller: Caller,
    visitor: Visitor,
    session: AuthSession,
    Form(NewAddress { email, password }): Form<NewAddress>,
) -> Result<Response, Error> {
    let email = email.trim();
    if let Err(problem) = fields::email(email) {
        return refused(&app, &caller, &session, problem.into()).await;
    }
    let who = Credentials { email: caller.authenticated_user()?.email.clone(), password };
    match check_password(&app, &session, &visitor, who).await? {
        Checked::Right(_) => {}
        Checked::Wrong => {
            return refused(&app, &caller, &session, wrong_password().into()).await;
        }
        Checked::HeldOff(seconds) => return Err(too_many(seconds)),
    }
    let mails = app.services.mailer.is_some();
    if mails
        && let Some(seconds) =
            count_mail(&app, Some(&visitor.network), email, Timestamp::now()).await?
    {
        return refused(&app, &caller, &session, too_many(seconds)).await;
    }
    match accounts::change_address(&app.services, &caller, email).await {
        Ok(()) if mails => Ok(Notice::Mailed(email.to_owned()).at(&app, "/account")),
        Ok(()) => Ok(Notice::Saved.at(&app, "/account")),
        Err(error) => refused(&app, &caller, &session, error).await,
    }
}

fn wrong_password() -> Problem {
    Problem::new(
        Code::AuthBadPassword,
        "your password as it was until now",
        "another one",
        "Letter case matters.",
    )
}

/// The page again, with what was wrong.
async fn refused(
    app: &App,
    caller: &Caller,
    session: &AuthSession,
    error: Error,
) -> Result<Response, Error> {
    let (answer, problems) = ErrorPage::of(error)?;
    let said = Said { problems, ..Said::default() };
    Ok(answer.with(account(app, caller, session, said).await?))
}

#[derive(Deserialize)]
pub struct Farewell {
    password: String,
}

/// Deletes the account.
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    visitor: Visitor,
    mut session: AuthSession,
    Form(Farewell { password }): Form<Farewell>,
) -> Result<Response, Error> {
    let who = Credentials { email: caller.authenticated_user()?.email.clone(), password };
    let deleted = match check_password(&app, &session, &visitor, who).await? {
        Checked::Right(user) => delete_own(&app.services, &user).await,
        Checked::Wrong => Err(Error::from(wrong_password())),
        Checked::HeldOff(seconds) => return Err(too_many(seconds)),
    };
    if let Err(error) = deleted {
        return refused(&app, &caller, &session, error).await;
    }
    session.logout().await?;
    Ok(Redirect::to("/").into_response())
}
