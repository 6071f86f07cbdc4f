//! Teams: as their members have them in a browser, and as organisers decide about them.

use asoca::domain::Scope;
use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::challenge::zip_of;
use test_support::client::{Answer, Client};
use test_support::form::Form;
use test_support::page::Page;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_team_is_founded_joined_handed_over_and_left,
    nobody_is_in_two_teams,
    what_only_a_leader_does_is_refused_to_others,
    a_team_with_submissions_is_not_left_empty,
    a_withdrawn_or_unknown_invitation_is_over,
    a_suspended_team_reads_the_reason_wherever_it_is_refused,
    teams_are_decided_about_over_the_api,
    a_merged_teams_submissions_are_the_other_ones,
    what_can_not_be_decided_is_refused,
    pending_teams_are_counted_in_the_organiser_area_and_approved_on_the_page,
    who_is_in_no_team_is_led_to_the_page_of_teams,
}

async fn decide_teams(organiser: &Client, wanted: Value) -> Answer {
    organiser.post_json("/api/v1/admin/teams/decisions", &wanted).await
}

/// Makes an invitation link and gives its path.
pub async fn invite(leader: &Client) -> String {
    let page = leader.post_and_follow("/team/invitation", &[]).await;
    link_on(page.page(StatusCode::OK))
}

/// The JSON of the team of this name.
async fn listed(organiser: &Client, name: &str) -> Value {
    let path = format!("/api/v1/admin/teams?search={}", name.replace(' ', "+"));
    let found = organiser.get(&path).await.expect(StatusCode::OK);
    assert_eq!(found["teams"].as_array().unwrap().len(), 1, "{found}");
    found["teams"][0].clone()
}

/// The path of the one invitation link on a page.
pub fn link_on(page: &str) -> String {
    let link = Page::of(page).text("code.token");
    link[link.find("/join/").unwrap()..].to_owned()
}

fn thin() -> Form {
    Form::zip(&zip_of(Method::Thin))
}

async fn a_team_is_founded_joined_handed_over_and_left(database: Database) {
    let site = Site::without_worker(database).await;
    let ada = site.account("ada", None, false).await;
    let bob = site.account("bob", None, false).await;
    let (first, second) = (site.log_in("ada").await, site.log_in("bob").await);
    assert!(first.get("/account").await.text().contains("You have no team"));
    assert!(first.get("/team").await.page(StatusCode::OK).contains("No team yet"));
    for (name, code, status) in [
        ("", "field.invalid", StatusCode::UNPROCESSABLE_ENTITY),
        (&*"x".repeat(61), "field.invalid", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let refused = first.post("/team", &[("name", name)]).await;
        assert!(refused.page(status).contains(code), "{name}");
    }
    assert_eq!(first.post("/team", &[("name", " A <b>team</b> ")]).await.redirect(), "/team");
    let page = first.get("/team").await;
    assert!(page.text().contains("A &#60;b&#62;team"), "{}", page.text());
    let taken = second.post("/team", &[("name", "a <B>team</b>")]).await;
    let taken = taken.page(StatusCode::CONFLICT);
    assert!(taken.contains("team.name_taken") && taken.contains("a &#60;B&#62;team"), "{taken}");

    let link = invite(&first).await;
    let team = first.get("/team").await;
    assert!(!team.text().contains(&link), "an invitation is shown once");
    let page = second.get(&link).await;
    assert!(page.page(StatusCode::OK).contains("Join A &#60;b&#62;team"), "{}", page.text());
    assert_eq!(second.post(&link, &[]).await.redirect(), "/team");
    let members = first.get("/team").await.html(StatusCode::OK).texts("th[scope=row]");
    assert!(members.contains(&"bob".to_owned()), "{members:?}");
    assert!(second.get(&link).await.text().contains("You are a member of this team."));

    let id = site.store.team_of(ada).await.unwrap().unwrap().id.to_string();
    let leave = [("team", id.as_str())];
    assert!(!first.get("/team").await.text().contains("/team/leave"));
    let early = first.post("/team/leave", &leave).await;
    let refused = early.html(StatusCode::CONFLICT);
    assert_eq!(refused.text("main [role=alert] code"), "team.hand_over_first");
    assert!(refused.has("main form[action='/team/leader']"), "it is the team's page: {refused:?}");
    let to = bob.to_string();
    assert_eq!(first.post("/team/leader", &[("to", &to)]).await.redirect(), "/team");
    let other = uuid::Uuid::nil().to_string();
    let elsewhere = first.post("/team/leave", &[("team", &other)]).await;
    let elsewhere = elsewhere.html(StatusCode::FORBIDDEN);
    assert_eq!(elsewhere.text("main [role=alert] code"), "team.none");
    assert_eq!(first.post("/team/leave", &leave).await.redirect(), "/team");
    assert!(first.get("/team").await.text().contains("No team yet"));
    assert_eq!(second.post("/team/leave", &leave).await.redirect(), "/team");
    let organiser = site.organiser().await;
    let teams = organiser.get("/api/v1/admin/teams").await.expect(StatusCode::OK);
    assert_eq!(teams, json!({ "teams": [], "next": null }));

    let path = format!("/api/v1/admin/audit?subject={id}");
    let trail = organiser.get(&path).await.expect(StatusCode::OK);
    let events = trail["events"].as_array().unwrap().iter();
    let actions: Vec<&str> = events.map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "team left",
            "team left",
            "team handed over",
            "team joined",
            "invitation made",
            "team created"
        ]
    );
}

