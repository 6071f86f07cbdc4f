//! Every address that takes JSON refuses the same wrong bodies in the same way, and does nothing then.

use asoca::web::ROUTES;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::acts::id;
use test_support::challenge::zip_of;
use test_support::client::{Answer, Client};
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};
use uuid::Uuid;

on_both_engines! {
    json_that_is_wrong_is_refused_everywhere_alike_and_changes_nothing,
}

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// What a POST to an address of the API takes.
enum Takes {
    /// As much, and for instance this.
    Json(usize, Value),
    Upload,
    Nothing,
}

fn taken_by(path: &str) -> Takes {
    let json = |value| Takes::Json(256 << 10, value);
    match path.strip_prefix("/api/v1").unwrap() {
        "/submissions" | "/admin/truth-sets" | "/admin/images" | "/admin/challenge/logo" => {
            Takes::Upload
        }
        "/submissions/{id}/cancel"
        | "/admin/users/{id}/reset-link"
        | "/admin/sign-ups/{id}"
        | "/admin/announcements/{id}/withdraw"
        | "/admin/challenge/logo/remove"
        | "/admin/pages/{slug}/revisions/{revision}/restore"
        | "/admin/images/{name}/delete"
        | "/admin/truth-sets/{id}/observers/remove" => Takes::Nothing,
        "/admin/decisions" => json(json!({ "submissions": [], "decision": "hide", "reason": "r" })),
        "/admin/teams/decisions" => {
            json(json!({ "teams": [], "decision": "merge", "into": "t", "reason": "r" }))
        }
        "/submissions/{id}" => json(json!({
            "method": "m", "description": "d", "url": "", "code_url": "", "data_url": "", "revision": 1,
        })),
        "/admin/teams/{id}/profile" => json(json!({
            "affiliation": "a", "website": "", "description": "d", "revision": 1,
        })),
        "/admin/teams/{id}" => json(json!({ "name": "n", "reason": "r" })),
        "/admin/users/{id}" => json(json!({ "organiser": true })),
        "/admin/settings" => json(json!({ "sign_up": "open" })),
        "/admin/invitations" => json(json!({ "whom": "ada" })),
        "/admin/phases" | "/admin/phases/{slug}" => {
            json(json!({ "slug": "new", "title": "New", "truth_set": "hidden", "quota": 3 }))
        }
        "/admin/users/{id}/anonymise" | "/admin/trials/{id}/activate" => {
            json(json!({ "reason": "r" }))
        }
        "/admin/phases/{slug}/final" => json(json!({ "final": true, "reason": "r" })),
        "/admin/phases/{slug}/snapshots" | "/admin/phases/{slug}/delete" => {
            json(json!({ "reason": "r" }))
        }
        "/admin/announcements" => json(json!({ "title": "t", "text": "t" })),
        "/admin/letters" => {
            json(json!({ "subject": "s", "text": "t", "to": "everybody", "phase": "", "key": "k" }))
        }
        "/admin/letters/preview" => {
            json(json!({ "subject": "s", "text": "t", "to": "everybody", "phase": "" }))
        }
        "/admin/mails" => json(json!({ "off": ["news"] })),
        "/admin/challenge" => json(json!({
            "name": "n", "tagline": "t", "description": "d", "contact": "", "organisers": "o",
            "licence": "l", "links": [], "hero": "nothing", "hero_picture": "", "hero_alt": "", "revision": 1,
        })),
        "/admin/pages" => json(json!({
            "slug": "new-page", "title": "t", "order": 1, "body": "b", "published": true,
        })),
        "/admin/pages/{slug}" => json(json!({
            "title": "t", "order": 1, "body": "b", "published": true, "revision": 1,
        })),
        "/admin/trials" => json(json!({ "phase": "main", "truth_set": "hidden" })),
        "/admin/truth-sets/{id}/observers" => {
            let document = json!({
                "kind": "asoca observers", "version": 1, "scorer_version": "1",
                "truth": [], "annotators": [],
            });
            Takes::Json(8 << 20, document)
        }
        _ => panic!("say what POST {path} takes"),
    }
}

struct Endpoint<'a> {
    organiser: Client,
    path: &'a str,
}

