//! Archives that are damaged or mean harm.

use super::*;
use crate::VolumeError;

#[test]
fn what_is_no_zip_is_named() {
    let whole = packed(&[("0.nrrd", &volume(0))]);
    let cases: [(&[u8], ArchiveIssue); 6] = [
        (b"", ArchiveIssue::NotAZip { looks_like: Some("an empty file") }),
        (b"Rar!\x1a\x07\x01\0", ArchiveIssue::NotAZip { looks_like: Some("a RAR archive") }),
        (b"7z\xbc\xaf\x27\x1c", ArchiveIssue::NotAZip { looks_like: Some("a 7z archive") }),
        (
            b"\x1f\x8b\x08",
            ArchiveIssue::NotAZip { looks_like: Some("a gzip file (.gz, .tar.gz or .nii.gz)") },
        ),
        (&volume(0), ArchiveIssue::NotAZip { looks_like: Some("an NRRD file") }),
        (&whole[..whole.len() - 10], ArchiveIssue::DamagedZip),
    ];
    for (bytes, issue) in cases {
        assert_eq!(check(bytes, &["0"]), Err(vec![(None, issue)]));
    }
    assert_eq!(check(&packed(&[]), &["0"]), Err(vec![missing("0")]));
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let data = volume(0);
    for name in ["../0.nrrd", "a/../../0.nrrd", "/0.nrrd", "C:\\0.nrrd", "..\\0.nrrd"] {
        let zip = packed(&[("0.nrrd", &data), (name, &data)]);
        let shown = name.replace('\\', "/");
        assert_eq!(check(&zip, &["0"]), Err(vec![(Some(shown), ArchiveIssue::UnsafePath)]));
    }
}

#[test]
fn links_are_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("0.nrrd", "/etc/passwd", options()).unwrap();
    let zip = writer.finish().unwrap().into_inner();
    assert_eq!(check(&zip, &["0"]), Err(vec![(Some("0.nrrd".into()), ArchiveIssue::SymbolicLink)]));
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
    let issue = |issue| vec![(Some("0.nrrd".to_string()), issue)];
    assert_eq!(patched(8, &[1]), issue(ArchiveIssue::Encrypted));
    assert_eq!(patched(10, &[14, 0]), issue(ArchiveIssue::UnsupportedCompression));
    // Where its own header would be; how many bytes it would have.
    assert_eq!(patched(42, &[9, 0, 0, 0]), issue(ArchiveIssue::DamagedEntry));
    assert_eq!(patched(20, &[0xff, 0xff, 0xff, 0x7f]), issue(ArchiveIssue::DamagedEntry));
    let limit = (2 << 20) + 24 * 32;
    assert_eq!(
        patched(24, &[0xff, 0xff, 0xff, 0x7f]),
        issue(ArchiveIssue::FileTooLarge { found: 0x7fff_ffff, limit })
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
        assert!(matches!(error, VolumeError::Invalid(VolumeIssue::DamagedEntry)), "{error}");
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
    let issue = ArchiveIssue::Duplicate { case: "0".into(), files };
    assert_eq!(check(&zip, &["0"]), Err(vec![(Some("0.nrrd".into()), issue)]));
}

#[test]
fn entries_that_share_bytes_are_refused() {
    let data = volume(0);
    let mut zip = packed(&[("0.nrrd", &data), ("1.nrrd", &data)]);
    let second = central(&zip) + 46 + "0.nrrd".len();
    assert!(zip[second..].starts_with(b"PK\x01\x02"));
    zip[second + 42..second + 46].copy_from_slice(&0u32.to_le_bytes());
    let expected = vec![(Some("1.nrrd".into()), ArchiveIssue::Overlapping)];
    assert_eq!(check(&zip, &["0", "1"]), Err(expected));
}

#[test]
fn bounds_of_the_whole_archive_hold() {
    let data = volume(0);
    let zip = packed(&[("0.nrrd", &data), ("1.nrrd", &data)]);
    let found = check_within(&zip, &["0", "1"], Limits { entries: 1, total_bytes: u64::MAX });
    assert_eq!(found, Err(vec![(None, ArchiveIssue::TooManyEntries { found: 2, limit: 1 })]));

    let total = 2 * data.len() as u64;
    let found = check_within(&zip, &["0", "1"], Limits { entries: 2, total_bytes: total - 1 });
    let issue = ArchiveIssue::TooLarge { found: total, limit: total - 1 };
    assert_eq!(found, Err(vec![(None, issue)]));
    assert!(check_within(&zip, &["0", "1"], Limits { entries: 2, total_bytes: total }).is_ok());
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
