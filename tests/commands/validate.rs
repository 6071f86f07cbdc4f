use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::program::volumes::{SHAPE, geometry, phantoms, row, two_truths, write};
use test_support::program::{Done, asoca, run};

use super::score_refusals::problems_in;

/// A list of two cases as the server answers it, and predictions that fit.
fn fitting() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (cases, predictions) = (folder.path().join("cases.json"), folder.path().join("mine"));
    let case = |id: &str, group: &str| json!({ "id": id, "group": group, "shape": SHAPE, "spacing": [0.5, 0.5, 2.0] });
    let listed = json!({ "phase": "test", "cases": [case("0", "normal"), case("1", "diseased")] });
    fs::write(&cases, listed.to_string()).unwrap();
    write(&predictions.join("0.nrrd"), &row(0..10), &geometry());
    write(&predictions.join("1.nrrd"), &row(2..5), &geometry());
    (folder, cases, predictions)
}

fn validate(cases: &Path, submissions: &[&Path], options: &[&str]) -> Done {
    run(asoca([&"validate", &"--cases", &cases]).args(options).args(submissions))
}

#[test]
fn a_valid_submission_is_summed_up() {
    let (_folder, cases, predictions) = fitting();
    let done = validate(&cases, &[&predictions], &[]);
    assert_eq!(done.stderr, "");
    let lines = [
        "mine: OK, 2 cases",
        "",
        "case  group     file    shape       foreground voxels",
        "0     normal    0.nrrd  12 x 3 x 2                 10",
        "1     diseased  1.nrrd  12 x 3 x 2                  3",
    ];
    assert_eq!(done.succeeded(), lines.join("\n") + "\n");
}

#[test]
fn what_phantom_and_score_take_for_cases_will_do() {
    let folder = tempfile::tempdir().unwrap();
    phantoms(folder.path(), "4", "3");
    let cases = folder.path().join("truth/cases.json");
    let predictions = folder.path().join("predictions");
    let (thin, leaky) = (predictions.join("thin.zip"), predictions.join("leaky"));
    let shown = validate(&cases, &[&thin, &leaky], &[]).succeeded();
    assert!(shown.starts_with("thin.zip: OK, 4 cases\n"), "{shown}");
    assert!(shown.contains("\n\nleaky: OK, 4 cases\n"), "{shown}");
    assert_eq!(shown.matches("64 x 64 x 48").count(), 8);
    assert!(!shown.contains("warning"), "{shown}");
}

#[test]
fn every_problem_is_told_in_the_words_of_the_server_with_code_2() {
    let (_folder, cases, predictions) = fitting();
    fs::rename(predictions.join("1.nrrd"), predictions.join("2.nrrd")).unwrap();
    let done = validate(&cases, &[&predictions], &[]);
    assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""));
    assert_eq!(problems_in(&done.stderr), [("2.nrrd", "case.unexpected")]);
    assert!(
        done.stderr.starts_with("asoca: mine has 2 problems with one cause:\n"),
        "{}",
        done.stderr
    );
    assert!(done.stderr.ends_with("\n    So case 1 has no file.\n"), "{}", done.stderr);
}

#[test]
fn score_finds_the_same_wrong_with_it() {
    let (folder, cases, predictions) = fitting();
    let truth = folder.path().join("truth");
    two_truths(&truth);
    let says_the_same = |code: &str| {
        let validated = validate(&cases, &[&predictions], &[]);
        let scored = run(&mut asoca([&"score", &"--truth", &truth, &predictions]));
        assert!(validated.stderr.contains(code), "{validated:?}");
        assert_eq!((validated.code, validated.stderr), (scored.code, scored.stderr));
    };
    write(&predictions.join("0.nrrd"), &row([]), &geometry());
    let whole = fs::read(predictions.join("1.nrrd")).unwrap();
    let gzip =
        b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 12 3 2\nencoding: gzip\n\n\x1f\x8b\x08";
    fs::write(predictions.join("1.nrrd"), gzip).unwrap();
    says_the_same("nrrd.truncated");
    fs::write(predictions.join("1.nrrd"), &whole[..whole.len() - 1]).unwrap();
    fs::write(predictions.join("0.nii.gz"), "").unwrap();
    says_the_same("case.unexpected");
}

