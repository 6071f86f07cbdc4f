//! Teams and their entries as everybody sees them, and what teams and organisers can change of that.

use asoca::domain::{Feedback, Scope};
use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::acts::id;
use test_support::challenge::zip_of;
use test_support::client::{Answer, Client};
use test_support::form::Form;
use test_support::page::Page;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_stranger_sees_nothing_of_a_submission_that_does_not_count,
    what_counted_earlier_stays_on_the_teams_page,
    a_withheld_level_shows_no_score_on_entry_or_team_page,
    a_teams_description_that_was_changed_twice_shows_its_history_to_the_team_and_not_to_strangers,
    a_method_that_was_changed_is_shown_as_it_is_now_and_its_history_to_the_team_alone,
    who_edits_what_somebody_else_has_changed_is_shown_both,
    a_suspended_team_changes_nothing_and_organisers_can,
    links_lead_to_pages_and_texts_keep_their_bounds,
    what_is_required_can_be_changed_and_not_removed,
}

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const BOARD: &str = "/api/v1/leaderboard";

async fn send(team: &Client, method: Method, name: &str) -> Value {
    let form = Form::zip(&zip_of(method)).field("method", name).field("description", "As *sent*.");
    team.submit_and_wait(&form).await.expect(StatusCode::CREATED)
}

fn entry(of: &Value) -> String {
    format!("/entries/{}", id(of))
}

async fn team_of(reader: &Client) -> String {
    let board = reader.get(BOARD).await.expect(StatusCode::OK);
    board["entries"][0]["team_id"].as_str().unwrap().to_owned()
}

async fn change(by: &Client, of: &Value, to: Value) -> Answer {
    by.post_json(&format!("/api/v1/submissions/{}", id(of)), &to).await
}

async fn read(reader: &Client, path: &str) -> Page {
    reader.get(path).await.html(StatusCode::OK)
}

