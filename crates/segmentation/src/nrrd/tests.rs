//! Files built byte by byte, as the readers and writers of the field make and take them.

mod data;
mod generated;
mod header;
mod hostile;

use std::io::Write;

use super::*;

/// Voxels of a 4 x 3 x 2 volume: foreground at 1, 5, 6, 23.
const VOXELS: [u8; 24] = [0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const ONES: [usize; 4] = [1, 5, 6, 23];

fn file(header: &str, data: &[u8]) -> Vec<u8> {
    [header.as_bytes(), b"\n", data].concat()
}

/// A header of the usual volume with these lines.
fn with(lines: &str, data: &[u8]) -> Vec<u8> {
    file(&format!("NRRD0004\ndimension: 3\nsizes: 4 3 2\n{lines}"), data)
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(data: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn read(file: &Vec<u8>) -> Result<LoadedMask, VolumeError> {
    read_mask(file, Some([4, 3, 2]), &[])
}

fn ones(file: &Vec<u8>) -> Vec<usize> {
    read(file).unwrap_or_else(|error| panic!("{error}")).mask.ones().collect()
}

#[track_caller]
fn issue(file: &Vec<u8>) -> VolumeIssue {
    match read(file) {
        Err(VolumeError::Invalid(issue)) => issue,
        other => panic!("{other:?}"),
    }
}

fn text(voxels: &[u8]) -> String {
    voxels.iter().map(|v| format!("{v} ")).collect()
}
