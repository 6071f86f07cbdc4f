//! Uploads as people and their operating systems pack them, and as nobody should.

use std::fs;
use std::io::{Cursor, Write};

use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};
use tempfile::TempDir;

use super::*;
use crate::volume::{Mask, nrrd, read_mask};

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

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("upload.zip")
    }
}

fn cases<'a>(ids: &[&'a str]) -> Vec<ExpectedCase<'a>> {
    ids.iter().map(|id| ExpectedCase { id, shape: Some(SHAPE) }).collect()
}

/// Names of the accepted files, or what is wrong with which file.
fn check(bytes: &[u8], ids: &[&str]) -> Result<Vec<String>, Vec<(Option<String>, Fault)>> {
    check_within(bytes, ids, Limits::default())
}

fn check_within(
    bytes: &[u8],
    ids: &[&str],
    limits: Limits,
) -> Result<Vec<String>, Vec<(Option<String>, Fault)>> {
    let upload = Upload::of(bytes);
    match preflight(Location::Zip(&upload.path()), &cases(ids), limits) {
        Ok(upload) => Ok(upload.files.into_iter().map(|file| file.name).collect()),
        Err(ArchiveError::Invalid(problems)) => {
            Err(problems.into_iter().map(|problem| (problem.file, problem.fault)).collect())
        }
        Err(ArchiveError::Io(error)) => panic!("{error}"),
    }
}

fn missing(case: &str) -> (Option<String>, Fault) {
    (None, Fault::Missing { case: case.into(), counts_from_one: false })
}

