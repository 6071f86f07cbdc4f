//! Masks as the published dataset has them: in folders beside images, meshes and centrelines, with names that say the
//! group.

use std::fs;
use std::path::{Path, PathBuf};

use segmentation::Geometry;
use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::program::volumes::{geometry, row, write};
use test_support::program::{Done, Site, asoca, run};

const CASES: [(&str, &str); 5] = [
    ("Normal", "Normal_1"),
    ("Normal", "Normal_2"),
    ("Normal", "Normal_10"),
    ("Diseased", "Diseased_1"),
    ("Diseased", "Diseased_10"),
];

/// The ids in the order in which they are shown.
fn ids() -> [&'static str; 5] {
    CASES.map(|(_, id)| id)
}

/// A dataset with a row of ten voxels of this value in each case.
fn dataset(folder: &Path, value: u8) {
    for (group, id) in CASES {
        let of =
            |kind: &str, ending: &str| folder.join(group).join(kind).join(format!("{id}.{ending}"));
        let mask: Vec<u8> = row(0..10).into_iter().map(|voxel| voxel * value).collect();
        write(&of("Annotations", "nrrd"), &mask, &geometry());
        write(&of("CTCA", "nrrd"), &row(0..12), &geometry());
        for (kind, ending) in [("SurfaceMeshes", "stl"), ("Centrelines", "vtp")] {
            let path = of(kind, ending);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "no mask").unwrap();
        }
    }
    fs::write(folder.join("README.txt"), "about the dataset").unwrap();
}

/// The dataset, and predictions that meet it.
fn with_predictions() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (truth, predictions) = (folder.path().join("dataset"), folder.path().join("predictions"));
    dataset(&truth, 1);
    for id in ids() {
        write(&predictions.join(format!("{id}.nrrd")), &row(0..10), &geometry());
    }
    (folder, truth, predictions)
}

fn score(truth: &Path, predictions: &Path, options: &[&str]) -> Done {
    run(asoca([&"score", &"--truth", &truth, &predictions]).args(options))
}

/// That it was refused with these words, in however many lines.
#[track_caller]
fn refused(done: &Done, words: &[&str]) {
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    for words in words {
        assert!(done.stderr.contains(words), "no '{words}' in {}", done.stderr);
    }
}

/// The first words of the lines that begin with a case.
fn cases_in(table: &str) -> Vec<&str> {
    let first = table.lines().filter_map(|line| line.split_whitespace().next());
    first.filter(|word| ids().contains(word)).collect()
}

#[test]
fn the_dataset_is_scored_against_as_it_is() {
    let (_folder, truth, predictions) = with_predictions();
    let table = score(&truth, &predictions, &[]).succeeded();
    assert_eq!(cases_in(&table), ids());
    let scored: Value =
        serde_json::from_str(&score(&truth, &predictions, &["--json"]).succeeded()).unwrap();
    for (at, (group, id)) in CASES.iter().enumerate() {
        let case = &scored["cases"][at];
        assert_eq!((&case["id"], &case["group"]), (&json!(id), &json!(group.to_lowercase())));
    }
    let counts = ["normal", "diseased"].map(|group| &scored["aggregates"][group]["dice"]["count"]);
    assert_eq!(counts, [3, 2]);

    // One half of it is a truth as well.
    let half = tempfile::tempdir().unwrap();
    for (_, id) in &CASES[..3] {
        write(&half.path().join(format!("{id}.nrrd")), &row(0..10), &geometry());
    }
    let table = score(&truth.join("Normal"), half.path(), &[]).succeeded();
    assert_eq!(cases_in(&table), &ids()[..3]);
}

#[test]
fn a_consensus_of_datasets_has_their_groups() {
    let folder = tempfile::tempdir().unwrap();
    let annotators = ["a", "b", "c"].map(|name| folder.path().join(name));
    annotators.iter().for_each(|annotator| dataset(annotator, 1));
    let out = folder.path().join("out");
    let done = run(asoca([&"consensus", &"--out", &out]).args(&annotators));
    // The annotators' README is no mask, and they are told so as before.
    refused(&done, &["README.txt"]);
    annotators.iter().for_each(|of| fs::remove_file(of.join("README.txt")).unwrap());
    let done = run(asoca([&"consensus", &"--out", &out]).args(&annotators));
    assert_eq!(done.stderr, "");
    done.succeeded();
    let listed: Vec<Value> =
        serde_json::from_str(&fs::read_to_string(out.join("cases.json")).unwrap()).unwrap();
    let listed: Vec<_> = listed
        .iter()
        .map(|case| (case["group"].as_str().unwrap(), case["id"].as_str().unwrap()))
        .collect();
    assert_eq!(
        listed,
        CASES.map(|(group, id)| (if group == "Normal" { "normal" } else { "diseased" }, id))
    );
}

