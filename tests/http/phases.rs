//! What an organiser says about a phase, and what follows from it.

use std::time::Duration;

use asoca::store::Timestamp;
use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::acts::text;
use test_support::challenge::{self, zip_of};
use test_support::client::Client;
use test_support::form::Form;
use test_support::page::Page;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    an_organiser_creates_a_phase_and_changes_only_what_is_said,
    what_makes_no_sense_is_refused_and_changes_nothing,
    a_phase_is_created_and_changed_on_the_page,
    a_hidden_leaderboard_is_shown_to_organisers_only,
    a_frozen_leaderboard_shows_what_was_sent_before,
    results_wait_for_a_review_where_the_phase_says_so,
    an_organiser_chooses_what_the_ranking_is_by,
    with_several_open_phases_the_form_is_for_the_chosen_one,
    with_several_open_phases_a_request_has_to_name_the_one_it_means,
    a_late_submission_is_scored_and_never_ranked,
    a_change_of_what_somebody_else_has_changed_is_refused_and_shows_both,
    links_to_a_phase_outlive_its_short_name_and_lead_to_no_other_one,
    what_was_late_is_ranked_once_the_phase_closes_later_and_no_other_way_round,
    what_is_discarded_gives_its_attempt_back_and_is_not_ranked,
    fields_that_the_phase_asks_for_have_to_be_filled,
    a_limit_on_all_attempts_holds_for_invalid_ones,
}

const MAIN: &str = "/api/v1/admin/phases/main";

async fn change(site: &Site, what: Value) -> Value {
    site.organiser().await.post_json(MAIN, &what).await.expect(StatusCode::OK)
}

async fn board(client: &Client) -> Value {
    client.get("/api/v1/leaderboard").await.expect(StatusCode::OK)
}

fn entries(board: &Value) -> usize {
    board["entries"].as_array().unwrap().len()
}

fn thin() -> Form {
    Form::zip(&zip_of(Method::Thin))
}

async fn an_organiser_creates_a_phase_and_changes_only_what_is_said(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let new = json!({ "slug": "final", "title": "Final", "truth_set": "hidden", "quota": 1 });
    let made = organiser.post_json("/api/v1/admin/phases", &new).await.expect(StatusCode::CREATED);
    assert_eq!((&made["quota"], &made["quota_period_hours"]), (&json!(1), &json!(24)));
    assert_eq!((&made["feedback"], &made["closes_at"]), (&json!("rounded"), &Value::Null));

    let to = json!({ "closes_at": "2030-01-01T02:00:00+02:00", "needs_url": true });
    let path = "/api/v1/admin/phases/final";
    let changed = organiser.post_json(path, &to).await.expect(StatusCode::OK);
    let mut expected = made.clone();
    expected["needs_url"] = json!(true);
    expected["closes_at"] = changed["closes_at"].clone();
    assert_eq!(changed, expected);
    assert!(changed["closes_at"].as_str().unwrap().starts_with("2030-01-01T00:00:00"));
    let never = organiser.post_json(path, &json!({ "closes_at": null })).await;
    assert_eq!(never.expect(StatusCode::OK)["closes_at"], Value::Null);

    let trail = organiser.get("/api/v1/admin/audit?action=phase+changed").await;
    let trail = trail.expect(StatusCode::OK);
    assert_eq!(trail["events"][1]["detail"], json!({ "before": made, "after": changed }));
}

