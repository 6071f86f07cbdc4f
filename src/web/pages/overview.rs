use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::{Page, html, in_words, period};
use crate::domain::{Error, TeamId, Visibility};
use crate::leaderboard::View;
use crate::service::Caller;
use crate::service::phases::current_phase;
use crate::store::{Announcement, Phase, Timestamp};
use crate::web::App;

/// So many entries of the leaderboard are shown.
const TOP: usize = 3;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    page: Page,
    /// All phases, the first that opens first.
    timeline: Vec<Dated>,
    current: Option<Current>,
    top: Vec<Top>,
    /// The newest announcement.
    news: Option<Announcement>,
    /// How many there are in the current phase.
    cases: usize,
}

/// A phase with its dates.
struct Dated {
    title: String,
    slug: String,
    open: bool,
    /// It has opened, if only to close again.
    begun: bool,
    opens_at: Timestamp,
    closes_at: Option<Timestamp>,
    /// How long it is until it opens or closes.
    left: String,
    /// It is the one that the rest of the page is about.
    current: bool,
}

/// What can be done in the current phase.
struct Current {
    slug: String,
    title: String,
    open: bool,
    /// It is over, and takes submissions that are never ranked.
    late: bool,
    quota: i64,
    period: String,
}

/// One of the first entries of the leaderboard, with what everybody is shown of it.
struct Top {
    position: usize,
    team: String,
    team_id: TeamId,
    /// Mean Dice, if it is shown.
    dice: Option<String>,
    /// Mean HD95 in mm, if it is shown.
    hd95: Option<String>,
}

impl Dated {
    fn of(phase: &Phase, current: Option<&Phase>, now: Timestamp) -> Self {
        let next = if now < phase.opens_at { Some(phase.opens_at) } else { phase.closes_at };
        Self {
            title: phase.title.clone(),
            slug: phase.slug.clone(),
            open: phase.is_open(now),
            begun: phase.opens_at <= now,
            opens_at: phase.opens_at,
            closes_at: phase.closes_at,
            left: next.map_or_else(String::new, |then| in_words(now, then)),
            current: current.is_some_and(|current| current.id == phase.id),
        }
    }
}

/// The first entries, as far as the leaderboard shows where they stand.
fn top(view: &View) -> Vec<Top> {
    if view.visibility == Visibility::Hidden {
        return Vec::new();
    }
    let placed = view.entries.iter().filter_map(|row| Some((row, row.placed.as_ref()?)));
    let first = placed.take(TOP).map(|(row, placed)| {
        let shown = row.of(None);
        Top {
            position: placed.position,
            team: row.team.clone(),
            team_id: row.team_id,
            dice: shown.map(|shown| shown.dice.text(4)),
            hd95: shown.map(|shown| shown.hd95.text(2)),
        }
    });
    first.collect()
}

pub async fn show(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    let now = Timestamp::now();
    let current = current_phase(app.store(), now).await?;
    let mut timeline: Vec<Dated> = app
        .store()
        .phases()
        .await?
        .iter()
        .map(|phase| Dated::of(phase, current.as_ref(), now))
        .collect();
    timeline.reverse();
    let (top, cases) = match &current {
        Some(phase) => {
            let view = app.services.leaderboards.view(&caller.actor, phase, None).await?;
            (top(&view), view.case_count)
        }
        None => (Vec::new(), 0),
    };
    html(&Overview {
        page: Page::new(&app, &caller, "overview").await,
        timeline,
        top,
        cases,
        news: app.store().announcements(1).await?.pop(),
        current: current.map(|phase| Current {
            open: phase.is_open(now),
            late: phase.takes_late(now),
            quota: phase.quota,
            period: period(&phase),
            slug: phase.slug,
            title: phase.title,
        }),
    })
}
