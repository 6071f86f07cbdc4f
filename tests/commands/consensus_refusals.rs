//! What can't be made a truth of.

use std::fs;

use segmentation::Geometry;
use serde_json::{Value, json};
use test_support::program::Done;
use test_support::program::volumes::{SHAPE, geometry, row, write};

use super::consensus::{ALL, Drawn};

impl Drawn {
    /// That nothing was written, not even beside the folder.
    #[track_caller]
    fn assert_nothing_made(&self) {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let made: Vec<String> =
            names.filter(|name| name == "out" || name.starts_with('.')).collect();
        assert_eq!(made, [""; 0]);
    }
}

/// What was told of each annotator: name, file, code.
fn told(stderr: &str) -> Vec<(String, String, String)> {
    let mut name = String::new();
    let mut told = Vec::new();
    for line in stderr.lines() {
        if let Some((of, _)) = line.split_once(" has ").filter(|_| !line.starts_with(' ')) {
            name = of.trim_start_matches("asoca: ").to_owned();
        } else if let Some(line) = line.strip_prefix("  ").filter(|line| line.ends_with(']')) {
            let (rest, code) = line.trim_end_matches(']').rsplit_once('[').unwrap();
            let file = rest.split_once(": ").map_or("", |(file, _)| file);
            told.push((name.clone(), file.to_owned(), code.to_owned()));
        }
    }
    told
}

#[track_caller]
fn refused(done: &Done, expected: &[(&str, &str, &str)]) {
    assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{done:?}");
    let found = told(&done.stderr);
    let found: Vec<_> = found.iter().map(|(a, b, c)| (&**a, &**b, &**c)).collect();
    assert_eq!(found, expected, "{}", done.stderr);
}

#[test]
fn everything_wrong_with_every_annotator_is_told_at_once() {
    let drawn = Drawn::by_hand();
    for name in ALL {
        for case in ["2", "3", "4"] {
            drawn.draw(name, case, 0..10);
        }
    }
    let list: Vec<Value> =
        (0..5).map(|id| json!({ "id": id.to_string(), "group": "normal" })).collect();
    fs::write(drawn.path("ann/cases.json"), Value::from(list).to_string()).unwrap();
    assert_eq!(drawn.consensus(&ALL, &[]).code, Some(0));
    fs::remove_dir_all(drawn.path("out")).unwrap();

    let moved = Geometry { origin: Some([1.0, 0.0, 0.0]), ..geometry() };
    let turned = Geometry { shape: [3, 12, 2], ..geometry() };
    let finer = Geometry::diagonal(SHAPE, [0.4, 0.5, 2.0], [0.0; 3]);
    write(&drawn.path("bob/0.nrrd"), &row(0..10), &moved);
    write(&drawn.path("bob/1.nrrd"), &row(0..10), &turned);
    write(&drawn.path("bob/2.nrrd"), &row([]), &finer);
    fs::remove_file(drawn.path("cyd/0.nrrd")).unwrap();
    drawn.draw("cyd", "3", []);
    fs::write(drawn.path("cyd/notes.txt"), "ours").unwrap();
    let whole = fs::read(drawn.path("cyd/4.nrrd")).unwrap();
    fs::write(drawn.path("cyd/4.nrrd"), &whole[..whole.len() - 1]).unwrap();
    let expected = [
        ("bob", "", "consensus.geometry"),
        ("bob", "1.nrrd", "volume.wrong_shape"),
        ("bob", "2.nrrd", "case.empty"),
        ("cyd", "", "case.missing"),
        ("cyd", "notes.txt", "case.unexpected"),
        ("cyd", "4.nrrd", "nrrd.truncated"),
        ("cyd", "3.nrrd", "case.empty"),
    ];
    refused(&drawn.consensus(&ALL, &[]), &expected);
    drawn.assert_nothing_made();
    let done = drawn.consensus(&ALL, &["--json"]);
    let wrong: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((done.code, &wrong["annotators"][1]["name"]), (Some(2), &json!("cyd")));
    assert_eq!(wrong["annotators"][1]["errors"][0]["code"], "case.missing");
    let title = "2 masks have another geometry than that of another annotator.";
    assert_eq!(wrong["annotators"][0]["summary"][0]["title"], title);
}

#[test]
fn a_case_in_which_nobody_agrees_is_named() {
    let drawn = Drawn::by_hand();
    for (name, at) in ALL.into_iter().zip(0..) {
        drawn.draw(name, "1", [at]);
    }
    let done = drawn.consensus(&ALL, &[]);
    refused(&done, &[("their majority", "", "consensus.empty")]);
    assert!(done.stderr.contains("none in case 1"), "{}", done.stderr);
    drawn.assert_nothing_made();
}

#[test]
fn a_truth_needs_a_place_in_which_distances_mean_something() {
    let drawn = Drawn::by_hand();
    let oblique = [[0.4, 0.1, 0.0], [-0.1, 0.4, 0.0], [0.0, 0.0, 0.6]];
    let nowhere = Geometry::of_shape(SHAPE);
    let flat = Geometry::diagonal(SHAPE, [0.0, 0.5, 2.0], [0.0; 3]);
    for place in [Geometry { directions: Some(oblique), ..geometry() }, nowhere, flat] {
        for name in ALL {
            write(&drawn.path(name).join("1.nrrd"), &row(0..10), &place);
        }
        refused(&drawn.consensus(&ALL, &[]), &[("ann", "1.nrrd", "truth.geometry")]);
    }
    drawn.assert_nothing_made();
}

#[test]
fn what_is_there_is_not_written_over() {
    let drawn = Drawn::by_hand();
    fs::create_dir(drawn.path("out")).unwrap();
    fs::write(drawn.path("out/mine"), "kept").unwrap();
    drawn.consensus(&ALL, &[]).refused(2, &["out", "already exists"]);
    assert_eq!(fs::read_dir(drawn.path("out")).unwrap().count(), 1);
    fs::remove_dir_all(drawn.path("out")).unwrap();
    fs::write(drawn.path("out"), "a file").unwrap();
    drawn.consensus(&ALL, &[]).refused(2, &["out", "already exists"]);
    fs::remove_file(drawn.path("out")).unwrap();
    // An empty folder is as good as none.
    fs::create_dir(drawn.path("out")).unwrap();
    drawn.consensus(&ALL, &[]).succeeded();
    assert_eq!(drawn.ones("0"), Vec::from_iter(1..11));
}

#[test]
fn what_can_not_be_used_as_annotators_is_named() {
    let drawn = Drawn::by_hand();
    drawn.consensus(&["ann", "nobody"], &[]).refused(2, &["nobody", "No such file"]);
    let alone = drawn.consensus(&["ann"], &[]);
    assert_eq!((alone.code, alone.stdout.as_str()), (Some(2), ""), "{alone:?}");
    fs::write(drawn.path("bob.zip"), "text").unwrap();
    let done = drawn.consensus(&["ann", "bob.zip"], &[]);
    refused(&done, &[("bob.zip", "", "archive.not_a_zip")]);
    for empty in ["dan", "eve"] {
        fs::create_dir(drawn.path(empty)).unwrap();
    }
    drawn.consensus(&["dan", "eve"], &[]).refused(2, &["there is no case"]);
    fs::write(drawn.path("ann/cases.json"), "[{").unwrap();
    refused(&drawn.consensus(&ALL, &[]), &[("ann", "cases.json", "truth.cases")]);
    drawn.assert_nothing_made();
}
