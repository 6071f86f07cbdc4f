//! The page about the API describes every member of every JSON answer.

use std::collections::{BTreeMap, BTreeSet};

use asoca::domain::OF_VESSELS;
use asoca::web::{DESCRIBED, ROUTES};
use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::acts::{SETS, TRIALS, id};
use test_support::challenge::spoilt_zip;
use test_support::client::Client;
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

use crate::truth::truth_of;

on_both_engines! {
    every_member_of_every_answer_is_described,
}

/// The names of all members, at any depth. What an event says besides is its action's.
fn names(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                into.insert(name.clone());
                if name != "detail" {
                    names(value, into);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| names(value, into)),
        _ => {}
    }
}

/// The members that may be in an answer of this address: of what is said to be there, and of what that is made of.
fn described(path: &str) -> BTreeSet<&'static str> {
    const PARTS: [&str; 4] = ["Case", "Vessel metrics", "Groups, summaries and intervals", "Error"];
    let is_there = |at: &str| at.split([',', ' ']).any(|at| at == path);
    let mut found = BTreeSet::new();
    for kind in DESCRIBED.iter().filter(|kind| is_there(kind.at) || PARTS.contains(&kind.title)) {
        found.extend(kind.members.iter().map(|(name, ..)| name.trim_end_matches("[]")));
    }
    found
}

async fn every_member_of_every_answer_is_described(database: Database) {
    let site = Site::start(database).await;
    let (first, second) = (site.team("First").await, site.team("Second").await);
    let sent = first.score(Method::Thin).await;
    second.score(Method::Leaky).await;
    // The same masks again: a reason to look.
    second.score(Method::Thin).await;
    let organiser = site.organiser().await;
    organiser.decide(&[sent["id"].as_str().unwrap()], "hide", "a reason").await;
    organiser.decide(&[sent["id"].as_str().unwrap()], "publish", "another one").await;
    let set =
        organiser.import("new", &truth_of(Method::NearPerfect)).await.expect(StatusCode::CREATED);
    let trial = organiser.try_out("new").await;
    let trial = site.tried(&trial).await;
    let announcement = json!({ "title": "Hello", "text": "World" });
    organiser
        .post_json("/api/v1/admin/announcements", &announcement)
        .await
        .expect(StatusCode::CREATED);

    let page = json!({ "slug": "rules", "title": "Rules", "published": true });
    organiser.post_json("/api/v1/admin/pages", &page).await.expect(StatusCode::CREATED);
    let questions = json!({ "questions": [
        { "key": "gpu", "text": "How long?", "kind": "number", "unit": "h", "public": true },
        { "key": "pre", "text": "Pretrained?", "kind": "yes_no" },
        { "key": "d", "text": "Patches?", "kind": "choice", "options": ["2-D", "3-D"] },
    ] });
    organiser.post_json("/api/v1/admin/phases/main", &questions).await.expect(StatusCode::OK);
    let links = json!({ "links": [{ "label": "Data", "url": "https://example.org" }] });
    organiser.post_json("/api/v1/admin/challenge", &links).await.expect(StatusCode::OK);
    let picture = Form::default().file("a.png", crate::home::PNG);
    let kept = organiser.send(picture.request("/api/v1/admin/images")).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.text());

    let said = json!({ "description": "One.", "answers": { "gpu": 7, "pre": true } });
    let changed = first.post_json(&format!("/api/v1/submissions/{}", id(&sent)), &said).await;
    changed.expect(StatusCode::OK);
    let board = first.get("/api/v1/leaderboard").await.expect(StatusCode::OK);
    let of_first = |row: &&Value| row["submission"] == sent["id"];
    let row = board["entries"].as_array().unwrap().iter().find(of_first).unwrap();
    let team = row["team_id"].as_str().unwrap().to_owned();
    let profile = format!("/api/v1/admin/teams/{team}/profile");
    organiser.post_json(&profile, &json!({ "affiliation": "A" })).await.expect(StatusCode::OK);

    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut look = async |client: &Client, shown: &str, path: String| {
        let answer = client.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let mut found = BTreeSet::new();
        names(&answer.json(), &mut found);
        assert!(!found.is_empty(), "{path}");
        let described = described(shown);
        let unknown = found.into_iter().filter(|name| !described.contains(name.as_str()));
        missing.entry(shown.to_owned()).or_default().extend(unknown);
    };
    for route in ROUTES.iter().filter(|route| route.method == "get") {
        let Some(path) = route.path.strip_prefix("/api/v1") else { continue };
        // These have the layout of others, or none.
        if [".csv", "metrics.json", ".png", "/mesh", "/slices/{z}"]
            .iter()
            .any(|end| path.ends_with(end))
        {
            continue;
        }
        let of = match path {
            "/submissions/{id}" | "/submissions/{id}/history" | "/entries/{id}" => {
                path.replace("{id}", &id(&sent))
            }
            "/teams/{id}" | "/admin/teams/{id}/profile" => path.replace("{id}", &team),
            "/admin/truth-sets/{id}" => {
                format!("{}/{}", SETS.trim_start_matches("/api/v1"), id(&set))
            }
            "/admin/trials/{id}" => {
                format!("{}/{}", TRIALS.trim_start_matches("/api/v1"), id(&trial))
            }
            "/compare" => {
                let board = first.get("/api/v1/leaderboard").await.expect(StatusCode::OK);
                let entry = |at: usize| board["entries"][at]["submission"].as_str().unwrap();
                format!("/compare?entries={},{}", entry(0), entry(1))
            }
            path => path.replace("{slug}", "rules").replace("{revision}", "1"),
        };
        let shown = path
            .replace("{id}", "ID")
            .replace("{slug}", "NAME")
            .replace("{revision}", "NUMBER")
            .replace("truth-sets/ID", "truth-sets")
            .replace("trials/ID", "trials");
        let client = if path.starts_with("/admin") || path.starts_with("/submissions") {
            &organiser
        } else {
            &first
        };
        let client = if path == "/submissions" { &second } else { client };
        look(client, &shown, format!("/api/v1{of}")).await;
    }
    let spoilt = spoilt_zip(|files| files[0].0 = "0.mha".into());
    let refused = first.submit(&Form::zip(&spoilt)).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let mut found = BTreeSet::new();
    names(&refused, &mut found);
    assert!(found.contains("summary") && found.contains("files"), "{refused}");
    let error = described("none");
    missing
        .entry("error".into())
        .or_default()
        .extend(found.into_iter().filter(|name| !error.contains(name.as_str())));
    missing.retain(|_, names| !names.is_empty());
    assert_eq!(missing, BTreeMap::new());

    let page = site.anybody().get("/docs/api").await;
    let page = page.page(StatusCode::OK);
    for (name, _, meaning) in DESCRIBED.iter().flat_map(|kind| kind.members) {
        assert!(page.contains(&format!("<code>{name}</code>")), "{name}");
        assert!(meaning.ends_with('.'), "{name}: {meaning}");
    }
}

#[test]
fn every_vessel_metric_is_described_whether_a_case_has_it_or_not() {
    let vessels = DESCRIBED.iter().find(|kind| kind.title == "Vessel metrics").unwrap();
    let described: Vec<&str> = vessels.members.iter().map(|(name, ..)| *name).collect();
    assert_eq!(described, OF_VESSELS.map(|metric| metric.key));
}
