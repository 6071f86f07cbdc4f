//! A corrected truth set that has other cases than the one before: what teams had sent keeps its score where it still
//! has a file for every case, and whatever became of it can be undone.

use std::sync::Arc;

use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::acts::text;
use test_support::challenge::{CASES, Files, list_of_cases, predictions, zip};
use test_support::client::Client;
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

use crate::truth::{in_order, truth_of};

on_both_engines! {
    a_dropped_case_costs_nobody_a_score,
    what_lacks_an_added_case_is_invalid_until_that_is_undone,
    a_renamed_case_is_missed_under_its_new_name_and_never_unexpected_under_its_old_one,
    what_waits_while_cases_change_is_scored_for_those_of_the_new_truth,
}

/// A truth with the cases that are left after `change` was made to its files and list.
fn corrected(change: impl FnOnce(&mut Files, &mut Vec<Value>)) -> Files {
    let mut files = truth_of(Method::Thin);
    files.retain(|(name, _)| name.ends_with(".nrrd"));
    let (name, list) = list_of_cases();
    let mut list: Vec<Value> = serde_json::from_slice(&list).unwrap();
    change(&mut files, &mut list);
    files.push((name, serde_json::to_vec(&list).unwrap()));
    files
}

fn without_case_3() -> Files {
    corrected(|files, list| {
        files.remove(3);
        list.remove(3);
    })
}

struct Correction {
    site: Site,
    organiser: Client,
    teams: [Client; 2],
    /// Of the two teams, as they were at first.
    reports: [Value; 2],
}

impl Correction {
    /// Two teams with scores, and a truth set with other cases.
    async fn new(database: Database, files: &Files) -> Self {
        let site = Site::start(database).await;
        let (a, b) = (site.team("Team A").await, site.team("Team B").await);
        let reports = [a.score(Method::NearPerfect).await, b.score(Method::Thin).await];
        let organiser = site.organiser().await;
        organiser.import("corrected", files).await.expect(StatusCode::CREATED);
        assert_eq!(a.positions().await, in_order(["Team A", "Team B"]));
        Self { site, organiser, teams: [a, b], reports }
    }

    /// The trial of a truth set once it has ended, which it says covers everything.
    async fn tried(&self, truth_set: &str, scored: usize, invalid: usize) -> Value {
        let trial = self.site.tried(&self.organiser.try_out(truth_set).await).await;
        let progress = &trial["progress"];
        assert_eq!(
            (&progress["scored"], &progress["invalid"], &progress["uncovered"], &trial["ready"]),
            (&json!(scored), &json!(invalid), &json!(0), &json!(true)),
            "{trial}"
        );
        assert_eq!(trial["unscored"].as_array().unwrap().len(), invalid);
        trial
    }

    async fn activate(&self, trial: &Value) {
        self.organiser.activate(trial, "the list of cases was wrong").await.expect(StatusCode::OK);
    }

    async fn now(&self, team: usize) -> Value {
        self.teams[team].report("/api/v1/submissions", &self.reports[team]).await
    }