async fn nobody_is_in_two_teams(database: Database) {
    let site = Site::without_worker(database).await;
    site.member("Team A").await;
    site.member("Team B").await;
    let (a, b) = (site.log_in("Team A").await, site.log_in("Team B").await);
    let link = invite(&a).await;
    let page = b.get(&link).await;
    assert!(
        page.page(StatusCode::OK).contains("You are a member of the team Team B"),
        "{}",
        page.text()
    );
    let joined = b.post(&link, &[]).await;
    assert!(joined.page(StatusCode::CONFLICT).contains("team.already_member"));
    let created = b.post("/team", &[("name", "Team C")]).await;
    assert!(created.page(StatusCode::CONFLICT).contains("team.already_member"));
}

async fn what_only_a_leader_does_is_refused_to_others(database: Database) {
    let site = Site::without_worker(database).await;
    site.member("Team A").await;
    let bob = site.account("bob", None, false).await.to_string();
    let (leader, member) = (site.log_in("Team A").await, site.log_in("bob").await);
    let link = invite(&leader).await;
    member.post(&link, &[]).await.redirect();
    for (path, fields) in [
        ("/team/invitation", [].as_slice()),
        ("/team/invitation/withdraw", &[]),
        ("/team/leader", &[("to", &*bob)]),
    ] {
        let refused = member.post(path, fields).await;
        assert!(refused.page(StatusCode::FORBIDDEN).contains("team.not_leader"), "{path}");
    }
    assert_eq!(site.anybody().get(&link).await.status, StatusCode::OK);
    let page = member.get("/team").await;
    assert!(!page.text().contains("/team/invitation"), "{}", page.text());
    assert!(!page.text().contains("/team/leader"), "{}", page.text());
}

async fn a_team_with_submissions_is_not_left_empty(database: Database) {
    let site = Site::without_worker(database).await;
    let user = site.member("Team A").await;
    let script = site.script(user, Scope::Submit).await;
    script.submit(&thin()).await.expect(StatusCode::ACCEPTED);
    let id = site.store.team_of(user).await.unwrap().unwrap().id.to_string();
    let left = site.log_in("Team A").await.post("/team/leave", &[("team", &id)]).await;
    assert!(left.page(StatusCode::CONFLICT).contains("team.has_submissions"));
}

async fn a_withdrawn_or_unknown_invitation_is_over(database: Database) {
    let site = Site::without_worker(database).await;
    site.member("Team A").await;
    site.account("bob", None, false).await;
    let (leader, bob) = (site.log_in("Team A").await, site.log_in("bob").await);
    let link = invite(&leader).await;
    assert_eq!(leader.post("/team/invitation/withdraw", &[]).await.redirect(), "/team");
    for link in [&link, "/join/x", "/join/%2B"] {
        for client in [&bob, &site.anybody()] {
            let page = client.get(link).await;
            assert!(page.page(StatusCode::GONE).contains("team.invitation_over"), "{link}");
        }
        let joined = bob.post(link, &[]).await;
        assert!(joined.page(StatusCode::GONE).contains("team.invitation_over"), "{link}");
    }
}

