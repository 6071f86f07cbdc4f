//! What came of a form, told once on the page that its answer leads to, so that reloading the page repeats nothing.
//!
//! It travels in a cookie: whichever process answers the next request, nothing is stored, and a secret is held by nobody
//! but the browser that is to show it.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use tower_sessions::cookie::{Cookie, SameSite};

use crate::service::decide::Decided;
use crate::web::App;
use crate::web::visitor::shown;

const COOKIE: &str = "asoca-notice";
const HOST_COOKIE: &str = "__Host-asoca-notice";

/// What comes later than this is told nobody.
const KEPT: time::Duration = time::Duration::minutes(2);

/// Most decisions that failed are told one by one; a cookie is small.
const MAX_FAILED: usize = 12;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    Saved,
    PasswordChanged,
    /// A link is on its way to this address.
    Mailed(String),
    /// A token or a link made just now, and whom it is for; to be shown this once.
    Secret {
        secret: String,
        whom: String,
    },
    /// The account with this address is deleted.
    Deleted(String),
    Decided {
        done: usize,
        all: usize,
        /// Those that were not carried out, the first of them.
        failed: Vec<Decided>,
    },
}

impl Notice {
    pub fn decided(results: Vec<Decided>) -> Self {
        let (all, done) = (results.len(), results.iter().filter(|one| one.done).count());
        let failed = results.into_iter().filter(|one| !one.done).take(MAX_FAILED).collect();
        Self::Decided { done, all, failed }
    }

    /// An answer that leads to this address, where it is told.
    pub fn at(self, app: &App, address: &str) -> Response {
        let mut response = Redirect::to(address).into_response();
        let text = serde_json::to_string(&self).unwrap_or_default();
        let text = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
        set(&mut response, app, text, KEPT);
        response
    }
}

fn name(app: &App) -> &'static str {
    if app.settings.is_https() { HOST_COOKIE } else { COOKIE }
}

fn set(response: &mut Response, app: &App, value: String, kept: time::Duration) {
    let cookie = Cookie::build((name(app), value))
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(app.settings.is_https())
        .path("/")
        .max_age(kept)
        .build();
    if let Ok(value) = HeaderValue::try_from(cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// What is to be told on this page, if anything is.
pub struct Told(pub Option<Notice>);

impl FromRequestParts<App> for Told {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let read = |text: String| {
            let text = percent_decode_str(&text).decode_utf8().ok()?;
            serde_json::from_str(&text).ok()
        };
        Ok(Self(shown(&parts.headers, name(app)).and_then(read)))
    }
}

/// Makes the browser forget what was to be told, whatever it asks for next: it is for the page that a form leads to, and
/// not for who logs in afterwards.
pub async fn once(State(app): State<App>, request: Request, next: Next) -> Response {
    let had = shown(request.headers(), name(&app)).is_some();
    let mut response = next.run(request).await;
    let of_notice = |value: &HeaderValue| {
        value.to_str().is_ok_and(|text| text.split('=').next() == Some(name(&app)))
    };
    if had && !response.headers().get_all(header::SET_COOKIE).iter().any(of_notice) {
        set(&mut response, &app, String::new(), time::Duration::ZERO);
    }
    response
}
