use std::fs;
use std::path::Path;

use segmentation::Geometry;
use test_support::program::volumes::{SHAPE, geometry, row, two_truths, write};
use test_support::program::{Done, asoca, run};

fn score(folder: &Path) -> Done {
    let (truth, predictions) = (folder.join("truth"), folder.join("predictions"));
    run(&mut asoca([&"score", &"--truth", &truth, &predictions]))
}

/// Six truths, and predictions that meet them.
fn six_cases(folder: &Path) {
    for case in 0..6 {
        for side in ["truth", "predictions"] {
            write(&folder.join(side).join(format!("{case}.nrrd")), &row(0..10), &geometry());
        }
    }
}

/// The problems it named: file, if any, and code.
fn problems(done: &Done) -> Vec<(&str, &str)> {
    assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{done:?}");
    problems_in(&done.stderr)
}

pub fn problems_in(stderr: &str) -> Vec<(&str, &str)> {
    let problem = |line: &'_ str| line.starts_with("  ") && line.ends_with(']');
    let lines = stderr.lines().filter(|line| problem(line));
    lines
        .map(|line| {
            let (rest, code) = line.trim_end_matches(']').rsplit_once('[').unwrap();
            (rest.trim().split_once(": ").map_or("", |(file, _)| file), code)
        })
        .collect()
}

#[test]
fn every_problem_of_an_upload_is_named() {
    let folder = tempfile::tempdir().unwrap();
    six_cases(folder.path());
    let predictions = folder.path().join("predictions");
    assert_eq!(score(folder.path()).code, Some(0));

    let turned = Geometry { shape: [3, 12, 2], ..geometry() };
    write(&predictions.join("0.nrrd"), &row(0..10), &turned);
    fs::remove_file(predictions.join("1.nrrd")).unwrap();
    let whole = fs::read(predictions.join("2.nrrd")).unwrap();
    fs::write(predictions.join("2.nrrd"), &whole[..whole.len() - 1]).unwrap();
    fs::write(predictions.join("3.npz"), b"not a zip").unwrap();
    let header = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 12 3 2\nencoding: raw\n";
    fs::write(predictions.join("4.nrrd"), format!("{header}data file: 5.nrrd\n\n")).unwrap();
    fs::write(predictions.join("notes.txt"), "ours").unwrap();

    let done = score(folder.path());
    let mut found = problems(&done);
    found.sort();
    let expected = [
        ("", "case.missing"),
        ("0.nrrd", "volume.wrong_shape"),
        ("2.nrrd", "nrrd.truncated"),
        ("3.nrrd", "case.duplicate"),
        ("4.nrrd", "nrrd.data_file"),
        ("notes.txt", "case.unexpected"),
    ];
    assert_eq!(found, expected, "{}", done.stderr);
    assert!(done.stderr.contains(" has 6 problems:"), "{}", done.stderr);
    assert!(done.stderr.contains("Expected 1.nrrd or 1.npz; found no such file."));
}

#[test]
fn every_segmentation_that_can_t_be_scored_is_named() {
    let folder = tempfile::tempdir().unwrap();
    six_cases(folder.path());
    let predictions = folder.path().join("predictions");
    write(&predictions.join("1.nrrd"), &row([]), &geometry());
    write(&predictions.join("4.nrrd"), &row([]), &geometry());
    let header = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 12 3 2\nencoding: gzip\n\n";
    let damaged = [header.as_bytes(), &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], &[0xff; 90]].concat();
    fs::write(predictions.join("2.nrrd"), damaged).unwrap();
    let done = score(folder.path());
    assert_eq!(
        problems(&done),
        [("2.nrrd", "nrrd.corrupt"), ("", "case.empty")],
        "{}",
        done.stderr
    );
    assert!(done.stderr.contains("\n    Files: 1.nrrd and 4.nrrd.\n"), "{}", done.stderr);
}

#[test]
fn what_is_neither_a_zip_nor_a_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    two_truths(&folder.path().join("truth"));
    score(folder.path()).refused(2, &["predictions", "No such file"]);
    fs::write(folder.path().join("predictions"), "text").unwrap();
    assert_eq!(problems(&score(folder.path())), [("", "archive.not_a_zip")]);
}

#[test]
fn a_folder_that_is_no_set_of_truths_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let truth = folder.path().join("truth");
    score(folder.path()).refused(2, &["the truth in", "No such file"]);
    fs::create_dir(&truth).unwrap();
    score(folder.path()).refused(2, &["holds no case", ".nrrd"]);
    fs::write(truth.join("cases.json"), "[{]").unwrap();
    score(folder.path()).refused(2, &["cases.json", "line 1"]);
    fs::write(truth.join("cases.json"), r#"[{"id": "../0", "group": null}]"#).unwrap();
    score(folder.path()).refused(2, &["case '../0'"]);
    fs::write(truth.join("cases.json"), r#"[{"id": "7", "group": null}]"#).unwrap();
    assert_eq!(problems(&score(folder.path())), [("", "case.missing")]);
}

#[test]
fn a_truth_that_has_no_distances_or_no_vessel_is_named() {
    let oblique = [[0.4, 0.1, 0.0], [-0.1, 0.4, 0.0], [0.0, 0.0, 0.6]];
    for (voxels, geometry, words) in [
        (row(0..10), Geometry { directions: Some(oblique), ..geometry() }, "lies oblique"),
        (row(0..10), Geometry::of_shape(SHAPE), "neither space directions nor spacings"),
        (row([]), geometry(), "no foreground"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        six_cases(folder.path());
        write(&folder.path().join("truth/3.nrrd"), &voxels, &geometry);
        score(folder.path()).refused(2, &["case 3", words]);
    }
}
