use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::choose::choose;
use super::{Page, html};
use crate::domain::{Disclosure, Error, Group};
use crate::leaderboard::{Leaderboard, View, citation};
use crate::service::Caller;
use crate::service::phases::current_phase;
use crate::store::{Phase, Snapshot, Timestamp};
use crate::web::App;
use crate::web::query::{Asked, RankingQuery};

/// The address's word for each choice of cases, and the tab's.
pub const TABS: [(&str, &str); 3] =
    [("all", "All cases"), ("normal", "Normal"), ("diseased", "Diseased")];

#[derive(Template)]
#[template(path = "leaderboard/page.html")]
struct Shown {
    page: Page,
    leaderboard: Option<Arc<View>>,
    /// Moments whose exact ranking is published.
    snapshots: Vec<Snapshot>,
    table: Arc<str>,
    phases: Vec<Phase>,
    tabs: [(&'static str, &'static str); 3],
    group: &'static str,
    /// Goes on with an address about the same moment.
    and_at: String,
    sending: Sending,
    /// Shows the same for ever.
    permalink: String,
    bibtex: String,
}

/// Whether something that is ranked can be sent to a phase.
enum Sending {
    Open,
    /// From a moment to come.
    From(Timestamp),
    Over,
}

impl Sending {
    fn of(phase: &Phase, now: Timestamp) -> Self {
        match phase.is_open(now) {
            true => Self::Open,
            false if now < phase.opens_at => Self::From(phase.opens_at),
            false => Self::Over,
        }
    }
}

/// What is the same for everybody who sees this leaderboard.
#[derive(Template)]
#[template(path = "leaderboard/table.html")]
struct Table<'a> {
    leaderboard: &'a Leaderboard,
    group: Option<Group>,
}

impl Table<'_> {
    fn observers_before(&self, entry: &usize) -> bool {
        self.leaderboard.before_observers(self.group) == Some(*entry)
    }

    fn observers_last(&self) -> bool {
        self.observers_before(&self.leaderboard.entries.len())
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
    Asked(query): Asked<RankingQuery>,
) -> Result<Html<String>, Error> {
    let (now, at) = (Timestamp::now(), query.at()?);
    if let Some(page) = choose(&app, &caller, "/leaderboard", &query).await? {
        return Ok(page);
    }
    let phase = match query.phase.as_str() {
        "" => current_phase(app.store(), now).await?,
        _ => Some(query.phase(app.store()).await?),
    };
    let leaderboard = match &phase {
        Some(phase) => Some(app.services.leaderboards.view(&caller.actor, phase, at).await?),
        None => None,
    };
    let group = query.group()?;
    let group_word = group.map_or("all", Group::as_str);
    let mut shown = Shown {
        page: Page::new(&app, &caller, "leaderboard"),
        table: "".into(),
        phases: app.store().phases().await?,
        tabs: TABS,
        group: group_word,
        and_at: and_at(at),
        sending: phase.as_ref().map_or(Sending::Over, |phase| Sending::of(phase, now)),
        permalink: String::new(),
        bibtex: String::new(),
        leaderboard: None,
        snapshots: match &phase {
            Some(phase) => app.store().snapshots(phase.id).await?,
            None => Vec::new(),
        },
    };
    if let (Some(leaderboard), Some(phase)) = (leaderboard, phase) {
        let make = |leaderboard: &Leaderboard| {
            Table { leaderboard, group }.render().map_err(Error::internal)
        };
        shown.table = leaderboard.table(group, make)?;
        let moment = at.unwrap_or(now);
        shown.permalink = format!(
            "{}/leaderboard?phase={}&group={group_word}&at={}",
            app.services.public_url,
            // By its id: its short name may change.
            phase.id,
            moment.rfc3339()
        );
        shown.bibtex = citation(&leaderboard, moment, &shown.permalink);
        shown.leaderboard = Some(leaderboard);
    }
    html(&shown)
}
