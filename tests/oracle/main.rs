//! The program's numbers against those of `oracle.py`: numpy, scipy and pynrrd.

mod consensus;
mod secondary;
mod vessels;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use coronary_phantom::{Method, Phantom, Size};
use segmentation::nrrd::{Encoding, write_mask};
use segmentation::{Geometry, Mask};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A Python that can evaluate_job: `ASOCA_PYTHON` or `python3`. Where there is none nothing is
/// compared, unless everything has to be, as in CI.
fn python() -> Option<String> {
    let python = std::env::var("ASOCA_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut import = Command::new(&python);
    import
        .args(["-c", "import nrrd, numpy, scipy, skimage, surface_distance"])
        .stderr(Stdio::null());
    if import.status().is_ok_and(|status| status.success()) {
        return Some(python);
    }
    let missing = format!("{python} does not have tests/oracle/requirements.txt installed");
    assert!(std::env::var_os("CI").is_none(), "{missing}");
    println!("not run: {missing}");
    None
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle").join(name)
}

fn output(command: &mut Command) -> String {
    let done = command.output().unwrap();
    assert!(done.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn json_of(command: &mut Command) -> Value {
    serde_json::from_str(&output(command)).unwrap()
}

/// Truths and predictions in a folder of their own.
struct Cases {
    folder: TempDir,
    listed: Vec<Value>,
}

impl Cases {
    fn none() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for side in ["truth", "predictions"] {
            fs::create_dir(folder.path().join(side)).unwrap();
        }
        Self { folder, listed: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Adds the next case, in a spacing (x, y, z) in mm.
    fn add(&mut self, truth: &Mask, prediction: &Mask, spacing: [f64; 3], diseased: bool) {
        let id = self.listed.len();
        let geometry = Geometry::diagonal(truth.shape(), spacing, [-80.5, -95.2, 1040.0]);
        for (side, mask) in [("truth", truth), ("predictions", prediction)] {
            let file = File::create(self.path(side).join(format!("{id}.nrrd"))).unwrap();
            write_mask(file, mask, &geometry, Encoding::Gzip(1)).unwrap();
        }
        let group = if diseased { "diseased" } else { "normal" };
        self.listed.push(json!({ "id": id.to_string(), "group": group }));
    }

    /// Has both score the predictions, and compares every number.
    fn agree(&self, python: &str, truth: &str, predictions: &str) {
        let (truth, predictions) = (self.path(truth), self.path(predictions));
        let listed = Value::from(self.listed.clone()).to_string();
        fs::write(truth.join("cases.json"), listed).unwrap();
        let mut oracle = Command::new(python);
        oracle.arg(script("oracle.py")).arg("--truth").arg(&truth);
        let expected = json_of(oracle.arg("--predictions").arg(&predictions));
        let mut score = Command::new(env!("CARGO_BIN_EXE_asoca"));
        let found = json_of(score.args(["score", "--json", "--truth"]).args([truth, predictions]));

        let cases = expected["cases"].as_object().unwrap();
        assert_eq!(cases.len(), self.listed.len());
        for (id, expected) in cases {
            let mut of_case = found["cases"].as_array().unwrap().iter();
            let found = of_case.find(|case| case["id"] == *id).unwrap();
            same_metrics(&format!("case {id}"), found, expected, same);
        }
        for group in ["all", "normal", "diseased"] {
            let expected = expected["aggregates"].get(group).unwrap_or(&Value::Null);
            let found = &found["aggregates"][group];
            assert_eq!(found.is_null(), expected.is_null(), "{group}");
            if !expected.is_null() {
                same_metrics(group, found, expected, same_summary);
            }
        }
    }
}

type Same = fn(&str, &Value, &Value, f64);

/// What agreement means: Dice to 1e-12, HD95 to 1e-9 mm.
fn same_metrics(of: &str, found: &Value, expected: &Value, same: Same) {
    same(&format!("{of}, Dice"), &found["dice"], &expected["dice"], 1e-12);
    same(&format!("{of}, HD95"), &found["hd95"], &expected["hd95"], 1e-9);
}

fn same_summary(of: &str, found: &Value, expected: &Value, tolerance: f64) {
    let (found, expected) = (found.as_object().unwrap(), expected.as_object().unwrap());
    assert_eq!((found.len(), expected.len()), (8, 8), "{of}: {found:?}");
    for (name, expected) in expected {
        same(&format!("{of}, {name}"), &found[name], expected, tolerance);
    }
}

fn same(of: &str, found: &Value, expected: &Value, tolerance: f64) {
    let near = match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => (found - expected).abs() <= tolerance,
        // The standard deviation of one value.
        _ => found.is_null() && expected.is_null(),
    };
    assert!(near, "{of}: {found} is not {expected}");
}

/// Small cases: one for each form that `vary.py` knows.
const SMALL: usize = 40;

#[test]
fn small_cases_agree_in_every_spacing_and_every_form_a_file_may_have() {
    let Some(python) = python() else { return };
    let mut cases = Cases::none();
    for at in 0..SMALL {
        let shape = [48 + at % 20, 70 - at % 20, 48 + at % 7];
        let phantom = Phantom::new(77, at as u32, SMALL as u32, Size::fixed(shape).unwrap());
        let [x, y, z] = phantom.spacing;
        let spacing = match at % 4 {
            0 => phantom.spacing,
            1 => [-x, -y, z],
            2 => [x, y, 3.0],
            _ => [0.1, 1.3, 0.7],
        };
        let method = Method::ALL[at % Method::ALL.len()];
        cases.add(&phantom.truth(), &phantom.predict(method), spacing, phantom.diseased);
    }
    cases.agree(&python, "truth", "predictions");
    let vary = |from: &str, to: &str, options: &[&str]| {
        let mut vary = Command::new(&python);
        let (from, to) = (cases.path(from), cases.path(to));
        output(vary.arg(script("vary.py")).args([&from, &to]).args(options));
        assert_eq!(fs::read_dir(to).unwrap().count(), SMALL);
    };
    vary("predictions", "varied", &[]);
    cases.agree(&python, "truth", "varied");
    vary("truth", "varied-truth", &["--truth"]);
    cases.agree(&python, "varied-truth", "varied.zip");
}

#[test]
fn what_hardly_overlaps_agrees() {
    let Some(python) = python() else { return };
    let phantom = Phantom::new(5, 0, 1, Size::fixed([64, 64, 48]).unwrap());
    let truth = phantom.truth();
    let corner = |index: usize| {
        let mut mask = Mask::empty(truth.shape()).unwrap();
        mask.set(index);
        mask
    };
    let mut all = Mask::empty(truth.shape()).unwrap();
    (0..all.voxels()).for_each(|index| all.set(index));
    let mut cases = Cases::none();
    for prediction in [corner(0), corner(truth.voxels() - 1), all, truth.clone()] {
        cases.add(&truth, &prediction, phantom.spacing, false);
        cases.add(&prediction, &truth, phantom.spacing, false);
    }
    cases.agree(&python, "truth", "predictions");
}

#[test]
fn a_case_of_full_size_agrees() {
    let Some(python) = python() else { return };
    let phantom = Phantom::new(42, 1, 2, Size::FULL);
    let mut cases = Cases::none();
    let prediction = phantom.predict(Method::Leaky);
    cases.add(&phantom.truth(), &prediction, phantom.spacing, phantom.diseased);
    cases.agree(&python, "truth", "predictions");
}
