//! Public pages and documents are sent compressed, and not again to who has them.

use std::io::Read;

use asoca::domain::Feedback;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;
use test_support::client::{Answer, Client};
use test_support::site::Site;
use test_support::{Database, on_both_engines};

use crate::feedback::{send, site};
use crate::tiny::honest;

on_both_engines! {
    what_a_reader_has_is_not_sent_again_until_it_changes,
    who_is_logged_in_is_sent_everything_and_keeps_nothing,
    texts_are_compressed_for_who_takes_gzip,
}

const READS: [&str; 9] = [
    "/",
    "/scoring",
    "/leaderboard?phase=main",
    "/analysis?phase=main",
    "/docs/api",
    "/plots/progress.svg?phase=main",
    "/api/v1/leaderboard",
    "/api/v1/leaderboard?format=csv",
    "/api/v1/phases",
];

async fn asked(client: &Client, path: &str, header: &str, value: &str) -> Answer {
    client.send(Request::get(path).header(header, value).body(Body::empty()).unwrap()).await
}

async fn with_two_teams(database: Database) -> Site {
    let site = site(database, Feedback::PerCase).await;
    for (team, hit) in [("Team A", 60), ("Team B", 120)] {
        send(&site.team(team).await, &honest(hit)).await;
    }
    site
}

async fn what_a_reader_has_is_not_sent_again_until_it_changes(database: Database) {
    let site = with_two_teams(database).await;
    let reader = site.anybody();
    for path in READS {
        let first = reader.get(path).await;
        assert_eq!(first.status, StatusCode::OK, "{path}");
        assert_eq!(first.header("cache-control"), Some("no-cache"), "{path}");
        let tag = first.header("etag").unwrap().to_owned();
        let again = asked(&reader, path, "if-none-match", &tag).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(again.header("etag"), Some(tag.as_str()), "{path}");
        let other = asked(&reader, path, "if-none-match", "W/\"other\"").await;
        assert_eq!((other.status, other.body), (StatusCode::OK, first.body), "{path}");
        let api = path.starts_with("/api");
        assert_eq!(again.header("access-control-allow-origin"), api.then_some("*"), "{path}");
    }
    let tag = async |path: &str| reader.get(path).await.header("etag").unwrap().to_owned();
    let (page, json) = (tag("/leaderboard").await, tag("/api/v1/leaderboard").await);
    send(&site.team("Team C").await, &honest(90)).await;
    for (path, before) in [("/leaderboard", page), ("/api/v1/leaderboard", json)] {
        let changed = asked(&reader, path, "if-none-match", &before).await;
        assert_eq!(changed.status, StatusCode::OK, "{path}");
        assert!(changed.text().contains("Team C"), "{path}");
    }
}

async fn who_is_logged_in_is_sent_everything_and_keeps_nothing(database: Database) {
    let site = with_two_teams(database).await;
    let (browser, script) = (site.log_in("Team A").await, site.team("Team D").await);
    let tag = site.anybody().get("/api/v1/leaderboard").await;
    let tag = tag.header("etag").unwrap().to_owned();
    for reader in [&browser, &script, &site.organiser().await] {
        for path in READS {
            let answer = asked(reader, path, "if-none-match", &tag).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert_eq!(
                (answer.header("etag"), answer.header("cache-control")),
                (None, Some("no-store"))
            );
            assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        }
    }
    // Nothing but public reads is tagged.
    for path in ["/login", "/signup", "/api/v1/submissions"] {
        let answer = site.anybody().get(path).await;
        assert_eq!(
            (answer.header("etag"), answer.header("cache-control")),
            (None, Some("no-store"))
        );
    }
    let phase = json!({ "leaderboard": "hidden" });
    site.organiser()
        .await
        .post_json("/api/v1/admin/phases/main", &phase)
        .await
        .expect(StatusCode::OK);
    let hidden = asked(&site.anybody(), "/api/v1/leaderboard", "if-none-match", &tag).await;
    assert_eq!(hidden.expect(StatusCode::OK)["entries"], json!([]));
}

async fn texts_are_compressed_for_who_takes_gzip(database: Database) {
    let site = with_two_teams(database).await;
    let reader = site.anybody();
    for path in READS.into_iter().chain(["/static/asoca.css", "/static/viewer.js"]) {
        let plain = reader.get(path).await;
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        let packed = asked(&reader, path, "accept-encoding", "gzip").await;
        if plain.body.len() < 1024 {
            continue;
        }
        assert_eq!(packed.header("content-encoding"), Some("gzip"), "{path}");
        assert!(
            packed.headers.get_all("vary").iter().any(|vary| vary == "accept-encoding"),
            "{path}"
        );
        assert_eq!(packed.header("etag"), plain.header("etag"), "{path}");
        assert!(packed.body.len() < plain.body.len() * 2 / 3, "{path}");
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(packed.body.as_ref()).read_to_end(&mut text).unwrap();
        assert_eq!(text, plain.body, "{path}");
    }
    // A picture is small already.
    let picture = asked(&reader, "/example.png", "accept-encoding", "gzip").await;
    assert_eq!(picture.header("content-encoding"), None);
}
