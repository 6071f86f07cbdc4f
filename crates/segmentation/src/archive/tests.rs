//! Uploads as people and their operating systems pack them, and as nobody should.

mod hostile;
mod names;

use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;

use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};
use tempfile::TempDir;

use super::*;
use crate::{Mask, nrrd, read_mask};

const SHAPE: [usize; 3] = [4, 3, 2];

/// An NRRD of the cases' shape with one voxel of foreground.
fn volume(voxel: usize) -> Vec<u8> {
    let mut mask = Mask::empty(SHAPE).unwrap();
    mask.set(voxel);
    let mut file = Vec::new();
    let geometry = Geometry::of_shape(SHAPE);
    nrrd::write_mask(&mut file, &mask, &geometry, nrrd::Encoding::Gzip(6)).unwrap();
    file
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

fn packed(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in entries {
        if name.ends_with('/') {
            writer.add_directory(*name, options()).unwrap();
        } else {
            writer.start_file(*name, options()).unwrap();
            writer.write_all(data).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

/// A zip on disk; the folder goes away when it is dropped.
struct Upload {
    folder: TempDir,
}

impl Upload {
    fn of(bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("upload.zip"), bytes).unwrap();
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("upload.zip")
    }
}

fn cases<'a>(ids: &[&'a str]) -> Vec<ExpectedCase<'a>> {
    ids.iter().map(|id| ExpectedCase { id, shape: Some(SHAPE) }).collect()
}

/// Names of the accepted files, or what is wrong with which file.
fn check(bytes: &[u8], ids: &[&str]) -> Result<Vec<String>, Vec<(Option<String>, ArchiveIssue)>> {
    check_within(bytes, ids, Limits::default())
}

fn check_within(
    bytes: &[u8],
    ids: &[&str],
    limits: Limits,
) -> Result<Vec<String>, Vec<(Option<String>, ArchiveIssue)>> {
    let upload = Upload::of(bytes);
    match preflight(Location::Zip(&upload.path()), &cases(ids), limits) {
        Ok(upload) => Ok(upload.files.into_iter().map(|file| file.name).collect()),
        Err(ArchiveError::Invalid(problems)) => {
            Err(problems.into_iter().map(|problem| (problem.file, problem.issue)).collect())
        }
        Err(ArchiveError::Io(error)) => panic!("{error}"),
    }
}

fn missing(case: &str) -> (Option<String>, ArchiveIssue) {
    (None, ArchiveIssue::Missing { case: case.into(), counts_from_one: false })
}

fn unexpected(name: &str, why: Unexpected) -> (Option<String>, ArchiveIssue) {
    (Some(name.into()), ArchiveIssue::Unexpected(why))
}

#[test]
fn files_go_to_their_cases_whatever_their_order_in_the_archive() {
    let names = ["10.nrrd", "2.NRRD", "0.nrrd"];
    let volumes: Vec<_> = (0..3).map(volume).collect();
    let entries: Vec<(&str, &[u8])> =
        names.iter().zip(&volumes).map(|(name, data)| (*name, data.as_slice())).collect();
    let upload = Upload::of(&packed(&entries));

    let path = upload.path();
    let found = preflight(Location::Zip(&path), &cases(&["0", "2", "10"]), Limits::default());

    let files = found.unwrap().files;
    for (file, (case, voxel)) in files.iter().zip([("0", 2), ("2", 1), ("10", 0)]) {
        assert_eq!(file.case, case);
        assert_eq!(file.geometry.as_ref().unwrap().shape, SHAPE);
        let mask = read_mask(file.source.as_ref(), file.format, Some(SHAPE)).unwrap().mask;
        assert_eq!(mask.ones().collect::<Vec<_>>(), [voxel]);
    }
}

#[test]
fn several_threads_read_one_archive() {
    let volumes: Vec<_> = (0..8).map(volume).collect();
    let names: Vec<_> = (0..8).map(|at| format!("{at}.nrrd")).collect();
    let entries: Vec<(&str, &[u8])> =
        names.iter().zip(&volumes).map(|(name, data)| (name.as_str(), data.as_slice())).collect();
    let upload = Upload::of(&packed(&entries));
    let path = upload.path();
    let ids = ["0", "1", "2", "3", "4", "5", "6", "7"];
    let files = open(Location::Zip(&path), &cases(&ids), Limits::default()).unwrap().files;

    std::thread::scope(|scope| {
        for (voxel, file) in files.iter().enumerate() {
            scope.spawn(move || {
                for _ in 0..20 {
                    let read = read_mask(file.source.as_ref(), file.format, None).unwrap();
                    assert_eq!(read.mask.ones().collect::<Vec<_>>(), [voxel]);
                }
            });
        }
    });
}

