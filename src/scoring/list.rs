//! The list of cases that comes with masks, hostile until it is checked.

use std::collections::HashSet;
use std::io::Read;

use super::folder::{CASES_FILE, ListedCase, is_case_id, parse_cases_strictly, sort_ids};
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

/// The cases that the list names, and what is wrong with it. Without a list that can be read, every
/// NRRD file stands for a case, so that the files are checked all the same.
pub fn list_of_cases(
    contents: &mut Contents,
) -> Result<(Vec<ListedCase>, Vec<Problem>), std::io::Error> {
    let missing = || Err(wrong_list("the list of all cases with their groups", "no such file"));
    let list = take_list(contents)?.unwrap_or_else(missing).and_then(|document| {
        let expected = "a list of cases with id and group";
        parse_cases_strictly(&document).map_err(|error| wrong_list(expected, error.to_string()))
    });
    match list {
        Ok(listed) => {
            let problems = problems_of_list(&listed);
            // A file can belong to one of them only.
            let mut seen = HashSet::new();
            let distinct = listed.into_iter().filter(|case| seen.insert(case.id.clone()));
            Ok((distinct.collect(), problems))
        }
        Err(problem) => {
            let case = |id| ListedCase { id, ..ListedCase::default() };
            let mut listed: Vec<ListedCase> =
                contents.stems(&[Format::Nrrd]).into_iter().map(case).collect();
            sort_ids(&mut listed);
            listed.dedup();
            Ok((listed, vec![problem]))
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