async fn what_makes_no_sense_is_refused_and_changes_nothing(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let before = organiser.get("/api/v1/admin/phases").await.expect(StatusCode::OK);
    for (what, problems) in [
        (json!({ "quota": 0, "title": "" }), 2),
        (json!({ "quota": "three" }), 1),
        (json!({ "slug": "A B" }), 1),
        (json!({ "opens_at": "2026-02-01T00:00:00Z", "closes_at": "2026-01-01T00:00:00Z" }), 1),
        (json!({ "leaderboard": "frozen" }), 1),
        (json!({ "leaderboard": "secret" }), 1),
        (json!({ "attempts": 1 }), 1),
        (json!({ "truth_set": "none" }), 1),
        (json!({ "quotas": 3 }), 1),
        (json!([1]), 1),
    ] {
        let refused = organiser.post_json(MAIN, &what).await;
        let found = refused.problems(StatusCode::UNPROCESSABLE_ENTITY);
        let code = (String::new(), "field.invalid".to_owned());
        assert_eq!(found, vec![code; problems], "{what}");
    }
    let taken = json!({ "slug": "main", "title": "Again", "truth_set": "hidden" });
    let taken = organiser.post_json("/api/v1/admin/phases", &taken).await;
    assert_eq!(taken.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    let other = organiser.post_json("/api/v1/admin/phases/none", &json!({})).await;
    assert_eq!(other.problem(StatusCode::NOT_FOUND), "phase.none");
    assert_eq!(organiser.get("/api/v1/admin/phases").await.expect(StatusCode::OK), before);
}

async fn a_phase_is_created_and_changed_on_the_page(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("org", None, true).await;
    let browser = site.log_in("org").await;
    // What a browser says of a short name that doesn't fit.
    let form = browser.get("/admin/phases").await.html(StatusCode::OK);
    assert!(form.has("input[name=slug][pattern][title*='lower-case letters']"), "{form:?}");
    let fields = |slug, quota| {
        [
            ("title", "Final"),
            ("slug", slug),
            ("truth_set", "hidden"),
            ("opens_at", "2030-01-01T08:30"),
            ("closes_at", ""),
            ("quota", quota),
            ("quota_period_hours", "24"),
            ("attempts", ""),
            ("leaderboard", "hidden"),
            ("needs_method", "on"),
        ]
    };
    let refused = browser.post("/admin/phases", &fields("final", "0")).await;
    let page = refused.page(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("field.invalid") && page.contains("2030-01-01T08:30"), "{page}");
    let made = browser.post("/admin/phases", &fields("final", "2")).await;
    assert_eq!(made.redirect(), "/admin/phases/final");
    let page = browser.get("/admin/phases/final").await;
    let form = page.html(StatusCode::OK).fields("form.stack");
    assert_eq!((&*form["opens_at"], &*form["leaderboard"]), ("2030-01-01T08:30:00", "hidden"));
    let changed = browser.post("/admin/phases/final", &fields("last", "5")).await;
    assert_eq!(changed.redirect(), "/admin/phases/last");
    let phase = site.store.phases().await.unwrap().remove(0);
    assert_eq!((phase.slug.as_str(), phase.quota, phase.rules.needs_method), ("last", 5, true));
}

async fn a_hidden_leaderboard_is_shown_to_organisers_only(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    team.submit_and_wait(&thin()).await.expect(StatusCode::CREATED);
    change(&site, json!({ "leaderboard": "hidden" })).await;
    let hidden = board(&site.anybody()).await;
    assert_eq!((entries(&hidden), &hidden["visibility"]), (0, &json!("hidden")));
    assert_eq!(entries(&board(&team).await), 0);
    assert_eq!(entries(&board(&site.organiser().await).await), 1);
    let page = site.anybody().get("/leaderboard").await;
    assert!(page.page(StatusCode::OK).contains("have not opened this leaderboard yet"));
}

async fn a_frozen_leaderboard_shows_what_was_sent_before(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    team.submit_and_wait(&thin()).await.expect(StatusCode::CREATED);
    let now = Timestamp::now();
    change(&site, json!({ "leaderboard": "frozen", "frozen_at": now })).await;
    let better = Form::zip(&zip_of(Method::NearPerfect));
    site.team("Team B").await.submit_and_wait(&better).await.expect(StatusCode::CREATED);
    let frozen = board(&site.anybody()).await;
    assert_eq!((entries(&frozen), &frozen["entries"][0]["team"]), (1, &json!("Team A")));
    assert_eq!(frozen["frozen_at"], json!(now));
    assert_eq!(entries(&board(&site.organiser().await).await), 2);
    let page = site.anybody().get("/leaderboard").await;
    assert!(page.html(StatusCode::OK).has("#frozen"));
}

async fn an_organiser_chooses_what_the_ranking_is_by(database: Database) {
    let site = Site::start(database).await;
    for (team, method) in [("Team A", Method::Thin), ("Team B", Method::Leaky)] {
        let team = site.team(team).await;
        team.submit_and_wait(&Form::zip(&zip_of(method))).await.expect(StatusCode::CREATED);
    }
    let page = async || site.anybody().get("/leaderboard").await;
    assert!(page().await.page(StatusCode::OK).contains("Mean position"));
    change(&site, json!({ "scheme": "dice_only" })).await;
    let shown = board(&site.anybody()).await;
    assert_eq!(shown["scheme"], "dice_only");
    for row in shown["entries"].as_array().unwrap() {
        assert_eq!(row["rank_score"].as_f64(), row["dice_position"].as_f64());
        assert_eq!(row["position"], row["dice_position"]);
    }
    assert!(page().await.page(StatusCode::OK).contains("Ranked by mean Dice over all cases"));
    change(&site, json!({ "scheme": "rank_then_aggregate" })).await;
    let scores = |method| challenge::scores(method).into_iter();
    let mut sum = 0;
    for (thin, leaky) in scores(Method::Thin).zip(scores(Method::Leaky)) {
        sum += if thin.dice >= leaky.dice { 1 } else { 2 };
        sum += if thin.hd95 <= leaky.hd95 { 1 } else { 2 };
    }
    let shown = board(&site.anybody()).await;
    let rows = shown["entries"].as_array().unwrap();
    let team_a = rows.iter().find(|row| row["team"] == "Team A").unwrap();
    assert_eq!(team_a["rank_score"], f64::from(sum) / 12.0);
    assert!(page().await.page(StatusCode::OK).contains("Mean position in cases"));
}

async fn with_several_open_phases_the_form_is_for_the_chosen_one(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("a", Some("Team A"), false).await;
    let browser = site.log_in("a").await;
    let page = async |path: &str| browser.get(path).await.html(StatusCode::OK);
    assert!(!page("/submit").await.has("[aria-label=Phases]"));
    site.add_phase("other").await;
    assert!(page("/submit").await.has("[aria-label=Phases]"));
    for slug in ["main", "other"] {
        let form = page(&format!("/submit?phase={slug}")).await.fields("form[action^='/submit']");
        assert_eq!(form["phase"], slug);
    }
    let unknown = browser.get("/submit?phase=none").await;
    assert!(unknown.page(StatusCode::NOT_FOUND).contains("phase.none"));
}

async fn with_several_open_phases_a_request_has_to_name_the_one_it_means(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    site.add_phase("other").await;
    let unnamed = team.submit(&thin()).await;
    let expected = "the name of an open phase: other, main";
    let said = unnamed.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        (&said["errors"][0]["code"], &said["errors"][0]["expected"]),
        (&json!("phase.ambiguous"), &json!(expected))
    );
    site.assert_nothing_stored().await;
    for path in ["leaderboard", "analysis", "cases"] {
        let answer = site.anybody().get(&format!("/api/v1/{path}")).await;
        assert_eq!(answer.problem(StatusCode::UNPROCESSABLE_ENTITY), "phase.ambiguous", "{path}");
        let named = site.anybody().get(&format!("/api/v1/{path}?phase=main")).await;
        assert_eq!(named.status, StatusCode::OK, "{path}");
    }
    for path in ["/leaderboard", "/analysis"] {
        let page = Page::of(site.anybody().get(path).await.page(StatusCode::OK));
        let links = ["other", "main"].map(|slug| format!("{path}?phase={slug}"));
        assert_eq!(page.links("#phases a"), links);
    }
    site.account("a", Some("Team B"), false).await;
    let form = site.log_in("a").await.get("/submit").await.page(StatusCode::OK).to_owned();
    assert!(
        form.contains("Choose the one to submit to")
            && !form.contains("<form method=\"post\" action=\"/submit")
    );
    // With one open there is nothing to choose, whatever else has been or will be.
    let closed = json!({ "closes_at": Timestamp::now() });
    site.organiser()
        .await
        .post_json("/api/v1/admin/phases/other", &closed)
        .await
        .expect(StatusCode::OK);
    let accepted = team.submit(&thin()).await.expect(StatusCode::ACCEPTED);
    assert_eq!(accepted["phase"], "main");
}

