//! Every file of the stored corpus against the outcome stated for it. `run.py` says where
//! both come from and holds them against other readers.

#[path = "../../fuzz/src/checks/mod.rs"]
mod checks;
mod errors;
mod kept;
mod outcome;
mod templates;
mod uploads;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use asoca::digest::sha256;
use outcome::outcome;
use segmentation::Format;

const CORPUS: &[u8] = include_bytes!("corpus.zip");
const EXPECTED: &str = include_str!("expected.json");

/// The corpus, by name.
fn files() -> BTreeMap<String, Vec<u8>> {
    unpacked(CORPUS)
}

/// The files of a zip, by name.
fn unpacked(zip: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let count = archive.len();
    let read = |at| {
        let mut entry = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.name().unwrap().into_owned(), bytes)
    };
    (0..count).map(read).collect()
}

#[test]
fn every_file_gives_the_voxels_or_the_code_stated_for_it() {
    let stated: BTreeMap<String, String> = serde_json::from_str(EXPECTED).unwrap();
    let found: BTreeMap<String, String> = files()
        .into_iter()
        .map(|(name, bytes)| {
            let format = Format::of(&name).unwrap();
            let found = outcome(&name, format, &bytes).unwrap();
            (name, found)
        })
        .collect();
    for (name, found) in &found {
        assert_eq!(Some(found), stated.get(name), "{name}");
    }
    assert_eq!(found.len(), stated.len(), "files without a statement, or the other way round");
    for extension in [".nrrd", ".npz"] {
        let accepted = found
            .iter()
            .filter(|(name, found)| name.ends_with(extension) && found.starts_with("ok "))
            .count();
        assert!(accepted > 40, "{accepted} {extension} files are accepted");
    }
}

#[test]
fn every_nrrd_gives_the_same_voxels_as_an_array() {
    let stated: BTreeMap<String, String> = serde_json::from_str(EXPECTED).unwrap();
    let accepted = files().into_iter().filter(|(name, _)| {
        name.ends_with(".nrrd") && stated.get(name).is_some_and(|stated| stated.starts_with("ok "))
    });
    for (name, bytes) in accepted {
        let (_, array) = nrrd_rs::read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        // Iteration is last axis fastest, the digest is of x fastest.
        let voxels = array.to_f64().reversed_axes().mapv(|value| u8::from(value > 0.5));
        let voxels: Vec<u8> = voxels.iter().copied().collect();
        let found = format!("{:?} {}", array.shape(), sha256(&voxels));
        let stated = stated[&name].strip_prefix("ok ").unwrap();
        let (shape, digest) = stated.rsplit_once(' ').unwrap();
        assert_eq!(found, format!("[{}] {digest}", shape.replace(' ', ", ")), "{name}");
    }
}

#[test]
fn a_file_cut_anywhere_is_read_or_refused_but_never_brings_the_reader_down() {
    for (name, bytes) in files().into_iter().filter(|(_, bytes)| bytes.len() < 4096) {
        let format = Format::of(&name).unwrap();
        for end in (0..bytes.len()).step_by(7) {
            let cut = bytes[..end].to_vec();
            assert!(outcome(&name, format, &cut).is_ok(), "{name} cut at {end}");
        }
    }
}
