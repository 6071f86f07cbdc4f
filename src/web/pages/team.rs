//! The team as its members see it.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::notice::{Notice, Told};
use super::{Page, html};
use crate::domain::{Action, Code, Error, Problem, Refusal, SignUp, Standing, TeamId, UserId, may};
use crate::service::Caller;
use crate::service::entries;
use crate::service::profiles::{self, ProfileChange};
use crate::service::teams;
use crate::store::{
    Invitation, Member, Merged, ProfileVersion, ProfiledTeam, Team, TeamProfile, Timestamp,
};
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::throttle::{count_edit, count_rename};

#[derive(Template)]
#[template(path = "team/page.html")]
struct Shown {
    page: Page,
    team: Option<Team>,
    members: Vec<Member>,
    /// Teams that have become part of this one.
    merged: Vec<Merged>,
    /// Why it is a baseline, if it is one.
    baseline: Option<String>,
    /// The address of its page for everybody, if it is on a leaderboard.
    public: Option<String>,
    /// What the form about it holds.
    profile: ProfileForm,
    /// All that it has said of itself, the latest first.
    versions: Vec<ProfileVersion>,
    /// Whether something was saved just now.
    saved: bool,
    /// The link that works at this moment.
    invitation: Option<Invitation>,
    /// A link made just now, to be shown this once.
    fresh: Option<String>,
    leads: bool,
    leaves: bool,
    /// Whether a new team has to be approved.
    approval: bool,
    /// The name that was entered for a new team.
    name: String,
    problems: Vec<Problem>,
}

/// What came of a form of this page.
#[derive(Default)]
struct Said {
    name: String,
    problems: Vec<Problem>,
    fresh: Option<String>,
    /// What was entered of a profile that is not saved.
    profile: Option<ProfileForm>,
    saved: bool,
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    let saved = notice == Some(Notice::Saved);
    let fresh = match notice {
        Some(Notice::Secret { secret, .. }) => Some(secret),
        _ => None,
    };
    page(&app, &caller, Said { fresh, saved, ..Said::default() }).await
}

async fn page(app: &App, caller: &Caller, said: Said) -> Result<Html<String>, Error> {
    let team = caller.team().cloned();
    let leads = may(&caller.actor, Action::LeadTeam).is_ok();
    let (mut members, mut merged) = (Vec::new(), Vec::new());
    let (mut invitation, mut baseline) = (None, None);
    let (mut profile, mut versions, mut public) = (said.profile, Vec::new(), None);
    if let Some(team) = &team {
        members = app.store().members_of(team.id).await?;
        merged = app.store().merged_into(team.id).await?;
        baseline = app.store().baseline(team.id).await?;
        versions = profiles::versions(&app.services, team.id).await?;
        public = entries::page_of_team(&app.services, caller, team.id).await?;
        if profile.is_none() {
            profile = Some(ProfileForm::of(profiles::of(&app.services, team.id).await?));
        }
        invitation = app.store().invitation_of(team.id, Timestamp::now()).await?;
    }
    html(&Shown {
        page: Page::new(app, caller, "team").await,
        leads,
        leaves: may(&caller.actor, Action::LeaveTeam).is_ok() && !(leads && members.len() > 1),
        approval: app.store().sign_up_mode().await? == SignUp::Approval,
        team,
        members,
        merged,
        baseline,
        public,
        profile: profile.unwrap_or_default(),
        versions,
        saved: said.saved,
        invitation,
        fresh: said.fresh,
        name: said.name,
        problems: said.problems,
    })
}

#[derive(Deserialize)]
pub struct Named {
    name: String,
}

/// Creates a team, or shows the form again.
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Form(Named { name }): Form<Named>,
) -> Result<Response, Error> {
    match teams::create(&app.services, &caller, &name).await {
        Ok(_) => Ok(Redirect::to("/team").into_response()),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            let said = Said { name: name.trim().to_owned(), problems, ..Said::default() };
            Ok(answer.with(page(&app, &caller, said).await?))
        }
    }
}

