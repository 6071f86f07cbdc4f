//! When it is the server's fault: tried again, given up, and nobody else the worse for it.

use std::sync::Arc;

use asoca::domain::State;
use asoca::store::{MAX_TRIES, Submission};
use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::challenge::zip_of;
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_truth_that_is_gone_is_tried_again_and_others_are_scored,
    a_damaged_truth_ends_in_a_failure_that_costs_no_quota,
    a_lost_upload_ends_in_a_failure,
}

/// Whether the latest submission has failed so many times.
async fn has_failed(site: &Site, times: i64) -> Option<Submission> {
    let latest = site.submissions().await.into_iter().next()?;
    let failed = latest.failure.is_some() && latest.attempt == times;
    (failed && latest.state != State::Scoring).then_some(latest)
}

/// Lets it fail until it is given up, without waiting for the pauses between.
async fn given_up(site: &Site) -> Submission {
    for tries in 1..=MAX_TRIES {
        site.until(async || has_failed(site, tries).await.is_some()).await;
        site.execute("update evaluations set lease_until = null where state = $1", "queued").await;
    }
    has_failed(site, MAX_TRIES).await.unwrap()
}

async fn a_truth_that_is_gone_is_tried_again_and_others_are_scored(database: Database) {
    let site = Site::start(database).await;
    let broken = site.add_phase("broken").await;
    let team = site.team("Team A").await;
    let truth = site.truth_file(&broken, "4");
    let kept = std::fs::read(&truth).unwrap();
    std::fs::remove_file(&truth).unwrap();

    let form = Form::zip(&zip_of(Method::Thin));
    let waiting = team.submit(&form.clone().field("phase", "broken")).await;
    let location = waiting.header("location").unwrap().to_owned();
    site.until(async || has_failed(&site, 1).await.is_some()).await;
    let report = team.get(&location).await.expect(StatusCode::OK);
    assert_eq!(report["state"], "queued");

    let other = form.field("phase", "main");
    let other = team.submit_and_wait(&other).await.expect(StatusCode::CREATED);
    std::fs::write(&truth, kept).unwrap();
    site.execute("update evaluations set lease_until = null where state = $1", "queued").await;
    let scored = async || team.get(&location).await.json()["state"] == "scored";
    site.until(scored).await;
    let report = team.get(&location).await.json();
    assert_eq!(report["dice"], other["dice"]);
}

async fn a_damaged_truth_ends_in_a_failure_that_costs_no_quota(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let truth = site.truth_file(&site.phase, "4");
    let mut bytes = std::fs::read(&truth).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&truth, bytes).unwrap();

    let answer = team.submit(&Form::zip(&zip_of(Method::Thin))).await;
    let location = answer.header("location").unwrap();
    let submission = given_up(&site).await;
    assert_eq!(submission.state, State::Failed);
    assert!(submission.failure.unwrap().contains("case 4"));

    let report = team.get(location).await;
    assert_eq!(report.expect(StatusCode::OK)["state"], "failed");
    assert!(!report.text().contains("case 4"), "{}", report.text());
    let now = asoca::store::Timestamp::now();
    let quota = site.store.quota(&site.phase, submission.team_id, now).await.unwrap();
    assert_eq!(quota.used, 0);
}

async fn a_lost_upload_ends_in_a_failure(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let form = Form::zip(&zip_of(Method::Thin));
    let answer = team.submit_with_key(&form, "k").await;
    answer.expect(StatusCode::ACCEPTED);
    let [upload] = site.files("blobs/uploads").try_into().unwrap();
    std::fs::remove_file(upload).unwrap();
    site.start_worker(Arc::default()).await;
    assert_eq!(given_up(&site).await.state, State::Failed);

    // Who repeats the request is told that it was not their fault.
    let again = team.submit_with_key(&form, "k").await;
    let code = again.problem(StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(code, "scoring.failed");
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let submission = site.submissions().await.remove(0).id;
    assert_eq!(again.json()["submission"], submission.to_string());
}
