//! Which cases have no file because of what is wrong with files that are there.
//!
//! A file is for a case if its name says so. Where names don't, the files of a single cause are for all cases that are
//! left, if there are enough of them. A case for which nothing came stays a problem of its own.

use super::super::Code;
use super::super::explain::{ARCHIVE, FROM_ONE, NO_CASE, case_without_file};
use super::{Group, Problem};

/// Gives cases without a file, which are sorted, to the causes that they follow from, and returns the others.
pub fn from_causes(missing: Vec<Problem>, groups: &mut [Group]) -> Vec<Problem> {
    let mut spare: Vec<Spare> = groups.iter().map(Spare::of).collect();
    let mut left = missing;
    for names in [has_id as Names, is_first, has_number] {
        left.retain(|problem| {
            let case = case_without_file(problem).unwrap_or_default();
            let taken = spare.iter_mut().position(|files| files.take(names, case, problem));
            let group = taken.and_then(|at| groups.get_mut(at));
            let is_left = group.is_none();
            if let Some(group) = group {
                group.follow.push(problem.clone());
            }
            is_left
        });
    }
    let mut enough = groups.iter_mut().zip(&spare).filter(|(_, files)| files.may_be_some());
    if let (Some((group, files)), None) = (enough.next(), enough.next())
        && files.are_enough_for(left.len())
    {
        group.follow.append(&mut left);
    }
    for group in groups {
        group.follow.sort_by(super::in_order);
    }
    left
}

/// Files of a cause that are for no case yet.
struct Spare {
    /// Any of them may be for a case, whatever its name: they are volumes.
    volumes: Vec<String>,
    /// Those that are for a case only if they are called like it.
    others: Vec<String>,
    counts_from_one: bool,
    archives: bool,
}

/// Whether a file of this name, of such a cause, is for the case.
type Names = fn(&str, &str, &Spare, &Problem) -> bool;

impl Spare {
    fn of(group: &Group) -> Self {
        let is_stray = matches!(group.kind.code, Code::CaseUnexpected | Code::ArchiveUnsafePath);
        let strays = group.own.iter().filter(|_| is_stray);
        let (volumes, others) = strays
            .filter(|problem| problem.file.is_some())
            .partition::<Vec<_>, _>(|one| may_be_volume(one));
        let names = |problems: Vec<&Problem>| -> Vec<String> {
            problems.into_iter().filter_map(|problem| problem.file.clone()).collect()
        };
        Self {
            volumes: names(volumes),
            others: names(others),
            counts_from_one: group.own.iter().any(|one| one.hint == FROM_ONE),
            archives: group.own.iter().any(|one| one.found == ARCHIVE),
        }
    }

    /// Takes the first file that is for the case, if there is one.
    fn take(&mut self, names: Names, case: &str, problem: &Problem) -> bool {
        let is_for = |file: &String| names(file, case, self, problem);
        let volume = self.volumes.iter().position(is_for);
        let other = self.others.iter().position(is_for);
        match (volume, other) {
            (Some(at), _) => drop(self.volumes.remove(at)),
            (None, Some(at)) => drop(self.others.remove(at)),
            (None, None) => return false,
        }
        true
    }

    fn may_be_some(&self) -> bool {
        // A number says of which case a file is, and of these the other one.
        let volumes = !self.volumes.is_empty() && !self.counts_from_one;
        volumes || (self.archives && !self.others.is_empty())
    }

    fn are_enough_for(&self, cases: usize) -> bool {
        // An archive holds any number of files, but need not hold the only one.
        self.volumes.len() >= cases || (self.archives && cases > 1)
    }
}

/// The first case has no file where files count from one.
fn is_first(_: &str, _: &str, files: &Spare, problem: &Problem) -> bool {
    files.counts_from_one && problem.hint == FROM_ONE
}

/// The file is called by the case's id, up to its ending and leading zeros.
fn has_id(file: &str, case: &str, _: &Spare, _: &Problem) -> bool {
    let stem = stem(file);
    stem == case || (is_number(stem) && plain(stem) == case)
}

/// The id is the only number in the name of a volume.
fn has_number(file: &str, case: &str, files: &Spare, _: &Problem) -> bool {
    let parts = stem(file).split(|c: char| !c.is_ascii_digit());
    let mut numbers = parts.filter(|part| !part.is_empty());
    let is_only = numbers.next().map(plain) == Some(case) && numbers.next().is_none();
    is_only && !files.counts_from_one && files.volumes.iter().any(|volume| volume == file)
}

/// The name without folders and endings; ids have no dots.
fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.split('.').next().unwrap_or(name)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn plain(number: &str) -> &str {
    let plain = number.trim_start_matches('0');
    if plain.is_empty() { "0" } else { plain }
}

/// Whether a file that belongs to no case may be the segmentation of one.
fn may_be_volume(problem: &Problem) -> bool {
    let has_format = || {
        let name = problem.file.as_deref().unwrap_or_default().to_ascii_lowercase();
        name.ends_with(".nrrd") || name.ends_with(".npz")
    };
    match problem.found.as_str() {
        ARCHIVE => false,
        NO_CASE => has_format(),
        _ => problem.code == Code::CaseUnexpected || has_format(),
    }
}
