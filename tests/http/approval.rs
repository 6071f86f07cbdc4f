//! Which teams a phase takes submissions of.

use asoca::domain::{Approval, Scope};
use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::challenge::zip_of;
use test_support::client::Client;
use test_support::form::Form;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

use crate::mail_server::MailServer;

on_both_engines! {
    a_pending_team_submits_to_phases_that_take_every_team_and_to_no_others,
    a_phase_that_comes_to_ask_for_approval_ranks_pending_teams_no_more,
    a_new_phase_asks_for_approval_unless_addresses_are_confirmed_by_mail,
}

fn thin() -> Form {
    Form::zip(&zip_of(Method::Thin))
}

/// The browser and a script of somebody who creates a team on the page.
async fn founder(site: &Site, name: &str, team: &str) -> (Client, Client) {
    let user = site.account(name, None, false).await;
    let browser = site.log_in(name).await;
    assert_eq!(browser.post("/team", &[("name", team)]).await.redirect(), "/team");
    (browser, site.script(user, Scope::Submit).await)
}

async fn approve(site: &Site, team: &str) {
    let organiser = site.organiser().await;
    let listed = organiser.get(&format!("/api/v1/admin/teams?search={team}")).await;
    let id = listed.expect(StatusCode::OK)["teams"][0]["id"].clone();
    let decision = json!({ "teams": [id], "decision": "approve", "reason": "known" });
    let done = organiser.post_json("/api/v1/admin/teams/decisions", &decision).await;
    assert_eq!(done.expect(StatusCode::OK)["results"][0]["done"], true);
}

async fn a_pending_team_submits_to_phases_that_take_every_team_and_to_no_others(
    database: Database,
) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let new = json!({
        "slug": "final", "title": "Final", "truth_set": "hidden", "approval": "required",
    });
    organiser.post_json("/api/v1/admin/phases", &new).await.expect(StatusCode::CREATED);
    let (browser, script) = founder(&site, "ada", "Newcomers").await;
    assert!(browser.get("/team").await.text().contains("An organiser has not approved"));

    let (any, approved) = (thin().field("phase", "main"), thin().field("phase", "final"));
    script.submit(&any).await.expect(StatusCode::ACCEPTED);
    let refused = script.submit(&approved).await;
    assert_eq!(refused.problem(StatusCode::FORBIDDEN), "team.pending");
    let hint = refused.json()["errors"][0]["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains("Ask the organisers to approve"), "{hint}");
    let page = browser.get("/submit?phase=final").await;
    assert!(page.page(StatusCode::OK).contains("team.pending"), "{}", page.text());
    let page = browser.get("/submit?phase=main").await;
    assert!(!page.page(StatusCode::OK).contains("team.pending"), "{}", page.text());
    // They are counted for who has to approve them.
    site.account("org", None, true).await;
    let dashboard = site.log_in("org").await.get("/admin").await;
    assert_eq!(dashboard.html(StatusCode::OK).text("#pending"), "1");

    approve(&site, "newcomers").await;
    script.submit(&approved).await.expect(StatusCode::ACCEPTED);

    // The sign-up setting holds for all phases.
    let (_, other) = founder(&site, "bob", "Others").await;
    let to = json!({ "sign_up": "approval" });
    organiser.post_json("/api/v1/admin/settings", &to).await.expect(StatusCode::OK);
    assert_eq!(other.submit(&any).await.problem(StatusCode::FORBIDDEN), "team.pending");
}

async fn a_phase_that_comes_to_ask_for_approval_ranks_pending_teams_no_more(database: Database) {
    let site = Site::start(database).await;
    let (_, script) = founder(&site, "ada", "Newcomers").await;
    script.submit_and_wait(&thin()).await.expect(StatusCode::CREATED);
    let board = async || {
        let board = site.anybody().get("/api/v1/leaderboard").await.expect(StatusCode::OK);
        board["entries"].as_array().unwrap().len()
    };
    assert_eq!(board().await, 1);
    let organiser = site.organiser().await;
    let phases = organiser.get("/api/v1/phases").await.expect(StatusCode::OK);
    assert_eq!(phases["phases"][0]["approval"], "none");
    let to = json!({ "approval": "required" });
    organiser.post_json("/api/v1/admin/phases/main", &to).await.expect(StatusCode::OK);
    assert_eq!(board().await, 0);
    approve(&site, "newcomers").await;
    assert_eq!(board().await, 1);
    let wrong =
        organiser.post_json("/api/v1/admin/phases/main", &json!({ "approval": "maybe" })).await;
    assert_eq!(wrong.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
}

async fn a_new_phase_asks_for_approval_unless_addresses_are_confirmed_by_mail(database: Database) {
    let server = MailServer::start().await;
    let site = Site::without_worker(database).await;
    let with_mail = Setup { mail: Some(server.mailer()), ..Setup::default() };
    let with_mail = site.anybody_elsewhere_with(with_mail).await;
    let organiser = site.organiser().await;
    for (client, slug, approval) in [
        (organiser.clone(), "without", Approval::Required),
        (with_mail.with_token(organiser.token()), "with", Approval::None),
    ] {
        let new = json!({ "slug": slug, "title": "New", "truth_set": "hidden" });
        let made = client.post_json("/api/v1/admin/phases", &new).await;
        let made = made.expect(StatusCode::CREATED);
        assert_eq!(made["approval"], Value::from(approval.as_str()));
    }
}
