//! Files to upload, made for the demo, most of them from its sample zip.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use asoca::scoring::SCORER_VERSION;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::site::SITE;

/// The names and bytes in a zip.
fn entries(zip: &Path) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(File::open(zip).expect("the zip")).expect("a zip");
    let count = zip.len();
    let read = |index| {
        let mut entry = zip.by_index(index).expect("an entry");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("its bytes");
        (entry.name().expect("a readable name").into_owned(), bytes)
    };
    (0..count).map(read).collect()
}

fn pack(path: &Path, entries: &[(String, Vec<u8>)]) {
    let mut zip = ZipWriter::new(File::create(path).expect("a new file"));
    for (name, bytes) in entries {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).expect("a new entry");
        zip.write_all(bytes).expect("room for an entry");
    }
    zip.finish().expect("a whole zip");
}

/// A table of annotators for the truth set that is active.
pub fn annotators(folder: &Path) -> PathBuf {
    let cases = SITE.get(&SITE.token, "/api/v1/cases");
    let value = |case: &Value| json!({ "id": case["id"], "dice": 0.875, "hd95": 1.5 });
    let values: Vec<Value> = cases["cases"].as_array().expect("cases").iter().map(value).collect();
    let annotator = |name: &str| json!({ "name": name, "cases": values });
    let table = json!({
        "kind": "asoca observers", "version": 1, "scorer_version": SCORER_VERSION,
        "annotators": [annotator("first-reader.zip"), annotator("second-reader.zip")],
    });
    let path = folder.join("observers.json");
    std::fs::write(&path, table.to_string()).expect("room for a file");
    path
}

/// The zip's files, unpacked into the folder.
pub fn single_files(folder: &Path, sample: &Path) -> Vec<PathBuf> {
    let unpack = |(name, bytes): (String, Vec<u8>)| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).expect("room for a file");
        path
    };
    entries(sample).into_iter().map(unpack).collect()
}

/// The sample without case 7 and with a file that is no case.
pub fn two_mistakes(folder: &Path, sample: &Path) -> PathBuf {
    let mut entries = entries(sample);
    entries.retain(|(name, _)| name != "7.nrrd");
    entries.push(("notes.txt".into(), b"remember the milk".to_vec()));
    let path = folder.join("two-mistakes.zip");
    pack(&path, &entries);
    path
}

/// The sample's files as those of another format, which leaves every case without one.
pub fn of_another_format(folder: &Path, sample: &Path) -> PathBuf {
    renamed(folder, sample, |name| name.replace(".nrrd", ".nii.gz"))
}

/// The sample's files under other names.
pub fn renamed(folder: &Path, sample: &Path, new: impl Fn(&str) -> String) -> PathBuf {
    let mut entries = entries(sample);
    entries.iter_mut().for_each(|(name, _)| *name = new(name));
    let path = folder.join("renamed.zip");
    pack(&path, &entries);
    path
}

/// The sample's files by number, counted from one.
pub fn counted_from_one(folder: &Path, sample: &Path) -> PathBuf {
    renamed(folder, sample, |name| {
        let number: usize = name.trim_end_matches(".nrrd").parse().expect("a number for a name");
        format!("{}.nrrd", number + 1)
    })
}

/// The shape of the demo's small cases.
const SHAPE: [usize; 3] = [64, 64, 48];

fn uniform(value: u8) -> Vec<u8> {
    uniform_of(SHAPE, value)
}

fn uniform_of([x, y, z]: [usize; 3], value: u8) -> Vec<u8> {
    let mut bytes = format!(
        "NRRD0004\ntype: uint8\ndimension: 3\nsizes: {x} {y} {z}\nencoding: raw\n\
         space: left-posterior-superior\n\n"
    )
    .into_bytes();
    bytes.resize(bytes.len() + x * y * z, value);
    bytes
}

/// A submission that takes the scorer far longer than a sensible one.
pub fn everything_is_vessel(folder: &Path, sample: &Path) -> PathBuf {
    let mut entries = entries(sample);
    entries.iter_mut().for_each(|(_, bytes)| *bytes = uniform(1));
    let path = folder.join("everything.zip");
    pack(&path, &entries);
    path
}

/// One whose headers are well, but in one of its cases nothing is segmented.
pub fn one_case_is_empty(folder: &Path, sample: &Path) -> PathBuf {
    let mut entries = entries(sample);
    for (name, bytes) in &mut entries {
        if name == "3.nrrd" {
            *bytes = uniform(0);
        }
    }
    let path = folder.join("one-empty.zip");
    pack(&path, &entries);
    path
}

/// The sample with the axes of case 3 in reverse order.
pub fn one_is_reversed(folder: &Path, sample: &Path) -> PathBuf {
    let [x, y, z] = SHAPE;
    let mut entries = entries(sample);
    for (name, bytes) in &mut entries {
        if name == "3.nrrd" {
            *bytes = uniform_of([z, y, x], 1);
        }
    }
    let path = folder.join("one-reversed.zip");
    pack(&path, &entries);
    path
}

/// A text that only its name says to be a zip, of so many bytes.
pub fn text_called_zip(folder: &Path, length: usize) -> PathBuf {
    let path = folder.join("text.zip");
    std::fs::write(&path, "remember the milk ".repeat(length.div_ceil(18)))
        .expect("room for a text");
    path
}

/// A folder's masks and a list of the cases as a truth set to import.
pub fn truth_of(masks: &Path, cases: &Path, zip: &Path) -> PathBuf {
    let mut entries = vec![("cases.json".to_owned(), std::fs::read(cases).expect("the list"))];
    for file in std::fs::read_dir(masks).expect("a folder of masks") {
        let path = file.expect("a mask").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if name.ends_with(".nrrd") {
            entries.push((name, std::fs::read(&path).expect("a mask")));
        }
    }
    pack(zip, &entries);
    zip.to_owned()
}
