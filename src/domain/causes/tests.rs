//! Uploads with many problems, and what people read about them.

mod laws;
mod walls;

use super::*;
use crate::domain::explain;
use segmentation::archive::{ArchiveIssue, ArchiveProblem, Unexpected};
use segmentation::{FirstAxis, Format, ValueStats, VolumeIssue};

fn problem(file: Option<&str>, issue: ArchiveIssue) -> Problem {
    explain::archive(&ArchiveProblem { file: file.map(str::to_owned), issue })
}

fn missing(case: impl ToString) -> Problem {
    problem(None, ArchiveIssue::Missing { case: case.to_string(), counts_from_one: false })
}

fn unexpected(file: impl AsRef<str>, why: Unexpected) -> Problem {
    problem(Some(file.as_ref()), ArchiveIssue::Unexpected(why))
}

fn volume(file: impl AsRef<str>, issue: VolumeIssue) -> Problem {
    explain::volume(file.as_ref(), Format::Nrrd, &issue)
}

fn shape(file: impl AsRef<str>, expected: [usize; 3], found: [usize; 3]) -> Problem {
    volume(file, VolumeIssue::WrongShape { expected, found, cropped: false })
}

fn empty(file: impl AsRef<str>, non_binary: Option<f64>, nan: bool) -> Problem {
    let values = ValueStats { non_binary, nan, ..ValueStats::default() };
    explain::empty(file.as_ref(), &values)
}

/// A cause as people read it: title, advice, how many lines with the first of them, consequence.
fn read(cause: &Cause) -> (String, String, usize, String, String) {
    let listed = cause.listed();
    let first = listed.first().cloned().unwrap_or_default();
    let file = cause.file().map(|file| format!("{file}: ")).unwrap_or_default();
    let title = format!("{file}{}", cause.title);
    (title, cause.advice(), listed.len(), first, cause.consequence().unwrap_or_default())
}

#[track_caller]
fn the_one(problems: &[Problem]) -> Cause {
    let mut causes = causes(problems);
    let cause = causes.pop().unwrap();
    assert!(causes.is_empty(), "{causes:#?}");
    cause
}

fn titles(problems: &[Problem]) -> Vec<String> {
    causes(problems).into_iter().map(|cause| cause.title).collect()
}
