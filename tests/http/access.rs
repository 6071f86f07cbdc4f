//! Who may do what, asked over the network.

use std::time::Duration;

use asoca::domain::{Approval, Scope};
use asoca::service::credentials::make_token;
use asoca::store::Timestamp;
use axum::http::{Request, StatusCode, header};
use coronary_phantom::Method;
use test_support::challenge::zip_of;
use test_support::form::Form;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    without_a_token_nothing_is_taken_or_shown,
    a_token_that_is_wrong_over_or_revoked_is_refused,
    a_token_for_reading_does_not_submit,
    another_teams_submission_is_not_there,
    somebody_without_a_team_can_not_submit,
    a_team_that_is_not_approved_can_not_submit_where_it_has_to_be,
    a_token_manages_no_account,
    who_is_not_logged_in_is_sent_to_the_log_in_page,
    a_form_sent_by_a_script_after_logging_out_leads_the_whole_page_to_the_log_in,
}

fn form() -> Form {
    Form::zip(&zip_of(Method::Thin))
}

async fn without_a_token_nothing_is_taken_or_shown(database: Database) {
    let site = Site::without_worker(database).await;
    let nobody = site.anybody();
    let id = uuid::Uuid::nil();
    for answer in [
        nobody.submit(&form()).await,
        nobody.get("/api/v1/submissions").await,
        nobody.get(&format!("/api/v1/submissions/{id}")).await,
        nobody.get(&format!("/api/v1/submissions/{id}/metrics.json")).await,
    ] {
        assert_eq!(answer.problem(StatusCode::UNAUTHORIZED), "auth.required");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    site.assert_nothing_stored().await;
}

async fn a_token_that_is_wrong_over_or_revoked_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let user = site.member("Team A").await;
    let now = Timestamp::now();
    let make = async |lifetime| {
        make_token(&site.store, user, "t", Scope::Submit, lifetime, now).await.unwrap()
    };
    let over = make(Duration::ZERO).await;
    let revoked = make(Duration::from_secs(60)).await;
    assert_eq!(site.anybody().with_token(&revoked).get("/api/v1/submissions").await.status, 200);
    let newest = site.store.tokens_of(user).await.unwrap().remove(0);
    assert!(site.store.revoke_token(user, newest.id, now).await.unwrap());

    for token in [&over, &revoked, "asoca_0000", ""] {
        let script = site.anybody().with_token(token);
        for answer in [script.submit(&form()).await, script.get("/api/v1/submissions").await] {
            assert_eq!(answer.problem(StatusCode::UNAUTHORIZED), "auth.bad_token", "{token}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    let basic = Request::get("/api/v1/submissions")
        .header(header::AUTHORIZATION, "Basic YTpi")
        .body(axum::body::Body::empty())
        .unwrap();
    // Somebody else's scheme, such as that of a proxy in front, is no token at all.
    let answer = site.anybody().send(basic).await;
    assert_eq!(answer.problem(StatusCode::UNAUTHORIZED), "auth.required");
    site.assert_nothing_stored().await;
}

async fn a_token_for_reading_does_not_submit(database: Database) {
    let site = Site::without_worker(database).await;
    let user = site.member("Team A").await;
    let reader = site.script(user, Scope::Read).await;
    assert_eq!(reader.submit(&form()).await.problem(StatusCode::FORBIDDEN), "auth.scope");
    reader.get("/api/v1/submissions").await.expect(StatusCode::OK);
    site.assert_nothing_stored().await;
}

async fn another_teams_submission_is_not_there(database: Database) {
    let site = Site::start(database).await;
    let owner = site.team("Team A").await;
    let other = site.team("Team B").await;
    let organiser = site.organiser().await;
    let scored = owner.submit_and_wait(&form()).await.expect(StatusCode::CREATED);
    let id = scored["id"].as_str().unwrap();
    for path in
        [format!("/api/v1/submissions/{id}"), format!("/api/v1/submissions/{id}/metrics.json")]
    {
        let hidden = other.get(&path).await;
        assert_eq!(hidden.problem(StatusCode::NOT_FOUND), "request.not_found");
        let no_such = other.get(&path.replace(id, &uuid::Uuid::nil().to_string())).await;
        assert_eq!(hidden.json(), no_such.json(), "the answers tell whether it exists");
        organiser.get(&path).await.expect(StatusCode::OK);
    }
    assert_eq!(other.get(&format!("/submissions/{id}")).await.status, StatusCode::NOT_FOUND);
    let listed = other.get("/api/v1/submissions").await.expect(StatusCode::OK);
    assert_eq!(listed["submissions"], serde_json::json!([]));
}

async fn somebody_without_a_team_can_not_submit(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    assert_eq!(organiser.submit(&form()).await.problem(StatusCode::FORBIDDEN), "team.none");
    site.assert_nothing_stored().await;
}

async fn a_team_that_is_not_approved_can_not_submit_where_it_has_to_be(database: Database) {
    let approval = Approval::Required;
    let site = Site::with(database, Setup { worker: false, approval, ..Setup::default() }).await;
    let team = site.team("Team A").await;
    for (standing, code) in [("pending", "team.pending"), ("suspended", "team.suspended")] {
        site.execute("update teams set standing = $1", standing).await;
        assert_eq!(team.submit(&form()).await.problem(StatusCode::FORBIDDEN), code);
    }
    site.assert_nothing_stored().await;
}

async fn a_token_manages_no_account(database: Database) {
    let site = Site::without_worker(database).await;
    let script = site.team("Team A").await;
    let made = script.post("/account/tokens", &[("name", "x"), ("scope", "submit"), ("days", "9")]);
    assert!(made.await.page(StatusCode::FORBIDDEN).contains("auth.forbidden"));
    assert_eq!(script.get("/account").await.status, StatusCode::FORBIDDEN);
}

async fn who_is_not_logged_in_is_sent_to_the_log_in_page(database: Database) {
    let site = Site::without_worker(database).await;
    for (path, next) in [
        ("/account", "/login?next=/account"),
        ("/submit", "/login?next=/submit"),
        ("/submissions", "/login?next=/submissions"),
        ("/submissions?a=b&c", "/login?next=/submissions%3Fa%3Db%26c"),
    ] {
        assert_eq!(site.anybody().get(path).await.redirect(), next);
    }
    let posted = site.anybody().send(form().request("/submit")).await;
    assert_eq!(posted.redirect(), "/login?next=/submit");
}

async fn a_form_sent_by_a_script_after_logging_out_leads_the_whole_page_to_the_log_in(
    database: Database,
) {
    let site = Site::without_worker(database).await;
    let mut request = form().request("/submit");
    request.headers_mut().insert("hx-request", "true".parse().unwrap());
    let answer = site.anybody().send(request).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("hx-redirect"), Some("/login?next=/submit"));
    assert!(answer.body.is_empty(), "{}", answer.text());
}
