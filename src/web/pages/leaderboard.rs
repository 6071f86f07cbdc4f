use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;

use super::{Page, html};
use crate::domain::{Disclosure, Error, Group};
use crate::store::{Phase, Snapshot, Timestamp};
use crate::web::App;
use crate::web::board::{Board, Shown, Which, board, citation};
use crate::web::caller::Caller;
use crate::web::submit::current_phase;

/// The address's word for each choice of cases, and the tab's.
pub const TABS: [(&str, &str); 3] =
    [("all", "All cases"), ("normal", "Normal"), ("diseased", "Diseased")];

#[derive(Template)]
#[template(path = "leaderboard.html")]
struct Leaderboard {
    page: Page,
    board: Option<Arc<Shown>>,
    /// Moments whose exact ranking is published.
    snapshots: Vec<Snapshot>,
    table: Arc<str>,
    phases: Vec<Phase>,
    tabs: [(&'static str, &'static str); 3],
    group: &'static str,
    /// Goes on with an address about the same moment.
    and_at: String,
    /// Shows the same for ever.
    permalink: String,
    bibtex: String,
}

/// What is the same for everybody who sees this leaderboard.
#[derive(Template)]
#[template(path = "leaderboard_table.html")]
struct Table<'a> {
    board: &'a Board,
    group: Option<Group>,
}

impl Table<'_> {
    fn observers_before(&self, entry: &usize) -> bool {
        self.board.before_observers(self.group) == Some(*entry)
    }

    fn observers_last(&self) -> bool {
        self.observers_before(&self.board.entries.len())
    }

    fn group_words(&self) -> &'static str {
        match self.group {
            None => "all cases",
            Some(Group::Normal) => "the normal cases",
            Some(Group::Diseased) => "the diseased cases",
        }
    }
}

/// Goes on with an address about the same moment.
pub fn and_at(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| format!("&at={}", at.rfc3339()))
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Html<String>, Error> {
    let (now, at) = (Timestamp::now(), which.at()?);
    let phase = if which.phase.is_empty() {
        current_phase(&app, now).await?
    } else {
        Some(which.phase(&app).await?)
    };
    let board = match &phase {
        Some(phase) => Some(board(&app, &caller, phase, at).await?),
        None => None,
    };
    let group = which.group();
    let group_word = group.map_or("all", Group::as_str);
    let mut shown = Leaderboard {
        page: Page::new(&app, &caller, "leaderboard"),
        table: "".into(),
        phases: app.store.phases().await?,
        tabs: TABS,
        group: group_word,
        and_at: and_at(at),
        permalink: String::new(),
        bibtex: String::new(),
        board: None,
        snapshots: match &phase {
            Some(phase) => app.store.snapshots(phase.id).await?,
            None => Vec::new(),
        },
    };
    if let Some(board) = board {
        let make = |board: &Board| Table { board, group }.render().map_err(Error::internal);
        shown.table = board.table(group, make)?;
        let moment = at.unwrap_or(now);
        shown.permalink = format!(
            "{}/leaderboard?phase={}&group={group_word}&at={}",
            app.settings.public_url,
            board.phase,
            moment.rfc3339()
        );
        shown.bibtex = citation(&board, moment, &shown.permalink);
        shown.board = Some(board);
    }
    html(&shown)
}
