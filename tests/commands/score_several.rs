//! Several submissions beside each other.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use test_support::program::volumes::{geometry, row, write};
use test_support::program::{Done, asoca, run};

use super::score::by_hand;
use super::score_refusals::problems_in;

/// `predictions` meets case 0 and is off in case 1; `better/out` meets both; `worse/out` neither.
fn three() -> (TempDir, PathBuf, [PathBuf; 3]) {
    let (folder, truth, predictions) = by_hand();
    let made = |name: &str, shift: usize| {
        let out = folder.path().join(name).join("out");
        for case in ["0.nrrd", "1.nrrd"] {
            write(&out.join(case), &row(shift..10 + shift), &geometry());
        }
        out
    };
    let (better, worse) = (made("better", 0), made("worse", 1));
    (folder, truth, [predictions, better, worse])
}

fn score(truth: &Path, submissions: &[PathBuf], form: &[&str]) -> Done {
    run(asoca([&"score", &"--truth", &truth]).args(form).args(submissions))
}

#[track_caller]
fn has_line(table: &str, words: &str) {
    let found = table.lines().any(|line| line.split_whitespace().eq(words.split(' ')));
    assert!(found, "no '{words}' in\n{table}");
}

#[test]
fn means_differences_and_the_best_of_each_case_are_shown() {
    let (_folder, truth, submissions) = three();
    let done = score(&truth, &submissions, &[]);
    assert_eq!(done.stderr, "");
    let table = done.succeeded();
    has_line(&table, "submission all normal diseased vs A best in");
    has_line(&table, "A predictions 0.9000±0.1414 1.0000 0.8000 1");
    has_line(&table, "B better/out 1.0000±0.0000 1.0000 1.0000 +0.1000 2");
    has_line(&table, "C worse/out 0.9000±0.0000 0.9000 0.9000 +0.0000 0");
    has_line(&table, "B better/out 0.000±0.000 0.000 0.000 -0.387 2");
    has_line(&table, "case group A B C");
    has_line(&table, "0 normal 1.0000* 1.0000* 0.9000");
    has_line(&table, "1 diseased 0.8000 1.0000* 0.9000");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}

#[test]
fn each_gets_the_numbers_it_gets_alone() {
    let (_folder, truth, submissions) = three();
    let json = |done: Done| -> Value { serde_json::from_str(&done.succeeded()).unwrap() };
    let together = json(score(&truth, &submissions, &["--json"]));
    let together = together["submissions"].as_array().unwrap();
    let names: Vec<&Value> = together.iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["predictions", "better/out", "worse/out"]);
    for (path, mut one) in submissions.iter().zip(together.clone()) {
        one.as_object_mut().unwrap().remove("name");
        assert_eq!(one, json(score(&truth, std::slice::from_ref(path), &["--json"])));
    }
}

#[test]
fn an_invalid_one_keeps_no_other_from_its_scores() {
    let (_folder, truth, submissions) = three();
    fs::remove_file(submissions[0].join("0.nrrd")).unwrap();
    write(&submissions[2].join("1.nrrd"), &row([]), &geometry());
    let done = score(&truth, &submissions, &[]);
    assert_eq!(done.code, Some(2));
    assert!(done.stdout.starts_with("better/out\n\ncase "), "{}", done.stdout);
    has_line(&done.stdout, "1 diseased 1.0000 0.000 1.0000 1.0000 1.0000 1.0000 0.0");
    assert!(!done.stdout.contains("worse"), "{}", done.stdout);
    assert_eq!(problems_in(&done.stderr), [("", "case.missing"), ("1.nrrd", "case.empty")]);
    for name in ["asoca: predictions has a problem:", "\nworse/out has a problem:"] {
        assert!(done.stderr.contains(name), "{}", done.stderr);
    }

    let done = score(&truth, &submissions, &["--json"]);
    let json: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(json["submissions"][0]["errors"][0]["code"], "case.missing");
    assert_eq!(json["submissions"][1]["aggregates"]["all"]["dice"]["mean"], 1.0);
    assert_eq!(json["submissions"][2]["errors"][0]["code"], "case.empty");
}

#[test]
fn one_that_is_not_there_keeps_no_other_from_its_scores() {
    let (folder, truth, [predictions, ..]) = three();
    let done = score(&truth, &[folder.path().join("none.zip"), predictions], &[]);
    assert_eq!(done.code, Some(2));
    has_line(&done.stdout, "1 diseased 0.8000 0.775 0.8000 0.9641 0.8000 0.8000 0.0");
    assert!(done.stderr.starts_with("asoca: none.zip: No such file"), "{}", done.stderr);
}

#[test]
fn many_submissions_are_shown_a_few_abreast() {
    let (_folder, truth, [predictions, ..]) = three();
    let eight = vec![predictions; 8];
    let table = score(&truth, &eight, &[]).succeeded();
    has_line(&table, "case group A B C D E F");
    has_line(&table, "case group G H");
    has_line(&table, "H predictions (8) 0.9000±0.1414 1.0000 0.8000 +0.0000 2");
}
