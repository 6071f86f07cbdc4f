use super::super::{Code, Problem};
use super::*;
use segmentation::archive::{ArchiveIssue, ArchiveProblem, Unexpected};
use segmentation::{FirstAxis, Format, VolumeIssue};

fn of(issue: ArchiveIssue) -> Problem {
    archive(&ArchiveProblem { file: Some("7.nrrd".into()), issue })
}

#[test]
fn every_fault_of_an_upload_has_a_code_of_its_own_and_words() {
    let text = String::new;
    let issues = [
        (ArchiveIssue::NotAZip { looks_like: None }, "archive.not_a_zip"),
        (ArchiveIssue::DamagedZip, "archive.damaged"),
        (ArchiveIssue::TooManyEntries { found: 2, limit: 1 }, "archive.too_many_entries"),
        (ArchiveIssue::TooLarge { found: 2, limit: 1 }, "archive.unpacked_too_large"),
        (ArchiveIssue::Missing { case: text(), counts_from_one: false }, "case.missing"),
        (ArchiveIssue::Duplicate { case: text(), files: vec!["7.npz".into()] }, "case.duplicate"),
        (ArchiveIssue::Unexpected(Unexpected::NotACase), "case.unexpected"),
        (ArchiveIssue::Unexpected(Unexpected::CountsFromOne { case: text() }), "case.unexpected"),
        (ArchiveIssue::Unexpected(Unexpected::LeadingZeros { case: text() }), "case.unexpected"),
        (ArchiveIssue::Unexpected(Unexpected::InAFolder), "case.unexpected"),
        (ArchiveIssue::Unexpected(Unexpected::OtherFormat("NIfTI")), "case.unexpected"),
        (ArchiveIssue::Unexpected(Unexpected::Segmentation), "case.unexpected"),
        (ArchiveIssue::Unexpected(Unexpected::Archive), "case.unexpected"),
        (ArchiveIssue::UnsafePath, "archive.unsafe_path"),
        (ArchiveIssue::SymbolicLink, "archive.symbolic_link"),
        (ArchiveIssue::Encrypted, "archive.encrypted"),
        (ArchiveIssue::UnsupportedCompression, "archive.unsupported_compression"),
        (ArchiveIssue::DamagedEntry, "archive.damaged_entry"),
        (ArchiveIssue::Overlapping, "archive.overlapping_entries"),
        (ArchiveIssue::FileTooLarge { found: 2, limit: 1 }, "case.file_too_large"),
        (ArchiveIssue::Volume { format: Format::Npz, issue: VolumeIssue::TooLong }, "npz.too_long"),
    ];
    for (issue, code) in issues {
        let problem = of(issue);
        assert_eq!(problem.code.as_str(), code);
        assert_eq!(problem.file.as_deref(), Some("7.nrrd"));
        has_words(&problem);
    }
}

