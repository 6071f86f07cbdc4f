//! What organisers and readers take home: CSV for other tools, JSON for scripts.

use asoca::store::Timestamp;
use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::challenge::{CASES, scores, zip_of};
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines, rows};

on_both_engines! {
    every_value_of_the_leaderboards_entries_is_a_line_of_its_own,
    the_leaderboard_is_a_table_for_other_tools_as_well,
    everything_about_all_submissions_comes_in_one_document,
}

const RESULTS: &str = "/api/v1/admin/exports/results.csv";

async fn every_value_of_the_leaderboards_entries_is_a_line_of_its_own(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("=A, B").await;
    for method in [Method::Thin, Method::NearPerfect] {
        let form = Form::zip(&zip_of(method)).field("method", method.name());
        team.submit_and_wait(&form).await.expect(StatusCode::CREATED);
    }
    let organiser = site.organiser().await;
    let answer = organiser.get(RESULTS).await;
    let file = "attachment; filename=\"asoca-main-results.csv\"";
    assert_eq!(answer.header("content-disposition"), Some(file));
    let lines: Vec<&str> = answer.text().split_terminator("\r\n").collect();
    assert_eq!(lines[0], "submission,team,method,case,group,metric,value");
    assert_eq!(lines.len(), 1 + CASES as usize * 7);
    for (case, expected) in scores(Method::NearPerfect).iter().enumerate() {
        for (metric, value) in [("dice", expected.dice), ("hd95", expected.hd95)] {
            let group = if case < 3 { "normal" } else { "diseased" };
            let end = format!(",\"'=A, B\",near-perfect,{case},{group},{metric},{value}");
            let found = lines.iter().filter(|line| line.ends_with(&end)).count();
            assert_eq!(found, 1, "{end} in\n{}", answer.text());
        }
    }
    let all = organiser.get(&format!("{RESULTS}?all=true")).await;
    assert_eq!(all.text().lines().count(), 1 + 2 * CASES as usize * 7);
}

async fn the_leaderboard_is_a_table_for_other_tools_as_well(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    team.submit_and_wait(&Form::zip(&zip_of(Method::Thin))).await.expect(StatusCode::CREATED);
    let board = site.anybody().get("/api/v1/leaderboard").await.expect(StatusCode::OK);
    let table = site.anybody().get("/api/v1/leaderboard?format=csv").await;
    let lines: Vec<Vec<&str>> =
        table.text().lines().map(|line| line.split(',').collect()).collect();
    let value = |name: &str| lines[1][lines[0].iter().position(|head| *head == name).unwrap()];
    assert_eq!((value("position"), value("team")), ("1", "Team A"));
    assert_eq!(value("dice_mean_all").parse::<f64>().unwrap(), board["entries"][0]["dice"]);
    assert_eq!(value("hd95_mean_all").parse::<f64>().unwrap(), board["entries"][0]["hd95"]);
    let diseased = &board["entries"][0]["aggregates"]["diseased"];
    assert_eq!(value("dice_std_diseased").parse::<f64>().unwrap(), diseased["dice"]["std"]);
    // Inter-observer agreement is the last line, with what the paper states and no position.
    let people = lines[2].join(",");
    assert_eq!(
        people,
        ",,,,Human annotators,\"inter-observer agreement of the training set of the dataset paper (three annotators, \
         each against a majority that includes them: optimistic), 120 values\",\
         https://doi.org/10.1038/s41597-023-02016-2,,,\
         0.856,0.077,5.92,7.3,0.874,0.093,4.45,5.7,0.839,0.051,7.38,8.5"
    );
    let quoted_commas = 2;
    assert_eq!(lines[2].len() - quoted_commas, lines[0].len());
}

async fn everything_about_all_submissions_comes_in_one_document(database: Database) {
    let site = Site::without_worker(database).await;
    let user = site.member("Team A").await;
    let team = site.store.team_of(user).await.unwrap().unwrap();
    // More than are fetched at a time.
    let mut ids: Vec<String> = Vec::new();
    for _ in 0..101 {
        let new = rows::submission(team.id, user);
        let mut phase = site.phase.clone();
        phase.quota = 1000;
        phase.rules.total = None;
        site.store.add_submission(&phase, &new, Timestamp::now()).await.unwrap();
        ids.push(new.id.to_string());
    }
    let organiser = site.organiser().await;
    let all = organiser.get("/api/v1/admin/exports/submissions.json").await.expect(StatusCode::OK);
    let found = all["submissions"].as_array().unwrap().iter().rev();
    assert!(found.map(|one| one["id"].as_str().unwrap()).eq(ids));
    let none = organiser.get("/api/v1/admin/exports/submissions.json?state=failed").await;
    assert_eq!(none.expect(StatusCode::OK)["submissions"].as_array().unwrap().len(), 0);
}
