//! Names: which belong to a case, and what is said of the others.

use super::*;

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
fn all_folders_around_all_files_are_taken_off() {
    let data = volume(0);
    let deep = packed(&[("out/preds/0.nrrd", &data), ("out/preds/1.nrrd", &data)]);
    assert!(check(&deep, &["0", "1"]).is_ok());
    let apart = packed(&[("out/a/0.nrrd", &data), ("out/b/1.nrrd", &data)]);
    let problems = check(&apart, &["0", "1"]).unwrap_err();
    assert!(problems.contains(&unexpected("out/a/0.nrrd", Unexpected::InAFolder)));
}

/// A zip of files with these names, in whatever encoding; they end with different six bytes.
fn named(names: &[Vec<u8>]) -> Vec<u8> {
    let ends = names.iter().map(|name| name.split_at(name.len() - 6));
    let places =
        ends.map(|(start, end)| format!("{}{}", "x".repeat(start.len()), end.escape_ascii()));
    let places: Vec<String> = places.collect();
    let data = volume(0);
    let entries: Vec<_> = places.iter().map(|place| (place.as_str(), data.as_slice())).collect();
    let mut zip = packed(&entries);
    for (name, place) in names.iter().zip(&places) {
        let found = zip.windows(place.len()).enumerate();
        let found = found.filter(|(_, bytes)| *bytes == place.as_bytes()).map(|(at, _)| at);
        for at in found.collect::<Vec<usize>>() {
            zip[at..at + name.len()].copy_from_slice(name);
        }
    }
    zip
}

#[test]
fn a_backslash_is_a_separator_only_where_it_is_no_part_of_a_character() {
    // 予測 in code page 932, 功 in Big5, 俓 in GBK: the second byte of the last character is a backslash's.
    for folder in [&b"\x90\xab\x94\x5c"[..], b"\xa5\x5c", b"\x82\x5c"] {
        for separator in [&b"/"[..], b"\\"] {
            let names = [&b"0.nrrd"[..], b"1.nrrd"].map(|name| [folder, separator, name].concat());
            assert!(check(&named(&names), &["0", "1"]).is_ok(), "{folder:x?}");
        }
    }
    let names = ["0.nrrd", "1.nrrd"].map(|name| format!("\u{e9}\\{name}").into_bytes());
    assert!(check(&named(&names), &["0", "1"]).is_ok());
}

#[test]
fn what_other_programs_put_up_with_is_no_damage() {
    let data = volume(0);
    let mut zip = packed(&[("0.nrrd", &data), ("1.nrrd", &data)]);
    // A comment of ten bytes of which three came.
    let end = zip.len() - 2;
    zip[end] = 10;
    zip.extend(b"abc");
    assert!(check(&zip, &["0", "1"]).is_ok());
    // Extra fields that end within their header, or within a field after a whole one.
    for extra in [&[1, 0, 0][..], &[0xfe, 0xca, 1, 0, 7, 0xfe, 0xca, 9, 0, 7]] {
        let mut zip = packed(&[("0.nrrd", &data), ("1.nrrd", &data)]);
        let at = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
        assert_eq!(zip[at + 30..at + 32], [0, 0]);
        zip[at + 30] = extra.len() as u8;
        let name_end = at + 46 + "0.nrrd".len();
        zip.splice(name_end..name_end, extra.iter().copied());
        let end = zip.len() - 22;
        zip[end + 12] += extra.len() as u8;
        assert!(check(&zip, &["0", "1"]).is_ok(), "{extra:?}");

        // The same in the last entry's own header.
        let mut zip = packed(&[("0.nrrd", &data), ("1.nrrd", &data)]);
        let at = zip.windows(4).rposition(|bytes| bytes == b"PK\x03\x04").unwrap();
        zip[at + 28] = extra.len() as u8;
        let name_end = at + 30 + "1.nrrd".len();
        zip.splice(name_end..name_end, extra.iter().copied());
        let place = zip.len() - 6;
        let moved =
            u32::from_le_bytes(zip[place..place + 4].try_into().unwrap()) + extra.len() as u32;
        zip[place..place + 4].copy_from_slice(&moved.to_le_bytes());
        assert!(check(&zip, &["0", "1"]).is_ok(), "{extra:?}");
    }
}