async fn a_suspended_team_reads_the_reason_wherever_it_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let user = site.member("Team A").await;
    let script = site.script(user, Scope::Submit).await;
    let browser = site.log_in("Team A").await;
    let link = invite(&browser).await;
    let organiser = site.organiser().await;
    let id = listed(&organiser, "Team A").await["id"].clone();
    let reason = "two accounts of one group";
    let suspend = json!({ "teams": [id], "decision": "suspend", "reason": reason });
    let done = decide_teams(&organiser, suspend.clone()).await.expect(StatusCode::OK);
    assert_eq!(done["results"], json!([{ "team": id, "done": true }]));

    let refused = script.submit(&thin()).await;
    assert_eq!(refused.problem(StatusCode::FORBIDDEN), "team.suspended");
    let problem = refused.json();
    assert_eq!(problem["errors"][0]["found"], format!("a suspended one, because: {reason}"));
    assert!(problem["detail"].as_str().unwrap().contains(reason), "{problem}");
    for path in ["/submit", "/team"] {
        assert!(browser.get(path).await.page(StatusCode::OK).contains(reason), "{path}");
    }
    // It stays as it is.
    let team = id.as_str().unwrap();
    for (path, fields) in [
        ("/team/leave", [("team", team)].as_slice()),
        ("/team/invitation", &[]),
        ("/team/leader", &[("to", team)]),
    ] {
        let refused = browser.post(path, fields).await;
        assert!(refused.page(StatusCode::FORBIDDEN).contains(reason), "{path}");
        assert!(refused.html(StatusCode::FORBIDDEN).has("main a[href='/team']"), "{path}");
    }
    assert_eq!(site.anybody().get(&link).await.status, StatusCode::GONE);
    site.assert_nothing_stored().await;

    let again = decide_teams(&organiser, suspend).await.expect(StatusCode::OK);
    assert_eq!(again["results"][0]["because"], "it is suspended");
    let back = json!({ "teams": [id], "decision": "reinstate", "reason": "cleared up" });
    decide_teams(&organiser, back).await.expect(StatusCode::OK);
    script.submit(&thin()).await.expect(StatusCode::ACCEPTED);
    assert!(browser.get("/team").await.text().contains("Reason: cleared up"));
}

async fn teams_are_decided_about_over_the_api(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let to = json!({ "sign_up": "approval" });
    organiser.post_json("/api/v1/admin/settings", &to).await.expect(StatusCode::OK);
    site.member("Team A").await;
    site.account("bob", None, false).await;
    site.log_in("bob").await.post("/team", &[("name", "Team B")]).await.redirect();

    let pending = organiser.get("/api/v1/admin/teams?standing=pending").await;
    let pending = pending.expect(StatusCode::OK);
    assert_eq!(pending["teams"].as_array().unwrap().len(), 1);
    let team = &pending["teams"][0];
    assert_eq!((&team["name"], &team["submissions"]), (&json!("Team B"), &json!(0)));
    let member = &team["members"][0];
    assert_eq!((&member["name"], &member["leader"]), (&json!("bob"), &json!(true)));
    assert_eq!(member["email"], "bob@example.org");

    let a = listed(&organiser, "Team A").await["id"].clone();
    let unknown = uuid::Uuid::nil();
    let approve = json!({
        "teams": [a, team["id"], unknown], "decision": "approve", "reason": "welcome",
    });
    let done = decide_teams(&organiser, approve).await.expect(StatusCode::OK);
    assert_eq!(
        done["results"],
        json!([
            { "team": a, "done": false, "because": "it is approved" },
            { "team": team["id"], "done": true },
            { "team": unknown, "done": false, "because": "this team no longer exists" },
        ])
    );
    assert_eq!(listed(&organiser, "Team B").await["standing"], "approved");
}

