//! Which file is whose: names to cases.

use super::unexpected::{Unexpected, before, explain, number_of};
use super::{
    ArchiveError, ArchiveIssue, ArchiveProblem, CaseFile, ExpectedCase, Found, Layout, Limits,
    Upload,
};
use crate::is_odd;
use crate::{Format, MAX_HEADER, MAX_VOXELS, voxels};

/// Most characters of a name in a message.
const DISPLAYED: usize = 120;

/// Most bytes a file may spend on a voxel: numbers written as text, or twice the widest type.
fn bytes_a_voxel(format: Format) -> u64 {
    match format {
        Format::Nrrd => 32,
        Format::Npz => 16,
    }
}

/// Files and problems by case.
pub(super) struct Sorted {
    files: Vec<Option<CaseFile>>,
    /// With the place of the case, or the last one, to sort by.
    problems: Vec<(usize, ArchiveProblem)>,
    /// Whether the names look as if the first case were 1.
    counts_from_one: bool,
}

/// Where problems of the whole upload stand; those of case `n` stand at `n + 1`.
const FIRST: usize = 0;
/// Where problems of files of no case stand.
const LAST: usize = usize::MAX;

impl Sorted {
    /// The file of the case at this place.
    pub fn file(&mut self, case: usize) -> Option<&mut CaseFile> {
        self.files.get_mut(case)?.as_mut()
    }

    /// Reports what is wrong with the file of the case at this place.
    pub fn report(&mut self, case: usize, file: &str, issue: ArchiveIssue) {
        self.add(case + 1, Some(file), issue);
    }

    /// Whether the names look as if the first case were 1.
    pub fn counts_from_one(&self) -> bool {
        self.counts_from_one
    }