impl Endpoint<'_> {
    async fn send(&self, kind: Option<&str>, body: impl Into<Body>) -> Answer {
        let mut request = Request::post(self.path).body(body.into()).unwrap();
        if let Some(kind) = kind {
            request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
        }
        let answer = self.organiser.send(request).await;
        for word in ["struct", "serde", "Wanted", "rust", "Map<"] {
            assert!(!answer.text().contains(word), "{}: {}", self.path, answer.text());
        }
        answer
    }

    async fn refuses(&self, body: impl Into<Body>, status: StatusCode, words: &str) -> String {
        let answer = self.send(Some("application/json"), body).await;
        let codes = answer.problems(status);
        assert!(answer.text().contains(words), "{}, {words}: {}", self.path, answer.text());
        codes.first().map(|(_, code)| code.clone()).unwrap_or_default()
    }
}

async fn json_that_is_wrong_is_refused_everywhere_alike_and_changes_nothing(database: Database) {
    let site = Site::without_worker(database).await;
    // A person in a browser may do what a token may not.
    site.account("org", None, true).await;
    let organiser = site.log_in("org").await;
    let set = site.phase.truth_set_id.to_string();
    let team = site.team("Team A").await;
    let sent = team.submit(&Form::zip(&zip_of(Method::Thin))).await.expect(StatusCode::ACCEPTED);
    let sent = id(&sent);
    site.leave_queue();
    let events = async || organiser.get("/api/v1/admin/audit").await.expect(StatusCode::OK);
    let before = events().await;
    let posts = ROUTES.iter().filter(|route| route.method == "post");
    let mut swept = 0;
    for route in posts.filter(|route| route.path.starts_with("/api/v1/")) {
        let Takes::Json(most, fits) = taken_by(route.path) else { continue };
        swept += 1;
        let id = match route.path {
            path if path.contains("truth-sets") => &*set,
            // Whether it may be changed is asked before the body is looked at.
            path if path.contains("/v1/submissions/") => &*sent,
            _ => &Uuid::nil().to_string(),
        };
        let path = route.path.replace("{id}", id).replace("{slug}", "main");
        let endpoint = Endpoint { organiser: organiser.clone(), path: &path };
        // Such a document says itself what it is, and has a code of its own.
        let observers = path.ends_with("/observers");
        let (broken, wrong) = if observers {
            ((UNPROCESSABLE, "observers.invalid"), "observers.invalid")
        } else {
            ((StatusCode::BAD_REQUEST, "request.malformed"), "field.invalid")
        };

        // As many as fit, with the length said and without.
        let mut long = fits.to_string().into_bytes();
        long.resize(most + 1, b' ');
        let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
            long.chunks(16 << 10).map(|piece| Ok(piece.to_vec())).collect();
        let streamed = Body::from_stream(futures_util::stream::iter(pieces));
        for body in [Body::from(long), streamed] {
            let code = endpoint.refuses(body, StatusCode::PAYLOAD_TOO_LARGE, "bytes of JSON").await;
            assert_eq!(code, "request.too_large", "{path}");
        }

        for kind in
            [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("json")]
        {
            let answer = endpoint.send(kind, fits.to_string()).await;
            let code = answer.problem(StatusCode::UNSUPPORTED_MEDIA_TYPE);
            assert_eq!(code, "request.media_type", "{path} {kind:?}");
        }

        let text = fits.to_string();
        let cut = &text[..text.len() - 1];
        for (body, words) in [
            ("", "an empty text"),
            ("reason=r", "line 1, column 1"),
            (cut, "line 1, column"),
            (&*format!("{text} {text}"), "line 1, column"),
            ("{\n\"a\": nul}", "line 2, column 9"),
        ] {
            let code = endpoint.refuses(body.to_owned(), broken.0, words).await;
            assert_eq!(code, broken.1, "{path}: {body}");
        }

        let mut unknown = fits.clone();
        unknown["resaon"] = json!("r");
        let twice = format!("{{{},{}", &cut[1..], &text[1..]);
        for (body, words) in [
            (unknown.to_string(), "'resaon'"),
            (twice, "twice"),
            ("[]".to_owned(), "no object"),
            ("null".to_owned(), "no object"),
        ] {
            assert_eq!(endpoint.refuses(body, UNPROCESSABLE, words).await, wrong, "{path}");
        }
        for member in fits.as_object().unwrap().keys() {
            let mut spoilt = fits.clone();
            spoilt[member] = json!({ "a": 1 });
            assert_eq!(
                endpoint.refuses(spoilt.to_string(), UNPROCESSABLE, "").await,
                wrong,
                "{path} {member}"
            );
        }
    }
    assert!(swept >= 12, "only {swept} addresses take JSON");
    assert_eq!(events().await, before);
    assert_eq!(site.store.phases().await.unwrap().len(), 1);
    assert!(site.store.site_pages(true).await.unwrap().is_empty());
}
