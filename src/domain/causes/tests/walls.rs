//! Walls of problems with few causes.

use super::*;

fn of_format(ending: &str, name: &'static str) -> Vec<Problem> {
    let file = |case: u32| unexpected(format!("{case}.{ending}"), Unexpected::OtherFormat(name));
    (0..20).map(missing).chain((0..20).map(file)).collect()
}

#[test]
fn twenty_files_of_a_wrong_format_are_one_cause_of_twenty_cases_without_a_file() {
    let cause = the_one(&of_format("nii.gz", "NIfTI (.nii.gz)"));
    assert_eq!(cause.title, "20 files are NIfTI (.nii.gz).");
    assert_eq!(
        cause.advice(),
        "Expected <case id>.nrrd or <case id>.npz, one for each case; found NIfTI (.nii.gz). Convert each to NRRD, \
         for instance with SimpleITK: `sitk.WriteImage(sitk.ReadImage(\"0.nii.gz\"), \"0.nrrd\", True)`."
    );
    assert_eq!(cause.consequence().unwrap(), "So 20 cases have no file: 0 to 19.");
    let files: Vec<String> = (0..20).map(|case| format!("{case}.nii.gz")).collect();
    assert_eq!((&cause.files, cause.listed()), (&files, files.clone()));
    assert_eq!(
        serde_json::to_value(&cause).unwrap(),
        serde_json::json!({
            "code": "case.unexpected",
            "title": "20 files are NIfTI (.nii.gz).",
            "hint": "Convert each to NRRD, for instance with SimpleITK: \
                     `sitk.WriteImage(sitk.ReadImage(\"0.nii.gz\"), \"0.nrrd\", True)`.",
            "files": files,
        })
    );
    let cause = the_one(&of_format("mha", "MetaImage (.mha)"));
    assert_eq!(cause.title, "20 files are MetaImage (.mha).");
    assert!(cause.hint.starts_with("Convert each to NRRD, "), "{}", cause.hint);
}

#[test]
fn files_that_count_from_one_are_one_cause() {
    let one_less = |number: u32| {
        let case = (number - 1).to_string();
        unexpected(format!("{number}.nrrd"), Unexpected::CountsFromOne { case })
    };
    let zero = ArchiveIssue::Missing { case: "0".into(), counts_from_one: true };
    let problems: Vec<Problem> =
        [problem(None, zero.clone())].into_iter().chain((1..=20).map(one_less)).collect();
    let expected = (
        "20 files are named 1 to 20; case numbers start at 0.",
        "Found a number one higher. Case numbers start at 0, and your files seem to start at 1. Rename each to one less: \
         1.nrrd becomes 0.nrrd.",
        "1.nrrd: expected 0.nrrd or 0.npz",
        "So case 0 has no file.",
    );
    let (title, advice, lines, first, consequence) = read(&the_one(&problems));
    assert_eq!((&*title, &*advice, &*first, &*consequence), expected);
    assert_eq!(lines, 20);

    // With leading zeros no case has a file. A file too few is a problem of its own.
    let padded = |number: u32| {
        let case = (number - 1).to_string();
        unexpected(format!("{number:03}.nrrd"), Unexpected::CountsFromOne { case })
    };
    let problems: Vec<Problem> = [problem(None, zero.clone())]
        .into_iter()
        .chain((1..20).map(missing))
        .chain((1..=20).map(padded))
        .collect();
    let cause = the_one(&problems);
    assert_eq!(cause.title, "20 files are named 001 to 020; case numbers start at 0.");
    assert_eq!(cause.consequence().unwrap(), "So 20 cases have no file: 0 to 19.");
    let problems: Vec<Problem> = [problem(None, zero), missing(6)]
        .into_iter()
        .chain((1..=20).filter(|&number| number != 6).map(one_less))
        .collect();
    let expected = ["19 files are named 1 to 20; case numbers start at 0.", "A case has no file."];
    assert_eq!(titles(&problems), expected);
}

#[test]
fn leading_zeros_are_one_cause() {
    let zeros = |case: u32| {
        let why = Unexpected::LeadingZeros { case: case.to_string() };
        unexpected(format!("0{case}.nrrd"), why)
    };
    let problems: Vec<Problem> = (0..10).map(missing).chain((0..10).map(zeros)).collect();
    let (title, advice, _, first, consequence) = read(&the_one(&problems));
    assert_eq!(title, "10 files have leading zeros in their names.");
    assert_eq!(
        advice,
        "Expected <case id>.nrrd or <case id>.npz, one for each case; found a number with leading zeros. Name each without \
         leading zeros: 00.nrrd becomes 0.nrrd."
    );
    assert_eq!((&*first, &*consequence), ("00.nrrd", "So 10 cases have no file: 0 to 9."));
}

