use std::fs;
use std::path::Path;

use asoca::domain::explain;
use segmentation::archive::{
    ArchiveError, ExpectedCase, Limits, Location, Upload, open, preflight,
};
use segmentation::{VolumeError, read_mask};

use super::assert_readable;
use super::volume::assert_whole;

const SHAPE: [usize; 3] = [4, 3, 2];

const CASES: [ExpectedCase<'static>; 2] =
    [ExpectedCase { id: "0", shape: Some(SHAPE) }, ExpectedCase { id: "1", shape: Some(SHAPE) }];

const LIMITS: Limits = Limits { entries: 12, total_bytes: 1 << 16 };

/// Takes any bytes as an upload for two small cases. They lie in `folder`, which has nothing else in it.
pub fn archive(bytes: &[u8], folder: &Path) {
    let path = folder.join("upload.zip");
    fs::write(&path, bytes).unwrap();

    let found = look(&path);
    assert_eq!(format!("{found:?}"), format!("{:?}", look(&path)), "two looks, two answers");
    match &found {
        Ok(upload) => {
            // What names alone refuse, headers can't fix.
            open(Location::Zip(&path), &CASES, LIMITS).unwrap();
            read_all(upload);
        }
        Err(ArchiveError::Invalid(problems)) => {
            assert!(!problems.is_empty(), "refused without a reason");
            problems.iter().for_each(|problem| assert_readable(&explain::archive(problem)));
        }
        Err(ArchiveError::Io(error)) => panic!("the disk does not fail: {error}"),
    }
    let names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["upload.zip"], "something was written");
}

fn look(path: &Path) -> Result<Upload, ArchiveError> {
    preflight(Location::Zip(path), &CASES, LIMITS)
}

fn read_all(upload: &Upload) {
    assert_eq!(upload.files.len(), CASES.len());
    for (file, case) in upload.files.iter().zip(CASES) {
        assert_eq!(file.case, case.id);
        assert_eq!(file.geometry.as_ref().map(|geometry| geometry.shape), case.shape);
        match read_mask(file.source.as_ref(), file.format, case.shape) {
            Ok(read) => assert_whole(&read, SHAPE),
            Err(VolumeError::Invalid(issue)) => {
                assert_readable(&explain::volume(&file.name, file.format, &issue));
            }
            Err(VolumeError::Io(error)) => panic!("the disk does not fail: {error}"),
        }
    }
}
