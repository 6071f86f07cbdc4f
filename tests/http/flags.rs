//! What organisers are told to look at, and nobody else ever sees.

use asoca::store::Timestamp;
use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::Value;
use test_support::challenge::{CASES, Files, SHAPE, predictions, spacing, volume, zip};
use test_support::client::Client;
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    honest_series_are_not_flagged_and_what_another_team_sent_before_is,
    each_way_to_measure_the_hidden_truth_is_flagged,
}

/// Sends and waits for the score; gives the submission's id.
async fn send(team: &Client, files: &Files) -> String {
    let sent = team.submit_and_wait(&Form::zip(&zip(files))).await.expect(StatusCode::CREATED);
    sent["id"].as_str().unwrap().to_owned()
}

/// What an organiser is told of a submission.
async fn flags(site: &Site, id: &str) -> Vec<Value> {
    while site.store.inspect_submissions(100, Timestamp::now()).await.unwrap() > 0 {}
    let report = site.organiser().await.get(&format!("/api/v1/submissions/{id}")).await;
    let report = report.expect(StatusCode::OK);
    report["flags"].as_array().cloned().unwrap_or_default()
}

async fn kinds(site: &Site, id: &str) -> Vec<String> {
    let flags = flags(site, id).await;
    flags.iter().map(|flag| flag["kind"].as_str().unwrap().to_owned()).collect()
}

/// One method's predictions, with another's in place of some cases.
fn with(method: Method, cases: &[usize], other: impl Fn(usize) -> Vec<u8>) -> Files {
    let mut files = predictions(method);
    cases.iter().for_each(|&at| files[at].1 = other(at));
    files
}

fn of(method: Method) -> impl Fn(usize) -> Vec<u8> {
    move |at| predictions(method)[at].1.clone()
}

/// So many voxels from the corner of the volume on, where no vessel is.
fn corner(voxels: usize) -> impl Fn(usize) -> Vec<u8> {
    move |at| volume(SHAPE, spacing(at), voxels)
}

async fn honest_series_are_not_flagged_and_what_another_team_sent_before_is(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let mut sent = Vec::new();
    for method in Method::ALL {
        sent.push(send(&team, &predictions(method)).await);
    }
    // The same once more, and one case fixed.
    sent.push(send(&team, &predictions(Method::NearPerfect)).await);
    sent.push(send(&team, &with(Method::Thin, &[2], of(Method::NearPerfect))).await);
    for id in &sent {
        assert_eq!(kinds(&site, id).await, Vec::<String>::new());
    }

    let other = site.team("Team B").await;
    let copy = send(&other, &predictions(Method::NearPerfect)).await;
    let [flag] = &flags(&site, &copy).await[..] else { panic!("not one flag") };
    assert_eq!((&flag["kind"], &flag["other_team"]), (&"same_masks".into(), &"Team A".into()));
    assert!(sent.contains(&flag["other_submission"].as_str().unwrap().to_owned()));
    let part = send(&other, &with(Method::Thick, &[4], corner(700))).await;
    assert_eq!(kinds(&site, &part).await, ["shared_masks"]);

    // Its own team, the other one and everybody else see nothing of it.
    let teams = [&team, &other];
    for (client, id) in [(0, &sent[0]), (1, &copy), (1, &part)] {
        for path in [
            format!("/api/v1/submissions/{id}"),
            "/api/v1/submissions".into(),
            format!("/api/v1/submissions/{id}/metrics.json"),
            format!("/submissions/{id}"),
            "/submissions".into(),
            "/leaderboard".into(),
            "/api/v1/leaderboard".into(),
        ] {
            let answer = teams[client].get(&path).await;
            let text = answer.text().to_lowercase();
            for word in ["flag", "same_masks", "sha256\":\"", "sent before by another"] {
                let fine = word.starts_with("sha256") && text.contains("upload_sha256");
                assert!(fine || !text.contains(word), "{path} tells {word}");
            }
        }
    }

    site.account("org", None, true).await;
    let browser = site.log_in("org").await;
    for path in ["/admin".to_owned(), format!("/submissions/{copy}")] {
        let page = browser.get(&path).await;
        let page = page.page(StatusCode::OK);
        assert!(page.contains("Every mask was sent before by another team"), "{page}");
        assert!(page.contains("a submission of Team A"), "{page}");
    }
    let listed = browser.get("/admin/submissions?flagged=yes").await;
    let listed = listed.page(StatusCode::OK);
    assert!(listed.contains(&copy) && !listed.contains(&sent[0]), "{listed}");
    let listed = site.organiser().await.get("/api/v1/admin/submissions?flagged=yes").await;
    let listed = listed.expect(StatusCode::OK);
    assert_eq!(listed["submissions"].as_array().unwrap().len(), 2);
    let events = site.organiser().await.get("/api/v1/admin/audit?action=flagged").await;
    let events = events.expect(StatusCode::OK);
    let events = events["events"].as_array().unwrap();
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(events[1]["subject"], *copy);
    assert_eq!(events[1]["detail"]["flags"][0], "same_masks");
}

async fn each_way_to_measure_the_hidden_truth_is_flagged(database: Database) {
    let site = Site::start(database).await;
    let all: Vec<usize> = (0..CASES as usize).collect();

    // The difference of two means is one case.
    let team = site.team("difference").await;
    send(&team, &predictions(Method::NearPerfect)).await;
    let probe = send(&team, &with(Method::NearPerfect, &[3], corner(1))).await;
    assert!(kinds(&site, &probe).await.contains(&"case_replaced".to_owned()));

    // Real cases beside corner voxels: the summaries of few values give each of them.
    let team = site.team("corners").await;
    let probe = send(&team, &with(Method::Thin, &all[2..], corner(1))).await;
    let found = kinds(&site, &probe).await;
    for kind in ["probe_sizes", "no_overlap", "equal_sizes"] {
        assert!(found.contains(&kind.to_owned()), "{found:?}");
    }

    // Blobs of a usual size in the wrong place, in all cases of a group but one.
    let team = site.team("blobs").await;
    let blob = |at: usize| volume(SHAPE, spacing(at), 300 + 17 * at);
    let probe = send(&team, &with(Method::Thick, &all[..2], blob)).await;
    assert_eq!(kinds(&site, &probe).await, ["no_overlap"]);

    // Sizes that are prime: the mean precision gives each count.
    let team = site.team("primes").await;
    let prime = |at: usize| volume(SHAPE, spacing(at), [2, 3, 5, 7, 11, 13][at]);
    let probe = send(&team, &with(Method::Leaky, &all, prime)).await;
    assert!(kinds(&site, &probe).await.contains(&"probe_sizes".to_owned()));

    // Single changes, each kept if the mean rises.
    let team = site.team("flips").await;
    send(&team, &predictions(Method::Fragmented)).await;
    let mut flips = Vec::new();
    for at in 0..3 {
        flips.push(send(&team, &with(Method::Fragmented, &[at], of(Method::Leaky))).await);
    }
    let few = "few_cases_changed".to_owned();
    assert!(!kinds(&site, &flips[0]).await.contains(&few));
    assert!(!kinds(&site, &flips[1]).await.contains(&few));
    assert!(kinds(&site, &flips[2]).await.contains(&few));
}
