//! How far the leaderboard can be trusted.

use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};

use crate::challenge::zip_of;
use crate::common::{Database, on_both_engines};
use crate::form::Form;
use crate::site::Site;

on_both_engines! {
    the_analysis_says_who_wins_with_other_cases,
    the_analysis_of_a_hidden_leaderboard_is_hidden,
    what_would_tell_a_single_case_is_not_analysed,
}

/// With three teams on the leaderboard, the second as good as the first.
async fn site(database: Database) -> Site {
    let site = Site::start(database).await;
    for (team, method) in
        [("A", Method::NearPerfect), ("B", Method::NearPerfect), ("C", Method::RightLost)]
    {
        let team = site.team(&format!("Team {team}")).await;
        team.submit_and_wait(&Form::zip(&zip_of(method))).await.expect(StatusCode::CREATED);
    }
    site
}

async fn the_analysis_says_who_wins_with_other_cases(database: Database) {
    let site = site(database).await;
    let get = async |path: &str| site.anybody().get(path).await;
    let all = get("/api/v1/analysis").await.expect(StatusCode::OK);
    assert_eq!((&all["cases"], &all["draws"]), (&json!(6), &json!(1000)));
    let entries = all["entries"].as_array().unwrap();
    let ranked: Vec<_> = entries.iter().map(|entry| (&entry["team"], &entry["ranked"])).collect();
    let teams = ["Team A", "Team B", "Team C"].map(Value::from);
    assert_eq!(ranked, [(&teams[0], &json!(1)), (&teams[1], &json!(1)), (&teams[2], &json!(3))]);
    assert_eq!((&entries[0]["wins"], &entries[2]["wins"]), (&json!(1.0), &json!(0.0)));
    assert_eq!(entries[1]["separable_from_first"], false);
    assert_eq!(all["better_in_dice"][0][1], 1.0, "equal entries differ by nothing");
    // Six cases that all agree: 1/64, adjusted over six ordered pairs.
    assert_eq!(all["better_in_dice"][0][2], 6.0 / 64.0);
    assert_eq!(get("/api/v1/analysis").await.expect(StatusCode::OK), all, "chance is repeatable");
    let normal = get("/api/v1/analysis?group=normal").await.expect(StatusCode::OK);
    assert_eq!((&normal["cases"], &normal["group"]), (&json!(3), &json!("normal")));
    assert_ne!(normal["seed"], all["seed"]);
    let text = normal.to_string() + &all.to_string();
    assert!(!text.contains("values"), "{text}");

    let page = get("/analysis?group=diseased").await;
    let page = page.page(StatusCode::OK);
    assert!(
        page.contains("no significant difference") && page.contains("descriptive only"),
        "{page}"
    );
}

async fn the_analysis_of_a_hidden_leaderboard_is_hidden(database: Database) {
    let site = site(database).await;
    let hidden = json!({ "leaderboard": "hidden" });
    let desk = site.desk().await;
    desk.post_json("/api/v1/admin/phases/main", &hidden).await.expect(StatusCode::OK);
    let found = site.anybody().get("/api/v1/analysis").await.expect(StatusCode::OK);
    assert_eq!(found["entries"], json!([]));
    let page = site.anybody().get("/analysis").await;
    assert!(page.page(StatusCode::OK).contains("no entries on the leaderboard"));
    let found = desk.get("/api/v1/analysis").await.expect(StatusCode::OK);
    assert_eq!(found["entries"].as_array().unwrap().len(), 3);
}

async fn what_would_tell_a_single_case_is_not_analysed(database: Database) {
    let site = site(database).await;
    // Which leaves one normal case; nothing has been read yet.
    site.execute("update cases set case_group = 'diseased' where case_id <> $1", "0").await;
    for group in ["normal", "diseased"] {
        let path = format!("/api/v1/analysis?group={group}");
        let found = site.anybody().get(&path).await.expect(StatusCode::OK);
        assert_eq!((&found["entries"], &found["cases"]), (&json!([]), &json!(0)), "{group}");
        let plot = site.anybody().get(&format!("/plots/progress.svg?group={group}")).await;
        assert!(plot.text().contains("nothing to draw"), "{}", plot.text());
    }
    let all = site.anybody().get("/api/v1/analysis").await.expect(StatusCode::OK);
    assert_eq!(all["entries"].as_array().unwrap().len(), 3);
    assert_eq!(all["entries"][0]["groups"], json!({ "dice": null, "hd95": null }));
}
