//! Public reads are compressed, and what a reader already has is not sent again.

#![expect(clippy::disallowed_types, reason = "an answer that is not sent again has another status")]

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::digest::sha256;
use crate::domain::Error;

/// What anybody may read, and keep as long as it stays the same. No page with a form that has a secret of its own.
pub const PUBLIC_READS: [&str; 25] = [
    "/",
    "/about",
    "/scoring",
    "/cases",
    "/news",
    "/news.atom",
    "/pages/{slug}",
    "/leaderboard",
    "/analysis",
    "/compare",
    "/plots/{name}",
    "/teams/{id}",
    "/entries/{id}",
    "/docs",
    "/docs/api",
    "/docs/{name}",
    "/api/v1/leaderboard",
    "/api/v1/analysis",
    "/api/v1/compare",
    "/api/v1/entries/{id}",
    "/api/v1/teams/{id}",
    "/api/v1/cases",
    "/api/v1/phases",
    "/api/v1/announcements",
    "/api/v1/challenge",
];

/// Larger answers are sent as they are made.
const MAX_BYTES: usize = 16 << 20;

/// Around [`PUBLIC_READS`] alone, so that no other request carries it: gives those of who is not logged in a weak tag by their bytes, and answers 304 to who has these already. Scripts of
/// other sites may read them: there is nothing in them that not everybody may see.
pub async fn tagged(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let api = path.starts_with("/api/");
    if *request.method() != Method::GET || !is_anonymous(request.headers()) {
        return next.run(request).await;
    }
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let (mut parts, body) = next.run(request).await.into_parts();
    parts.headers.append(header::VARY, HeaderValue::from_static("cookie, authorization"));
    if api {
        let everybody = HeaderValue::from_static("*");
        parts.headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, everybody);
    }
    let whole = body.size_hint().exact().is_some_and(|bytes| bytes <= MAX_BYTES as u64);
    if parts.status != StatusCode::OK || !whole || parts.headers.contains_key(header::SET_COOKIE) {
        return Response::from_parts(parts, body);
    }
    let Ok(bytes) = to_bytes(body, MAX_BYTES).await else {
        return Error::internal("a body that can't be read").into_response();
    };
    let known_already = parts.extensions.remove::<Tag>();
    let Tag(tag) = known_already.unwrap_or_else(|| Tag::of(&sha256(&bytes)));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let has_it = known.is_some_and(|known| holds(&known, &tag));
    if let Ok(value) = HeaderValue::try_from(tag) {
        parts.headers.insert(header::ETAG, value);
    }
    if has_it {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_ENCODING);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Whether a request comes without a session and without a token.
fn is_anonymous(headers: &HeaderMap) -> bool {
    !headers.contains_key(header::AUTHORIZATION) && !headers.contains_key(header::COOKIE)
}

/// A weak tag: what is compressed says the same as what is not. An answer may bring its own.
#[derive(Clone, Debug)]
pub struct Tag(String);

impl Tag {
    /// Of a digest in hexadecimal; half of SHA-256 is enough to tell texts apart.
    pub fn of(digest: &str) -> Self {
        Self(format!("W/\"{}\"", digest.chars().take(32).collect::<String>()))
    }
}

/// Whether `If-None-Match` has the tag, compared as weak ones are (RFC 9110, 8.8.3.2).
fn holds(known: &HeaderValue, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let known = known.to_str().unwrap_or_default();
    known.trim() == "*" || known.split(',').any(|one| opaque(one) == opaque(tag))
}

/// What is compressed: texts that are not tiny. Pictures and archives are small already, and a stream of events has to arrive as it
/// is sent.
#[derive(Clone, Copy, Debug)]
pub struct Texts;

impl Predicate for Texts {
    fn should_compress<B: HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default();
        let is_text = kind.starts_with("text/")
            || kind.starts_with("application/json")
            || kind.starts_with("application/problem+json")
            || kind.starts_with("application/x-tex")
            || kind.starts_with("application/atom+xml")
            || kind.starts_with("image/svg+xml");
        is_text
            && SizeAbove::new(1024).should_compress(response)
            && NotForContentType::SSE.should_compress(response)
    }
}

/// Whether a reader takes gzip; who weighs it with a quality is sent what every reader takes.
pub fn takes_gzip(headers: &HeaderMap) -> bool {
    let asked = headers.get_all(header::ACCEPT_ENCODING).iter();
    let texts = asked.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).any(|one| one.trim().eq_ignore_ascii_case("gzip"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Action;
    use crate::web::ROUTES;

    #[test]
    fn every_public_read_is_a_route_that_everybody_may_see_and_holds_no_secret() {
        for path in PUBLIC_READS {
            let route = ROUTES.iter().find(|route| route.path == path && route.method == "get");
            assert!(route.is_some_and(|route| route.action == Action::ViewPublic), "{path}");
            assert!(!path.contains("{secret}"));
        }
    }

    #[test]
    fn tags_are_compared_without_their_weakness() {
        let Tag(tag) = Tag::of("abc");
        for (known, same) in [
            ("W/\"abc\"", true),
            ("\"abc\"", true),
            ("\"x\", W/\"abc\"", true),
            ("*", true),
            ("\"abcd\"", false),
            ("", false),
        ] {
            assert_eq!(holds(&HeaderValue::from_static(known), &tag), same, "{known}");
        }
    }

    #[test]
    fn gzip_is_sent_to_who_names_it() {
        for (asked, takes) in [("gzip, deflate, br", true), ("br", false), ("gzip;q=0", false)] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(asked))]);
            assert_eq!(takes_gzip(&headers), takes, "{asked}");
        }
    }
}
