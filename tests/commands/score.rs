use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::program::volumes::{geometry, phantoms, row, two_truths, write};
use test_support::program::{Done, Process, asoca, run};

fn score(truth: &Path, predictions: &Path) -> Done {
    run(&mut asoca([&"score", &"--truth", &truth, &predictions]))
}

fn score_json(truth: &Path, predictions: &Path) -> Value {
    let done = run(&mut asoca([&"score", &"--json", &"--truth", &truth, &predictions]));
    // In a pipe: not a byte of a progress bar.
    assert_eq!(done.stderr, "");
    serde_json::from_str(&done.succeeded()).unwrap()
}

/// Case 0 met exactly, case 1 two voxels further along x.
pub fn by_hand() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (truth, predictions) = (folder.path().join("truth"), folder.path().join("predictions"));
    two_truths(&truth);
    write(&predictions.join("0.nrrd"), &row(0..10), &geometry());
    write(&predictions.join("1.nrrd"), &row(2..12), &geometry());
    (folder, truth, predictions)
}

#[track_caller]
fn close(found: &Value, expected: &Value) {
    match (found, expected) {
        (Value::Number(found), Value::Number(number)) => {
            let (found, number) = (found.as_f64().unwrap(), number.as_f64().unwrap());
            assert!((found - number).abs() < 1e-12, "{found} is not {number}");
        }
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len());
            found.iter().zip(expected).for_each(|(found, expected)| close(found, expected));
        }
        (Value::Object(found), Value::Object(expected)) => {
            assert!(found.keys().eq(expected.keys()), "{found:?}");
            found.values().zip(expected.values()).for_each(|(found, expected)| {
                close(found, expected);
            });
        }
        _ => assert_eq!(found, expected),
    }
}

#[test]
fn the_numbers_are_those_worked_out_by_hand_in_the_documented_shape() {
    let (_folder, truth, predictions) = by_hand();
    let one = |value: f64| {
        json!({
            "mean": value, "std": null, "min": value, "25pc": value, "50pc": value,
            "75pc": value, "max": value, "count": 1,
        })
    };
    // Of two values the standard deviation is their distance over the root of two.
    let root = 2f64.sqrt();
    // Of ten distances eight are zero, then 0.5 and 1 mm; 0.95 of the way is 8.55 steps along.
    let hd95 = 0.775;
    // Surface elements: four at each end of a row, four at each of the nine steps between. The
    // first end of one row and the last of the other are 1 mm from the other surface, all others within 0.5 mm.
    let (end, step) = (2.0625f64.sqrt() / 8.0, 1.0625f64.sqrt() / 2.0);
    let secondary = |share: f64, surface_dice: f64| {
        json!({
            "cl_dice": share, "surface_dice": surface_dice, "precision": share, "recall": share,
            "component_difference": 0,
        })
    };
    let moved = secondary(0.8, 1.0 - 4.0 * end / (8.0 * end + 36.0 * step));
    let expected = json!({
        "cases": [
            { "id": "0", "group": "normal", "dice": 1.0, "hd95": 0.0, "secondary": secondary(1.0, 1.0) },
            { "id": "1", "group": "diseased", "dice": 0.8, "hd95": hd95, "secondary": moved },
        ],
        "aggregates": {
            "all": {
                "dice": {
                    "mean": 0.9, "std": 0.2 / root, "min": 0.8, "25pc": 0.85, "50pc": 0.9,
                    "75pc": 0.95, "max": 1.0, "count": 2,
                },
                "hd95": {
                    "mean": hd95 / 2.0, "std": hd95 / root, "min": 0.0, "25pc": hd95 / 4.0,
                    "50pc": hd95 / 2.0, "75pc": hd95 * 0.75, "max": hd95, "count": 2,
                },
            },
            "normal": { "dice": one(1.0), "hd95": one(0.0) },
            "diseased": { "dice": one(0.8), "hd95": one(hd95) },
        },
    });
    let mut found = score_json(&truth, &predictions);
    let secondary = found.as_object_mut().unwrap().remove("secondary").unwrap();
    close(&found, &expected);
    close(&secondary["all"]["cl_dice"]["mean"], &json!(0.9));
    close(&secondary["diseased"]["component_difference"]["mean"], &json!(0.0));
}