async fn results_wait_for_a_review_where_the_phase_says_so(database: Database) {
    let site = Site::start(database).await;
    change(&site, json!({ "publication": "after_review" })).await;
    let team = site.team("Team A").await;
    let report = team.submit_and_wait(&thin()).await.expect(StatusCode::CREATED);
    assert!(report["dice"].is_f64(), "a team always sees its own score");
    assert_eq!(entries(&board(&team).await), 0);
    let publish =
        json!({ "submissions": [report["id"]], "decision": "publish", "reason": "reviewed" });
    let done = site.organiser().await.post_json("/api/v1/admin/decisions", &publish).await;
    done.expect(StatusCode::OK);
    assert_eq!(entries(&board(&team).await), 1);
}

async fn a_late_submission_is_scored_and_never_ranked(database: Database) {
    let ended = Timestamp::now().minus(Duration::from_secs(60));
    let site = Site::with(database, Setup { closes_at: Some(ended), ..Setup::default() }).await;
    let team = site.team("Team A").await;
    let refused = team.submit_and_wait(&thin()).await;
    assert_eq!(refused.problem(StatusCode::CONFLICT), "phase.closed");
    change(&site, json!({ "late": "unranked" })).await;
    let form = site.log_in("Team A").await.get("/submit").await;
    assert!(form.page(StatusCode::OK).contains("but not ranked"), "{}", form.text());
    let late = team.submit_and_wait(&thin()).await.expect(StatusCode::CREATED);
    assert_eq!((&late["late"], late["dice"].is_f64()), (&json!(true), true));
    assert_eq!(entries(&board(&site.organiser().await).await), 0);
    let area = site.organiser().await.get("/admin").await;
    assert!(area.page(StatusCode::OK).contains("but not ranked"), "{}", area.text());
    let page = team.get(&format!("/submissions/{}", late["id"].as_str().unwrap())).await;
    assert!(page.page(StatusCode::OK).contains("after the phase had closed"));
}

