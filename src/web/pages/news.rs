use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

use super::{Page, html};
use crate::domain::{AnnouncementId, Error};
use crate::service::Caller;
use crate::service::announcements::MAX_SHOWN;
use crate::store::{Challenge, Timestamp};
use crate::web::App;
use crate::web::markdown;

#[derive(Template)]
#[template(path = "news.html")]
struct Shown {
    page: Page,
    news: Vec<News>,
}

/// Atom (RFC 4287).
#[derive(Template)]
#[template(path = "news.xml")]
struct Feed {
    challenge: Challenge,
    url: String,
    updated: Timestamp,
    news: Vec<News>,
}

/// An announcement.
struct News {
    id: AnnouncementId,
    title: String,
    at: Timestamp,
    html: String,
}

async fn news(app: &App) -> Result<Vec<News>, Error> {
    let announcements = app.store().announcements(MAX_SHOWN).await?;
    let shown = announcements.into_iter().map(|one| News {
        html: markdown::html(&one.text),
        id: one.id,
        title: one.title,
        at: one.at,
    });
    Ok(shown.collect())
}

/// What organisers tell everybody, newest first.
pub async fn show(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    let news = news(&app).await?;
    html(&Shown { page: Page::new(&app, &caller, "about").await, news })
}

/// The same for programs that tell people what is new.
pub async fn feed(State(app): State<App>) -> Result<Response, Error> {
    let (news, challenge) = (news(&app).await?, app.store().challenge().await?);
    // An announcement never changes. A feed without any was never updated.
    let updated = news.iter().map(|one| one.at).max().unwrap_or(Timestamp::EPOCH);
    let url = app.services.public_url.clone();
    let feed = Feed { challenge, url, updated, news };
    let text = feed.render().map_err(Error::internal)?;
    // What XML 1.0 can't hold, however it is written.
    let text = text.replace(is_no_xml, "\u{fffd}");
    Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], text).into_response())
}

fn is_no_xml(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}