#[test]
fn a_single_bad_file_is_told_of_as_precisely_as_its_problem() {
    let bad = shape("7.nrrd", [512, 400, 230], [90, 80, 70]);
    let cause = the_one(std::slice::from_ref(&bad));
    let hint = "Resample or pad the segmentation to the voxel grid of the case's CT, and check that it belongs to this case.";
    let expected = (
        "7.nrrd: A segmentation has another shape than its case.".to_owned(),
        format!("Expected 512 x 400 x 230; found 90 x 80 x 70. {hint}"),
        0,
        String::new(),
        String::new(),
    );
    assert_eq!(read(&cause), expected);
    assert_eq!((cause.hint, cause.files), (bad.hint, vec!["7.nrrd".to_owned()]));

    let renamed = [missing(7), unexpected("7.mha", Unexpected::OtherFormat("MetaImage (.mha)"))];
    let cause = the_one(&renamed);
    assert_eq!(cause.title, "A file belongs to no case.");
    assert_eq!(cause.hint, renamed[1].hint);
    assert_eq!(cause.consequence().unwrap(), "So case 7 has no file.");
}

#[test]
fn different_faults_are_different_causes_the_most_fundamental_first() {
    let problems: Vec<Problem> = [shape("3.nrrd", [4, 3, 2], [2, 3, 4]), missing(5), missing(9)]
        .into_iter()
        .chain((10..20).map(|case| empty(format!("{case}.nrrd"), None, false)))
        .chain([
            unexpected("notes.txt", Unexpected::NotACase),
            unexpected("5.nii.gz", Unexpected::OtherFormat("NIfTI (.nii.gz)")),
            problem(Some("8.nrrd"), ArchiveIssue::DamagedEntry),
        ])
        .collect();
    let expected = [
        "A file in the archive is damaged.",
        "A file belongs to no case.",
        "A case has no file.",
        "A file belongs to no case.",
        "A segmentation has another shape than its case.",
        "10 segmentations hold nothing but 0.",
    ];
    assert_eq!(titles(&problems), expected);
    let causes = causes(&problems);
    let followed: Vec<_> = causes.iter().filter_map(Cause::consequence).collect();
    assert_eq!(followed, ["So case 5 has no file."]);
    assert_eq!([causes[1].file(), causes[3].file()], [Some("5.nii.gz"), Some("notes.txt")]);
}

#[test]
fn a_case_without_a_file_follows_only_from_files_that_may_be_its_own() {
    let stray = |name| unexpected(name, Unexpected::NotACase);
    let archive = unexpected("results.zip", Unexpected::Archive);
    let climbs = problem(Some("../7.nrrd"), ArchiveIssue::UnsafePath);
    let mha = |name| unexpected(name, Unexpected::OtherFormat("MetaImage (.mha)"));
    for (strays, cases, causes) in [
        (vec![stray("notes.txt")], vec![7], 2),
        (vec![stray("notes 7.txt")], vec![7], 2),
        (vec![stray("7.png")], vec![7], 1),
        (vec![stray("case_007.nrrd")], vec![7], 1),
        (vec![stray("seven.nrrd")], vec![7], 1),
        (vec![stray("seven.nrrd")], vec![7, 8], 2),
        (vec![mha("a.mha"), mha("b.mha")], vec![7, 8], 1),
        // Which of them is for which case nobody knows.
        (vec![mha("a.mha"), stray("b.nrrd")], vec![7, 8], 3),
        (vec![mha("7.mha"), stray("b.nrrd")], vec![7, 8], 2),
        (vec![archive.clone()], vec![7, 8], 1),
        (vec![archive.clone()], vec![7], 2),
        (vec![climbs], vec![7], 1),
        (vec![shape("3.nrrd", [4, 3, 2], [2, 3, 4])], vec![7], 2),
    ] {
        let problems: Vec<Problem> =
            strays.into_iter().chain(cases.into_iter().map(missing)).collect();
        assert_eq!(super::causes(&problems).len(), causes, "{problems:#?}");
    }
}

#[test]
fn cases_for_which_nothing_came_are_told_of_together() {
    let (title, advice, lines, ..) = read(&the_one(&[2, 3, 4, 10, 12].map(missing)));
    assert_eq!(title, "5 cases have no file.");
    assert_eq!(
        advice,
        "Expected a file for each of the cases 2 to 4, 10 and 12; found none. Add the files. Every case needs exactly one, \
         named by its id."
    );
    assert_eq!(lines, 0);
}

#[test]
fn each_file_says_for_itself_what_is_not_alike() {
    let problems: Vec<Problem> = (0..20)
        .map(|case| shape(format!("{case}.nrrd"), [9, 8, case + 1], [case + 1, 8, 9]))
        .collect();
    let (title, advice, lines, first, _) = read(&the_one(&problems));
    assert_eq!(title, "20 segmentations have the axes of their cases in reverse order.");
    assert!(
        advice.starts_with("The shapes fit when reversed: transpose each array to"),
        "{advice}"
    );
    assert_eq!((lines, &*first), (20, "0.nrrd: expected 9 x 8 x 1; found 1 x 8 x 9"));
    let problems: Vec<Problem> =
        (0..20).map(|case| empty(format!("{case}.nrrd"), Some(0.25), case == 0)).collect();
    let (title, advice, ..) = read(&the_one(&problems));
    assert_eq!(title, "20 segmentations have no value above 0.5.");
    let expected = "Expected at least one voxel with a value above 0.5; found none, though values other than 0 occur, \
                    for instance 0.25. All values are at most 0.5";
    assert!(advice.starts_with(expected), "{advice}");
}

