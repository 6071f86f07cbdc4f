use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::{Page, html};
use crate::challenge::Group;
use crate::store::{Phase, Timestamp};
use crate::web::App;
use crate::web::board::{Board, board};
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::submit::{current_phase, phase_named};

#[derive(Template)]
#[template(path = "leaderboard.html")]
struct Leaderboard {
    page: Page,
    board: Option<Board>,
    phases: Vec<Phase>,
    /// The address's word for each choice of cases, and the tab's.
    tabs: [(&'static str, &'static str); 3],
    group: &'static str,
    group_words: &'static str,
    chosen: Option<Group>,
}

#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    phase: String,
    #[serde(default)]
    group: String,
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Html<String>, Failure> {
    let now = Timestamp::now();
    let phase = if which.phase.is_empty() {
        current_phase(&app, now).await?
    } else {
        Some(phase_named(&app, &which.phase, now).await?)
    };
    let board = match &phase {
        Some(phase) => Some(board(&app, &caller, phase).await?),
        None => None,
    };
    let chosen: Option<Group> = which.group.parse().ok();
    html(&Leaderboard {
        page: Page::new(&app, &caller, "leaderboard"),
        board,
        phases: app.store.phases().await?,
        tabs: [("all", "All cases"), ("normal", "Normal"), ("diseased", "Diseased")],
        group: chosen.map_or("all", Group::as_str),
        group_words: match chosen {
            None => "all cases",
            Some(Group::Normal) => "the normal cases",
            Some(Group::Diseased) => "the diseased cases",
        },
        chosen,
    })
}
