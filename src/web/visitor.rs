//! Who is at the other end before they log in: a network, and a browser that has logged in before.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponseParts, Response, ResponseParts};
use tower_sessions::cookie::{Cookie, SameSite};

use super::App;
use super::network::Network;
use crate::domain::{Error, UserId};
use crate::service::credentials::secret;
use crate::store::Timestamp;

/// A browser that has logged in keeps a secret of its own, so that it is known again in whatever network.
const COOKIE: &str = "asoca-browser";
const HOST_COOKIE: &str = "__Host-asoca-browser";

/// How long it is kept.
const KEPT: time::Duration = time::Duration::days(180);

#[derive(Clone, Debug)]
pub struct Visitor {
    pub network: Network,
    /// The secret that the browser shows.
    browser: Option<String>,
}

impl Visitor {
    /// As they are kept of this person: the browser, and the network where it is sure.
    fn digests(&self, user: UserId) -> Vec<String> {
        let browser = self.browser.as_deref().map(|secret| digest(user, "browser", secret));
        let network = self.network.sure().map(|network| digest(user, "network", network));
        browser.into_iter().chain(network).collect()
    }

    /// What this place is known by, if this person has logged in from it.
    pub async fn known(
        &self,
        app: &App,
        user: UserId,
        now: Timestamp,
    ) -> Result<Option<String>, Error> {
        Ok(app.store().known_place(user, &self.digests(user), now).await?)
    }

    /// Remembers that this person has logged in from here. Part of the answer, which gives the browser a new secret: one
    /// that was there may be somebody else's.
    pub async fn remember(
        &self,
        app: &App,
        user: UserId,
        now: Timestamp,
    ) -> Result<NewSecret, Error> {
        let before = self.browser.as_deref().map(|secret| digest(user, "browser", secret));
        let new = NewSecret(secret::<32>()?);
        let here = Self { browser: Some(new.0.clone()), ..self.clone() };
        app.store().remember_places(user, &here.digests(user), before.as_deref(), now).await?;
        Ok(new)
    }
}

fn digest(user: UserId, kind: &str, what: &str) -> String {
    crate::digest::sha256(format!("{kind} {user} {what}").as_bytes())
}

fn name(https: bool) -> &'static str {
    if https { HOST_COOKIE } else { COOKIE }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let network = Network::from_request_parts(parts, app).await?;
        let browser = shown(&parts.headers, name(app.settings.is_https()));
        // Nothing else was ever given out.
        Ok(Self { network, browser: browser.filter(|secret| secret.len() == 64) })
    }
}

/// The value of a cookie that the browser sends.
pub fn shown(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).filter_map(Result::ok);
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// What the browser is known by from now on.
#[derive(Clone)]
pub struct NewSecret(String);

impl IntoResponseParts for NewSecret {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.extensions_mut().insert(self);
        Ok(parts)
    }
}

/// Sets the cookie where an answer gives the browser a new secret: behind that of the session.
pub fn set_cookie(response: &mut Response, https: bool) {
    let Some(NewSecret(secret)) = response.extensions_mut().remove() else { return };
    let cookie = Cookie::build((name(https), secret))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(https)
        .path("/")
        .max_age(KEPT)
        .build();
    if let Ok(value) = HeaderValue::try_from(cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
