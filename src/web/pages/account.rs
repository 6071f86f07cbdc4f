use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, Redirect};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{Page, html};
use crate::challenge::{Code, Scope};
use crate::store::{Team, Timestamp, Token, User};
use crate::web::App;
use crate::web::account_fields;
use crate::web::auth::make_token;
use crate::web::caller::Caller;
use crate::web::failure::Failure;

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    page: Page,
    user: User,
    team: Option<Team>,
    tokens: Vec<Shown>,
    /// A token made just now, to be shown this once.
    fresh: Option<String>,
    scopes: Vec<(Scope, &'static str)>,
}

struct Shown {
    token: Token,
    valid: bool,
}

pub async fn show(State(app): State<App>, caller: Caller) -> Result<Html<String>, Failure> {
    account(&app, &caller, None).await
}

async fn account(
    app: &App,
    caller: &Caller,
    fresh: Option<String>,
) -> Result<Html<String>, Failure> {
    let user = caller.somebody()?.clone();
    let now = Timestamp::now();
    let tokens = app.store.tokens_of(user.id).await?;
    let mut scopes =
        vec![(Scope::Read, "read results"), (Scope::Submit, "read results and submit")];
    if user.organiser {
        scopes.push((Scope::Organise, "do everything I may"));
    }
    html(&Account {
        page: Page::new(app, caller, "account"),
        team: caller.team().cloned(),
        tokens: tokens
            .into_iter()
            .map(|token| Shown { valid: token.is_valid(now), token })
            .collect(),
        fresh,
        scopes,
        user,
    })
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
) -> Result<Html<String>, Failure> {
    let user = caller.somebody()?;
    let name = wanted.name.trim();
    let scope: Option<Scope> = wanted.scope.parse().ok();
    let scope = scope.filter(|&scope| scope < Scope::Organise || user.organiser);
    let named = account_fields::line("a name", name, 1..=60).is_ok();
    let (Some(scope), true, 1..=3660) = (scope, named, wanted.days) else {
        return Err(Failure::of(
            StatusCode::UNPROCESSABLE_ENTITY,
            Code::FieldInvalid,
            "a name of 1 to 60 characters, one of the listed rights, and 1 to 3660 days",
            "something else",
            "Go back and choose again.",
        ));
    };
    let lifetime = Duration::from_secs(wanted.days * 24 * 3600);
    let token = make_token(&app.store, user.id, name, scope, lifetime, Timestamp::now()).await?;
    account(&app, &caller, Some(token)).await
}

pub async fn revoke_token(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Redirect, Failure> {
    let user = caller.somebody()?;
    let now = Timestamp::now();
    if !app.store.revoke_token(user.id, id, now).await? {
        return Err(Failure::not_found());
    }
    app.store.note(Some(user.id), "token revoked", &id.to_string(), json!({}), now).await?;
    Ok(Redirect::to("/account"))
}
