//! What a phase allows: when, and how often.

use std::time::Duration;

use asoca::store::Timestamp;
use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::challenge::zip_of;
use test_support::form::Form;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_phase_that_is_over_takes_nothing,
    a_phase_that_has_not_begun_takes_nothing,
    a_used_up_quota_says_when_to_come_back,
    a_used_up_quota_closes_the_form_before_an_upload,
    parallel_uploads_do_not_exceed_the_quota,
    the_overview_tells_a_phase_to_come_from_an_open_one,
    the_overview_says_that_a_phase_is_over,
}

const HOUR: Duration = Duration::from_secs(3600);

fn form() -> Form {
    Form::zip(&zip_of(Method::Thin))
}

async fn a_phase_that_is_over_takes_nothing(database: Database) {
    let closes_at = Some(Timestamp::now());
    let site = Site::with(database, Setup { closes_at, worker: false, ..Setup::default() }).await;
    let team = site.team("Team A").await;
    assert_eq!(team.submit(&form()).await.problem(StatusCode::CONFLICT), "phase.closed");
    site.assert_nothing_stored().await;
    // What is over can still be looked at.
    site.anybody().get("/api/v1/leaderboard").await.expect(StatusCode::OK);
}

async fn a_phase_that_has_not_begun_takes_nothing(database: Database) {
    let opens_at = Timestamp::now().plus(HOUR);
    let site = Site::with(database, Setup { opens_at, worker: false, ..Setup::default() }).await;
    let team = site.team("Team A").await;
    assert_eq!(team.submit(&form()).await.problem(StatusCode::CONFLICT), "phase.closed");
    site.assert_nothing_stored().await;
}

async fn a_used_up_quota_says_when_to_come_back(database: Database) {
    let site = Site::with(database, Setup { quota: 1, worker: false, ..Setup::default() }).await;
    let team = site.team("Team A").await;
    team.submit(&form()).await.expect(StatusCode::ACCEPTED);
    let refused = team.submit(&form()).await;
    assert_eq!(refused.problem(StatusCode::TOO_MANY_REQUESTS), "quota.exhausted");
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((86_300..=86_400).contains(&seconds), "{seconds}");
    assert_eq!(site.submissions().await.len(), 1);
    assert_eq!(site.files("blobs/uploads").len(), 1);
}

async fn a_used_up_quota_closes_the_form_before_an_upload(database: Database) {
    let site = Site::with(database, Setup { quota: 1, worker: false, ..Setup::default() }).await;
    let team = site.team("Team A").await;
    let browser = site.log_in("Team A").await;
    let page = async || browser.get("/submit").await.page(StatusCode::OK).to_owned();
    assert!(page().await.contains("0 of 10 uploads"));
    team.submit(&form()).await.expect(StatusCode::ACCEPTED);
    let closed = page().await;
    assert!(closed.contains("quota.exhausted") && closed.contains("1 of 10 uploads"), "{closed}");
    assert!(!closed.contains("type=\"file\""));
}

async fn parallel_uploads_do_not_exceed_the_quota(database: Database) {
    let site = Site::with(database, Setup { quota: 2, worker: false, ..Setup::default() }).await;
    let team = site.team("Team A").await;
    let form = form();
    let answers = futures_util::future::join_all((0..6).map(|_| team.submit(&form))).await;
    let with = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!(with(StatusCode::ACCEPTED), 2);
    assert_eq!(with(StatusCode::TOO_MANY_REQUESTS), 4);
    assert_eq!(site.submissions().await.len(), 2);
    assert_eq!(site.files("blobs/uploads").len(), 2);
}

/// Which of all words for a phase's times the overview uses.
async fn words(site: &Site) -> Vec<&'static str> {
    let overview = site.anybody().get("/").await;
    let page = overview.page(StatusCode::OK);
    [">planned<", ">open<", ">closed<", "Opens <", "Opened <", "closes <", "closed <"]
        .into_iter()
        .filter(|word| page.contains(word))
        .collect()
}

async fn the_overview_tells_a_phase_to_come_from_an_open_one(database: Database) {
    let now = Timestamp::now();
    let (opens_at, closes_at) = (now.plus(HOUR), Some(now.plus(2 * HOUR)));
    let setup = Setup { opens_at, closes_at, worker: false, ..Setup::default() };
    let site = Site::with(database, setup).await;
    assert_eq!(words(&site).await, [">planned<", "Opens <", "closes <"]);
    site.add_phase("other").await;
    assert_eq!(words(&site).await, [">planned<", ">open<", "Opens <", "Opened <", "closes <"]);
}

async fn the_overview_says_that_a_phase_is_over(database: Database) {
    let closes_at = Some(Timestamp::now());
    let site = Site::with(database, Setup { closes_at, worker: false, ..Setup::default() }).await;
    assert_eq!(words(&site).await, [">closed<", "Opened <", "closed <"]);
}
