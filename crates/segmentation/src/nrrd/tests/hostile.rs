//! Files that mean harm, and storage that fails.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::{FileSource, Format, inspect};

#[test]
fn a_data_file_is_refused_however_it_is_spelt() {
    for field in [
        "data file: truth.raw",
        "datafile: truth.raw",
        "Data File: LIST",
        "DATA  FILE:/etc/passwd",
        "data_file: %d.raw 1 9 1",
        " data\tfile : x",
        "datafile:=x",
        "data file:",
    ] {
        let file = with(&format!("type: uchar\nencoding: raw\n{field}\n"), &VOXELS);
        assert_eq!(issue(&file), VolumeIssue::DataFile, "{field}");
        // A header without its empty line is as detached as can be.
        let mut bare = with(&format!("type: uchar\nencoding: raw\n{field}"), b"");
        bare.pop();
        assert_eq!(issue(&bare), VolumeIssue::DataFile, "{field}");
    }
}

#[test]
fn another_shape_is_refused_before_the_voxels() {
    // Not a byte of this payload is gzip: it must not be looked at.
    let mut file = with("type: uchar\nencoding: gzip\n", &VOXELS);
    let wrong =
        |cropped| VolumeIssue::WrongShape { expected: [2, 3, 4], found: [4, 3, 2], cropped };
    let error = read_mask(&file, Some([2, 3, 4]), &[]).unwrap_err();
    assert!(matches!(error, VolumeError::Invalid(issue) if issue == wrong(false)));

    file = with(
        "type: uchar\nencoding: gzip\nSegmentation_ReferenceImageExtentOffset:=-3 0 7\n",
        &VOXELS,
    );
    let error = inspect(&file, Format::Nrrd, Some([2, 3, 4])).unwrap_err();
    assert!(matches!(error, VolumeError::Invalid(issue) if issue == wrong(true)));
}

#[test]
fn a_bomb_of_a_gigabyte_is_refused_after_a_few_megabytes() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let megabyte = vec![0; 1 << 20];
    for _ in 0..1024 {
        encoder.write_all(&megabyte).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    for skip in ["", "byte skip: 1000000000\n", "byte skip: -1\n"] {
        let header =
            format!("NRRD0004\ndimension: 3\nsizes: 4 4 4\ntype: uchar\nencoding: gzip\n{skip}");
        let source = Counting { bytes: file(&header, &bomb), read: AtomicUsize::new(0) };
        let error = read_mask(&source, Some([4, 4, 4]), &[]).unwrap_err();
        assert!(matches!(error, VolumeError::Invalid(VolumeIssue::TooLong)), "{error}");
        assert!(source.read.into_inner() < source.bytes.len() / 10);
    }
}

/// Counts the bytes taken from it.
struct Counting {
    bytes: Vec<u8>,
    read: AtomicUsize,
}

impl Source for Counting {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(CountingReader { rest: &self.bytes, read: &self.read }))
    }
    fn len(&self) -> Option<u64> {
        None
    }
}

struct CountingReader<'a> {
    rest: &'a [u8],
    read: &'a AtomicUsize,
}

impl Read for CountingReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.rest.read(buffer)?;
        self.read.fetch_add(read, Ordering::Relaxed);
        Ok(read)
    }
}

#[test]
fn storage_that_fails_is_not_the_authors_fault() {
    let missing = FileSource("/nonexistent/0.nrrd".into());
    assert!(matches!(read_mask(&missing, None, &[]), Err(VolumeError::Io(_))));
    // A folder opens, and fails when it is read.
    let folder = FileSource("/".into());
    assert!(matches!(read_mask(&folder, None, &[]), Err(VolumeError::Io(_))));
}

#[test]
fn empty_bzip2_streams_without_end_are_refused() {
    let encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    let empty = encoder.finish().unwrap();
    // A volume whose length allows for as many bytes as these streams take.
    let data = empty.repeat(30_000);
    let header = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 100 100 100\nencoding: bzip2\n";
    let error = read_mask(&file(header, &data), None, &[]).unwrap_err();
    assert!(matches!(error, VolumeError::Invalid(VolumeIssue::TooLong)), "{error:?}");
}
