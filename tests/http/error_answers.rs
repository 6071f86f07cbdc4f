//! The same failures as pages on the site and as problem documents in the API.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    an_address_that_leads_nowhere,
    a_method_that_an_address_does_not_have,
    a_query_that_can_not_be_read,
    a_form_that_can_not_be_read,
    a_form_that_is_far_too_long,
    health_is_told,
    a_database_that_is_gone_is_no_secret_but_its_error_is,
    static_files_are_served_as_what_they_are,
}

async fn an_address_that_leads_nowhere(database: Database) {
    let site = Site::without_worker(database).await;
    let page = site.anybody().get("/nowhere").await;
    assert!(page.page(StatusCode::NOT_FOUND).contains("request.not_found"));
    for path in ["/api/v1/nowhere", "/api/v1/submissions/1/nowhere", "/api/v1", "/api", "/api/"] {
        let answer = site.anybody().get(path).await;
        assert_eq!(answer.problem(StatusCode::NOT_FOUND), "request.not_found", "{path}");
    }
    let file = site.anybody().get("/static/nothing.css").await;
    assert_eq!(file.status, StatusCode::NOT_FOUND);
    assert_eq!(file.header("content-type"), Some("text/plain; charset=utf-8"));
}

async fn a_method_that_an_address_does_not_have(database: Database) {
    let site = Site::without_worker(database).await;
    let delete = |path: &str| {
        let request = Request::builder().method(Method::DELETE).uri(path);
        request.body(Body::empty()).unwrap()
    };
    let page = site.anybody().send(delete("/leaderboard")).await;
    let code = "request.method_not_allowed";
    assert!(page.page(StatusCode::METHOD_NOT_ALLOWED).contains(code));
    let answer = site.anybody().send(delete("/api/v1/leaderboard")).await;
    assert_eq!(answer.problem(StatusCode::METHOD_NOT_ALLOWED), code);
}

async fn a_query_that_can_not_be_read(database: Database) {
    let site = Site::without_worker(database).await;
    let query = "?phase=main&phase=main";
    let page = site.anybody().get(&format!("/leaderboard{query}")).await;
    assert!(page.page(StatusCode::UNPROCESSABLE_ENTITY).contains("duplicate field"));
    let answer = site.anybody().get(&format!("/api/v1/leaderboard{query}")).await;
    assert_eq!(answer.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
}

async fn a_form_that_can_not_be_read(database: Database) {
    let site = Site::without_worker(database).await;
    let incomplete = site.anybody().post("/signup", &[("email", "ada@example.org")]).await;
    assert!(incomplete.page(StatusCode::BAD_REQUEST).contains("request.malformed"));
    let json = Request::post("/login").body("{}".into()).unwrap();
    let answer = site.anybody().send(json).await;
    assert!(answer.page(StatusCode::UNSUPPORTED_MEDIA_TYPE).contains("request.media_type"));
}

async fn a_form_that_is_far_too_long(database: Database) {
    let site = Site::without_worker(database).await;
    let long = "x".repeat(100_000);
    let answer = site.anybody().post("/login", &[("email", &long), ("password", "x")]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    answer.page(StatusCode::PAYLOAD_TOO_LARGE);
}

async fn health_is_told(database: Database) {
    let site = Site::without_worker(database).await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(site.anybody().get(path).await.status, StatusCode::OK);
    }
    site.store.close().await;
    assert_eq!(site.anybody().get("/healthz").await.status, StatusCode::OK);
    // An answer stands for a second.
    let unready = async || site.anybody().get("/readyz").await.status;
    site.until(async || unready().await == StatusCode::SERVICE_UNAVAILABLE).await;
}

async fn a_database_that_is_gone_is_no_secret_but_its_error_is(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    site.store.close().await;
    let answer = team.get("/api/v1/submissions").await;
    assert_eq!(answer.problem(StatusCode::SERVICE_UNAVAILABLE), "server.unavailable");
    let page = site.anybody().get("/leaderboard").await;
    let page = page.page(StatusCode::SERVICE_UNAVAILABLE);
    for word in ["pool", "closed", "sql"] {
        assert!(!page.contains(word) && !answer.text().contains(word), "{word}: {page}");
    }
}

async fn static_files_are_served_as_what_they_are(database: Database) {
    let site = Site::without_worker(database).await;
    let overview = site.anybody().get("/").await;
    let page = overview.page(StatusCode::OK).to_owned();
    let linked: Vec<&str> =
        page.split(['"', '?']).filter(|part| part.starts_with("/static/")).collect();
    assert!(linked.len() >= 3, "{linked:?}");
    for path in linked {
        let answer = site.anybody().get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let kind = match path.rsplit_once('.').unwrap().1 {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        assert_eq!(answer.header("content-type"), Some(kind));
    }
}
