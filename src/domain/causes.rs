//! What is wrong with an upload, by cause: twenty files of a wrong format are one mistake, and not forty.
//!
//! Problems are alike where one thing said and done is enough for all of them. That a case has no file is no mistake of
//! its own where a file is there that was to be it: it follows from what is wrong with that file.

mod follow;
mod words;

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use serde::Serialize;

use super::explain::{FROM_ONE, case_without_file};
use super::{Code, Problem};
use crate::text::natural;
pub use words::{runs, some_of};

/// One thing that is wrong, with everything it is wrong with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    pub code: Code,
    /// What is wrong, in a sentence that counts where there are several.
    pub title: String,
    /// How to fix it.
    pub hint: String,
    /// The files it is wrong with, numbers in their names as numbers.
    pub files: Vec<String>,
    /// The problems that are alike, at least one.
    #[serde(skip)]
    own: Vec<Problem>,
    /// The cases without a file that follow from it.
    #[serde(skip)]
    follow: Vec<Problem>,
}

/// The problems by cause: the most fundamental first, of two equals the one with more problems. Each belongs to exactly
/// one. The order of an upload's problems makes no difference; those of a request, a form for instance, stay in it.
pub fn causes(problems: &[Problem]) -> Vec<Cause> {
    let numbered = problems.iter().enumerate();
    let (missing, others): (Vec<_>, Vec<_>) =
        numbered.partition(|(_, problem)| case_without_file(problem).is_some());
    let mut groups = grouped(others);
    let mut missing: Vec<Problem> = missing.into_iter().map(|(_, one)| one.clone()).collect();
    missing.sort_by(in_order);
    let missing = follow::from_causes(missing, &mut groups);
    groups.extend(grouped(missing.iter().enumerate().collect()));
    groups.sort_by(|one, other| one.key().cmp(&other.key()));
    groups.into_iter().map(Cause::of).collect()
}

/// Problems that are alike, sorted, and what follows from them.
struct Group {
    kind: Kind,
    own: Vec<Problem>,
    follow: Vec<Problem>,
}

/// What problems have in common that are alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    /// The smaller, the more fundamental.
    rank: u8,
    /// Place in the list, of a problem with a request: no two of them are alike.
    place: usize,
    code: Code,
    words: Vec<String>,
}

impl Kind {
    fn of(place: usize, problem: &Problem) -> Self {
        let Problem { file, code, expected, found, hint } = problem;
        let of_upload = code.note().is_none();
        let words = match code {
            Code::CaseUnexpected if hint == FROM_ONE => vec![hint],
            // What came says what to do with it.
            Code::CaseUnexpected | Code::NrrdNotNrrd | Code::NpzNotNpz => vec![found],
            _ if of_upload => vec![hint],
            _ => vec![expected, hint],
        };
        let of_request = !of_upload && file.is_none();
        Self {
            rank: rank(*code),
            place: if of_request { place + 1 } else { 0 },
            code: *code,
            words: words.into_iter().cloned().collect(),
        }
    }
}

/// What has to be right before the next can be: the archive, the names, the files, the volumes in them.
fn rank(code: Code) -> u8 {
    match code {
        Code::TruthCases => 1,
        Code::CaseUnexpected => 2,
        Code::CaseDuplicate => 3,
        Code::CaseMissing => 4,
        Code::CaseFileTooLarge
        | Code::TruthGeometry
        | Code::CtGeometry
        | Code::ConsensusGeometry => 7,
        Code::CaseEmpty | Code::TruthLabels | Code::CtValues => 8,
        code => match code.as_str().split_once('.') {
            Some(("archive", _)) => 0,
            Some(("nrrd" | "npz", _)) => 6,
            Some(("volume", _)) => 7,
            _ => 9,
        },
    }
}

/// Of files that belong to no case where no case misses them.
const NEEDLESS: u8 = 5;

