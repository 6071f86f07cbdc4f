//! Walls of problems, in few paragraphs.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::program::volumes::{SHAPE, geometry, row, write};
use test_support::program::{Done, asoca, run};

/// A list of twenty cases, case n being n voxels higher than the first, and files named so, each of the shape of the
/// case that `case` says.
fn sent(names: impl Fn(usize) -> (String, usize)) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let shape = |case: usize| [SHAPE[0], SHAPE[1], SHAPE[2] + case];
    let case = |case: usize| json!({ "id": case.to_string(), "shape": shape(case) });
    let cases: Vec<Value> = (0..20).map(case).collect();
    fs::write(folder.path().join("cases.json"), json!(cases).to_string()).unwrap();
    for at in 0..20 {
        let (name, case) = names(at);
        let geometry = segmentation::Geometry { shape: shape(case), ..geometry() };
        let voxels = [row(0..10), vec![0; SHAPE[0] * SHAPE[1] * case]].concat();
        write(&folder.path().join("mine").join(name), &voxels, &geometry);
    }
    folder
}

fn validate(folder: &Path, options: &[&str]) -> Done {
    let cases = folder.join("cases.json");
    run(asoca([&"validate", &"--cases", &cases, &folder.join("mine")]).args(options))
}

#[track_caller]
fn told(folder: &TempDir, expected: &[&str]) {
    let done = validate(folder.path(), &[]);
    assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""));
    assert_eq!(done.stderr, expected.join("\n") + "\n");
}

#[test]
fn files_of_a_wrong_format() {
    let folder = sent(|at| (format!("{at}.nii.gz"), at));
    let lines = [
        "asoca: mine has 40 problems with one cause:",
        "  20 files are NIfTI (.nii.gz). [case.unexpected]",
        "    Expected <case id>.nrrd or <case id>.npz, one for each case; found NIfTI (.nii.gz). Convert each to NRRD, for \
         instance with SimpleITK: `sitk.WriteImage(sitk.ReadImage(\"0.nii.gz\"), \"0.nrrd\", True)`.",
        "    Files: 0.nii.gz, 1.nii.gz, 2.nii.gz, 3.nii.gz, 4.nii.gz, 5.nii.gz and 14 more.",
        "    So 20 cases have no file: 0 to 19.",
    ];
    told(&folder, &lines);
    let document: Value =
        serde_json::from_str(&validate(folder.path(), &["--json"]).stdout).unwrap();
    assert_eq!(document["errors"].as_array().unwrap().len(), 40);
    assert_eq!(document["summary"][0]["title"], "20 files are NIfTI (.nii.gz).");
    assert_eq!(document["summary"].as_array().unwrap().len(), 1);
}

#[test]
fn files_that_count_from_one() {
    let lines = [
        "asoca: mine has 21 problems with one cause:",
        "  20 files are named 1 to 20; case numbers start at 0. [case.unexpected]",
        "    Found a number one higher. Case numbers start at 0, and your files seem to start at 1. Rename each to one less: \
         1.nrrd becomes 0.nrrd.",
        "    Files: 1.nrrd, 2.nrrd, 3.nrrd, 4.nrrd, 5.nrrd, 6.nrrd and 14 more.",
        "    For instance 1.nrrd: expected 0.nrrd or 0.npz.",
        "    So case 0 has no file.",
    ];
    told(&sent(|at| (format!("{}.nrrd", at + 1), at)), &lines);
}

#[test]
fn leading_zeros() {
    let lines = [
        "asoca: mine has 20 problems with one cause:",
        "  10 files have leading zeros in their names. [case.unexpected]",
        "    Expected <case id>.nrrd or <case id>.npz, one for each case; found a number with leading zeros. Name each without \
         leading zeros: 00.nrrd becomes 0.nrrd.",
        "    Files: 00.nrrd, 01.nrrd, 02.nrrd, 03.nrrd, 04.nrrd, 05.nrrd and 4 more.",
        "    So 10 cases have no file: 0 to 9.",
    ];
    told(&sent(|at| (format!("{at:02}.nrrd"), at)), &lines);
}

#[test]
fn one_bad_file_among_good_ones() {
    let lines = [
        "asoca: mine has a problem:",
        "  7.nrrd: A segmentation has another shape than its case. [volume.wrong_shape]",
        "    Expected 12 x 3 x 9; found 12 x 3 x 2. Resample or pad the segmentation to the voxel grid of the case's CT, and check \
         that it belongs to this case.",
    ];
    told(&sent(|at| (format!("{at}.nrrd"), if at == 7 { 0 } else { at })), &lines);
}

#[test]
fn three_different_faults() {
    let folder = sent(|at| match at {
        3 => ("3.mha".to_owned(), at),
        10..15 => (format!("{at}.nrrd"), at - 1),
        _ => (format!("{at}.nrrd"), at),
    });
    for empty in [0, 1] {
        let geometry = segmentation::Geometry { shape: [12, 3, 2 + empty], ..geometry() };
        let voxels = vec![0; geometry.shape.iter().product()];
        write(&folder.path().join(format!("mine/{empty}.nrrd")), &voxels, &geometry);
    }
    let lines = [
        "asoca: mine has 7 problems with 2 causes:",
        "  3.mha: A file belongs to no case. [case.unexpected]",
        "    Expected <case id>.nrrd or <case id>.npz, one for each case; found MetaImage (.mha). Convert it to NRRD, for instance \
         with SimpleITK: `sitk.WriteImage(sitk.ReadImage(\"0.mha\"), \"0.nrrd\", True)`.",
        "    So case 3 has no file.",
        "  5 segmentations have another shape than their cases. [volume.wrong_shape]",
        "    Resample or pad each segmentation to the voxel grid of its case's CT, and check that it belongs to that case.",
        "    Files: 10.nrrd, 11.nrrd, 12.nrrd, 13.nrrd and 14.nrrd.",
        "    For instance 10.nrrd: expected 12 x 3 x 12; found 12 x 3 x 11.",
    ];
    told(&folder, &lines);
    // What only the voxels tell comes once names and headers are right.
    let folder = sent(|at| (format!("{at}.nrrd"), at));
    for empty in [0, 1] {
        let geometry = segmentation::Geometry { shape: [12, 3, 2 + empty], ..geometry() };
        let voxels = vec![0; geometry.shape.iter().product()];
        write(&folder.path().join(format!("mine/{empty}.nrrd")), &voxels, &geometry);
    }
    let lines = [
        "asoca: mine has 2 problems with one cause:",
        "  2 segmentations hold nothing but 0. [case.empty]",
        "    Expected at least one voxel with a value above 0.5; found only 0, which is background. Save 0 for background and 1 for \
         vessel, and check that a cast to integers did not turn probabilities into 0. An empty segmentation has no distance to \
         anything and is never scored as 0.",
        "    Files: 0.nrrd and 1.nrrd.",
    ];
    told(&folder, &lines);
}
