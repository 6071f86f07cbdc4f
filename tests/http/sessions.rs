//! A session is of who logged in, whatever cookie the browser had before.

use asoca::domain::Scope;
use asoca::service::credentials::make_link;
use asoca::store::{EventFilter, LinkKind, Timestamp};
use axum::http::StatusCode;
use serde_json::json;
use test_support::client::{Answer, Client};
use test_support::site::{PASSWORD, Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    who_logs_in_or_signs_up_over_a_planted_session_gets_one_that_nobody_else_has,
    who_follows_a_welcome_link_over_a_planted_session_gets_one_that_nobody_else_has,
    a_session_planted_by_somebody_who_is_gone_is_not_taken_over,
    who_sets_a_password_by_a_link_is_nobody_elses_session_afterwards,
    a_changed_password_gives_the_session_another_id,
    a_password_set_by_a_link_ends_sessions_and_tokens,
    who_is_made_an_organiser_logs_in_again,
    who_was_an_organiser_has_no_tokens_for_organisers_left,
    under_https_the_cookie_is_bound_to_the_host_and_https_is_kept_to,
}

/// Somebody who has an account here, and logs in to plant the session's cookie elsewhere.
async fn attacker(site: &Site) -> Client {
    site.account("mallory", None, false).await;
    site.log_in("mallory").await
}

/// After the victim got `answer` in a browser with the attacker's cookie: the victim's session is another one, and
/// the attacker's is gone.
async fn assert_parted(site: &Site, attacker: &Client, answer: &Answer, victim: &str) {
    let browser = site.anybody().with_cookie_of(answer);
    let page = browser.get("/account").await;
    assert!(page.page(StatusCode::OK).contains(&format!("{victim}@example.org")));
    assert!(page.text().matches("this session").count() == 1, "{}", page.text());
    let theirs = attacker.get("/account").await;
    assert_eq!(theirs.redirect(), "/login?next=/account", "the planted session still works");
    let owners = site.session_owners().await;
    let user = site.store.user_by_email(&format!("{victim}@example.org")).await.unwrap().unwrap();
    assert_eq!(owners, [Some(user.id)], "another session is left");
}

async fn who_logs_in_or_signs_up_over_a_planted_session_gets_one_that_nobody_else_has(
    database: Database,
) {
    let site = Site::without_worker(database).await;
    site.account("ada", None, false).await;
    let planted = attacker(&site).await;
    let log_in = [("email", "ada@example.org"), ("password", PASSWORD)];
    let answer = planted.post("/login", &log_in).await;
    assert_eq!(answer.redirect(), "/");
    assert_parted(&site, &planted, &answer, "ada").await;
    site.execute("delete from sessions where digest <> $1", "").await;

    let planted = site.log_in("mallory").await;
    let sign_up = [("email", "bob@example.org"), ("display_name", "Bob"), ("password", PASSWORD)];
    let answer = planted.post("/signup", &sign_up).await;
    assert_eq!(answer.redirect(), "/account");
    assert_parted(&site, &planted, &answer, "bob").await;
}

async fn who_follows_a_welcome_link_over_a_planted_session_gets_one_that_nobody_else_has(
    database: Database,
) {
    let site = Site::without_worker(database).await;
    let planted = attacker(&site).await;
    let now = Timestamp::now();
    let link = make_link(&site.store, LinkKind::Welcome, None, None, now).await.unwrap();
    let fields = [("email", "ada@example.org"), ("display_name", "Ada"), ("password", PASSWORD)];
    let answer = planted.post(&link, &fields).await;
    assert_eq!(answer.redirect(), "/admin");
    assert_parted(&site, &planted, &answer, "ada").await;
    assert_eq!(planted.get("/admin").await.redirect(), "/login?next=/admin");
}

async fn a_session_planted_by_somebody_who_is_gone_is_not_taken_over(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("ada", None, false).await;
    let planted = attacker(&site).await;
    // Nobody is logged in by it, but it holds what axum-login takes for a log-in.
    site.execute(
        "update users set deleted_at = created_at where email = $1",
        "mallory@example.org",
    )
    .await;
    let log_in = [("email", "ada@example.org"), ("password", PASSWORD)];
    let answer = planted.post("/login", &log_in).await;
    assert_parted(&site, &planted, &answer, "ada").await;
}