#[test]
fn the_dataset_is_imported_without_a_list_of_cases() {
    let site = Site::new(None);
    let truth = site.data().join("dataset");
    dataset(&truth, 1);
    fs::remove_file(truth.join("README.txt")).unwrap();
    let imported = site.admin([&"import-truth", &"--name", &"published", &truth]).succeeded();
    assert_eq!(cases_in(&imported), ids());
    let diseased = imported.lines().filter(|line| line.contains("diseased")).count();
    assert_eq!(diseased, 2);
}

#[test]
fn other_labels_than_0_and_1_are_refused_until_it_is_said_which_are_vessel() {
    let (folder, truth, predictions) = with_predictions();
    let labelled = truth.join("Normal/Annotations/Normal_2.nrrd");
    let mut voxels = row(0..10);
    voxels[..5].fill(2);
    voxels[10] = 3;
    write(&labelled, &voxels, &geometry());
    fs::remove_file(truth.join("README.txt")).unwrap();
    let site = Site::new(None);
    let out = folder.path().join("out");
    let import = |name: &str, labels: &str| {
        site.admin([&"import-truth", &"--name", &name, &"--vessel-labels", &labels, &truth])
    };
    let consensus = |labels: &str| {
        let consensus =
            asoca([&"consensus", &"--out", &out, &"--vessel-labels", &labels, &truth, &truth]);
        run(&mut { consensus })
    };

    refused(&score(&truth, &predictions, &[]), &["Normal_2", "the value 2", "name the labels"]);
    refused(
        &import("labelled", ""),
        &["Normal_2.nrrd", "the value 2", "truth.labels", "--vessel-labels"],
    );
    refused(&consensus(""), &["Normal_2.nrrd", "the value 2", "truth.labels"]);
    for wrong in ["0", "one", "1;2"] {
        refused(&import("labelled", wrong), &["vessel-labels", "numbers other than 0"]);
    }

    // 1 and 2 are vessel, 3 is not.
    let table = score(&truth, &predictions, &["--vessel-labels", "1,2", "--json"]).succeeded();
    let scored: Value = serde_json::from_str(&table).unwrap();
    assert_eq!(scored["cases"][1]["dice"], 1.0);
    let imported = import("vessels", "1,2").succeeded();
    let voxels = imported.lines().find(|line| line.starts_with("Normal_2 ")).unwrap();
    assert!(voxels.ends_with(" 10 voxels"), "{voxels}");
    consensus("1,2").succeeded();
}

/// The usual place with this spacing.
fn lying([x, y, z]: [f64; 3]) -> Geometry {
    let directions = [[x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, z]];
    Geometry { directions: Some(directions), ..geometry() }
}

#[test]
fn a_truth_in_other_units_than_millimetres_or_in_colours_is_refused_by_name() {
    let (folder, truth, predictions) = with_predictions();
    let site = Site::new(None);
    let case = truth.join("Diseased/Annotations/Diseased_1.nrrd");
    let all_refuse = |words: &[&str]| {
        refused(&score(&truth, &predictions, &[]), words);
        let import = site.admin([&"import-truth", &"--name", &"refused", &truth]);
        refused(&import, &[&["Diseased_1.nrrd"], words].concat());
        let out = folder.path().join("out");
        let consensus = asoca([&"consensus", &"--out", &out, &truth, &truth]);
        refused(&run(&mut { consensus }), words);
    };
    fs::remove_file(truth.join("README.txt")).unwrap();
    for (spacing, words) in [
        ([0.0005, 0.0005, 0.002], "as if in metres"),
        ([0.02, 0.02, 0.05], "as if in cm"),
        ([300.0, 300.0, 500.0], "as if in µm"),
    ] {
        write(&case, &row(0..10), &lying(spacing));
        all_refuse(&[words]);
    }
    let header = "NRRD0004\ntype: uint8\ndimension: 4\nsizes: 3 12 3 2\nkinds: RGB-color domain domain domain\nencoding: raw\n\n";
    fs::write(&case, [header.as_bytes(), &[1; 3 * 72]].concat()).unwrap();
    all_refuse(&["4 axes"]);
}