#[test]
fn voxels_are_looked_at_unless_it_shall_be_quick() {
    let (_folder, cases, predictions) = fitting();
    write(&predictions.join("0.nrrd"), &row([]), &geometry());
    let done = validate(&cases, &[&predictions], &[]);
    assert_eq!(problems_in(&done.stderr), [("0.nrrd", "case.empty")]);
    let quick = validate(&cases, &[&predictions], &["--quick"]).succeeded();
    assert!(quick.starts_with("mine: OK, 2 cases, names and headers only\n"), "{quick}");
    assert!(!quick.contains("foreground"), "{quick}");
}

#[test]
fn what_would_be_scored_but_may_not_be_meant_is_a_warning() {
    let (_folder, cases, predictions) = fitting();
    let doubled: Vec<u8> = row(0..10).iter().map(|voxel| voxel * 2).collect();
    let elsewhere = segmentation::Geometry::diagonal(SHAPE, [1.0; 3], [0.0; 3]);
    for case in ["0.nrrd", "1.nrrd"] {
        write(&predictions.join(case), &doubled, &elsewhere);
    }
    let shown = validate(&cases, &[&predictions], &[]).succeeded();
    assert!(
        shown.contains("\nwarning: cases 0, 1: Values other than 0 and 1 occur, for instance 2.")
    );
    assert!(shown.contains("\nwarning: cases 0, 1: The file's spacing is 1 × 1 × 1 mm"), "{shown}");
}

#[test]
fn a_case_without_a_shape_is_taken_in_any() {
    let (_folder, cases, predictions) = fitting();
    fs::write(&cases, r#"[{"id": "0"}, {"id": "1", "shape": [2, 3, 12]}]"#).unwrap();
    let done = validate(&cases, &[&predictions], &[]);
    assert_eq!(problems_in(&done.stderr), [("1.nrrd", "volume.wrong_shape")]);
    assert!(done.stderr.contains("transpose(2, 1, 0)"), "{}", done.stderr);
}

#[test]
fn json_tells_cases_and_problems() {
    let (folder, cases, predictions) = fitting();
    let json = |done: Done| -> Value { serde_json::from_str(&done.stdout).unwrap() };
    let valid = json(validate(&cases, &[&predictions], &["--json"]));
    let case = json!({
        "id": "1", "group": "diseased", "file": "1.nrrd", "shape": SHAPE, "foreground": 3,
    });
    assert_eq!(valid["cases"][1], case);
    assert_eq!((&valid["valid"], &valid["errors"]), (&json!(true), &json!([])));

    let other = folder.path().join("other.zip");
    fs::write(&other, "Rar!\x1a\x07\x01").unwrap();
    let done = validate(&cases, &[&predictions, &other], &["--json"]);
    assert_eq!(done.code, Some(2));
    let both = json(done);
    assert_eq!(both["submissions"][0]["valid"], true);
    assert_eq!(both["submissions"][1]["name"], "other.zip");
    assert_eq!(both["submissions"][1]["errors"][0]["found"], "a RAR archive");
}

#[test]
fn a_list_that_is_none_is_named() {
    let (folder, cases, predictions) = fitting();
    for (list, words) in [
        ("[{]", "line 1"),
        ("[]", "lists no case"),
        (r#"{"cases": [{"id": "0"}, {"id": "0"}]}"#, "case 0 twice"),
        (r#"[{"id": "../0"}]"#, "case '../0'"),
    ] {
        fs::write(&cases, list).unwrap();
        validate(&cases, &[&predictions], &[]).refused(2, &["cases.json", words]);
    }
    let none = folder.path().join("none.json");
    validate(&none, &[&predictions], &[]).refused(2, &["none.json", "No such file"]);
    fs::write(&cases, r#"[{"id": "0"}]"#).unwrap();
    let nowhere = folder.path().join("nowhere.zip");
    validate(&cases, &[&nowhere], &[]).refused(2, &["nowhere.zip", "No such file"]);
}