async fn who_sets_a_password_by_a_link_is_nobody_elses_session_afterwards(database: Database) {
    let site = Site::without_worker(database).await;
    let ada = site.account("ada", None, false).await;
    let planted = attacker(&site).await;
    let now = Timestamp::now();
    let link = make_link(&site.store, LinkKind::Reset, Some(ada), None, now).await.unwrap();
    let answer = planted.post(&link, &[("password", "another long one")]).await;
    assert_eq!(answer.redirect(), "/login");
    assert_eq!(planted.get("/account").await.redirect(), "/login?next=/account");
    assert!(site.session_owners().await.is_empty());
}

async fn a_changed_password_gives_the_session_another_id(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("ada", None, false).await;
    let before = site.log_in("ada").await;
    let fields = [("old", PASSWORD), ("new", "another long one")];
    let answer = before.post("/account/password", &fields).await;
    let page = site.anybody().with_cookie_of(&answer).get(answer.redirect()).await;
    assert!(page.page(StatusCode::OK).contains("this session"), "{}", page.text());
    assert_parted(&site, &before, &answer, "ada").await;
}

async fn a_password_set_by_a_link_ends_sessions_and_tokens(database: Database) {
    let site = Site::without_worker(database).await;
    let ada = site.account("ada", None, false).await;
    let (browser, script) = (site.log_in("ada").await, site.script(ada, Scope::Read).await);
    site.script(ada, Scope::Submit).await;
    let other = site.team("Team B").await;
    let now = Timestamp::now();
    let link = make_link(&site.store, LinkKind::Reset, Some(ada), None, now).await.unwrap();
    let form = site.anybody().get(&link).await;
    assert!(form.page(StatusCode::OK).contains("revokes all tokens"), "{}", form.text());
    assert_eq!(script.get("/api/v1/submissions").await.status, StatusCode::OK);
    site.anybody().post(&link, &[("password", "another long one")]).await;

    assert_eq!(browser.get("/account").await.redirect(), "/login?next=/account");
    let refused = script.get("/api/v1/submissions").await;
    assert_eq!(refused.problem(StatusCode::UNAUTHORIZED), "auth.bad_token");
    assert_eq!(other.get("/api/v1/submissions").await.status, StatusCode::OK);
    let filter = EventFilter { action: "password reset".into(), ..EventFilter::default() };
    let event = site.store.events(&filter, 10).await.unwrap().remove(0);
    assert_eq!(event.detail, json!({ "sessions ended": 1, "tokens revoked": 2 }));
}

async fn who_is_made_an_organiser_logs_in_again(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("org", None, true).await;
    let ada = site.account("ada", None, false).await;
    let (organiser, before) = (site.log_in("org").await, site.log_in("ada").await);
    organiser.post(&format!("/admin/users/{ada}"), &[("organiser", "true")]).await.redirect();
    assert_eq!(before.get("/admin").await.redirect(), "/login?next=/admin");
    assert_eq!(site.log_in("ada").await.get("/admin").await.status, StatusCode::OK);
    assert_eq!(organiser.get("/admin").await.status, StatusCode::OK);
}

async fn who_was_an_organiser_has_no_tokens_for_organisers_left(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("org", None, true).await;
    let ada = site.account("ada", None, true).await;
    let organiser = site.log_in("org").await;
    let (reads, organises) =
        (site.script(ada, Scope::Read).await, site.script(ada, Scope::Organise).await);
    for role in ["false", "true"] {
        organiser.post(&format!("/admin/users/{ada}"), &[("organiser", role)]).await.redirect();
        let refused = organises.get("/api/v1/admin/teams").await;
        assert_eq!(refused.problem(StatusCode::UNAUTHORIZED), "auth.bad_token");
        assert_eq!(reads.get("/api/v1/submissions").await.status, StatusCode::OK);
    }
}

async fn under_https_the_cookie_is_bound_to_the_host_and_https_is_kept_to(database: Database) {
    let public_url = Some("https://asoca.example.org");
    let setup = Setup { worker: false, public_url, ..Setup::default() };
    let site = Site::with(database, setup).await;
    site.account("ada", None, false).await;
    let log_in = [("email", "ada@example.org"), ("password", PASSWORD)];
    let answer = site.anybody().post("/login", &log_in).await;
    let browser = site.anybody().with_cookie_of(&answer);
    let out = browser.post("/logout", &[]).await;
    for answer in [&answer, &out] {
        let cookie = answer.header("set-cookie").unwrap();
        assert!(cookie.starts_with("__Host-asoca="), "{cookie}");
        for part in ["Secure", "Path=/"] {
            assert!(cookie.split("; ").any(|found| found == part), "{part} is not in {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    for path in ["/", "/api/v1/phases", "/static/style.css", "/healthz", "/nowhere"] {
        let answer = site.anybody().get(path).await;
        assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"), "{path}");
    }
}
