//! What of a score is shown to whom.

use asoca::challenge::Feedback;
use asoca::phantom::Method;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::challenge::zip_of;
use crate::client::Client;
use crate::common::{Database, on_both_engines};
use crate::form::Form;
use crate::site::{Setup, Site};

on_both_engines! {
    under_aggregate_feedback_single_cases_are_for_organisers,
    under_per_case_feedback_a_team_sees_its_own_cases,
    the_leaderboard_shows_no_single_case,
    a_half_of_one_case_is_summed_up_for_organisers_only,
    what_is_computed_for_some_cases_is_summed_up_for_organisers_only,
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

/// Whether the report, the metrics and the list each tell single cases.
async fn tells_cases(client: &Client, id: &str) -> [bool; 2] {
    let path = format!("/api/v1/submissions/{id}");
    let report = client.get(&path).await.expect(StatusCode::OK);
    let metrics = client.get(&format!("{path}/metrics.json")).await.expect(StatusCode::OK);
    assert!(report["dice"].is_f64() && metrics["aggregates"]["HD95"]["mean"].is_f64());
    let means = [&report["secondary"]["diseased"], &metrics["secondary"]["aggregates"]];
    assert!(means.iter().all(|means| means["cl_dice"]["mean"].is_f64()), "{means:?}");
    let page = client.get(&format!("/submissions/{id}")).await;
    let page = page.page(StatusCode::OK);
    assert!(page.contains("<h2>Secondary metrics, not ranked</h2>"), "{page}");
    assert!(page.contains("<th scope=\"row\">diseased, mean</th>"), "{page}");
    let row = page.contains("<th scope=\"row\">case 0</th>");
    assert_eq!(metrics["secondary"].get("case").is_some(), row);
    assert_eq!(report["cases"]["0"]["secondary"]["cl_dice"].is_f64(), row);
    [report.get("cases").is_some() && row, metrics.get("case").is_some() || row]
}

async fn under_aggregate_feedback_single_cases_are_for_organisers(database: Database) {
    let (site, team, id) = scored(database, Feedback::Aggregates).await;
    assert_eq!(tells_cases(&team, &id).await, [false; 2]);
    assert_eq!(tells_cases(&site.organiser().await, &id).await, [true; 2]);
    let listed = team.get("/api/v1/submissions").await.expect(StatusCode::OK);
    assert_eq!(listed["submissions"][0].get("cases"), None);
    let page = team.get(&format!("/submissions/{id}")).await;
    assert!(!page.page(StatusCode::OK).contains("<h2>Cases</h2>"));
}

async fn under_per_case_feedback_a_team_sees_its_own_cases(database: Database) {
    let (site, team, id) = scored(database, Feedback::PerCase).await;
    assert_eq!(tells_cases(&team, &id).await, [true; 2]);
    assert_eq!(tells_cases(&site.organiser().await, &id).await, [true; 2]);
    let page = team.get(&format!("/submissions/{id}")).await;
    assert!(page.page(StatusCode::OK).contains("<h2>Cases</h2>"));
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
        "hd95",
        "hd95_position",
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

async fn a_half_of_one_case_is_summed_up_for_organisers_only(database: Database) {
    let (site, team, id) = scored(database, Feedback::Aggregates).await;
    site.execute("update cases set case_group = 'normal' where case_id <> $1", "1").await;
    site.execute("update cases set case_group = 'diseased' where case_id = $1", "1").await;
    let summed_up = |of: &Value| {
        let groups = ["all", "normal", "diseased"];
        groups.map(|group| of["aggregates"][group].is_object())
    };
    let path = format!("/api/v1/submissions/{id}");
    // The other half's would give the one case's value, too.
    let report = team.get(&path).await.expect(StatusCode::OK);
    assert_eq!(summed_up(&report), [true, false, false]);
    assert_eq!(report["secondary"]["diseased"], Value::Null);
    let board = site.anybody().get("/api/v1/leaderboard").await.expect(StatusCode::OK);
    assert_eq!(summed_up(&board["entries"][0]), [true, false, false]);
    for page in ["/leaderboard?group=diseased", "/api/v1/leaderboard?format=csv"] {
        assert_eq!(site.anybody().get(page).await.status, StatusCode::OK, "{page}");
    }
    let report = site.organiser().await.get(&path).await.expect(StatusCode::OK);
    assert_eq!(summed_up(&report), [true; 3]);
}

async fn what_is_computed_for_some_cases_is_summed_up_for_organisers_only(database: Database) {
    let (site, team, id) = scored(database, Feedback::Aggregates).await;
    // As if the team had sent far too much in all cases but one.
    site.execute("update case_results set cl_dice = null where case_id <> $1", "1").await;
    let path = format!("/api/v1/submissions/{id}");
    let nothing = json!({ "all": null, "normal": null, "diseased": null });
    assert_eq!(team.get(&path).await.expect(StatusCode::OK)["secondary"], nothing);
    let metrics = team.get(&format!("{path}/metrics.json")).await.expect(StatusCode::OK);
    assert_eq!(metrics["secondary"], json!({ "aggregates": null }));
    let page = team.get(&format!("/submissions/{id}")).await;
    assert!(page.page(StatusCode::OK).contains("not summed up"), "{}", page.text());
    let report = site.organiser().await.get(&path).await.expect(StatusCode::OK);
    assert_eq!(report["secondary"]["all"]["cl_dice"]["count"], 1);
}