async fn a_merged_teams_submissions_are_the_other_ones(database: Database) {
    let site = Site::without_worker(database).await;
    let (a, b) = (site.team("Team A").await, site.team("Team B").await);
    let sent = b.submit(&thin()).await.expect(StatusCode::ACCEPTED);
    let path = format!("/api/v1/submissions/{}", sent["id"].as_str().unwrap());
    assert_eq!(a.get(&path).await.status, StatusCode::NOT_FOUND);
    let organiser = site.organiser().await;
    let id = listed(&organiser, "Team B").await["id"].clone();
    let merge = |into: &str| json!({ "teams": [id], "decision": "merge", "into": into, "reason": "one lab" });
    for into in ["", "Team C"] {
        let refused = decide_teams(&organiser, merge(into)).await;
        assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    }
    let itself = decide_teams(&organiser, merge("Team B")).await.expect(StatusCode::OK);
    assert_eq!(itself["results"][0]["because"], "a team can't be merged into itself");
    let done = decide_teams(&organiser, merge(" team a")).await.expect(StatusCode::OK);
    assert_eq!(done["results"][0]["done"], true);

    // Both have the submission now, and each goes on with the token it had.
    for team in [&a, &b] {
        assert_eq!(team.get(&path).await.expect(StatusCode::OK)["team"], "Team A");
        team.submit(&thin()).await.expect(StatusCode::ACCEPTED);
    }
    let merged = listed(&organiser, "Team A").await;
    assert_eq!(
        (&merged["submissions"], merged["members"].as_array().unwrap().len()),
        (&json!(3), 2)
    );
    let page = site.log_in("Team B").await.get("/team").await;
    assert!(page.text().contains("The team Team B was merged into this one. Reason: one lab"));
    let again = decide_teams(&organiser, merge("Team A")).await.expect(StatusCode::OK);
    assert_eq!(again["results"][0]["done"], false);
}

async fn what_can_not_be_decided_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    site.member("Team A").await;
    let organiser = site.organiser().await;
    let before = listed(&organiser, "Team A").await;
    let id = before["id"].clone();
    for wanted in [
        json!({ "teams": [id], "decision": "suspend", "reason": " " }),
        json!({ "teams": [], "decision": "suspend", "reason": "none" }),
        json!({ "teams": [id], "decision": "expel", "reason": "no such thing" }),
        json!({ "teams": ["Team A"], "decision": "suspend", "reason": "no id" }),
        json!([]),
    ] {
        let refused = decide_teams(&organiser, wanted).await;
        assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    }
    assert_eq!(listed(&organiser, "Team A").await, before);
}

async fn pending_teams_are_counted_in_the_organiser_area_and_approved_on_the_page(
    database: Database,
) {
    let site = Site::without_worker(database).await;
    site.account("org", None, true).await;
    let organiser = site.log_in("org").await;
    assert_eq!(
        organiser.post("/admin/settings", &[("sign_up", "approval")]).await.redirect(),
        "/admin/users"
    );
    let bob = site.account("bob", None, false).await;
    let browser = site.log_in("bob").await;
    browser.post("/team", &[("name", "<b>Team</b>")]).await.redirect();
    let script = site.script(bob, Scope::Submit).await;
    assert_eq!(script.submit(&thin()).await.problem(StatusCode::FORBIDDEN), "team.pending");
    assert_eq!(organiser.get("/admin").await.html(StatusCode::OK).text("#pending"), "1");

    let path = "/admin/teams?standing=pending";
    let page = organiser.get(path).await;
    let page = page.page(StatusCode::OK);
    assert!(page.contains("&#60;b&#62;Team") && page.contains("bob@example.org"), "{page}");
    let id = site.store.team_of(bob).await.unwrap().unwrap().id.to_string();
    let fields = |decision, reason| [("team", &*id), ("decision", decision), ("reason", reason)];
    for wrong in [fields("approve", ""), fields("", "why not")] {
        let refused = organiser.post(path, &wrong).await;
        assert!(refused.page(StatusCode::UNPROCESSABLE_ENTITY).contains("field.invalid"));
    }
    let done = organiser.post_and_follow(path, &fields("approve", "welcome")).await;
    assert!(done.page(StatusCode::OK).contains("1 of 1 decisions made."), "{}", done.text());
    script.submit(&thin()).await.expect(StatusCode::ACCEPTED);
    assert!(!organiser.get("/admin").await.html(StatusCode::OK).has("#pending"));
    let again = organiser.post_and_follow("/admin/teams", &fields("approve", "welcome")).await;
    assert!(
        again.text().contains("&#60;b&#62;Team&#60;/b&#62;: it is approved"),
        "{}",
        again.text()
    );
}

async fn who_is_in_no_team_is_led_to_the_page_of_teams(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("bob", None, false).await;
    let bob = site.log_in("bob").await;
    let form = bob.get("/submit").await.html(StatusCode::OK);
    assert_eq!(form.text("main .problems code"), "team.none");
    assert_eq!(form.link("main .problems a"), "/team");
    let refused = bob.post("/team/invitation", &[]).await.html(StatusCode::FORBIDDEN);
    assert_eq!(refused.text("main .problems code"), "team.none");
    assert_eq!(refused.link("main .problems a"), "/team");
}