fn unexpected(name: &str, why: Unexpected) -> (Option<String>, Fault) {
    (Some(name.into()), Fault::Unexpected(why))
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
fn one_folder_and_what_systems_leave_behind_are_taken_off() {
    let data = volume(0);
    let entries: Vec<(&str, &[u8])> = [
        "my results/",
        "my results/0.nrrd",
        "my results/1.nrrd",
        "my results/.DS_Store",
        "my results/thumbs.db",
        "my results/._1.nrrd",
        "__MACOSX/my results/._0.nrrd",
        "desktop.ini",
    ]
    .map(|name| (name, data.as_slice()))
    .to_vec();
    let names = ["my results/0.nrrd", "my results/1.nrrd"].map(String::from).to_vec();
    assert_eq!(check(&packed(&entries), &["0", "1"]), Ok(names));

    let windows = packed(&[("results\\0.nrrd", &data), ("results\\1.nrrd", &data)]);
    assert!(check(&windows, &["0", "1"]).is_ok());
    let dotted = packed(&[("./0.nrrd", &data), ("./1.nrrd", &data)]);
    assert!(check(&dotted, &["0", "1"]).is_ok());
}

#[test]
fn all_problems_are_told_at_once_in_order() {
    let data = volume(0);
    let zip = packed(&[
        ("zebra.txt", b"?"),
        ("3.nrrd", b"not a volume"),
        ("1.nrrd", &data),
        ("2.nrrd", &volume(0)[..60]),
        ("apple.nii.gz", b"?"),
        ("1.npz", b"?"),
    ]);
    let problems = check(&zip, &["0", "1", "2", "3"]).unwrap_err();
    let files: Vec<_> = problems.iter().map(|(file, _)| file.as_deref()).collect();
    assert_eq!(
        files,
        [
            None,
            Some("1.npz"),
            Some("2.nrrd"),
            Some("3.nrrd"),
            Some("apple.nii.gz"),
            Some("zebra.txt")
        ]
    );
    assert_eq!(problems[0], missing("0"));
    let both = vec!["1.nrrd".to_string(), "1.npz".to_string()];
    assert_eq!(problems[1].1, Fault::Duplicate { case: "1".into(), files: both });
    assert!(matches!(problems[2].1, Fault::Volume { defect: Defect::BadHeader { .. }, .. }));
    assert!(matches!(problems[3].1, Fault::Volume { defect: Defect::WrongFormat { .. }, .. }));
    assert_eq!(problems[4], unexpected("apple.nii.gz", Unexpected::OtherFormat("NIfTI (.nii.gz)")));
    assert_eq!(problems[5], unexpected("zebra.txt", Unexpected::NotACase));
}

#[test]
fn names_of_no_case_are_told_why() {
    let data = volume(0);
    for (name, why) in [
        ("results.csv", Unexpected::NotACase),
        ("7.nrrd", Unexpected::NotACase),
        ("case_0.nrrd", Unexpected::NotACase),
        ("0", Unexpected::NotACase),
        ("00.nrrd", Unexpected::LeadingZeros { case: "0".into() }),
        ("0001.npz", Unexpected::LeadingZeros { case: "1".into() }),
        ("more/0.nrrd", Unexpected::InAFolder),
        ("0.seg.nrrd", Unexpected::Segmentation),
        ("0.nhdr", Unexpected::OtherFormat("a detached NRRD header (.nhdr)")),
        ("0.mha", Unexpected::OtherFormat("MetaImage (.mha)")),
        ("0.nii", Unexpected::OtherFormat("NIfTI (.nii)")),
        ("0.npy", Unexpected::OtherFormat("a bare NumPy array (.npy)")),
        ("0.nrrd.gz", Unexpected::OtherFormat("a gzipped NRRD (.nrrd.gz)")),
        ("results.zip", Unexpected::Archive),
        ("results.tar.gz", Unexpected::Archive),
    ] {
        let zip = packed(&[("0.nrrd", &data), ("1.nrrd", &data), (name, &data)]);
        assert_eq!(check(&zip, &["0", "1"]), Err(vec![unexpected(name, why)]), "{name}");
    }
}

#[test]
fn files_that_count_from_one_are_told_so() {
    let data = volume(0);
    let zip = packed(&[("1.nrrd", &data), ("2.nrrd", &data), ("3.nrrd", &data)]);
    let missing = (None, Fault::Missing { case: "0".into(), counts_from_one: true });
    let expected = vec![missing, unexpected("3.nrrd", Unexpected::CountsFromOne)];
    assert_eq!(check(&zip, &["0", "1", "2"]), Err(expected));
}

#[test]
fn a_shape_of_another_case_is_refused_by_the_header() {
    let upload = Upload::of(&packed(&[("a.nrrd", &volume(0))]));
    let path = upload.path();
    let case = ExpectedCase { id: "a", shape: Some([2, 3, 4]) };
    let found = preflight(Location::Zip(&path), &[case], Limits::default());
    let Err(ArchiveError::Invalid(problems)) = found else { panic!("{found:?}") };
    let defect = Defect::WrongShape { expected: [2, 3, 4], found: SHAPE, cropped: false };
    assert_eq!(problems[0].fault, Fault::Volume { format: Format::Nrrd, defect });
}

#[test]
fn what_is_no_zip_is_named() {
    let whole = packed(&[("0.nrrd", &volume(0))]);
    let cases: [(&[u8], Fault); 6] = [
        (b"", Fault::NotAZip { looks_like: Some("an empty file") }),
        (b"Rar!\x1a\x07\x01\0", Fault::NotAZip { looks_like: Some("a RAR archive") }),
        (b"7z\xbc\xaf\x27\x1c", Fault::NotAZip { looks_like: Some("a 7z archive") }),
        (
            b"\x1f\x8b\x08",
            Fault::NotAZip { looks_like: Some("a gzip file (.gz, .tar.gz or .nii.gz)") },
        ),
        (&volume(0), Fault::NotAZip { looks_like: Some("an NRRD file") }),
        (&whole[..whole.len() - 10], Fault::DamagedZip),
    ];
    for (bytes, fault) in cases {
        assert_eq!(check(bytes, &["0"]), Err(vec![(None, fault)]));
    }
    assert_eq!(check(&packed(&[]), &["0"]), Err(vec![missing("0")]));
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let data = volume(0);
    for name in ["../0.nrrd", "a/../../0.nrrd", "/0.nrrd", "C:\\0.nrrd", "..\\0.nrrd"] {
        let zip = packed(&[("0.nrrd", &data), (name, &data)]);
        let shown = name.replace('\\', "/");
        assert_eq!(check(&zip, &["0"]), Err(vec![(Some(shown), Fault::UnsafePath)]));
    }
}

#[test]
fn links_are_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("0.nrrd", "/etc/passwd", options()).unwrap();
    let zip = writer.finish().unwrap().into_inner();
    assert_eq!(check(&zip, &["0"]), Err(vec![(Some("0.nrrd".into()), Fault::SymbolicLink)]));
}

/// Offset of the only central directory header.
fn central(zip: &[u8]) -> usize {
    zip.windows(4).position(|window| window == b"PK\x01\x02").unwrap()
}

#[test]
fn entries_that_can_not_be_read_are_refused_by_name() {
    let zip = packed(&[("0.nrrd", &volume(0))]);
    let at = central(&zip);
    let patched = |offset: usize, value: &[u8]| {
        let mut zip = zip.clone();
        zip[at + offset..at + offset + value.len()].copy_from_slice(value);
        check(&zip, &["0"]).unwrap_err()
    };
    let fault = |fault| vec![(Some("0.nrrd".to_string()), fault)];
    assert_eq!(patched(8, &[1]), fault(Fault::Encrypted));
    assert_eq!(patched(10, &[14, 0]), fault(Fault::UnsupportedCompression));
    // Where its own header would be; how many bytes it would have.
    assert_eq!(patched(42, &[9, 0, 0, 0]), fault(Fault::DamagedEntry));
    assert_eq!(patched(20, &[0xff, 0xff, 0xff, 0x7f]), fault(Fault::DamagedEntry));
    let limit = (2 << 20) + 24 * 32;
    assert_eq!(
        patched(24, &[0xff, 0xff, 0xff, 0x7f]),
        fault(Fault::FileTooLarge { found: 0x7fff_ffff, limit })
    );
}

