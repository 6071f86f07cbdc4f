//! Where an invitation link leads.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect};

use super::{Page, html};
use crate::domain::{Error, Refusal};
use crate::service::Caller;
use crate::service::teams;
use crate::store::{Invitation, Team, Timestamp};
use crate::web::App;

#[derive(Template)]
#[template(path = "team/join.html")]
struct Join {
    page: Page,
    invitation: Invitation,
    /// The address of this page.
    here: String,
    /// The team that who follows the link is in.
    team: Option<Team>,
    /// Whether that is the one that invites.
    there: bool,
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Html<String>, Error> {
    let here = format!("/join/{secret}");
    let invitation = invited_by(&app, &here).await?.ok_or(Refusal::InvitationOver)?;
    let team = caller.team().cloned();
    let there = team.as_ref().is_some_and(|team| Some(team.id) == invitation.team_id);
    html(&Join { page: Page::new(&app, &caller, "").await, invitation, here, team, there })
}

pub async fn send(
    State(app): State<App>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Redirect, Error> {
    teams::join(&app.services, &caller, &secret).await?;
    Ok(Redirect::to("/team"))
}

/// The digest of the secret in an invitation link's path.
pub fn digest(path: &str) -> Option<String> {
    path.strip_prefix("/join/").map(|secret| crate::digest::sha256(secret.as_bytes()))
}

/// The invitation behind the path of a link, if it can be followed.
pub async fn invited_by(app: &App, path: &str) -> Result<Option<Invitation>, Error> {
    match digest(path) {
        Some(digest) => Ok(app.store().invitation(&digest, Timestamp::now()).await?),
        None => Ok(None),
    }
}
