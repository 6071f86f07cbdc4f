use askama::Template;
use axum::response::Html;

use super::leaderboard::and_at;
use super::{Page, html};
use crate::domain::Error;
use crate::service::Caller;
use crate::service::phases::several_open;
use crate::store::{Phase, Timestamp};
use crate::web::App;
use crate::web::query::RankingQuery;

#[derive(Template)]
#[template(path = "leaderboard/choose.html")]
struct Choose<'a> {
    page: Page,
    path: &'a str,
    open: Vec<&'a Phase>,
    /// What else the address said.
    rest: String,
}

/// The page to choose a phase on, where several are open and the address of the page at `path` names none.
pub async fn choose(
    app: &App,
    caller: &Caller,
    path: &str,
    query: &RankingQuery,
) -> Result<Option<Html<String>>, Error> {
    if !query.phase.is_empty() {
        return Ok(None);
    }
    let phases = app.store().phases().await?;
    let Some(open) = several_open(&phases, Timestamp::now()) else { return Ok(None) };
    let group = query.group()?.map_or_else(String::new, |group| format!("&group={group}"));
    let rest = group + &and_at(query.at()?);
    html(&Choose { page: Page::new(app, caller, "leaderboard").await, path, open, rest }).map(Some)
}