#[derive(Deserialize)]
pub struct Renamed {
    name: String,
    /// The name when the page was shown.
    was: Option<String>,
}

/// Gives the team another name, or shows the page again.
pub async fn rename(
    State(app): State<App>,
    caller: Caller,
    Form(Renamed { name, was }): Form<Renamed>,
) -> Result<Response, Error> {
    let renamed = async {
        if let Some(team) = caller.team() {
            count_rename(&app, team.id, Timestamp::now()).await?;
        }
        teams::rename_own(&app.services, &caller, was.as_deref(), &name).await
    };
    match renamed.await {
        Ok(()) => Ok(Notice::Saved.at(&app, "/team")),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            let said = Said { problems, ..Said::default() };
            Ok(answer.with(page(&app, &caller, said).await?))
        }
    }
}

/// What the form about a team says of it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ProfileForm {
    pub affiliation: String,
    pub website: String,
    pub description: String,
    pub revision: String,
}

impl ProfileForm {
    pub fn of(team: ProfiledTeam) -> Self {
        let TeamProfile { affiliation, website, description } = team.profile;
        Self { affiliation, website, description, revision: team.revision.to_string() }
    }

    pub fn change(&self) -> ProfileChange {
        ProfileChange {
            affiliation: Some(self.affiliation.clone()),
            website: Some(self.website.clone()),
            description: Some(self.description.clone()),
            revision: self.revision.parse().ok(),
        }
    }
}

/// Changes what the team says of itself, or shows the page again.
pub async fn change_profile(
    State(app): State<App>,
    caller: Caller,
    Form(mut form): Form<ProfileForm>,
) -> Result<Response, Error> {
    let team = caller.team().ok_or(Refusal::NoTeam)?.id;
    let changed = async {
        count_edit(&app, team, Timestamp::now()).await?;
        profiles::change_own(&app.services, &caller, form.change()).await
    };
    match changed.await {
        Ok(_) => Ok(Notice::Saved.at(&app, "/team")),
        Err(error) => {
            if error.code() == Some(Code::Stale) {
                // Both were shown: who saves again means it.
                form.revision = profiles::of(&app.services, team).await?.revision.to_string();
            }
            let (answer, problems) = ErrorPage::of(error)?;
            let said = Said { problems, profile: Some(form), ..Said::default() };
            Ok(answer.with(page(&app, &caller, said).await?))
        }
    }
}

/// Makes a link to join by, in place of the one before, and shows it this once.
pub async fn invite(State(app): State<App>, caller: Caller) -> Result<Response, Error> {
    let secret = teams::invite_member(&app.services, &caller).await?;
    Ok(Notice::Secret { secret, whom: String::new() }.at(&app, "/team"))
}

pub async fn withdraw(State(app): State<App>, caller: Caller) -> Result<Response, Error> {
    let withdrawn = teams::withdraw_invitation(&app.services, &caller).await;
    back(&app, &caller, withdrawn).await
}

#[derive(Deserialize)]
pub struct Successor {
    to: UserId,
}

pub async fn hand_over(
    State(app): State<App>,
    caller: Caller,
    Form(Successor { to }): Form<Successor>,
) -> Result<Response, Error> {
    let handed_over = teams::hand_over(&app.services, &caller, to).await;
    back(&app, &caller, handed_over).await
}

#[derive(Deserialize)]
pub struct Left {
    team: TeamId,
}

pub async fn leave(
    State(app): State<App>,
    caller: Caller,
    Form(Left { team }): Form<Left>,
) -> Result<Response, Error> {
    let left = teams::leave(&app.services, &caller, team).await;
    back(&app, &caller, left).await
}

/// The team's page, with what was wrong if something was.
async fn back(app: &App, caller: &Caller, done: Result<(), Error>) -> Result<Response, Error> {
    match done {
        Ok(()) => Ok(Redirect::to("/team").into_response()),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page(app, caller, Said { problems, ..Said::default() }).await?))
        }
    }
}