#[test]
fn every_defect_of_a_volume_has_a_code_of_its_format_and_words() {
    let text = || "something".to_string();
    let (expected, found) = (9, 3);
    let shapes = ([1, 2, 3], [4, 5, 6]);
    let issues = [
        (VolumeIssue::WrongFormat { looks_like: None }, "nrrd.not_nrrd", "npz.not_npz"),
        (VolumeIssue::HeaderTooLong, "nrrd.bad_header", "npz.bad_header"),
        (
            VolumeIssue::BadHeader { field: text(), reason: text() },
            "nrrd.bad_header",
            "npz.bad_header",
        ),
        (VolumeIssue::MissingField("endian"), "nrrd.bad_header", "npz.bad_header"),
        (VolumeIssue::DuplicateField(text()), "nrrd.bad_header", "npz.bad_header"),
        (VolumeIssue::UnsupportedType(text()), "nrrd.unsupported_type", "npz.unsupported_type"),
        (
            VolumeIssue::NotThreeDimensional { axes: 2, first: FirstAxis::Space },
            "volume.not_3d",
            "volume.not_3d",
        ),
        (VolumeIssue::BadSizes(text()), "volume.bad_sizes", "volume.bad_sizes"),
        (
            VolumeIssue::WrongShape { expected: shapes.0, found: shapes.1, cropped: false },
            "volume.wrong_shape",
            "volume.wrong_shape",
        ),
        (VolumeIssue::Truncated { expected, found }, "nrrd.truncated", "npz.truncated"),
        (VolumeIssue::TooLong, "nrrd.too_long", "npz.too_long"),
        (VolumeIssue::Corrupt, "nrrd.corrupt", "npz.corrupt"),
        (VolumeIssue::DamagedEntry, "archive.damaged_entry", "npz.corrupt"),
        // What only one of the formats can suffer.
        (VolumeIssue::ByteOrderMark, "nrrd.byte_order_mark", ""),
        (VolumeIssue::DataFile, "nrrd.data_file", ""),
        (VolumeIssue::UnsupportedEncoding(text()), "nrrd.unsupported_encoding", ""),
        (VolumeIssue::BadValue(text()), "nrrd.bad_value", ""),
        (VolumeIssue::NotOneArray { entries: 2, arrays: 2 }, "", "npz.not_one_array"),
    ];
    for (issue, nrrd, npz) in issues {
        for (format, code) in [(Format::Nrrd, nrrd), (Format::Npz, npz)] {
            if !code.is_empty() {
                let problem = volume("7.nrrd", format, &issue);
                assert_eq!(problem.code.as_str(), code);
                assert_eq!(problem.file.as_deref(), Some("7.nrrd"));
                has_words(&problem);
            }
        }
    }
}

#[track_caller]
fn has_words(problem: &Problem) {
    for words in [&problem.expected, &problem.found, &problem.hint] {
        assert!(!words.is_empty() && words.len() < 400, "{problem:?}");
        assert!(!words.contains("  "), "a broken line left its indent: {words:?}");
    }
    assert!(problem.hint.ends_with(['.', '`']), "{problem:?}");
}

#[test]
fn hints_fit_what_was_met() {
    let wrong_shape = |found, cropped| {
        let issue = VolumeIssue::WrongShape { expected: [512, 400, 230], found, cropped };
        volume("0.nrrd", Format::Nrrd, &issue)
    };
    let reversed = wrong_shape([230, 400, 512], false);
    assert_eq!(reversed.expected, "512 x 400 x 230");
    assert_eq!(reversed.found, "230 x 400 x 512");
    assert!(reversed.hint.contains("transpose(2, 1, 0)"));
    assert!(wrong_shape([90, 80, 70], true).hint.contains("reference volume"));
    assert!(wrong_shape([90, 80, 70], false).hint.contains("Resample"));

    let layered = VolumeIssue::NotThreeDimensional { axes: 4, first: FirstAxis::Segments };
    assert!(volume("0.nrrd", Format::Nrrd, &layered).hint.contains("3D Slicer"));
    let from_one = of(ArchiveIssue::Missing { case: "0".into(), counts_from_one: true });
    assert!(from_one.hint.contains("start at 0"));
    let large = of(ArchiveIssue::FileTooLarge { found: 3 << 29, limit: 1000 });
    assert_eq!((large.expected.as_str(), large.found.as_str()), ("at most 1000 bytes", "1.5 GiB"));
}

#[test]
fn a_problem_says_nothing_where_nothing_was_found() {
    let blank = VolumeIssue::UnsupportedType(String::new());
    assert_eq!(volume("0.nrrd", Format::Nrrd, &blank).found, "nothing");
}

#[test]
fn codes_are_unique_and_round_trip() {
    for (at, code) in Code::ALL.iter().enumerate() {
        assert!(!Code::ALL[..at].iter().any(|other| other.as_str() == code.as_str()), "{code}");
        let json = serde_json::to_string(code).unwrap();
        assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), *code);
    }
}