#[test]
fn lengths_and_checksums_of_entries_are_held_to() {
    let file = volume(0);
    let zip = packed(&[("0.nrrd", &file)]);
    let at = central(&zip);
    for (offset, value) in
        [(16, 0xdead_beef), (24, file.len() as u32 - 1), (24, file.len() as u32 + 1)]
    {
        let mut zip = zip.clone();
        zip[at + offset..at + offset + 4].copy_from_slice(&value.to_le_bytes());
        let upload = Upload::of(&zip);
        let path = upload.path();
        let files = open(Location::Zip(&path), &cases(&["0"]), Limits::default()).unwrap().files;
        let error = read_mask(files[0].source.as_ref(), Format::Nrrd, None).unwrap_err();
        assert!(matches!(error, VolumeError::Invalid(Defect::DamagedEntry)), "{error}");
    }
}

#[test]
fn two_entries_of_one_name_are_both_named() {
    let data = volume(0);
    let mut zip = packed(&[("0.nrrd", &data), ("1.nrrd", &data)]);
    // Both copies of the second name, which the writer would not have taken.
    let places: Vec<_> =
        (0..zip.len() - 6).filter(|&at| zip[at..].starts_with(b"1.nrrd")).collect();
    places.iter().for_each(|&at| zip[at] = b'0');
    let files = vec!["0.nrrd".to_string(), "0.nrrd".to_string()];
    let fault = Fault::Duplicate { case: "0".into(), files };
    assert_eq!(check(&zip, &["0"]), Err(vec![(Some("0.nrrd".into()), fault)]));
}

#[test]
fn entries_that_share_bytes_are_refused() {
    let data = volume(0);
    let mut zip = packed(&[("0.nrrd", &data), ("1.nrrd", &data)]);
    let second = central(&zip) + 46 + "0.nrrd".len();
    assert!(zip[second..].starts_with(b"PK\x01\x02"));
    zip[second + 42..second + 46].copy_from_slice(&0u32.to_le_bytes());
    let expected = vec![(Some("1.nrrd".into()), Fault::Overlapping)];
    assert_eq!(check(&zip, &["0", "1"]), Err(expected));
}

#[test]
fn bounds_of_the_whole_archive_hold() {
    let data = volume(0);
    let zip = packed(&[("0.nrrd", &data), ("1.nrrd", &data)]);
    let found = check_within(&zip, &["0", "1"], Limits { entries: 1, total_bytes: u64::MAX });
    assert_eq!(found, Err(vec![(None, Fault::TooManyEntries { found: 2, limit: 1 })]));

    let total = 2 * data.len() as u64;
    let found = check_within(&zip, &["0", "1"], Limits { entries: 2, total_bytes: total - 1 });
    let fault = Fault::TooLarge { found: total, limit: total - 1 };
    assert_eq!(found, Err(vec![(None, fault)]));
    assert!(check_within(&zip, &["0", "1"], Limits { entries: 2, total_bytes: total }).is_ok());
}

#[test]
fn names_are_made_fit_for_display() {
    let long = "x".repeat(500);
    let zip = packed(&[("a\u{1b}[31m\u{202e}b.txt", b""), (long.as_str(), b"")]);
    let problems = check(&zip, &[]).unwrap_err();
    let names: Vec<_> = problems.into_iter().map(|(file, _)| file.unwrap()).collect();
    assert_eq!(names, ["a\u{fffd}[31m\u{fffd}b.txt".to_string(), "x".repeat(120) + "…"]);
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
        assert!(matches!(problems[0].fault, Fault::TooManyEntries { limit: 1, .. }));
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
    let files = [("0.nrrd".to_string(), std::path::PathBuf::from("/nonexistent/0.nrrd"))];
    let found = preflight(Location::Files(&files), &cases(&["0"]), Limits::default());
    assert!(matches!(found, Err(ArchiveError::Io(_))));
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
fn no_bytes_make_the_reader_panic() {
    let zip = packed(&[("0.nrrd", &volume(0)), ("a/1.npz", b"PK")]);
    for at in 0..zip.len() {
        let mut damaged = zip.clone();
        damaged[at] ^= 0xff;
        let upload = Upload::of(&damaged);
        let path = upload.path();
        if let Ok(upload) = preflight(Location::Zip(&path), &cases(&["0"]), Limits::default()) {
            for file in upload.files {
                let _ = read_mask(file.source.as_ref(), file.format, Some(SHAPE));
            }
        }
        let _ = check(&zip[..at], &["0"]);
    }
}
