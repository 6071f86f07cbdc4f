//! The forms that other programs read.

use std::fs;

use serde_json::{Value, json};
use test_support::program::volumes::{geometry, row, write};
use test_support::program::{asoca, run};

use super::score::by_hand;

#[test]
fn csv_has_a_line_for_each_case_and_metric_with_every_digit() {
    let (_folder, truth, predictions) = by_hand();
    let done = run(&mut asoca([&"score", &"--csv", &"--truth", &truth, &predictions]));
    assert_eq!(done.stderr, "");
    let csv = done.succeeded();
    assert!(csv.lines().count() == 15 && csv.ends_with("\r\n") && !csv.contains("\n\n"));
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(lines[0], "submission,case,group,metric,value");
    assert_eq!(lines[1], "predictions,0,normal,dice,1");
    assert_eq!(lines[2], "predictions,0,normal,hd95,0");
    assert_eq!(lines[3], "predictions,0,normal,cl_dice,1");
    assert_eq!(lines[7], "predictions,0,normal,component_difference,0");
    assert_eq!(lines[8], "predictions,1,diseased,dice,0.8");
    let (words, value) = lines[9].rsplit_once(',').unwrap();
    assert_eq!(words, "predictions,1,diseased,hd95");
    assert!((value.parse::<f64>().unwrap() - 0.775).abs() < 1e-12);
}

#[test]
fn csv_names_the_submission_of_each_line_and_warns_beside_it() {
    let (folder, truth, predictions) = by_hand();
    let doubled: Vec<u8> = row(0..10).iter().map(|voxel| voxel * 2).collect();
    let second = folder.path().join("second, try");
    write(&second.join("0.nrrd"), &doubled, &geometry());
    fs::copy(predictions.join("1.nrrd"), second.join("1.nrrd")).unwrap();
    let done = run(&mut asoca([&"score", &"--csv", &"--truth", &truth, &predictions, &second]));
    assert!(done.stderr.starts_with("second, try: warning: case 0: "), "{}", done.stderr);
    let csv = done.succeeded();
    assert_eq!(csv.lines().filter(|line| line.starts_with("predictions,")).count(), 14);
    assert_eq!(csv.lines().filter(|line| line.starts_with("\"second, try\",")).count(), 14);
}

#[test]
fn metrics_json_has_the_layout_of_the_published_evaluator() {
    let (_folder, truth, predictions) = by_hand();
    let mut score = asoca([&"score", &"--metrics-json", &"--truth", &truth, &predictions]);
    let metrics: Value = serde_json::from_str(&run(&mut score).succeeded()).unwrap();
    assert_eq!(metrics["case"]["DiceCoefficient"], json!({ "0": 1.0, "1": 0.8 }));
    let aggregates = metrics["aggregates"].as_object().unwrap();
    for metric in ["DiceCoefficient", "HD95"] {
        let names: Vec<&String> = aggregates[metric].as_object().unwrap().keys().collect();
        assert_eq!(names, ["25pc", "50pc", "75pc", "count", "max", "mean", "min", "std"]);
        assert_eq!(aggregates[metric]["count"], json!(2.0));
    }
    assert_eq!(aggregates["DiceCoefficient"]["mean"], 0.9);
}

#[test]
fn metrics_json_is_of_one_submission() {
    let (_folder, truth, predictions) = by_hand();
    let mut score = asoca([&"score", &"--metrics-json", &"--truth", &truth, &predictions]);
    run(score.arg(&predictions)).refused(2, &["one submission", "2 were given"]);
}

#[test]
fn only_one_form_at_a_time_can_be_asked_for() {
    let (_folder, truth, predictions) = by_hand();
    for forms in [["--json", "--csv"], ["--csv", "--metrics-json"], ["--metrics-json", "--json"]] {
        let mut score = asoca([&"score", &"--truth", &truth, &predictions]);
        let done = run(score.args(forms));
        assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""));
        assert!(done.stderr.contains("cannot be used with"), "{}", done.stderr);
    }
}

#[test]
fn an_invalid_submission_has_its_problems_in_json_too() {
    let (_folder, truth, predictions) = by_hand();
    fs::remove_file(predictions.join("1.nrrd")).unwrap();
    let done = run(&mut asoca([&"score", &"--json", &"--truth", &truth, &predictions]));
    assert_eq!(done.code, Some(2));
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(found["errors"][0]["code"], "case.missing");
    assert!(done.stderr.contains("[case.missing]"), "{}", done.stderr);
}

#[test]
fn all_metrics_name_what_failed_in_every_form() {
    let (_folder, truth, predictions) = by_hand();
    let score = |form: &str| {
        run(&mut asoca([&"score", &"--metrics", &"all", &form, &"--truth", &truth, &predictions]))
            .succeeded()
    };
    // In case 1 the row is one of ten voxels off.
    let json: Value = serde_json::from_str(&score("--json")).unwrap();
    let case = &json["cases"][1]["vessels"];
    assert_eq!((&case["betti_0_error"], &case["betti_1_error"]), (&json!(0.0), &json!(0.0)));
    let length = case["tree_length"].as_f64().unwrap();
    assert!(0.7 < length && length < 1.0, "{case}");
    assert_eq!(case["tree_length"], case["connected_tree_length"]);
    assert!(case["leakage"].as_f64().unwrap() > 0.0);
    assert_eq!(case.get("tree_length_from_2_mm"), None, "{case}");
    let overlap = case["centreline_overlap"].as_f64().unwrap();
    assert!(0.7 < overlap && overlap < 1.0 && case["centreline_accuracy"].is_number(), "{case}");
    assert_eq!(json["cases"][0]["vessels"]["leakage"], 0.0);
    let mean = json["vessels"]["all"]["tree_length"]["mean"].as_f64().unwrap();
    assert!((mean - (1.0 + length) / 2.0).abs() < 1e-12);

    let csv = score("--csv");
    assert!(csv.contains(&format!("predictions,1,diseased,tree_length,{length}\r\n")), "{csv}");
    let table = run(&mut asoca([&"score", &"--metrics=all", &"--truth", &truth, &predictions]));
    let table = table.succeeded();
    for words in ["Connected tree length, below 1.5 mm", "Leakage", "β1 error", "inside one piece"]
    {
        assert!(table.contains(words), "{words}\n{table}");
    }
    let usual = run(&mut asoca([&"score", &"--json", &"--truth", &truth, &predictions]));
    assert!(!usual.succeeded().contains("vessels"));
}

#[test]
fn surface_dice_is_measured_at_the_annotators_tolerance_where_that_is_given() {
    let (_folder, truth, predictions) = by_hand();
    let score = |metrics: &str, mm: &str| {
        let tolerance = format!("--surface-tolerance={mm}");
        run(&mut asoca([
            &"score",
            &metrics,
            &tolerance,
            &"--json",
            &"--truth",
            &truth,
            &predictions,
        ]))
    };
    let json: Value = serde_json::from_str(&score("--metrics=all", "1.0").succeeded()).unwrap();
    let case = &json["cases"][1]["vessels"];
    assert_eq!(case["annotators_tolerance"], 1.0);
    assert_eq!(case["surface_dice_annotators"], case["surface_dice_1_mm"]);
    assert!(score("--metrics=usual", "1.0").stderr.contains("needs --metrics all"));
    for mm in ["0", "-1", "2.5", "nan", "wide"] {
        let refused = score("--metrics=all", mm);
        assert!(refused.stderr.contains("a distance above 0 and up to 2 mm"), "{}", refused.stderr);
    }
}