    /// Tries the truth of the beginning and makes it the phase's own again: everything is as it was.
    async fn undo(&self) {
        let trial = self.tried("hidden", 2, 0).await;
        let entries = trial["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 2);
        assert!(entries.iter().all(|entry| entry["after"]["position"].is_u64()), "{trial}");
        self.activate(&trial).await;
        assert_eq!(self.teams[0].positions().await, in_order(["Team A", "Team B"]));
        for (team, before) in self.reports.iter().enumerate() {
            let now = self.now(team).await;
            for member in ["state", "dice", "hd95", "aggregates", "cases", "truth_set_digest"] {
                assert_eq!(now[member], before[member], "{member}");
            }
        }
    }
}

/// The codes and files of the problems of every submission that a trial could not score.
fn problems(trial: &Value) -> Vec<Vec<(String, String)>> {
    let of = |unscored: &Value| {
        let found = unscored["problems"].as_array().unwrap().iter();
        found.map(|problem| (text(&problem["code"]), text(&problem["expected"]))).collect()
    };
    trial["unscored"].as_array().unwrap().iter().map(of).collect()
}

async fn a_dropped_case_costs_nobody_a_score(database: Database) {
    let correction = Correction::new(database, &without_case_3()).await;
    let trial = correction.tried("corrected", 2, 0).await;
    correction.activate(&trial).await;
    assert_eq!(correction.teams[0].positions().await, in_order(["Team B", "Team A"]));
    let report = correction.now(1).await;
    assert_eq!((&report["state"], &report["dice"]), (&json!("scored"), &json!(1.0)));
    assert_eq!((&report["cases_total"], &report["cases_done"]), (&json!(5), &json!(5)));

    // What is sent from now on is held against the new list, as it was told.
    let team = correction.site.team("Team C").await;
    let mut files = predictions(Method::Thick);
    let whole = team.submit(&Form::zip(&zip(&files))).await;
    let code = ("3.nrrd".to_owned(), "case.unexpected".to_owned());
    assert_eq!(whole.problems(StatusCode::UNPROCESSABLE_ENTITY), [code]);
    files.remove(3);
    let sent = team.submit_and_wait(&Form::zip(&zip(&files))).await.expect(StatusCode::CREATED);
    assert_eq!(team.positions().await.len(), 3);

    // Back: only what came for the shorter list lacks something.
    let back = correction.tried("hidden", 2, 1).await;
    let [lacking] = problems(&back).try_into().unwrap();
    assert_eq!((lacking[0].0.as_str(), lacking.len()), ("case.missing", 1));
    assert_eq!(back["unscored"][0]["submission"], sent["id"]);
    correction.activate(&back).await;
    assert_eq!(team.positions().await, in_order(["Team A", "Team B"]));
    for (team, before) in correction.reports.iter().enumerate() {
        assert_eq!(correction.now(team).await["dice"], before["dice"]);
    }
    // And forth once more: it has its score again.
    let forth = correction.tried("corrected", 3, 0).await;
    correction.activate(&forth).await;
    assert_eq!(team.positions().await.len(), 3);
    assert_eq!(team.report("/api/v1/submissions", &sent).await["dice"], sent["dice"]);
}

async fn what_lacks_an_added_case_is_invalid_until_that_is_undone(database: Database) {
    let files = corrected(|files, list| {
        files.push((format!("{CASES}.nrrd"), files[0].1.clone()));
        list.push(json!({ "id": CASES.to_string(), "group": "normal" }));
    });
    let correction = Correction::new(database, &files).await;
    let trial = correction.tried("corrected", 0, 2).await;
    for found in problems(&trial) {
        assert_eq!((found[0].0.as_str(), found.len()), ("case.missing", 1), "{trial}");
    }
    // Until then nothing has changed.
    assert_eq!(correction.now(0).await, correction.reports[0]);
    correction.activate(&trial).await;
    assert_eq!(correction.teams[0].positions().await, []);
    let report = correction.now(0).await;
    assert_eq!((&report["state"], &report["dice"]), (&json!("invalid"), &Value::Null));
    assert_eq!(report["errors"][0]["code"], "case.missing");
    correction.undo().await;
}

async fn a_renamed_case_is_missed_under_its_new_name_and_never_unexpected_under_its_old_one(
    database: Database,
) {
    let files = corrected(|files, list| {
        files[3].0 = "three.nrrd".into();
        list[3]["id"] = json!("three");
    });
    let correction = Correction::new(database, &files).await;
    let trial = correction.tried("corrected", 0, 2).await;
    for found in problems(&trial) {
        assert_eq!((found[0].0.as_str(), found.len()), ("case.missing", 1), "{trial}");
        assert!(found[0].1.contains("three"), "{trial}");
    }
    correction.activate(&trial).await;
    assert_eq!(correction.teams[0].positions().await, []);
    correction.undo().await;
}

async fn what_waits_while_cases_change_is_scored_for_those_of_the_new_truth(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let form = Form::zip(&zip(&predictions(Method::Thin)));
    let sent = team.submit(&form).await.expect(StatusCode::ACCEPTED);
    let organiser = site.organiser().await;
    organiser.import("corrected", &without_case_3()).await.expect(StatusCode::CREATED);
    let trial = organiser.try_out("corrected").await;
    assert_eq!(trial["progress"]["uncovered"], 1);
    organiser.activate(&trial, "case 3 was another patient's").await.expect(StatusCode::OK);
    site.start_worker(Arc::default()).await;
    let report = async || team.report("/api/v1/submissions", &sent).await;
    site.until(async || report().await["state"] == "scored").await;
    let report = report().await;
    assert_eq!((&report["dice"], &report["cases_total"]), (&json!(1.0), &json!(5)));
    assert_eq!(team.positions().await, [("Team A".to_owned(), 1)]);
}
