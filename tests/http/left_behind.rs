//! A test that leaves jobs behind fails, without having looked for them.

use std::sync::Arc;
use std::time::Duration;

use asoca::domain::State;
use asoca::store::Timestamp;
use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::challenge::zip_of;
use test_support::form::Form;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_job_that_is_left_scoring_fails_the_test,
    a_job_that_no_worker_takes_is_left_behind,
    a_job_that_is_nearly_done_is_waited_for,
}

/// A site without a worker, with one job.
async fn site(database: Database) -> Site {
    let closes_at = Some(Timestamp::now().plus(Duration::from_secs(3600)));
    let site = Site::with(database, Setup { worker: false, closes_at, ..Setup::default() }).await;
    let sent = site.team("Team A").await.submit(&Form::zip(&zip_of(Method::Thin))).await;
    sent.expect(StatusCode::ACCEPTED);
    site
}

async fn a_job_that_is_left_scoring_fails_the_test(database: Database) {
    let site = site(database).await;
    site.store.claim("nobody", Duration::from_secs(60)).await.unwrap().unwrap();
    let dropped = tokio::spawn(async move { drop(site) }).await;
    let said = dropped.unwrap_err().into_panic();
    let said = said.downcast_ref::<String>().unwrap();
    assert!(said.contains("leaves jobs behind (1 scoring)"), "{said}");
}

async fn a_job_that_no_worker_takes_is_left_behind(database: Database) {
    let site = site(database).await;
    assert_eq!(site.jobs_left(Duration::ZERO).await, None, "there is no worker");
    // As after a failure, but for longer.
    let pause =
        "update evaluations set lease_until = (select closes_at from phases where slug = $1)";
    site.execute(pause, "main").await;
    site.start_worker(Arc::default()).await;
    assert_eq!(site.jobs_left(Duration::ZERO).await.as_deref(), Some("1 queued"));
    site.leave_queue();
    assert_eq!(site.jobs_left(Duration::ZERO).await, None);
}

async fn a_job_that_is_nearly_done_is_waited_for(database: Database) {
    let site = site(database).await;
    site.start_worker(Arc::default()).await;
    assert_eq!(site.jobs_left(Duration::from_secs(30)).await, None);
    assert_eq!(site.submissions().await[0].state, State::Scored);
}
