//! Pages for people. One file a page.

pub mod about;
pub mod account;
pub mod address;
pub mod admin;
pub mod analysis;
mod choose;
pub mod compare;
pub mod confirm;
pub mod docs;
pub mod documents;
pub mod entry;
pub mod error;
pub mod example;
pub mod forgot;
pub mod join;
pub mod leaderboard;
pub mod log_in;
pub mod media;
pub mod news;
pub mod notice;
pub mod overview;
pub mod plots;
pub mod public_team;
mod questions;
pub mod reset;
pub mod scoring;
pub mod sessions;
pub mod sign_up;
pub mod site_page;
pub mod submissions;
pub mod submit;
pub mod team;
pub mod unsubscribe;
pub mod welcome;

use askama::Template;
use axum::response::Html;

use super::App;
use super::frame::Frame;
use crate::domain::{Action, Code, Error, may};
use crate::scoring::SCORER_VERSION;
use crate::service::Caller;
use crate::store::{Challenge, LinkKind, ListedPage, OpenLink, Phase, Timestamp};

/// What the frame around every page shows.
pub struct Page {
    /// Which entry of the menu is current.
    pub here: &'static str,
    /// The name of who is logged in.
    pub name: Option<String>,
    /// Whether the organiser area is in the menu.
    pub organiser: bool,
    /// Part of the addresses of static files, so that a new version is fetched.
    pub version: &'static str,
    pub scorer: &'static str,
    /// The server's address.
    pub url: String,
    /// What the challenge is called and says of itself.
    pub challenge: Challenge,
    /// Pages of the challenge's own, for the foot.
    pub own: Vec<ListedPage>,
}

impl Page {
    pub async fn new(app: &App, caller: &Caller, here: &'static str) -> Self {
        Self::framed(app, app.frame().await, caller, here)
    }

    /// With what the last page showed of the challenge, for when the database is not to be asked.
    pub fn as_last_shown(app: &App, caller: &Caller, here: &'static str) -> Self {
        Self::framed(app, app.last_frame(), caller, here)
    }

    fn framed(app: &App, frame: Frame, caller: &Caller, here: &'static str) -> Self {
        Self {
            challenge: frame.challenge,
            own: frame.pages,
            here,
            name: caller.user().map(|user| user.display_name.clone()),
            organiser: may(&caller.actor, Action::Organise).is_ok(),
            version: env!("CARGO_PKG_VERSION"),
            scorer: SCORER_VERSION,
            url: app.services.public_url.clone(),
        }
    }
}

fn html(page: &impl Template) -> Result<Html<String>, Error> {
    page.render().map(Html).map_err(Error::internal)
}

/// The same for a link that never was.
fn link_over() -> Error {
    Error::new(
        Code::LinkOver,
        "a link that still works",
        "one that was used, replaced or has expired",
        "Ask an organiser for a new one.",
    )
}

/// The link with this secret, if it can be used. Asked before anything is hashed: strangers may send what they like.
async fn opened(app: &App, kind: LinkKind, secret: &str) -> Result<OpenLink, Error> {
    let digest = crate::digest::sha256(secret.as_bytes());
    let link = app.store().open_link(kind, &digest, Timestamp::now()).await?;
    link.ok_or_else(link_over)
}

/// The quota's period in words.
fn period(phase: &Phase) -> String {
    match phase.quota_period_hours {
        24 => "a day".into(),
        168 => "a week".into(),
        hours if hours % 24 == 0 => format!("{} days", hours / 24),
        hours => format!("{hours} hours"),
    }
}

/// How long it is until a moment to come, roughly; nothing once it is there.
fn in_words(now: Timestamp, then: Timestamp) -> String {
    let minutes = now.until(then).as_secs().div_ceil(60);
    let (number, unit) = match minutes {
        0 => return String::new(),
        1..=119 => (minutes, "minute"),
        120..=2879 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    format!("in {number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_is_is_said_in_the_largest_unit_that_tells_enough() {
        let now = Timestamp::parse("2026-12-01T00:00:00Z").unwrap();
        for (then, words) in [
            ("2026-12-01T00:00:00Z", ""),
            ("2026-11-01T00:00:00Z", ""),
            ("2026-12-01T00:00:20Z", "in 1 minute"),
            ("2026-12-01T01:59:00Z", "in 119 minutes"),
            ("2026-12-01T02:30:00Z", "in 2 hours"),
            ("2026-12-08T12:00:00Z", "in 7 days"),
        ] {
            assert_eq!(in_words(now, Timestamp::parse(then).unwrap()), words);
        }
    }
}