#[test]
fn a_zip_that_was_written_to_a_pipe_is_read() {
    // Such a writer learns lengths and checksums too late for the entry's own header.
    let mut writer = ZipWriter::new_stream(Vec::new());
    writer.start_file("0.nrrd", options()).unwrap();
    writer.write_all(&volume(5)).unwrap();
    let upload = Upload::of(&writer.finish().unwrap().into_inner());
    let path = upload.path();
    let files = preflight(Location::Zip(&path), &cases(&["0"]), Limits::default()).unwrap().files;
    let mask = read_mask(files[0].source.as_ref(), Format::Nrrd, None).unwrap().mask;
    assert_eq!(mask.ones().collect::<Vec<_>>(), [5]);
}

#[test]
fn an_npz_inside_the_zip_is_read() {
    let dict = b"{'descr': '|u1', 'fortran_order': True, 'shape': (4, 3, 2), }";
    let npy = [b"\x93NUMPY\x01\0".as_slice(), &[dict.len() as u8, 0], dict, &[1; 24]].concat();
    let npz = packed(&[("arr_0.npy", &npy)]);
    let upload = Upload::of(&packed(&[("0.npz", &npz)]));
    let path = upload.path();
    let files = preflight(Location::Zip(&path), &cases(&["0"]), Limits::default()).unwrap().files;
    let mask = read_mask(files[0].source.as_ref(), files[0].format, Some(SHAPE)).unwrap().mask;
    assert_eq!(mask.count(), 24);
}

#[test]
fn a_folder_and_single_files_are_taken_like_a_zip() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("results");
    fs::create_dir(&inside).unwrap();
    fs::write(inside.join("0.nrrd"), volume(3)).unwrap();
    fs::write(inside.join("1.nrrd"), volume(4)).unwrap();
    fs::write(inside.join(".DS_Store"), b"").unwrap();
    let ids = cases(&["0", "1"]);
    let single: Vec<_> = ["1.nrrd", "0.nrrd"].map(|name| (name.into(), inside.join(name))).to_vec();
    for location in
        [Location::Folder(folder.path()), Location::Folder(&inside), Location::Files(&single)]
    {
        let files = preflight(location, &ids, Limits::default()).unwrap().files;
        let ones = files.iter().map(|file| {
            read_mask(file.source.as_ref(), file.format, None).unwrap().mask.ones().next()
        });
        assert_eq!(ones.collect::<Vec<_>>(), [Some(3), Some(4)]);
    }

    fs::write(inside.join("notes.txt"), b"").unwrap();
    let found = open(Location::Folder(&inside), &ids, Limits::default());
    let Err(ArchiveError::Invalid(problems)) = found else { panic!("{found:?}") };
    assert_eq!(problems[0].file.as_deref(), Some("notes.txt"));

    let few = Limits { entries: 1, ..Limits::default() };
    for location in [Location::Folder(&inside), Location::Files(&single)] {
        let Err(ArchiveError::Invalid(problems)) = open(location, &ids, few) else { panic!() };
        assert!(matches!(problems[0].issue, ArchiveIssue::TooManyEntries { limit: 1, .. }));
    }
}

#[test]
fn storage_that_fails_is_not_the_authors_fault() {
    let gone = Path::new("/nonexistent/upload");
    for location in [Location::Zip(gone), Location::Folder(gone)] {
        let found = open(location, &cases(&["0"]), Limits::default());
        assert!(matches!(found, Err(ArchiveError::Io(_))), "{found:?}");
    }
    // The upload vanishes between its listing and its headers.
    let files = [("0.nrrd".to_string(), PathBuf::from("/nonexistent/0.nrrd"))];
    let found = preflight(Location::Files(&files), &cases(&["0"]), Limits::default());
    assert!(matches!(found, Err(ArchiveError::Io(_))));
}