async fn a_stranger_sees_nothing_of_a_submission_that_does_not_count(database: Database) {
    let site = Site::start(database).await;
    let (team, anybody) = (site.team("Team A").await, site.anybody());
    let good = send(&team, Method::NearPerfect, "Good net").await;
    let bad = send(&team, Method::Leaky, "Bad try").await;
    site.member("Team B").await;
    let (member, other) = (site.log_in("Team A").await, site.log_in("Team B").await);
    let organiser = site.organiser().await;

    let shown = read(&anybody, &entry(&good)).await;
    assert_eq!(shown.text("h1"), "Good net");
    assert!(shown.text("#marks").contains("counts") && shown.has("#dice"));
    assert!(shown.text("main").contains("As *sent*."));
    let team_page = format!("/teams/{}", team_of(&anybody).await);
    for path in [entry(&bad), format!("/api/v1{}", entry(&bad))] {
        for stranger in [&anybody, &other] {
            assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for insider in [&member, &team, &organiser] {
            assert_eq!(insider.get(&path).await.status, StatusCode::OK, "{path}");
        }
    }
    let dice = bad["dice"].as_f64().unwrap();
    for path in [&team_page, &format!("/api/v1{team_page}"), "/leaderboard", "/analysis"] {
        let text = anybody.get(path).await.text().to_owned();
        assert!(!text.contains("Bad try") && !text.contains(&format!("{dice:.4}")), "{path}");
    }
    let plot = format!("/plots/own-progress.svg?team={}", team_of(&anybody).await);
    let drawn = |answer: Answer| answer.text().matches("<title>").count();
    assert!(drawn(anybody.get(&plot).await) < drawn(member.get(&plot).await));
    let mine = read(&member, &team_page).await;
    assert_eq!(mine.texts("#progress .mark"), ["only you"]);
    assert!(read(&member, &entry(&bad)).await.has("#private"));
    // The leaderboard's column of methods leads to the entry.
    assert_eq!(read(&anybody, "/leaderboard").await.link("a[href^='/entries/']"), entry(&good));

    // What was never sent, never scored or is taken away is not there either.
    organiser.decide(&[&id(&good)], "hide", "a reason").await;
    for path in [entry(&good), "/entries/0".into(), format!("/entries/{}", uuid::Uuid::nil())] {
        assert_eq!(anybody.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(read(&anybody, &entry(&bad)).await.text("h1"), "Bad try", "it counts now");
}

async fn what_counted_earlier_stays_on_the_teams_page(database: Database) {
    let site = Site::start(database).await;
    let (team, anybody) = (site.team("Team A").await, site.anybody());
    let first = send(&team, Method::Thin, "First").await;
    let second = send(&team, Method::NearPerfect, "Second").await;
    let path = format!("/api/v1/teams/{}", team_of(&anybody).await);
    let shown = anybody.get(&path).await.expect(StatusCode::OK);
    let entries = shown["entries"].as_array().unwrap();
    let told: Vec<_> = entries.iter().map(|one| (&one["submission"], &one["counts"])).collect();
    assert_eq!(told, [(&second["id"], &json!("now")), (&first["id"], &json!("earlier"))]);
    let earlier = anybody.get(&format!("/api/v1{}", entry(&first))).await.expect(StatusCode::OK);
    assert_eq!((&earlier["counts"], earlier.get("position")), (&json!("earlier"), None));
    let now = anybody.get(&format!("/api/v1{}", entry(&second))).await.expect(StatusCode::OK);
    assert_eq!((&now["position"], &now["aggregates"]), (&json!(1), &second["aggregates"]));
}

async fn a_withheld_level_shows_no_score_on_entry_or_team_page(database: Database) {
    let setup = Setup { feedback: Feedback::Hidden, ..Setup::default() };
    let site = Site::with(database, setup).await;
    let (team, anybody) = (site.team("Team A").await, site.anybody());
    let sent = send(&team, Method::NearPerfect, "Net").await;
    let team_page = format!("/teams/{}", team_of(&anybody).await);
    let page = read(&anybody, &entry(&sent)).await;
    assert!(page.has("#withheld") && !page.has(".headline") && !page.has("#dice"));
    let row = read(&anybody, &team_page).await.texts("#progress tbody td");
    assert!(row.contains(&"–".to_owned()) && !row.iter().any(|cell| cell.starts_with("0.")));
    for path in [entry(&sent), team_page] {
        let told = anybody.get(&format!("/api/v1{path}")).await.expect(StatusCode::OK).to_string();
        assert!(!told.contains("aggregates") && !told.contains("position"), "{told}");
    }
    let organiser = site.organiser().await;
    assert!(read(&organiser, &entry(&sent)).await.has("#dice"), "organisers see everything");
    // Of a leaderboard that is hidden, nothing is there.
    let hidden = json!({ "leaderboard": "hidden" });
    organiser.post_json("/api/v1/admin/phases/main", &hidden).await.expect(StatusCode::OK);
    assert_eq!(anybody.get(&entry(&sent)).await.status, StatusCode::NOT_FOUND);
}

async fn a_teams_description_that_was_changed_twice_shows_its_history_to_the_team_and_not_to_strangers(
    database: Database,
) {
    let site = Site::start(database).await;
    let (team, anybody) = (site.team("Team A").await, site.anybody());
    send(&team, Method::NearPerfect, "Net").await;
    let id = team_of(&anybody).await;
    let leader = site.log_in("Team A").await;
    for (revision, description) in [("1", "We are <b>mistaken</b>."), ("2", "We are second.")] {
        let fields = [
            ("affiliation", " Example University "),
            ("website", "https://example.org/team"),
            ("description", description),
            ("revision", revision),
        ];
        let saved = leader.post_and_follow("/team/profile", &fields).await.html(StatusCode::OK);
        assert_eq!(saved.text("#saved"), "Saved.");
    }
    let page = format!("/teams/{id}");
    let shown = read(&anybody, &page).await;
    assert_eq!(shown.text("#affiliation"), "Example University");
    assert_eq!(shown.text("#description"), "We are second.");
    assert_eq!(shown.link("#website a"), "https://example.org/team");
    let history = read(&leader, "/team").await.text(".history");
    for said in ["We are <b>mistaken</b>.", "We are second.", "Team A"] {
        assert!(history.contains(said), "{said}: {history}");
    }
    let organiser = site.organiser().await;
    assert!(read(&organiser, &format!("/admin/teams/{id}")).await.has(".history"));
    let told = organiser.get(&format!("/api/v1/admin/teams/{id}/profile")).await;
    let told = told.expect(StatusCode::OK);
    let revisions: Vec<&Value> =
        told["history"].as_array().unwrap().iter().map(|one| &one["revision"]).collect();
    assert_eq!(revisions, [3, 2]);
    for path in [page.clone(), format!("/api/v1{page}")] {
        assert!(!anybody.get(&path).await.text().contains("mistaken"), "{path}");
    }
    let audit = "/api/v1/admin/audit?action=team profile changed".replace(' ', "%20");
    let events = organiser.get(&audit).await.expect(StatusCode::OK);
    assert_eq!(events["events"].as_array().unwrap().len(), 2);
}

async fn a_method_that_was_changed_is_shown_as_it_is_now_and_its_history_to_the_team_alone(
    database: Database,
) {
    let site = Site::start(database).await;
    let (team, anybody) = (site.team("Team A").await, site.anybody());
    let sent = send(&team, Method::NearPerfect, "Old name").await;
    let own = format!("/submissions/{}", id(&sent));
    let member = site.log_in("Team A").await;
    let mut fields = read(&member, &own).await.fields("form[action$='/method']");
    fields.insert("method".into(), "New name".into());
    fields.insert("description".into(), "It is <i>new</i>.".into());
    fields.insert("code_url".into(), "https://example.org/code".into());
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let saved = member.post_and_follow(&format!("{own}/method"), &fields).await;
    let saved = saved.html(StatusCode::OK);
    assert!(saved.has("#saved") && saved.text(".history").contains("Old name"));
    // The leaderboard has the name that it is given now.
    let board = anybody.get(BOARD).await.expect(StatusCode::OK);
    assert_eq!(board["entries"][0]["method"], "New name");
    let page = anybody.get(&entry(&sent)).await;
    assert!(page.page(StatusCode::OK).contains("It is &#60;i&#62;new&#60;/i&#62;."));
    let page = page.html(StatusCode::OK);
    assert_eq!(page.links("a[rel~='ugc']"), ["https://example.org/code"]);
    let text = page.text("main");
    assert!(!text.contains("Old name") && !text.contains("As *sent*."), "{text}");
    let history = format!("/api/v1{own}/history");
    let told = team.get(&history).await.expect(StatusCode::OK);
    let said: Vec<_> = told["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["revision"], &one["method"], &one["author"]))
        .collect();
    let (new, old, name) = (json!("New name"), json!("Old name"), json!("Team A"));
    assert_eq!(said, [(&json!(2), &new, &name), (&json!(1), &old, &name)]);
    assert_eq!(anybody.get(&history).await.status, StatusCode::UNAUTHORIZED);
    // It is found by the name that it has.
    let organiser = site.organiser().await;
    for (search, found) in [("new%20name", 1), ("old%20name", 0)] {
        let list = organiser.get(&format!("/api/v1/admin/submissions?search={search}")).await;
        let list = list.expect(StatusCode::OK);
        assert_eq!(list["submissions"].as_array().unwrap().len(), found, "{search}");
    }
}

async fn who_edits_what_somebody_else_has_changed_is_shown_both(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let sent = send(&team, Method::NearPerfect, "Net").await;
    let first = json!({ "method": "First", "revision": 1 });
    assert_eq!(change(&team, &sent, first).await.expect(StatusCode::OK)["revision"], 2);
    let late = change(&team, &sent, json!({ "method": "Second", "revision": 1 })).await;
    assert_eq!(late.problem(StatusCode::CONFLICT), "revision.stale");
    assert!(late.text().contains("First") && late.text().contains("Second"), "{}", late.text());
    let member = site.log_in("Team A").await;
    let form = |revision| [("method", "Third"), ("revision", revision)];
    let path = format!("/submissions/{}/method", id(&sent));
    let stale = member.post(&path, &form("1")).await.html(StatusCode::CONFLICT);
    let fields = stale.fields("form[action$='/method']");
    assert_eq!((fields["revision"].as_str(), fields["method"].as_str()), ("2", "Third"));
    assert_eq!(member.post(&path, &form("2")).await.status, StatusCode::SEE_OTHER);

    let profile = [("description", "a"), ("revision", "1")];
    assert_eq!(member.post("/team/profile", &profile).await.redirect(), "/team");
    let profile = [("description", "b"), ("revision", "1")];
    let stale = member.post("/team/profile", &profile).await.html(StatusCode::CONFLICT);
    let fields = stale.fields("form[action='/team/profile']");
    assert_eq!((fields["revision"].as_str(), fields["description"].as_str()), ("2", "b"));
    let api = format!("/api/v1/admin/teams/{}/profile", team_of(&team).await);
    let organiser = site.organiser().await;
    let late = organiser.post_json(&api, &json!({ "website": "", "revision": 1 })).await;
    assert_eq!(late.problem(StatusCode::CONFLICT), "revision.stale");
}

async fn a_suspended_team_changes_nothing_and_organisers_can(database: Database) {
    let site = Site::start(database).await;
    let user = site.member("Team A").await;
    let team = site.script(user, Scope::Submit).await;
    let sent = send(&team, Method::NearPerfect, "Net").await;
    let (id, member) = (team_of(&team).await, site.log_in("Team A").await);
    let other = site.team("Team B").await;
    let to = json!({ "method": "Changed" });
    assert_eq!(change(&other, &sent, to.clone()).await.status, StatusCode::NOT_FOUND);
    let reader = site.script(user, Scope::Read).await;
    assert_eq!(
        change(&reader, &sent, to.clone()).await.problem(StatusCode::FORBIDDEN),
        "auth.scope"
    );
    site.execute("update teams set standing = 'suspended' where name = $1", "Team A").await;
    let refused = change(&team, &sent, to.clone()).await;
    assert_eq!(refused.problem(StatusCode::FORBIDDEN), "team.suspended");
    let form = [("description", "Changed")];
    assert_eq!(member.post("/team/profile", &form).await.status, StatusCode::FORBIDDEN);
    let own = format!("/submissions/{}", test_support::acts::id(&sent));
    let refused = member.post(&format!("{own}/method"), &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!read(&member, &own).await.has("form[action$='/method']"));

    site.account("org", None, true).await;
    let organiser = site.log_in("org").await;
    assert_eq!(change(&organiser, &sent, to).await.expect(StatusCode::OK)["method"], "Changed");
    let path = format!("/admin/teams/{id}");
    let saved = organiser.post_and_follow(&path, &form).await.html(StatusCode::OK);
    assert!(saved.has("#saved") && saved.text(".history").contains("org"));
    assert!(read(&organiser, &own).await.text(".history").contains("org"));
}

async fn links_lead_to_pages_and_texts_keep_their_bounds(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let sent = send(&team, Method::NearPerfect, "Net").await;
    let organiser = site.organiser().await;
    let api = format!("/api/v1/admin/teams/{}/profile", team_of(&team).await);
    for url in [
        "javascript:alert(1)",
        "http://example.org",
        "https://user@example.org",
        "https://example.org/\" onclick=\"",
        "https://example.org/\u{202e}",
        "//example.org",
    ] {
        for member in ["url", "code_url", "data_url"] {
            let refused = change(&team, &sent, json!({ member: url })).await;
            assert_eq!(refused.problem(UNPROCESSABLE), "field.invalid", "{member} {url}");
        }
        let refused = organiser.post_json(&api, &json!({ "website": url })).await;
        assert_eq!(refused.problem(UNPROCESSABLE), "field.invalid", "{url}");
    }
    for to in [
        json!({ "method": "x".repeat(201) }),
        json!({ "method": "a\nb" }),
        json!({ "method": "\u{202e}net" }),
        json!({ "description": "x".repeat(5001) }),
        json!({ "description": "a\0b" }),
        json!({ "answers": { "unasked": 1 } }),
    ] {
        let refused = change(&team, &sent, to.clone()).await;
        assert_eq!(refused.status, UNPROCESSABLE, "{to}");
    }
    for to in [
        json!({ "affiliation": "a\nb" }),
        json!({ "affiliation": "x".repeat(201) }),
        json!({ "description": "x".repeat(4001) }),
        json!({ "description": "a\u{7}b" }),
    ] {
        let refused = organiser.post_json(&api, &to).await;
        assert_eq!(refused.problem(UNPROCESSABLE), "field.invalid", "{to}");
    }
    let unchanged = team.get(&format!("/api/v1/submissions/{}", id(&sent))).await;
    assert_eq!(unchanged.expect(StatusCode::OK)["revision"], 1);
    // A form keeps what was wrong, and says so.
    let member = site.log_in("Team A").await;
    let path = format!("/submissions/{}/method", id(&sent));
    let refused = member.post(&path, &[("url", "nowhere")]).await.html(UNPROCESSABLE);
    assert!(refused.has(".problems"));
    assert_eq!(refused.fields("form[action$='/method']")["url"], "nowhere");
}

async fn what_is_required_can_be_changed_and_not_removed(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let sent = send(&team, Method::NearPerfect, "Net").await;
    let organiser = site.organiser().await;
    let needs = json!({ "needs_method": true, "needs_url": true });
    organiser.post_json("/api/v1/admin/phases/main", &needs).await.expect(StatusCode::OK);
    let refused = change(&team, &sent, json!({ "method": "" })).await;
    assert_eq!(refused.problem(UNPROCESSABLE), "field.invalid");
    // What was not asked for when it was sent is not asked for now.
    change(&team, &sent, json!({ "method": "Net 2" })).await.expect(StatusCode::OK);
}
