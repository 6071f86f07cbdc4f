//! What of a score is shown to whom.

use asoca::domain::Feedback;
use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::challenge::zip_of;
use test_support::client::Client;
use test_support::form::Form;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    under_rounded_feedback_all_but_rounded_means_is_for_organisers,
    under_per_case_feedback_a_team_sees_its_own_cases,
    the_leaderboard_shows_no_single_case,
    a_group_of_one_case_is_summed_up_for_organisers_only,
}

async fn scored(database: Database, feedback: Feedback) -> (Site, Client, String) {
    let site = Site::with(database, Setup { feedback, ..Setup::default() }).await;
    let team = site.team("Team A").await;
    let answer = team.submit_and_wait(&Form::zip(&zip_of(Method::Thin))).await;
    let report = answer.expect(StatusCode::CREATED);
    assert_eq!(report.get("cases").is_some(), feedback == Feedback::PerCase);
    let id = report["id"].as_str().unwrap().to_owned();
    (site, team, id)
}

/// Whether report, metrics and page tell everything about single cases; they agree.
async fn tells_everything(client: &Client, id: &str) -> bool {
    let path = format!("/api/v1/submissions/{id}");
    let report = client.get(&path).await.expect(StatusCode::OK);
    let metrics = client.get(&format!("{path}/metrics.json")).await.expect(StatusCode::OK);
    assert!(report["dice"].is_f64() && metrics["aggregates"]["HD95"]["mean"].is_f64());
    let page = client.get(&format!("/submissions/{id}")).await;
    let page = page.html(StatusCode::OK);
    let shows = |selector, text: &str| page.texts(selector).iter().any(|shown| shown == text);
    let told = [
        report.get("cases").is_some(),
        report.get("secondary").is_some(),
        report["aggregates"]["all"]["dice"].get("std").is_some(),
        metrics.get("case").is_some(),
        metrics.get("secondary").is_some(),
        metrics["aggregates"]["DiceCoefficient"].get("max").is_some(),
        shows("h2", "Cases"),
        shows("h2", "Secondary metrics, not ranked"),
        shows("th[scope=row]", "case 0"),
    ];
    assert!(told.iter().all(|&told_too| told_too == told[0]), "{told:?}");
    told[0]
}

async fn under_rounded_feedback_all_but_rounded_means_is_for_organisers(database: Database) {
    let (site, team, id) = scored(database, Feedback::Rounded).await;
    assert!(!tells_everything(&team, &id).await);
    assert!(tells_everything(&site.organiser().await, &id).await);
    let listed = team.get("/api/v1/submissions").await.expect(StatusCode::OK);
    let listed = &listed["submissions"][0];
    let keys = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(listed.get("cases"), None);
    assert_eq!(keys(&listed["aggregates"]), ["all", "diseased", "normal"]);
    assert_eq!(keys(&listed["aggregates"]["normal"]["hd95"]), ["count", "mean"]);
}

async fn under_per_case_feedback_a_team_sees_its_own_cases(database: Database) {
    let (site, team, id) = scored(database, Feedback::PerCase).await;
    assert!(tells_everything(&team, &id).await);
    assert!(tells_everything(&site.organiser().await, &id).await);
}

async fn the_leaderboard_shows_no_single_case(database: Database) {
    let (site, _, _) = scored(database, Feedback::PerCase).await;
    let board = site.anybody().get("/api/v1/leaderboard").await.expect(StatusCode::OK);
    let mut keys: Vec<&String> = board["entries"][0].as_object().unwrap().keys().collect();
    keys.sort();
    let expected = [
        "aggregates",
        "created_at",
        "dice",
        "dice_position",
        "dice_rank_score",
        "hd95",
        "hd95_position",
        "hd95_rank_score",
        "method",
        "position",
        "rank_score",
        "submission",
        "team",
        "team_id",
        "url",
    ];
    assert_eq!(keys, expected);
}

async fn a_group_of_one_case_is_summed_up_for_organisers_only(database: Database) {
    let (site, team, id) = scored(database, Feedback::Rounded).await;
    site.execute("update cases set case_group = 'normal' where case_id <> $1", "1").await;
    site.execute("update cases set case_group = 'diseased' where case_id = $1", "1").await;
    let summed_up = |of: &Value| {
        let groups = ["all", "normal", "diseased"];
        groups.map(|group| of["aggregates"][group].is_object())
    };
    let path = format!("/api/v1/submissions/{id}");
    // The other half's would give the one case's value, too.
    let anybody = site.anybody();
    for feedback in ["rounded", "per_case"] {
        let to = json!({ "feedback": feedback });
        site.organiser()
            .await
            .post_json("/api/v1/admin/phases/main", &to)
            .await
            .expect(StatusCode::OK);
        let board = anybody.get("/api/v1/leaderboard").await.expect(StatusCode::OK);
        assert_eq!(summed_up(&board["entries"][0]), [true, false, false], "{feedback}");
        for page in ["/leaderboard?group=diseased", "/api/v1/leaderboard?format=csv"] {
            assert_eq!(anybody.get(page).await.status, StatusCode::OK, "{page}");
        }
        let report = team.get(&path).await.expect(StatusCode::OK);
        assert_eq!(summed_up(&report), [true, feedback == "per_case", feedback == "per_case"]);
    }
    let report = site.organiser().await.get(&path).await.expect(StatusCode::OK);
    assert_eq!(summed_up(&report), [true; 3]);
}