async fn what_was_late_is_ranked_once_the_phase_closes_later_and_no_other_way_round(
    database: Database,
) {
    let ended = Timestamp::now().minus(Duration::from_secs(60));
    let site = Site::with(database, Setup { closes_at: Some(ended), ..Setup::default() }).await;
    change(&site, json!({ "late": "unranked" })).await;
    let team = site.team("Team A").await;
    let sent = team.submit_and_wait(&thin()).await.expect(StatusCode::CREATED);
    let before = Timestamp::now().rfc3339();
    let entries_at = async |query: &str| team.entries(query).await.len();
    let is_late = async || team.report("/api/v1/submissions", &sent).await["late"].clone();
    assert_eq!((entries_at("").await, is_late().await), (0, json!(true)));

    change(&site, json!({ "closes_at": "2999-01-01T00:00:00Z" })).await;
    assert_eq!((entries_at("").await, is_late().await), (1, json!(false)));
    // The leaderboard of before stays what it was.
    assert_eq!(entries_at(&format!("?at={before}")).await, 0);
    let extended = Timestamp::now().rfc3339();
    assert_eq!(entries_at(&format!("?at={extended}")).await, 1);

    change(&site, json!({ "closes_at": ended.rfc3339() })).await;
    assert_eq!((entries_at("").await, is_late().await), (1, json!(false)));
}