fn grouped(problems: Vec<(usize, &Problem)>) -> Vec<Group> {
    let mut by_kind: BTreeMap<Kind, Vec<Problem>> = BTreeMap::new();
    for (place, problem) in problems {
        by_kind.entry(Kind::of(place, problem)).or_default().push(problem.clone());
    }
    let group = |(kind, mut own): (Kind, Vec<Problem>)| {
        own.sort_by(in_order);
        Group { kind, own, follow: Vec::new() }
    };
    let mut groups: Vec<Group> = by_kind.into_iter().map(group).collect();
    groups.sort_by(|one, other| one.key().cmp(&other.key()));
    groups
}

impl Group {
    fn key(&self) -> (u8, Reverse<usize>, &Kind) {
        let is_needless = self.kind.code == Code::CaseUnexpected && self.follow.is_empty();
        let rank = if is_needless { NEEDLESS } else { self.kind.rank };
        (rank, Reverse(self.own.len() + self.follow.len()), &self.kind)
    }
}

/// By file, or where there is none by what should be there.
fn in_order(one: &Problem, other: &Problem) -> Ordering {
    fn name(problem: &Problem) -> &str {
        problem.file.as_deref().unwrap_or(&problem.expected)
    }
    fn all(problem: &Problem) -> (&Option<String>, &str, &str, &str) {
        (&problem.file, &problem.expected, &problem.found, &problem.hint)
    }
    let by_name = natural(name(one)).cmp(&natural(name(other)));
    by_name.then_with(|| all(one).cmp(&all(other))).then_with(|| one.code.cmp(&other.code))
}

impl Cause {
    fn of(group: Group) -> Self {
        let Group { kind, own, follow } = group;
        let mut files: Vec<String> = own.iter().filter_map(|one| one.file.clone()).collect();
        files.dedup();
        let title = words::title(kind.code, &own, &files);
        Self { code: kind.code, title, hint: words::hint(&own), files, own, follow }
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<&str> {
        match self.files.as_slice() {
            [file] => Some(file),
            _ => None,
        }
    }

    /// What was expected and found, as far as that is the same for all of it, and the hint.
    pub fn advice(&self) -> String {
        let told = match self.cases_without_file() {
            [] | [_] => words::told(self.expected(), self.found()),
            several => {
                let cases = words::cases(several);
                Some(format!("expected a file for each of the cases {cases}; found none"))
            }
        };
        match told {
            Some(told) => format!("{}. {}", words::capitalised(&told), self.hint),
            None => self.hint.clone(),
        }
    }

    /// What it is wrong with where that is more than one thing, each with what else was expected and found there.
    pub fn listed(&self) -> Vec<String> {
        if self.own.len() == 1 || !self.cases_without_file().is_empty() {
            return Vec::new();
        }
        let (expected, found) = (self.expected().is_none(), self.found().is_none());
        let listed = |problem: &Problem| {
            let told = words::told(
                expected.then_some(problem.expected.as_str()),
                found.then_some(problem.found.as_str()),
            );
            let file = problem.file.as_deref().filter(|_| self.file().is_none());
            let parts: Vec<&str> = file.into_iter().chain(told.as_deref()).collect();
            parts.join(": ")
        };
        self.own.iter().map(listed).filter(|line| !line.is_empty()).collect()
    }

    /// Whether [`Cause::listed`] says no more than the names of the files.
    pub fn is_alike(&self) -> bool {
        self.expected().is_some() && self.found().is_some()
    }

    /// What follows from it, in a sentence.
    pub fn consequence(&self) -> Option<String> {
        let cases = words::cases(&self.follow);
        match self.follow.len() {
            0 => None,
            1 => Some(format!("So case {cases} has no file.")),
            count => Some(format!("So {count} cases have no file: {cases}.")),
        }
    }

    fn cases_without_file(&self) -> &[Problem] {
        if self.code == Code::CaseMissing { &self.own } else { &[] }
    }

    fn expected(&self) -> Option<&str> {
        words::alike(self.own.iter().map(|problem| problem.expected.as_str()))
    }

    fn found(&self) -> Option<&str> {
        words::alike(self.own.iter().map(|problem| problem.found.as_str()))
    }
}

#[cfg(test)]
mod tests;
