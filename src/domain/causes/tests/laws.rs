//! What holds of all lists of problems.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// A problem of an upload of a few cases, so that some are about the same of them.
fn any_problem() -> impl Strategy<Value = Problem> {
    let name = (0..6u32, select(vec![".nrrd", ".npz", ".mha", ".seg.nrrd", ".zip", ".txt"]));
    let name = (select(vec!["", "0", "case_", "a/", "../"]), name)
        .prop_map(|(start, (case, ending))| format!("{start}{case}{ending}"));
    let strays = vec![
        Unexpected::NotACase,
        Unexpected::InAFolder,
        Unexpected::Archive,
        Unexpected::Segmentation,
        Unexpected::OtherFormat("MetaImage (.mha)"),
        Unexpected::LeadingZeros { case: "3".into() },
        Unexpected::CountsFromOne { case: "2".into() },
    ];
    let volumes = vec![
        VolumeIssue::TooLong,
        VolumeIssue::WrongShape { expected: [4, 3, 2], found: [2, 3, 4], cropped: false },
        VolumeIssue::WrongShape { expected: [4, 3, 2], found: [9, 3, 4], cropped: false },
        VolumeIssue::WrongFormat { looks_like: Some("a web page") },
    ];
    prop_oneof![
        3 => (0..6u32, any::<bool>()).prop_map(|(case, counts_from_one)| {
            problem(None, ArchiveIssue::Missing { case: case.to_string(), counts_from_one })
        }),
        3 => (name.clone(), select(strays)).prop_map(|(name, why)| unexpected(name, why)),
        1 => (name.clone(), select(volumes)).prop_map(|(name, issue)| volume(name, issue)),
        1 => name.clone().prop_map(|name| problem(Some(&name), ArchiveIssue::UnsafePath)),
        1 => name.prop_map(|name| empty(name, None, false)),
        1 => Just(problem(None, ArchiveIssue::TooLarge { found: 2, limit: 1 })),
    ]
}

fn any_upload() -> impl Strategy<Value = Vec<Problem>> {
    proptest::collection::vec(any_problem(), 0..24)
}

fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by(in_order);
    problems
}

proptest! {
    #[test]
    fn every_problem_belongs_to_one_cause(problems in any_upload()) {
        let causes = causes(&problems);
        let all = causes.iter().flat_map(|cause| cause.own.iter().chain(&cause.follow));
        prop_assert_eq!(sorted(all.cloned().collect()), sorted(problems));
    }

    #[test]
    fn the_order_of_problems_makes_no_difference(
        (one, other) in any_upload().prop_flat_map(|one| (Just(one.clone()), Just(one).prop_shuffle()))
    ) {
        prop_assert_eq!(causes(&one), causes(&other));
    }

    #[test]
    fn only_cases_without_a_file_follow_and_only_from_files(problems in any_upload()) {
        for cause in causes(&problems) {
            prop_assert!(!cause.own.is_empty());
            prop_assert!(cause.own.iter().all(|problem| problem.code == cause.code));
            prop_assert!(cause.follow.iter().all(|problem| problem.code == Code::CaseMissing));
            if !cause.follow.is_empty() {
                prop_assert!(matches!(cause.code, Code::CaseUnexpected | Code::ArchiveUnsafePath));
                let archives = cause.own.iter().any(|problem| problem.found == explain::ARCHIVE);
                prop_assert!(archives || cause.follow.len() <= cause.own.len());
            }
        }
    }

    #[test]
    fn every_cause_has_words(problems in any_upload()) {
        for cause in causes(&problems) {
            prop_assert!(cause.title.ends_with('.') && !cause.hint.is_empty());
            prop_assert!(cause.files.iter().all(|file| problems.iter().any(|one| one.file.as_ref() == Some(file))));
            prop_assert!(cause.listed().iter().all(|line| !line.is_empty()));
        }
    }
}