    /// The names only look so: the headers say that the numbers are right, and one file is of no case.
    pub fn counts_from_zero(&mut self, cases: &[ExpectedCase<'_>]) {
        self.counts_from_one = false;
        for (_, problem) in &mut self.problems {
            match &mut problem.issue {
                ArchiveIssue::Missing { counts_from_one, .. } => *counts_from_one = false,
                ArchiveIssue::Unexpected(why) => {
                    if let Unexpected::CountsFromOne { case: meant } = why {
                        let named =
                            cases.iter().find(|case| before(case.id).as_ref() == Some(meant));
                        *why = match named {
                            Some(case) => Unexpected::LeadingZeros { case: case.id.to_string() },
                            None => Unexpected::NotACase,
                        };
                    }
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, place: usize, file: Option<&str>, issue: ArchiveIssue) {
        self.problems.push((place, ArchiveProblem { file: file.map(display), issue }));
    }

    /// The files, and what is wrong in its order.
    pub fn apart(mut self) -> (Vec<Option<CaseFile>>, Vec<ArchiveProblem>) {
        self.problems.sort_by(|(place, one), (other_place, other)| {
            (place, &one.file).cmp(&(other_place, &other.file))
        });
        (self.files, self.problems.into_iter().map(|(_, problem)| problem).collect())
    }

    pub fn finish(self) -> Result<Upload, ArchiveError> {
        let (files, problems) = self.apart();
        if problems.is_empty() {
            return Ok(Upload { files: files.into_iter().flatten().collect() });
        }
        Err(ArchiveError::Invalid(problems))
    }
}

/// Gives each file to its case, and reports what is wrong as far as names show it.
pub(super) fn sort_out(found: Vec<Found>, cases: &[ExpectedCase<'_>], limits: Limits) -> Sorted {
    let mut sorted = Sorted { files: Vec::new(), problems: Vec::new(), counts_from_one: false };
    let mut kept = Vec::new();
    for found in found {
        if is_unsafe(&found.path) {
            sorted.add(LAST, Some(&found.path), ArchiveIssue::UnsafePath);
        } else if found.is_meant() {
            kept.push(found);
        }
    }
    strip_root(&mut kept);

    let mut by_case: Vec<Vec<(Format, Found)>> = cases.iter().map(|_| Vec::new()).collect();
    let mut strangers = Vec::new();
    for found in kept {
        let place = match found.parts.as_slice() {
            [name] => case_of(name, cases),
            _ => None,
        };
        match place.and_then(|(at, format)| Some((by_case.get_mut(at)?, format))) {
            Some((files, format)) => files.push((format, found)),
            None => strangers.push((found.parts, found.path)),
        }
    }

    // A file numbered as many as there are cases, and none numbered 0.
    let beyond = cases.len().to_string();
    let no_zero =
        cases.iter().zip(&by_case).any(|(case, files)| case.id == "0" && files.is_empty());
    let is_numbered =
        |wanted: &str| strangers.iter().any(|(parts, _)| number_of(parts) == Some(wanted));
    sorted.counts_from_one = no_zero && is_numbered(&beyond) && !is_numbered("0");
    for (parts, path) in strangers {
        let number = number_of(&parts).filter(|_| sorted.counts_from_one);
        let meant = number.and_then(before).filter(|id| cases.iter().any(|case| case.id == id));
        let why = match meant {
            Some(case) => Unexpected::CountsFromOne { case },
            None => explain(&parts, cases),
        };
        sorted.add(LAST, Some(&path), ArchiveIssue::Unexpected(why));
    }

    let total = by_case.iter().flatten().fold(0u64, |sum, (_, file)| sum.saturating_add(file.size));
    if total > limits.total_bytes {
        sorted.add(FIRST, None, ArchiveIssue::TooLarge { found: total, limit: limits.total_bytes });
    }
    for ((at, case), candidates) in cases.iter().enumerate().zip(by_case) {
        let file = accept(case, candidates, sorted.counts_from_one && case.id == "0")
            .map_err(|(path, issue)| sorted.add(at + 1, path.as_deref(), issue));
        sorted.files.push(file.ok());
    }
    sorted
}

/// The file of a case, if exactly one came and its bytes are in reach; or what is wrong with which.
fn accept(
    case: &ExpectedCase<'_>,
    mut candidates: Vec<(Format, Found)>,
    counts_from_one: bool,
) -> Result<CaseFile, (Option<String>, ArchiveIssue)> {
    let id = case.id.to_string();
    let Some((format, found)) = candidates.pop() else {
        return Err((None, ArchiveIssue::Missing { case: id, counts_from_one }));
    };
    if !candidates.is_empty() {
        let others = candidates.iter().map(|(_, found)| display(&found.path));
        let files = others.chain([display(&found.path)]).collect();
        return Err((Some(found.path), ArchiveIssue::Duplicate { case: id, files }));
    }
    let limit = longest(case, format);
    match found.source {
        Err(issue) => Err((Some(found.path), issue)),
        Ok(_) if found.size > limit => {
            Err((Some(found.path), ArchiveIssue::FileTooLarge { found: found.size, limit }))
        }
        Ok(source) => {
            let name = display(&found.path);
            Ok(CaseFile { case: id, name, format, source, geometry: None })
        }
    }
}

/// Most bytes of a case's file.
fn longest(case: &ExpectedCase<'_>, format: Format) -> u64 {
    let voxels = case.shape.and_then(voxels).map_or(MAX_VOXELS, |voxels| voxels.min(MAX_VOXELS));
    2 * MAX_HEADER + voxels as u64 * bytes_a_voxel(format)
}

/// A name fit for display: not blank, no control characters, no tricks with directions of writing,
/// not too long.
fn display(name: &str) -> String {
    if name.trim().is_empty() {
        return "(no name)".to_string();
    }
    let mut rest = name.chars().map(|c| if is_odd(c) { '\u{fffd}' } else { c });
    let mut shown: String = rest.by_ref().take(DISPLAYED).collect();
    if rest.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Absolute, on a drive, or with `..` in it.
pub(super) fn is_unsafe(path: &str) -> bool {
    let drive = matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    drive || path.starts_with('/') || path.split('/').any(|part| part == "..")
}

/// Left behind by an operating system.
pub(super) fn is_ignored(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let known = [".DS_Store", "Thumbs.db", "desktop.ini"];
    path.split('/').any(|part| part == "__MACOSX")
        || name.starts_with("._")
        || known.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The names of the files that lie where the cases' files do, in the folder that all are in or at the top, each with
/// its place in the list.
pub(super) fn beside_cases(found: &[Found]) -> Vec<(usize, String)> {
    let meant = || found.iter().enumerate().filter(|(_, found)| found.is_meant());
    let root = root(meant().map(|(_, found)| found.parts.as_slice())).len();
    let beside = meant().filter(|(_, found)| found.parts.len() == root + 1);
    beside.filter_map(|(at, found)| Some((at, found.parts.last()?.clone()))).collect()
}

/// The name without its extension, if it is that of a file of these formats.
pub(super) fn stem(name: &str, formats: &[Format]) -> Option<String> {
    volume(name).filter(|(_, format)| formats.contains(format)).map(|(stem, _)| stem.to_string())
}

/// Leaves out the volumes with these names, extension apart, that lie where the cases' files do.
pub(super) fn leave_out(found: Vec<Found>, stems: &[&str]) -> Vec<Found> {
    let (mut meant, mut left): (Vec<Found>, Vec<Found>) =
        found.into_iter().partition(Found::is_meant);
    strip_root(&mut meant);
    let is_named = |found: &Found| match found.parts.as_slice() {
        [name] => volume(name).is_some_and(|(stem, _)| stems.contains(&stem)),
        _ => false,
    };
    meant.retain(|found| !is_named(found));
    left.extend(meant);
    left
}

/// Where files lie in the layout's folders of masks, these beside each other at the top, without what is in its other
/// folders.
pub(super) fn arranged(found: Vec<Found>, layout: &Layout<'_>) -> Vec<Found> {
    let is_mask = |found: &Found| matches!(found.parts.as_slice(), [.., folder, _] if folder.eq_ignore_ascii_case(layout.masks));
    if !found.iter().any(|found| found.is_meant() && is_mask(found)) {
        return found;
    }
    let (mut meant, mut arranged): (Vec<Found>, Vec<Found>) =
        found.into_iter().partition(Found::is_meant);
    let is_other =
        |folder: &String| layout.others.iter().any(|other| other.eq_ignore_ascii_case(folder));
    meant.retain(|found| {
        found.parts.split_last().is_none_or(|(_, folders)| !folders.iter().any(is_other))
    });
    // Named before the common folders go: where all masks are in one folder, it is one of those.
    let masks: Vec<bool> = meant.iter().map(is_mask).collect();
    strip_root(&mut meant);
    for (found, is_mask) in meant.iter_mut().zip(masks) {
        if is_mask {
            found.parts.drain(..found.parts.len().saturating_sub(1));
        }
    }
    arranged.extend(meant);
    arranged
}

/// Takes off the folders that all files are in.
fn strip_root(files: &mut [Found]) {
    let root = root(files.iter().map(|found| found.parts.as_slice())).len();
    for found in files {
        found.parts.drain(..root);
    }
}

/// The folders that all files are in, from the top.
fn root<'a>(files: impl Iterator<Item = &'a [String]>) -> &'a [String] {
    let folders = files.map(|parts| parts.split_last().map_or(&[][..], |(_, folders)| folders));
    let common = folders.reduce(|common, folders| {
        let same = common.iter().zip(folders).take_while(|(one, other)| one == other).count();
        common.get(..same).unwrap_or_default()
    });
    common.unwrap_or_default()
}

/// Splits the name of a volume: `3.nrrd` is 3.
pub(super) fn volume(name: &str) -> Option<(&str, Format)> {
    Some((name.rsplit_once('.')?.0, Format::of(name)?))
}

/// Place of the case a file belongs to.
pub(super) fn case_of(name: &str, cases: &[ExpectedCase<'_>]) -> Option<(usize, Format)> {
    let (stem, format) = volume(name)?;
    Some((cases.iter().position(|case| case.id == stem)?, format))
}