async fn what_is_discarded_gives_its_attempt_back_and_is_not_ranked(database: Database) {
    let site = Site::with(database, Setup { quota: 1, ..Setup::default() }).await;
    change(&site, json!({ "total": 1, "attempts": 1 })).await;
    let (team, organiser) = (site.team("Team A").await, site.organiser().await);
    let first = team.submit_and_wait(&thin()).await.expect(StatusCode::CREATED);
    let id = first["id"].as_str().unwrap();
    let before = Timestamp::now().rfc3339();
    let refused = team.submit(&thin()).await;
    assert_eq!(refused.problem(StatusCode::FORBIDDEN), "quota.total");

    let discarded = organiser.decide(&[id], "discard", "sent to the wrong phase").await;
    discarded.expect(StatusCode::OK);
    assert_eq!(team.entries("").await.len(), 0);
    assert_eq!(team.entries(&format!("?at={before}")).await.len(), 1);
    let report = team.report("/api/v1/submissions", &first).await;
    assert_eq!((&report["discarded"], report["dice"].is_f64()), (&json!(true), true));
    let page = team.get(&format!("/submissions/{id}")).await;
    let page = page.page(StatusCode::OK).to_owned();
    for words in ["counts neither in the ranking nor towards the quota", "sent to the wrong phase"]
    {
        assert!(page.contains(words), "{page}");
    }
    let again = organiser.decide(&[id], "discard", "again").await.expect(StatusCode::OK);
    assert_eq!(again["results"][0]["done"], false);

    let second = team.submit_and_wait(&thin()).await.expect(StatusCode::CREATED);
    assert_eq!(team.entries("").await.len(), 1);
    let found = organiser.get("/api/v1/admin/submissions?shown=discarded").await;
    let found = found.expect(StatusCode::OK);
    assert_eq!(found["submissions"].as_array().unwrap().len(), 1);
    organiser.decide(&[id], "restore", "it was right").await.expect(StatusCode::OK);
    assert_eq!(team.report("/api/v1/submissions", &first).await["discarded"], false);
    assert_eq!(team.report("/api/v1/submissions", &second).await["state"], "scored");
    let refused = team.submit(&thin()).await;
    assert_eq!(refused.problem(StatusCode::FORBIDDEN), "quota.total");
}

async fn a_change_of_what_somebody_else_has_changed_is_refused_and_shows_both(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let path = "/api/v1/admin/phases/main";
    let revision = async || {
        let phases = organiser.get("/api/v1/admin/phases").await.expect(StatusCode::OK);
        phases["phases"][0]["revision"].as_i64().unwrap()
    };
    let opened = revision().await;
    let closing = json!({ "closes_at": "2999-01-01T00:00:00Z", "quota": 5, "revision": opened });
    organiser.post_json(path, &closing).await.expect(StatusCode::OK);
    assert_eq!(revision().await, opened + 1);
    let stale = json!({ "title": "Mine", "closes_at": null, "revision": opened });
    let refused = organiser.post_json(path, &stale).await;
    let stale = (String::new(), "revision.stale".to_owned());
    assert_eq!(refused.problems(StatusCode::CONFLICT), vec![stale; 2]);
    let errors = refused.json()["errors"].as_array().unwrap().clone();
    let sides: Vec<_> =
        errors.iter().map(|error| (text(&error["expected"]), text(&error["found"]))).collect();
    assert_eq!(
        sides,
        [
            (
                "closes_at: \"2999-01-01T00:00:00Z\", as it is now".to_owned(),
                "closes_at: null".to_owned()
            ),
            ("title: \"Final test\", as it is now".to_owned(), "title: \"Mine\"".to_owned()),
        ]
    );
    // Without a revision a change is of what there is now, and only of what it names.
    organiser.post_json(path, &json!({ "title": "Ours" })).await.expect(StatusCode::OK);

    // The same on the page: two organisers open it, both save.
    site.account("org", None, true).await;
    let browser = site.log_in("org").await;
    let form =
        browser.get("/admin/phases/main").await.html(StatusCode::OK).fields("main form.stack");
    let fields = |title: &'static str, revision: &str| -> Vec<(String, String)> {
        let mut fields: Vec<(String, String)> = form.clone().into_iter().collect();
        fields.retain(|(name, _)| name != "title" && name != "revision");
        fields.extend([
            ("title".to_owned(), title.to_owned()),
            ("revision".to_owned(), revision.to_owned()),
        ]);
        fields
    };
    let send = async |fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        browser.post_and_follow("/admin/phases/main", &fields).await
    };
    let first = send(fields("First", &form["revision"])).await;
    assert!(first.page(StatusCode::OK).contains("Saved."), "{}", first.text());
    let second = send(fields("Second", &form["revision"])).await;
    let shown = second.html(StatusCode::CONFLICT);
    assert!(second.text().contains("First") && second.text().contains("Second"));
    // Both were seen: who saves again means it.
    let now = shown.fields("main form.stack")["revision"].clone();
    assert_ne!(now, form["revision"]);
    let again = send(fields("Second", &now)).await;
    assert!(again.page(StatusCode::OK).contains("Phase Second"), "{}", again.text());
}

