use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::{Page, html, in_words, period};
use crate::domain::{Error, Observers, Scheme};
use crate::leaderboard::reference;
use crate::service::Caller;
use crate::service::announcements::MAX_SHOWN;
use crate::service::phases::current_phase;
use crate::store::{Case, Timestamp};
use crate::web::App;
use crate::web::markdown;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    page: Page,
    phase: Option<Shown>,
    news: Vec<News>,
    cases: Vec<Case>,
    observers: Observers,
}

/// An announcement.
struct News {
    title: String,
    at: Timestamp,
    html: String,
}

/// The current phase.
struct Shown {
    title: String,
    slug: String,
    /// Its description.
    html: String,
    open: bool,
    /// It is over, and takes submissions that are never ranked.
    late: bool,
    /// It has opened, if only to close again.
    begun: bool,
    opens_at: Timestamp,
    closes_at: Option<Timestamp>,
    /// How long it is until it opens or closes.
    left: String,
    quota: i64,
    period: String,
    scheme: Scheme,
}

pub async fn show(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    let now = Timestamp::now();
    let phase = current_phase(app.store(), now).await?;
    let (cases, observers) = match phase.as_ref().map(|phase| phase.truth_set_id) {
        Some(truth) => (app.store().cases(truth).await?, reference(app.store(), truth).await?),
        None => (Vec::new(), Observers::PAPER),
    };
    let phase = phase.map(|phase| Shown {
        open: phase.is_open(now),
        late: phase.takes_late(now),
        html: markdown::html(&phase.rules.description),
        left: if now < phase.opens_at { Some(phase.opens_at) } else { phase.closes_at }
            .map_or_else(String::new, |then| in_words(now, then)),
        begun: phase.opens_at <= now,
        period: period(&phase),
        scheme: phase.rules.scheme,
        title: phase.title,
        slug: phase.slug,
        opens_at: phase.opens_at,
        closes_at: phase.closes_at,
        quota: phase.quota,
    });
    let news = app.store().announcements(MAX_SHOWN).await?;
    let news = news
        .into_iter()
        .map(|one| News { title: one.title, at: one.at, html: markdown::html(&one.text) })
        .collect();
    html(&Overview { page: Page::new(&app, &caller, "overview"), phase, news, cases, observers })
}
