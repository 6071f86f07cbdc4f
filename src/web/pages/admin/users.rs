//! Who has an account, who organises, and who gets in.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect, Response};
use serde::Deserialize;

use crate::domain::{Error, Problem, SignUp, UserId};
use crate::service::sign_ups::{self, Waiting};
use crate::service::teams;
use crate::service::{Caller, accounts};
use crate::store::{Person, PersonFilter, last_of};
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::pages::notice::{Notice, Told};
use crate::web::pages::{Page, html};
use crate::web::query::Asked;

const PAGE: i64 = 100;

#[derive(Template)]
#[template(path = "admin/users.html")]
struct Users {
    page: Page,
    filter: PersonFilter,
    rows: Vec<Person>,
    /// Where the next page begins.
    next: Option<UserId>,
    /// Who looks.
    me: UserId,
    mode: SignUp,
    modes: [(SignUp, &'static str); 3],
    /// What came of a form of this page.
    notice: Option<Notice>,
    problems: Vec<Problem>,
    /// Who has signed up and not confirmed the address yet.
    waiting: Vec<Waiting>,
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(filter): Asked<PersonFilter>,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    page(&app, &caller, filter, notice, Vec::new()).await
}

async fn page(
    app: &App,
    caller: &Caller,
    filter: PersonFilter,
    notice: Option<Notice>,
    problems: Vec<Problem>,
) -> Result<Html<String>, Error> {
    let rows = app.store().people(&filter, PAGE).await?;
    html(&Users {
        page: Page::new(app, caller, "admin").await,
        next: last_of(&rows, PAGE, |row| row.id),
        filter,
        rows,
        me: caller.authenticated_user()?.id,
        mode: app.store().sign_up_mode().await?,
        modes: [
            (SignUp::Open, "everybody; each phase says whether a new team can submit at once"),
            (SignUp::Approval, "everybody; an organiser approves new teams for all phases"),
            (SignUp::Invitation, "people with an invitation link of a team or an organiser"),
        ],
        notice,
        problems,
        waiting: sign_ups::waiting(&app.services).await?,
    })
}

#[derive(Deserialize)]
pub struct Role {
    organiser: bool,
}

/// Makes somebody an organiser, or no longer one.
pub async fn set_role(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<UserId>,
    Form(Role { organiser }): Form<Role>,
) -> Result<Redirect, Error> {
    accounts::set_organiser(&app.services, &caller, user, organiser).await?;
    Ok(Redirect::to("/admin/users"))
}

/// Makes the account of somebody who has not confirmed the address.
pub async fn let_in(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    sign_ups::let_in(&app.services, &caller, &id).await?;
    Ok(Redirect::to("/admin/users"))
}

#[derive(Deserialize)]
pub struct Mode {
    sign_up: SignUp,
    /// What the form had shown.
    was: Option<SignUp>,
}

pub async fn set_sign_up(
    State(app): State<App>,
    caller: Caller,
    Form(Mode { sign_up, was }): Form<Mode>,
) -> Result<Response, Error> {
    match accounts::set_sign_up_mode(&app.services, &caller, was, sign_up).await {
        Ok(()) => Ok(Notice::Saved.at(&app, "/admin/users")),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page(&app, &caller, PersonFilter::default(), None, problems).await?))
        }
    }
}

#[derive(Deserialize)]
pub struct Invited {
    whom: String,
}

pub async fn invite(
    State(app): State<App>,
    caller: Caller,
    Form(Invited { whom }): Form<Invited>,
) -> Result<Response, Error> {
    let filter = PersonFilter::default();
    match teams::invite_person(&app.services, &caller, &whom).await {
        Ok(secret) => Ok(Notice::Secret { secret, whom }.at(&app, "/admin/users")),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page(&app, &caller, filter, None, problems).await?))
        }
    }
}
