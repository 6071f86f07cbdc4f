use std::sync::Arc;

use asoca::domain::State;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use coronary_phantom::Method;
use serde_json::Value;
use sha2::{Digest, Sha256};
use test_support::challenge::{Files, predictions, zip, zip_of};
use test_support::form::{Form, content_type};
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    files_without_a_zip_score_the_same,
    a_folder_around_the_files_and_what_systems_leave_behind_do_no_harm,
    the_digest_is_of_the_zip_or_of_the_list_of_files,
    a_body_without_a_length_is_taken,
    without_waiting_it_is_accepted_and_scored_later,
    a_phase_can_be_named,
    workers_of_other_processes_share_the_queue,
}

/// Scores a form and gives the numbers.
async fn numbers(site: &Site, form: Form) -> Value {
    let team = site.team(&format!("Team {}", site.submissions().await.len())).await;
    let scored = team.submit_and_wait(&form).await.expect(StatusCode::CREATED);
    scored["cases"].clone()
}

fn as_parts(files: &Files) -> Form {
    files.iter().fold(Form::default(), |form, (name, bytes)| form.file(name, bytes))
}

async fn files_without_a_zip_score_the_same(database: Database) {
    let site = Site::start(database).await;
    let zipped = numbers(&site, Form::zip(&zip_of(Method::Thin))).await;
    assert_eq!(zipped.as_array().unwrap().len(), 6);
    let mut files = predictions(Method::Thin);
    files.reverse();
    assert_eq!(numbers(&site, as_parts(&files)).await, zipped);
}

async fn a_folder_around_the_files_and_what_systems_leave_behind_do_no_harm(database: Database) {
    let site = Site::start(database).await;
    let plain = numbers(&site, Form::zip(&zip_of(Method::Thin))).await;
    let mut files = predictions(Method::Thin);
    for (name, _) in &mut files {
        *name = format!("results/{name}");
    }
    files.push(("results/.DS_Store".into(), vec![1]));
    files.push(("__MACOSX/results/._3.nrrd".into(), vec![1]));
    assert_eq!(numbers(&site, Form::zip(&zip(&files))).await, plain);
}

async fn the_digest_is_of_the_zip_or_of_the_list_of_files(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let sha256 = |bytes: &[u8]| -> String {
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let zip = zip_of(Method::Thin);
    let report = team.submit(&Form::zip(&zip)).await.expect(StatusCode::ACCEPTED);
    assert_eq!(report["upload_sha256"], sha256(&zip));
    let files = predictions(Method::Thin);
    let list: String =
        files.iter().map(|(name, bytes)| format!("{} {name}\n", sha256(bytes))).collect();
    let report = team.submit(&as_parts(&files)).await.expect(StatusCode::ACCEPTED);
    assert_eq!(report["upload_sha256"], sha256(list.as_bytes()));
}

async fn a_body_without_a_length_is_taken(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let bytes = Form::zip(&zip_of(Method::Thin)).bytes();
    let chunks: Vec<Result<Vec<u8>, std::io::Error>> =
        bytes.chunks(1000).map(|chunk| Ok(chunk.to_vec())).collect();
    let request = Request::post("/api/v1/submissions?wait=60")
        .header(header::CONTENT_TYPE, content_type())
        .body(Body::from_stream(futures_util::stream::iter(chunks)))
        .unwrap();
    team.send(request).await.expect(StatusCode::CREATED);
}

async fn without_waiting_it_is_accepted_and_scored_later(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let answer = team.submit(&Form::zip(&zip_of(Method::Thin))).await;
    let accepted = answer.expect(StatusCode::ACCEPTED);
    assert!(["queued", "scoring"].contains(&accepted["state"].as_str().unwrap()), "{accepted}");
    assert_eq!(accepted.get("dice"), None);

    let location = answer.header("location").unwrap().to_owned();
    let scored = loop {
        let report = team.get(&location).await.expect(StatusCode::OK);
        if report["finished_at"].is_string() {
            break report;
        }
    };
    assert_eq!((&scored["state"], &scored["id"]), (&"scored".into(), &accepted["id"]));
    assert!(scored["dice"].is_f64());
}

async fn a_phase_can_be_named(database: Database) {
    let site = Site::without_worker(database).await;
    site.add_phase("other").await;
    let team = site.team("Team A").await;
    let zip = Form::zip(&zip_of(Method::Thin));
    for phase in ["main", "other"] {
        let answer = team.submit(&zip.clone().field("phase", phase)).await;
        assert_eq!(answer.expect(StatusCode::ACCEPTED)["phase"], phase);
    }
    let unknown = team.submit(&zip.field("phase", "third")).await;
    assert_eq!(unknown.problem(StatusCode::NOT_FOUND), "phase.none");
    let unknown = site.anybody().get("/api/v1/leaderboard?phase=third").await;
    assert_eq!(unknown.problem(StatusCode::NOT_FOUND), "phase.none");
}

async fn workers_of_other_processes_share_the_queue(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let form = Form::zip(&zip_of(Method::Thin));
    for _ in 0..4 {
        team.submit(&form).await.expect(StatusCode::ACCEPTED);
    }
    for _ in 0..2 {
        site.start_worker(Arc::default()).await;
    }
    // No notifier tells this request that its submission has ended, and yet it does not wait it out.
    team.submit_and_wait(&form).await.expect(StatusCode::CREATED);
    let scored = async || {
        site.submissions().await.iter().all(|submission| submission.state == State::Scored)
    };
    site.until(scored).await;
    assert!(site.submissions().await.iter().all(|submission| submission.attempt == 1));
}
