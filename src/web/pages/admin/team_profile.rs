//! What a team says of itself, for organisers to look at and to correct.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{Html, Response};

use crate::domain::{Code, Error, Problem, TeamId};
use crate::service::{Caller, entries, profiles};
use crate::store::{ProfileVersion, ProfiledTeam};
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::pages::notice::{Notice, Told};
use crate::web::pages::team::ProfileForm;
use crate::web::pages::{Page, html};

#[derive(Template)]
#[template(path = "admin/team.html")]
struct Shown {
    page: Page,
    team: ProfiledTeam,
    /// The address of its page for everybody, if it is on a leaderboard.
    public: Option<String>,
    profile: ProfileForm,
    versions: Vec<ProfileVersion>,
    problems: Vec<Problem>,
    saved: bool,
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    let team = found(&app, &id).await?;
    let form = ProfileForm::of(team.clone());
    page(&app, &caller, team, form, Vec::new(), notice == Some(Notice::Saved)).await
}

async fn found(app: &App, id: &str) -> Result<ProfiledTeam, Error> {
    let id: TeamId = id.parse().map_err(|_| Error::not_found())?;
    profiles::of(&app.services, id).await
}

async fn page(
    app: &App,
    caller: &Caller,
    team: ProfiledTeam,
    profile: ProfileForm,
    problems: Vec<Problem>,
    saved: bool,
) -> Result<Html<String>, Error> {
    let versions = profiles::versions(&app.services, team.id).await?;
    let public = entries::page_of_team(&app.services, caller, team.id).await?;
    let page = Page::new(app, caller, "admin").await;
    html(&Shown { page, team, public, profile, versions, problems, saved })
}

pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Form(mut form): Form<ProfileForm>,
) -> Result<Response, Error> {
    let team = found(&app, &id).await?;
    match profiles::change(&app.services, &caller, team.id, form.change()).await {
        Ok(team) => Ok(Notice::Saved.at(&app, &format!("/admin/teams/{}", team.id))),
        Err(error) => {
            let team = found(&app, &id).await?;
            if error.code() == Some(Code::Stale) {
                // Both were shown: who saves again means it.
                form.revision = team.revision.to_string();
            }
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page(&app, &caller, team, form, problems, false).await?))
        }
    }
}
