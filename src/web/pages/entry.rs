//! An entry of a leaderboard as everybody sees it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;

use super::{Page, html};
use crate::domain::{Error, RankedMetric};
use crate::service::Caller;
use crate::service::entries::{self, Entry};
use crate::web::App;

#[derive(Template)]
#[template(path = "leaderboard/entry.html")]
struct Shown {
    page: Page,
    entry: Entry,
    /// Whether it is of the reader's team.
    own: bool,
    /// Whether the reader has its page as a submission.
    reads: bool,
}

impl Shown {
    fn name(&self) -> &str {
        if self.entry.method.is_empty() { "Entry" } else { &self.entry.method }
    }

    fn dice(&self) -> Option<String> {
        self.entry.mean(RankedMetric::Dice)
    }

    fn hd95(&self) -> Option<String> {
        self.entry.mean(RankedMetric::Hd95)
    }
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Html<String>, Error> {
    let entry = entries::entry(&app.services, &caller, &id).await?;
    html(&Shown {
        page: Page::new(&app, &caller, "leaderboard").await,
        own: caller.team().is_some_and(|team| team.id == entry.team_id),
        reads: caller.sees_all_of(entry.team_id),
        entry,
    })
}