async fn links_to_a_phase_outlive_its_short_name_and_lead_to_no_other_one(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    team.score(Method::Thin).await;
    let page = team.get("/leaderboard?phase=main").await.html(StatusCode::OK);
    let permalink = page.links("#permalink").remove(0);
    let permalink = &permalink[permalink.find("/leaderboard").unwrap()..];
    change(&site, json!({ "slug": "final-2026", "title": "Renamed" })).await;
    let organiser = site.organiser().await;
    for link in [permalink, "/leaderboard?phase=main", "/leaderboard?phase=final-2026"] {
        let page = team.get(link).await;
        assert!(page.page(StatusCode::OK).contains("Renamed"), "{link}: {}", page.text());
        assert!(page.text().contains("Team A"), "{link}");
    }
    let results = organiser.get("/api/v1/admin/exports/submissions.json?phase=main").await;
    let results = results.expect(StatusCode::OK);
    assert_eq!(results["submissions"].as_array().unwrap().len(), 1);
    // The old name is nobody else's, and can be had back.
    let taken = json!({ "slug": "main", "title": "Another", "truth_set": "hidden" });
    let refused = organiser.post_json("/api/v1/admin/phases", &taken).await;
    assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    site.add_phase("other").await;
    let refused =
        organiser.post_json("/api/v1/admin/phases/other", &json!({ "slug": "main" })).await;
    assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    let back =
        organiser.post_json("/api/v1/admin/phases/final-2026", &json!({ "slug": "main" })).await;
    back.expect(StatusCode::OK);
    assert!(team.get(permalink).await.page(StatusCode::OK).contains("Team A"));
}

async fn fields_that_the_phase_asks_for_have_to_be_filled(database: Database) {
    let site = Site::without_worker(database).await;
    change(&site, json!({ "needs_method": true, "needs_url": true })).await;
    let phases = site.anybody().get("/api/v1/phases").await.expect(StatusCode::OK);
    assert_eq!(phases["phases"][0]["needs_url"], true);
    let team = site.team("Team A").await;
    let refused = team.submit(&thin().field("method", " ")).await;
    let code = (String::new(), "field.invalid".to_owned());
    assert_eq!(refused.problems(StatusCode::UNPROCESSABLE_ENTITY), vec![code; 2]);
    site.assert_nothing_stored().await;
    let whole = thin().field("method", "nnU-Net").field("url", "https://example.org/paper");
    team.submit(&whole).await.expect(StatusCode::ACCEPTED);
}

async fn a_limit_on_all_attempts_holds_for_invalid_ones(database: Database) {
    let site = Site::without_worker(database).await;
    change(&site, json!({ "quota": 1, "attempts": 2 })).await;
    let team = site.team("Team A").await;
    for _ in 0..2 {
        team.submit(&thin()).await.expect(StatusCode::ACCEPTED);
        let ended = "update evaluations set state = $1, finished_at = created_at";
        site.execute(ended, "invalid").await;
    }
    let refused = team.submit(&thin()).await;
    assert_eq!(refused.problem(StatusCode::TOO_MANY_REQUESTS), "quota.exhausted");
    assert!(
        refused.text().contains("at most 2 uploads, invalid ones included"),
        "{}",
        refused.text()
    );
}