#[test]
fn the_table_shows_each_case_and_the_summaries() {
    let (_folder, truth, predictions) = by_hand();
    let done = score(&truth, &predictions);
    assert_eq!(done.stderr, "");
    let table = done.succeeded();
    let lines: Vec<Vec<&str>> =
        table.lines().map(|line| line.split_whitespace().collect()).collect();
    for line in [
        "0 normal 1.0000 0.000",
        "1 diseased 0.8000 0.775",
        "all Dice 2 0.9000 0.1414 0.8000 0.8500 0.9000 0.9500 1.0000",
        "all HD95 (mm) 2 0.387 0.548 0.000",
        "normal Dice 1 1.0000 - 1.0000 1.0000 1.0000 1.0000 1.0000",
        "diseased HD95 (mm) 1 0.775 - 0.775 0.775 0.775 0.775 0.775",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let found = lines.iter().any(|line| line.starts_with(&words));
        assert!(found, "no '{line}' in\n{table}");
    }
}

#[test]
fn a_zip_and_a_folder_of_the_same_files_get_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    phantoms(folder.path(), "4", "3");
    let (truth, predictions) = (folder.path().join("truth"), folder.path().join("predictions"));
    let mut seen = Vec::new();
    for method in ["thin", "leaky", "distal-lost"] {
        let (unpacked, zip) = (predictions.join(method), predictions.join(format!("{method}.zip")));
        let scores = score_json(&truth, &unpacked);
        assert_eq!(scores["aggregates"]["all"]["hd95"]["count"], 4);
        assert_eq!(scores, score_json(&truth, &zip));
        assert_eq!(score(&truth, &unpacked).succeeded(), score(&truth, &zip).succeeded());
        assert!(!seen.contains(&scores), "two methods have the same scores");
        seen.push(scores);
    }
}

#[test]
fn without_a_list_of_cases_there_are_scores_but_no_groups() {
    let (_folder, truth, predictions) = by_hand();
    let with_groups = score_json(&truth, &predictions);
    std::fs::remove_file(truth.join("cases.json")).unwrap();
    let scores = score_json(&truth, &predictions);
    assert_eq!(scores["aggregates"]["all"], with_groups["aggregates"]["all"]);
    assert_eq!(scores["aggregates"]["normal"], Value::Null);
    assert_eq!(scores["aggregates"]["diseased"], Value::Null);
    assert_eq!(scores["cases"][1].get("group"), None);
}

#[test]
fn what_makes_a_score_doubtful_is_told_beside_it() {
    let (_folder, truth, predictions) = by_hand();
    let doubled = row(0..10).iter().map(|voxel| voxel * 2).collect::<Vec<_>>();
    write(&predictions.join("0.nrrd"), &doubled, &geometry());
    let scores = score_json(&truth, &predictions);
    assert_eq!(scores["cases"][0]["dice"], 1.0);
    assert_eq!(scores["cases"][0]["warnings"].as_array().map(Vec::len), Some(1));
    assert_eq!(scores["cases"][1].get("warnings"), None);
    assert!(score(&truth, &predictions).succeeded().contains("\nwarning: case 0: "));
}

#[test]
fn a_prediction_that_would_fit_if_flipped_is_told_so() {
    let (_folder, truth, predictions) = by_hand();
    let mut flipped = row(0..10);
    flipped.reverse();
    // Reversed altogether, and then along x and z again: what remains is y.
    flipped.rotate_left(12 * 3);
    flipped.chunks_mut(12).for_each(<[u8]>::reverse);
    write(&predictions.join("0.nrrd"), &flipped, &geometry());
    let table = score(&truth, &predictions).succeeded();
    assert!(
        table.contains("warning: case 0: The prediction seems to have a wrong orientation"),
        "{table}"
    );
    assert!(table.contains("it is flipped along y."), "{table}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let (_folder, truth, predictions) = by_hand();
    for form in [None, Some("--json"), Some("--csv"), Some("--metrics-json")] {
        let mut score = asoca([&"score", &"--truth", &truth, &predictions]);
        let done = Process::start_unread(score.args(form)).ended();
        assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""));
    }
}
