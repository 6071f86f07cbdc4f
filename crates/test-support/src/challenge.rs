//! Six small synthetic cases, drawn once a process: ground truth, predictions and what they score.

use std::collections::HashMap;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use asoca::domain::Group;
use asoca::scoring::{CASES_FILE, ListedCase};
use coronary_phantom::{Method, Phantom, Size};
use segmentation::nrrd::{Encoding, write_mask, write_slices};
use segmentation::{Geometry, Mask};
use segmentation_metrics::{CaseScore, Truth, score};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// How many cases there are; the first half is normal, the second diseased.
pub const CASES: u32 = 6;
/// Voxels along (x, y, z) of every case.
pub const SHAPE: [usize; 3] = [64, 64, 48];

/// Names and bytes of files.
pub type Files = Vec<(String, Vec<u8>)>;

static PHANTOMS: LazyLock<Vec<Phantom>> = LazyLock::new(|| {
    let size = Size::fixed(SHAPE).unwrap();
    (0..CASES).map(|case| Phantom::new(7, case, CASES, size)).collect()
});
static TRUTH: LazyLock<Files> = LazyLock::new(|| files(Phantom::truth));
static PREDICTIONS: LazyLock<Mutex<HashMap<Method, Files>>> = LazyLock::new(Mutex::default);

fn files(mask: impl Fn(&Phantom) -> Mask) -> Files {
    let nrrd = |phantom: &Phantom| {
        let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
        let mut bytes = Vec::new();
        write_mask(&mut bytes, &mask(phantom), &geometry, Encoding::Gzip(1)).unwrap();
        bytes
    };
    PHANTOMS.iter().enumerate().map(|(id, phantom)| (format!("{id}.nrrd"), nrrd(phantom))).collect()
}

/// One file for each case, `0.nrrd` to `5.nrrd`.
pub fn predictions(method: Method) -> Files {
    let mut drawn = PREDICTIONS.lock().unwrap();
    drawn.entry(method).or_insert_with(|| files(|phantom| phantom.predict(method))).clone()
}

/// What the predictions score, case by case, without server, archive and file.
pub fn scores(method: Method) -> Vec<CaseScore> {
    let one = |phantom: &Phantom| {
        let truth = Truth::new(phantom.truth(), phantom.spacing).unwrap();
        score(&truth, &phantom.predict(method)).unwrap()
    };
    PHANTOMS.iter().map(one).collect()
}

/// Spacing (x, y, z) of a case in mm.
pub fn spacing(case: usize) -> [f64; 3] {
    PHANTOMS[case].spacing
}

/// The list of all cases with their groups, as it lies beside ground truths.
pub fn list_of_cases() -> (String, Vec<u8>) {
    let listed = PHANTOMS.iter().enumerate().map(|(id, phantom)| ListedCase {
        id: id.to_string(),
        group: Some(if phantom.diseased { Group::Diseased } else { Group::Normal }),
        ..ListedCase::default()
    });
    (CASES_FILE.into(), serde_json::to_vec(&listed.collect::<Vec<_>>()).unwrap())
}

/// Writes the truth into a folder, ready to be imported.
pub fn write_truth(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for (name, bytes) in TRUTH.iter().chain([&list_of_cases()]) {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

/// Writes a CT of each case into a folder, ready to be imported.
pub fn write_ct(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for (case, phantom) in PHANTOMS.iter().enumerate() {
        let truth = phantom.truth();
        write_image(&folder.join(format!("{case}.nrrd")), case, |z| phantom.ct_slice(&truth, z));
    }
}

/// Writes an image on the grid of a case; `slice` gives the values of a z, x fastest.
pub fn write_image(path: &Path, case: usize, slice: impl FnMut(usize) -> Vec<i16>) {
    let phantom = &PHANTOMS[case];
    let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
    let mut bytes = Vec::new();
    write_slices(&mut bytes, &geometry, Encoding::Gzip(1), slice).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// A volume of this shape (x, y, z) and spacing in mm as a file, with so many voxels of foreground.
pub fn volume(shape: [usize; 3], spacing: [f64; 3], foreground: usize) -> Vec<u8> {
    let mut mask = Mask::empty(shape).unwrap();
    (0..foreground).for_each(|at| mask.set(at));
    let mut bytes = Vec::new();
    let geometry = Geometry::diagonal(shape, spacing, [0.0; 3]);
    write_mask(&mut bytes, &mask, &geometry, Encoding::Gzip(1)).unwrap();
    bytes
}

/// The files as a zip.
pub fn zip(files: &Files) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A method's predictions as a zip.
pub fn zip_of(method: Method) -> Vec<u8> {
    zip(&predictions(method))
}

/// Predictions that would be fine, but for what `spoil` does to their files.
pub fn spoilt_zip(spoil: impl FnOnce(&mut Files)) -> Vec<u8> {
    let mut files = predictions(Method::Thin);
    spoil(&mut files);
    zip(&files)
}
