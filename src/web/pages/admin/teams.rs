use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, State};
use axum::response::{Html, Response};
use serde::Deserialize;

use crate::domain::{Error, Problem, Standing, TeamDecision, TeamId};
use crate::service::Caller;
use crate::service::decide::{self, Subject};
use crate::service::teams::{self, Listed};
use crate::store::{TeamFilter, last_of};
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::pages::notice::{Notice, Told};
use crate::web::pages::{Page, html};
use crate::web::query::Asked;

use super::bulk::Ticked;

const PAGE: i64 = 100;

#[derive(Template)]
#[template(path = "admin/teams.html")]
struct Teams {
    page: Page,
    filter: TeamFilter,
    standings: &'static [Standing],
    decisions: &'static [TeamDecision],
    rows: Vec<Listed>,
    /// Where the next page begins.
    next: Option<TeamId>,
    problems: Vec<Problem>,
    /// What became of the decisions just made.
    notice: Option<Notice>,
    /// The names of all teams, where decisions failed.
    names: HashMap<TeamId, String>,
}

impl Teams {
    /// The team's name, or its id if it is no team any more.
    fn named(&self, team: &Subject) -> String {
        let name = match team {
            Subject::Team(id) => self.names.get(id).cloned(),
            Subject::Submission(_) => None,
        };
        name.unwrap_or_else(|| team.id().to_string())
    }
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(filter): Asked<TeamFilter>,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    page(&app, &caller, filter, Vec::new(), notice).await
}

async fn page(
    app: &App,
    caller: &Caller,
    filter: TeamFilter,
    problems: Vec<Problem>,
    notice: Option<Notice>,
) -> Result<Html<String>, Error> {
    let rows = teams::list(&app.services, &filter, PAGE).await?;
    let names = match &notice {
        Some(Notice::Decided { failed, .. }) if !failed.is_empty() => {
            app.store().team_names().await?.into_iter().collect()
        }
        _ => HashMap::new(),
    };
    html(&Teams {
        page: Page::new(app, caller, "admin").await,
        standings: Standing::ALL,
        decisions: TeamDecision::ALL,
        next: last_of(&rows, PAGE, |row| row.id),
        filter,
        rows,
        problems,
        notice,
        names,
    })
}

#[derive(Deserialize)]
pub struct Renamed {
    /// Its id and the name it had when the page was shown.
    team: String,
    name: String,
    reason: String,
}

/// Gives a team another name, and shows the same list again.
pub async fn rename(
    State(app): State<App>,
    caller: Caller,
    Form(Renamed { team, name, reason }): Form<Renamed>,
) -> Result<Response, Error> {
    let (team, was) = match team.split_once(' ') {
        Some((team, was)) => (team, Some(was)),
        None => (team.as_str(), None),
    };
    let team = team.parse::<TeamId>().map_err(|_| Error::not_found())?;
    match teams::rename(&app.services, &caller, team, (was, &name), &reason).await {
        Ok(()) => Ok(Notice::Saved.at(&app, "/admin/teams")),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page(&app, &caller, TeamFilter::default(), problems, None).await?))
        }
    }
}

/// Decides about all teams that were ticked, and shows the same list again.
pub async fn decide(
    State(app): State<App>,
    caller: Caller,
    OriginalUri(here): OriginalUri,
    Asked(filter): Asked<TeamFilter>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let form = Ticked(fields);
    let decided = async {
        let (ids, decision) = (form.ids("team"), form.decision()?);
        let (into, reason) = (form.value("into"), form.value("reason"));
        decide::teams(&app.services, &caller, &ids, decision, into, reason).await
    };
    match decided.await {
        Ok(results) => Ok(Notice::decided(results).at(&app, &here.to_string())),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page(&app, &caller, filter, problems, None).await?))
        }
    }
}
