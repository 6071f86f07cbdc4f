use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::challenge::zip_of;
use test_support::form::Form;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_second_upload_with_the_same_key_returns_the_first_answer,
    the_same_key_with_another_request_is_refused,
    parallel_uploads_with_one_key_make_one_submission,
    a_repeated_request_is_answered_though_the_quota_is_used_up,
    a_key_no_header_can_hold_is_refused,
    a_repeated_request_is_answered_though_another_phase_has_opened,
    a_client_that_hangs_up_leaves_no_upload_without_its_row,
    who_has_changed_teams_gets_no_answer_from_the_one_before,
}

async fn a_repeated_request_is_answered_though_another_phase_has_opened(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let form = Form::zip(&zip_of(Method::Thin));
    let first = team.submit_with_key(&form, "k").await.expect(StatusCode::ACCEPTED);
    site.add_phase("next").await;
    let again = team.submit_with_key(&form, "k").await.expect(StatusCode::ACCEPTED);
    assert_eq!(again["id"], first["id"]);
    assert_eq!(site.submissions().await.len(), 1);
}

async fn a_client_that_hangs_up_leaves_no_upload_without_its_row(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let form = Form::zip(&zip_of(Method::Thin));
    for milliseconds in 0..20 {
        let patience = std::time::Duration::from_millis(milliseconds);
        let _ = tokio::time::timeout(patience, team.submit(&form)).await;
    }
    // Those that were too short to be heard are over now, too.
    team.submit(&form).await.expect(StatusCode::ACCEPTED);
    site.until(async || {
        site.submissions().await.len() == site.files("blobs/uploads").len()
            && site.files("tmp").is_empty()
    })
    .await;
}

async fn a_second_upload_with_the_same_key_returns_the_first_answer(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let form = Form::zip(&zip_of(Method::Thin)).field("method", "nnU-Net");
    let first = team.submit_with_key(&form, "k").await;
    assert_eq!(first.header("idempotency-replayed"), None);
    let again = team.submit_with_key(&form, "k").await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.expect(StatusCode::ACCEPTED), first.expect(StatusCode::ACCEPTED));
    assert_eq!(site.submissions().await.len(), 1);
    assert_eq!(site.files("blobs/uploads").len(), 1);
}

async fn the_same_key_with_another_request_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let zip = Form::zip(&zip_of(Method::Thin));
    team.submit_with_key(&zip, "k").await.expect(StatusCode::ACCEPTED);
    for other in [zip.field("method", "another"), Form::zip(&zip_of(Method::Thick))] {
        let refused = team.submit_with_key(&other, "k").await;
        let code = refused.problem(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(code, "idempotency.key_reused");
    }
    assert_eq!(site.submissions().await.len(), 1);
    assert_eq!(site.files("blobs/uploads").len(), 1);
}

async fn parallel_uploads_with_one_key_make_one_submission(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let form = Form::zip(&zip_of(Method::Thin));
    let uploads = (0..6).map(|_| team.submit_with_key(&form, "k"));
    let answers = futures_util::future::join_all(uploads).await;
    let replayed =
        answers.iter().filter(|answer| answer.header("idempotency-replayed").is_some()).count();
    assert_eq!(replayed, 5);
    let id = answers[0].expect(StatusCode::ACCEPTED)["id"].clone();
    assert!(answers.iter().all(|answer| answer.expect(StatusCode::ACCEPTED)["id"] == id));
    assert_eq!(site.submissions().await.len(), 1);
    assert_eq!(site.files("blobs/uploads").len(), 1);
}

async fn a_repeated_request_is_answered_though_the_quota_is_used_up(database: Database) {
    let site = Site::with(database, Setup { worker: false, quota: 1, ..Setup::default() }).await;
    let team = site.team("Team A").await;
    let form = Form::zip(&zip_of(Method::Thin));
    let first = team.submit_with_key(&form, "k").await.expect(StatusCode::ACCEPTED);
    let again = team.submit_with_key(&form, "k").await.expect(StatusCode::ACCEPTED);
    assert_eq!(again["id"], first["id"]);
    let other = team.submit_with_key(&form, "l").await;
    assert_eq!(other.problem(StatusCode::TOO_MANY_REQUESTS), "quota.exhausted");
}

async fn a_key_no_header_can_hold_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    for key in ["", &"k".repeat(201)] {
        let refused = team.submit_with_key(&Form::zip(&zip_of(Method::Thin)), key).await;
        assert_eq!(refused.problem(StatusCode::BAD_REQUEST), "request.header_invalid");
    }
    site.assert_nothing_stored().await;
}

async fn who_has_changed_teams_gets_no_answer_from_the_one_before(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    site.member("Team B").await;
    let form = Form::zip(&zip_of(Method::Thin));
    team.submit_with_key(&form, "k").await.expect(StatusCode::ACCEPTED);
    let change = "update team_members set team_id = (select id from teams where name = $1)";
    site.execute(change, "Team B").await;
    let again = team.submit_with_key(&form, "k").await;
    assert_eq!(again.problem(StatusCode::NOT_FOUND), "request.not_found");
    assert_eq!(site.submissions().await.len(), 1);
}