#[test]
fn all_problems_are_reported_at_once_in_order() {
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
    assert_eq!(problems[1].1, ArchiveIssue::Duplicate { case: "1".into(), files: both });
    assert!(matches!(
        problems[2].1,
        ArchiveIssue::Volume { issue: VolumeIssue::BadHeader { .. }, .. }
    ));
    assert!(matches!(
        problems[3].1,
        ArchiveIssue::Volume { issue: VolumeIssue::WrongFormat { .. }, .. }
    ));
    assert_eq!(problems[4], unexpected("apple.nii.gz", Unexpected::OtherFormat("NIfTI (.nii.gz)")));
    assert_eq!(problems[5], unexpected("zebra.txt", Unexpected::NotACase));
}

#[test]
fn names_of_no_case_are_refused_with_the_reason() {
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

/// No file for case 0, in an upload that counts from one.
fn no_zero() -> (Option<String>, ArchiveIssue) {
    (None, ArchiveIssue::Missing { case: "0".into(), counts_from_one: true })
}

fn one_less(name: &str, case: &str) -> (Option<String>, ArchiveIssue) {
    unexpected(name, Unexpected::CountsFromOne { case: case.into() })
}

#[test]
fn files_that_count_from_one_are_named_as_such() {
    let data = volume(0);
    let zip = packed(&[("1.nrrd", &data), ("2.nrrd", &data), ("3.nrrd", &data)]);
    let each = [("1.nrrd", "0"), ("2.nrrd", "1"), ("3.nrrd", "2")];
    let expected = [no_zero()].into_iter().chain(each.map(|(name, case)| one_less(name, case)));
    assert_eq!(check(&zip, &["0", "1", "2"]), Err(expected.collect()));
}

#[test]
fn files_that_count_from_one_may_have_leading_zeros() {
    let data = volume(0);
    let zip = packed(&[("01.nrrd", &data), ("02.nrrd", &data)]);
    let expected =
        vec![no_zero(), missing("1"), one_less("01.nrrd", "0"), one_less("02.nrrd", "1")];
    assert_eq!(check(&zip, &["0", "1"]), Err(expected));
    // Here case 0 has one, and the last file is of no case.
    let zip = packed(&[("00.nrrd", &data), ("1.nrrd", &data), ("2.nrrd", &data)]);
    let zeros = Unexpected::LeadingZeros { case: "0".into() };
    let stranger = unexpected("2.nrrd", Unexpected::NotACase);
    let expected = vec![missing("0"), unexpected("00.nrrd", zeros), stranger];
    assert_eq!(check(&zip, &["0", "1"]), Err(expected));
}

/// What is wrong with these files where case n is n + 4 voxels wide.
fn of_widening_cases(files: &[(&str, usize)]) -> Vec<(Option<String>, ArchiveIssue)> {
    let of_width = |width: usize| {
        let mask = Mask::empty([width, 3, 2]).unwrap();
        let mut file = Vec::new();
        let geometry = Geometry::of_shape(mask.shape());
        nrrd::write_mask(&mut file, &mask, &geometry, nrrd::Encoding::Gzip(6)).unwrap();
        file
    };
    let files: Vec<_> = files.iter().map(|&(name, width)| (name, of_width(width))).collect();
    let entries: Vec<_> = files.iter().map(|(name, data)| (*name, data.as_slice())).collect();
    let upload = Upload::of(&packed(&entries));
    let ids = ["0", "1", "2"].into_iter().enumerate();
    let cases = ids.map(|(at, id)| ExpectedCase { id, shape: Some([at + 4, 3, 2]) });
    let cases: Vec<_> = cases.collect();
    match preflight(Location::Zip(&upload.path()), &cases, Limits::default()) {
        Err(ArchiveError::Invalid(problems)) => {
            problems.into_iter().map(|problem| (problem.file, problem.issue)).collect()
        }
        found => panic!("{found:?}"),
    }
}

#[test]
fn a_file_that_counts_from_one_has_the_shape_of_the_case_that_is_meant() {
    let shifted = [("1.nrrd", 4), ("2.nrrd", 5), ("3.nrrd", 6)];
    let each = [("1.nrrd", "0"), ("2.nrrd", "1"), ("3.nrrd", "2")];
    let each = each.map(|(name, case)| one_less(name, case));
    let expected: Vec<_> = [no_zero()].into_iter().chain(each.clone()).collect();
    assert_eq!(of_widening_cases(&shifted), expected);

    let wrong = [("1.nrrd", 4), ("2.nrrd", 9), ("3.nrrd", 6)];
    let issue = VolumeIssue::WrongShape { expected: [5, 3, 2], found: [9, 3, 2], cropped: false };
    let issue = ArchiveIssue::Volume { format: Format::Nrrd, issue };
    let [one, two, three] = each;
    let expected = vec![no_zero(), one, two, (Some("2.nrrd".into()), issue), three];
    assert_eq!(of_widening_cases(&wrong), expected);
}

#[test]
fn a_shape_that_only_its_own_case_has_shows_that_files_count_from_zero() {
    let found = of_widening_cases(&[("1.nrrd", 5), ("2.nrrd", 6), ("3.nrrd", 4)]);
    assert_eq!(found, [missing("0"), unexpected("3.nrrd", Unexpected::NotACase)]);
}

#[test]
fn a_shape_of_another_case_is_refused_by_the_header() {
    let upload = Upload::of(&packed(&[("a.nrrd", &volume(0))]));
    let path = upload.path();
    let case = ExpectedCase { id: "a", shape: Some([2, 3, 4]) };
    let found = preflight(Location::Zip(&path), &[case], Limits::default());
    let Err(ArchiveError::Invalid(problems)) = found else { panic!("{found:?}") };
    let issue = VolumeIssue::WrongShape { expected: [2, 3, 4], found: SHAPE, cropped: false };
    assert_eq!(problems[0].issue, ArchiveIssue::Volume { format: Format::Nrrd, issue });
}

#[test]
fn names_are_made_fit_for_display() {
    let long = "x".repeat(500);
    let zip = packed(&[("", b""), ("a\u{1b}[31m\u{202e}b.txt", b""), (long.as_str(), b"")]);
    let problems = check(&zip, &[]).unwrap_err();
    let names: Vec<_> = problems.into_iter().map(|(file, _)| file.unwrap()).collect();
    let shown = ["(no name)".into(), "a\u{fffd}[31m\u{fffd}b.txt".into(), "x".repeat(120) + "…"];
    assert_eq!(names, shown);
}

#[test]
fn masks_of_a_dataset_lie_beside_each_other_and_its_other_folders_are_left_alone() {
    const LAYOUT: Layout<'_> = Layout { masks: "Masks", others: &["Images", "Reports"] };
    let data = volume(0);
    let cases = ["a", "b"].map(|id| ExpectedCase { id, shape: None });
    let sorted = |names: &[&str]| {
        let entries: Vec<_> = names.iter().map(|&name| (name, data.as_slice())).collect();
        let zip = packed(&entries);
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), zip).unwrap();
        let contents = Contents::list(Location::Zip(file.path()), Limits::default()).unwrap();
        let mut contents = contents.arranged(&LAYOUT);
        let list = contents.take("list.json").is_some();
        let (files, problems) = contents.by_case(&cases, Limits::default());
        let names = files.into_iter().flatten().map(|file| file.name).collect::<Vec<_>>();
        let strange = problems.into_iter().filter_map(|problem| problem.file).collect::<Vec<_>>();
        (names, strange, list)
    };
    let strings = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();

    for around in ["", "set/", "deep/set/"] {
        let named = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| format!("{around}{name}")).collect()
        };
        let names = named(&[
            "list.json",
            "one/Masks/a.nrrd",
            "two/masks/b.nrrd",
            "one/Images/a.nrrd",
            "two/images/x/b.nrrd",
            "one/Reports/a.pdf",
            "notes.txt",
        ]);
        let found = sorted(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let expected =
            (named(&["one/Masks/a.nrrd", "two/masks/b.nrrd"]), named(&["notes.txt"]), true);
        assert_eq!(found, expected);
    }
    // In one folder, with its images: all masks are in a folder of that name.
    let found = sorted(&["Masks/a.nrrd", "Masks/b.nrrd", "Images/a.nrrd"]);
    assert_eq!(found, (strings(&["Masks/a.nrrd", "Masks/b.nrrd"]), vec![], false));
    // The same name in two of them is a file too many.
    let (names, strange, _) = sorted(&["one/Masks/a.nrrd", "two/Masks/a.nrrd", "one/Masks/b.nrrd"]);
    assert_eq!((names.len(), strange.len()), (1, 1));
    // Without such a folder nothing is left out.
    let (names, strange, _) = sorted(&["Images/a.nrrd", "Images/b.nrrd", "c/x.nrrd"]);
    assert_eq!((names.len(), strange.len()), (0, 3));
}
