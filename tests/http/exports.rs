//! What organisers and readers take home: CSV for other tools, JSON for scripts.

use asoca::domain::OF_CASES;
use asoca::store::Timestamp;
use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::challenge::{CASES, scores, zip_of};
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines, rows};

on_both_engines! {
    every_value_of_the_leaderboards_entries_is_a_line_of_its_own,
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
    assert_eq!(
        lines[0],
        "\u{feff}submission,team,method,case,group,metric,value,algorithm,state,phase,scorer,truth_set,at"
    );
    // Seven metrics of every case, and the vessel metrics that it has: these have no vessel of 2 mm.
    let of =
        |metric: &str| lines.iter().filter(|line| line.contains(&format!(",{metric},"))).count();
    for metric in OF_CASES {
        assert_eq!(of(metric.key), CASES as usize, "{}", metric.key);
    }
    assert_eq!((of("tree_length"), of("tree_length_from_2_mm")), (CASES as usize, 0));
    for (case, expected) in scores(Method::NearPerfect).iter().enumerate() {
        for (metric, value) in [("dice", expected.dice), ("hd95", expected.hd95)] {
            let group = if case < 3 { "normal" } else { "diseased" };
            let part = format!(
                ",\"'=A, B\",near-perfect,{case},{group},{metric},{value},\"'=A, B\",ranked,main,asoca-1,"
            );
            let found = lines.iter().filter(|line| line.contains(&part)).count();
            assert_eq!(found, 1, "{part} in\n{}", answer.text());
        }
    }
    let all = organiser.get(&format!("{RESULTS}?all=true")).await;
    assert_eq!(all.text().matches(",component_difference,").count(), 2 * CASES as usize);
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
