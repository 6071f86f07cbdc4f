//! The list of cases that comes with masks, hostile until it is checked.

use std::collections::HashSet;
use std::io::Read;

use super::folder::{CASES_FILE, ListedCase, is_case_id, parse_cases_strictly, unlisted};
use crate::domain::{Code, Problem, explain};
use segmentation::archive::{ArchiveProblem, Contents};
use segmentation::{Format, Source, VolumeError};

/// A list of cases is short.
const MAX_LIST_BYTES: u64 = 1 << 20;

pub fn wrong_list(expected: &str, found: impl Into<String>) -> Problem {
    let hint = "For instance [{\"id\": \"0\", \"group\": \"normal\"}, {\"id\": \"1\", \"group\": \"diseased\"}].";
    let problem = Problem::new(Code::TruthCases, expected, found, hint);
    Problem { file: Some(CASES_FILE.into()), ..problem }
}

/// The cases that the list names, and what is wrong with it. Without a list every NRRD file stands for a case, which is
/// all that is needed where the names say the groups; without one that can be read as well, so that the files are
/// checked all the same.
pub fn list_of_cases(
    contents: &mut Contents,
) -> Result<(Vec<ListedCase>, Vec<Problem>), std::io::Error> {
    let list = take_list(contents)?.map(|list| {
        let expected = "a list of cases with id and group";
        parse_cases_strictly(&list?).map_err(|error| wrong_list(expected, error.to_string()))
    });
    match list {
        Some(Ok(listed)) => {
            let problems = problems_of_list(&listed);
            // A file can belong to one of them only.
            let mut seen = HashSet::new();
            let distinct = listed.into_iter().filter(|case| seen.insert(case.id.clone()));
            Ok((distinct.collect(), problems))
        }
        unread => {
            let mut listed = unlisted(contents, &[Format::Nrrd]);
            // A file of another name is of no case.
            listed.retain(|case| is_case_id(&case.id));
            listed.dedup();
            let in_groups = !listed.is_empty() && listed.iter().all(|case| case.group.is_some());
            let missing = || wrong_list("the list of all cases with their groups", "no such file");
            let problem = match unread {
                Some(unread) => unread.err(),
                None => (!in_groups).then(missing),
            };
            Ok((listed, problem.into_iter().collect()))
        }
    }
}

/// Takes the list of cases out of the files: its bytes, or why they can't be read.
pub fn take_list(contents: &mut Contents) -> std::io::Result<Option<Result<Vec<u8>, Problem>>> {
    Ok(Some(match contents.take(CASES_FILE) {
        None => return Ok(None),
        Some(Err(issue)) => {
            let file = Some(CASES_FILE.into());
            Err(explain::archive(&ArchiveProblem { file, issue }))
        }
        Some(Ok(source)) => match bytes_of(source.as_ref()) {
            Ok(bytes) => Ok(bytes),
            Err(VolumeError::Io(error)) => return Err(error),
            Err(VolumeError::Invalid(issue)) => Err(wrong_list("a text", issue.to_string())),
        },
    }))
}

fn bytes_of(source: &dyn Source) -> Result<Vec<u8>, VolumeError> {
    let mut bytes = Vec::new();
    source.open()?.take(MAX_LIST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn problems_of_list(listed: &[ListedCase]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if listed.is_empty() {
        problems.push(wrong_list("at least one case", "none"));
    }
    let mut seen = HashSet::new();
    for ListedCase { id, group, .. } in listed {
        let shown: String = id.chars().take(80).collect();
        if !is_case_id(id) {
            let expected = "ids of 1 to 64 letters, digits, dashes and underscores";
            problems.push(wrong_list(expected, format!("the id '{shown}'")));
        } else if !seen.insert(id) {
            problems.push(wrong_list("every case once", format!("case {id} again")));
        }
        if group.is_none() {
            let found = format!("case {shown} in no group");
            problems.push(wrong_list("a group, normal or diseased, for every case", found));
        }
    }
    problems
}