#[test]
fn the_problems_of_a_form_stay_apart_and_in_their_order() {
    let wrong = |expected: &str| {
        Problem::new(Code::FieldInvalid, expected, "none", "Fill it in and submit again.")
    };
    let problems = [wrong("a title"), wrong("a date"), wrong("a name")];
    let advice: Vec<String> = causes(&problems).iter().map(Cause::advice).collect();
    let expected = ["a title", "a date", "a name"]
        .map(|what| format!("Expected {what}; found none. Fill it in and submit again."));
    assert_eq!(advice, expected);
}

#[test]
fn every_kind_of_mistake_is_counted_in_words_of_its_own() {
    let text = || "something".to_owned();
    let with_files =
        |issue: ArchiveIssue| ["0.nrrd", "1.nrrd"].map(|file| problem(Some(file), issue.clone()));
    let of_volume = |issue| ArchiveIssue::Volume { format: Format::Nrrd, issue };
    let of_npz = |issue| ArchiveIssue::Volume { format: Format::Npz, issue };
    let like = |looks_like| VolumeIssue::WrongFormat { looks_like: Some(looks_like) };
    let axes = |first| VolumeIssue::NotThreeDimensional { axes: 4, first };
    let cut = VolumeIssue::WrongShape { expected: [4, 3, 2], found: [2, 2, 2], cropped: true };
    let other = VolumeIssue::WrongShape { expected: [4, 3, 2], found: [2, 2, 2], cropped: false };
    let files = vec!["0.npz".to_owned(), "0.nrrd".to_owned()];
    let mut told = String::new();
    for issue in [
        ArchiveIssue::UnsafePath,
        ArchiveIssue::SymbolicLink,
        ArchiveIssue::Encrypted,
        ArchiveIssue::UnsupportedCompression,
        ArchiveIssue::DamagedEntry,
        ArchiveIssue::Overlapping,
        ArchiveIssue::Unexpected(Unexpected::NotACase),
        ArchiveIssue::Unexpected(Unexpected::InAFolder),
        ArchiveIssue::Unexpected(Unexpected::Archive),
        ArchiveIssue::Unexpected(Unexpected::Segmentation),
        ArchiveIssue::Unexpected(Unexpected::OtherFormat("a bare NumPy array (.npy)")),
        ArchiveIssue::Unexpected(Unexpected::OtherFormat("MATLAB (.mat)")),
        ArchiveIssue::Unexpected(Unexpected::OtherFormat("a detached NRRD header (.nhdr)")),
        ArchiveIssue::Unexpected(Unexpected::OtherFormat("a gzipped NRRD (.nrrd.gz)")),
        ArchiveIssue::Duplicate { case: "0".into(), files },
        ArchiveIssue::FileTooLarge { found: 2, limit: 1 },
        of_volume(like("an empty file")),
        of_volume(like("a gzip file (.gz, .tar.gz or .nii.gz)")),
        of_volume(VolumeIssue::WrongFormat { looks_like: None }),
        of_volume(VolumeIssue::ByteOrderMark),
        of_volume(VolumeIssue::MissingField("endian")),
        of_volume(VolumeIssue::HeaderTooLong),
        of_volume(VolumeIssue::DataFile),
        of_volume(VolumeIssue::UnsupportedType(text())),
        of_volume(VolumeIssue::UnsupportedEncoding(text())),
        of_volume(VolumeIssue::Truncated { expected: 2, found: 1 }),
        of_volume(VolumeIssue::TooLong),
        of_volume(VolumeIssue::Corrupt),
        of_volume(VolumeIssue::BadValue(text())),
        of_npz(like("an NRRD file")),
        of_npz(VolumeIssue::NotOneArray { entries: 2, arrays: 2 }),
        of_npz(VolumeIssue::HeaderTooLong),
        of_npz(VolumeIssue::UnsupportedType(text())),
        of_npz(VolumeIssue::Truncated { expected: 2, found: 1 }),
        of_npz(VolumeIssue::TooLong),
        of_npz(VolumeIssue::Corrupt),
        of_npz(VolumeIssue::DamagedEntry),
        of_volume(axes(FirstAxis::Segments)),
        of_volume(VolumeIssue::BadSizes(text())),
        of_volume(cut),
        of_volume(other),
    ] {
        let cause = the_one(&with_files(issue));
        told += &format!("{}\n{}\n\n", cause.title, cause.hint);
    }
    insta::assert_snapshot!(told);
}
