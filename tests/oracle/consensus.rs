//! `asoca consensus` against `consensus.py`: numpy's majority, scipy's distances and t-test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use segmentation::{FileSource, Format, read_mask};
use serde_json::Value;

use super::{json_of, output, python, same, same_metrics, same_summary, script};

/// Has `asoca phantom` draw six cases, and gives the folders of these methods' masks.
fn drawn(folder: &Path, methods: &[&str]) -> Vec<PathBuf> {
    let mut phantom = Command::new(env!("CARGO_BIN_EXE_asoca"));
    phantom.args(["phantom", "--cases", "6", "--seed", "5", "--shape", "80x72x48", "--out"]);
    output(phantom.arg(folder));
    methods.iter().map(|method| folder.join("predictions").join(method)).collect()
}

/// Has both make a truth of what these methods drew, and compares every voxel and number.
fn agree(python: &str, methods: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let annotators = drawn(&folder.path().join("play"), methods);
    let (cases, out) = (folder.path().join("play/truth/cases.json"), folder.path().join("made"));
    let mut reference = Command::new(python);
    let expected = json_of(reference.arg(script("consensus.py")).arg(&cases).args(&annotators));
    let mut consensus = Command::new(env!("CARGO_BIN_EXE_asoca"));
    consensus.args(["consensus", "--json", "--cases"]).arg(&cases).arg("--out").arg(&out);
    let found = json_of(consensus.args(&annotators));

    for (case, majority) in expected["majorities"].as_object().unwrap() {
        let file = FileSource(out.join(format!("{case}.nrrd")));
        let made = read_mask(&file, Format::Nrrd, None).unwrap().mask;
        let majority: Vec<usize> = serde_json::from_value(majority.clone()).unwrap();
        assert!(!majority.is_empty());
        assert_eq!(made.ones().collect::<Vec<_>>(), majority, "case {case} of {methods:?}");
    }
    for annotator in found["annotators"].as_array().unwrap() {
        let name = annotator["name"].as_str().unwrap();
        let cases = annotator["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 6);
        for case in cases {
            let id = case["id"].as_str().unwrap();
            let expected = &expected["values"][name][id];
            same_metrics(&format!("{name}, case {id}"), case, expected, same);
        }
    }
    for group in ["all", "normal", "diseased"] {
        let (found, expected) = (&found["aggregates"][group], &expected["aggregates"][group]);
        same_metrics(group, found, expected, same_summary);
    }
    for metric in ["dice", "hd95"] {
        for value in ["t", "degrees_of_freedom", "p"] {
            let of = |document: &Value| document["welch"][metric][value].clone();
            same(&format!("{metric}: {value}"), &of(&found), &of(&expected), 1e-9);
        }
    }
    assert_eq!(found["tolerance_mm"], expected["tolerance_mm"], "{methods:?}");
    for agreement in &found["agreements"].as_array().unwrap()[..methods.len()] {
        let name = agreement["annotator"].as_str().unwrap();
        let mean = &agreement["means"]["all"]["surface_dice_annotators"];
        same(name, mean, &expected["surface_dice"][name], 1e-9);
    }
    assert_eq!(fs::read_dir(&out).unwrap().count(), 7);
}

#[test]
fn numpy_and_scipy_make_the_same_truth_and_the_same_table() {
    let Some(python) = python() else { return };
    agree(&python, &["thin", "thick", "shifted"]);
    agree(&python, &["thin", "near-perfect", "leaky", "speckled"]);
    agree(&python, &["thick", "near-perfect", "distal-lost", "fragmented", "missed-branches"]);
}
