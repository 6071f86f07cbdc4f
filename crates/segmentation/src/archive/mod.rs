//! What a team hands in: one file for each case, in a zip, in a folder, or one by one.
//!
//! Everything wrong is reported at once, and nothing is ever written to disk. A file is
//! `<case id>.nrrd` or `<case id>.npz`; folders around them all are taken off; what
//! operating systems leave behind is ignored; everything else is a problem.

mod files;
mod headers;
mod names;
mod unexpected;
mod zipped;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::error::VolumeIssue;
use super::{Format, Geometry};
use names::Sorted;
use nrrd_rs::Source;

pub use unexpected::Unexpected;

/// A case that must have a file.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedCase<'a> {
    /// The name of its file, without the extension.
    pub id: &'a str,
    /// Its shape (x, y, z), if that is known.
    pub shape: Option<[usize; 3]>,
}

/// Bounds on an archive as a whole. Those on a file follow from the shape of its case.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most entries, folders and ignored ones included.
    pub entries: usize,
    /// Most bytes of all cases' files together, once unpacked.
    pub total_bytes: u64,
}

impl Default for Limits {
    /// 1000 entries; 32 GiB, enough for forty cases of 64-bit numbers.
    fn default() -> Self {
        Self { entries: 1000, total_bytes: 32 << 30 }
    }
}

/// Where the files are.
#[derive(Clone, Copy, Debug)]
pub enum Location<'a> {
    /// A zip file.
    Zip(&'a Path),
    /// A folder, and the folders in it.
    Folder(&'a Path),
    /// Single files: the names their author gave them, and where they lie.
    Files(&'a [(String, PathBuf)]),
}

/// How a dataset lies in folders: masks in folders of one name, and in folders of other names what is no mask.
#[derive(Clone, Copy, Debug)]
pub struct Layout<'a> {
    /// The masks' folders; upper and lower case are the same.
    pub masks: &'a str,
    /// Folders that hold something else.
    pub others: &'a [&'a str],
}

/// The files of an upload, one for each case, in the order of the cases.
#[derive(Debug)]
pub struct Upload {
    /// In the order of the cases.
    pub files: Vec<CaseFile>,
}

/// A case's file.
#[derive(Clone)]
pub struct CaseFile {
    /// Id of the case.
    pub case: String,
    /// Its name, fit for display.
    pub name: String,
    /// By its name.
    pub format: Format,
    /// Its bytes.
    pub source: Arc<dyn Source>,
    /// What its header says, after [`preflight`].
    pub geometry: Option<Geometry>,
}

impl std::fmt::Debug for CaseFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CaseFile").field("case", &self.case).field("name", &self.name).finish()
    }
}

/// Why an upload can't be used: our storage failed, or the upload is wrong.
#[derive(Debug, Error)]
pub enum ArchiveError {
    #[error("the upload could not be read: {0}")]
    /// Our storage failed.
    Io(#[from] io::Error),
    /// All that is wrong: the archive itself first, then by case, then files of no case by name.
    #[error("{} problems with the upload", .0.len())]
    Invalid(Vec<ArchiveProblem>),
}

/// One thing that is wrong with an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveProblem {
    /// The file's name, fit for display.
    pub file: Option<String>,
    /// What is wrong.
    pub issue: ArchiveIssue,
}

/// What may be wrong with an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchiveIssue {
    /// Another kind of file, which is named if it is known.
    NotAZip {
        /// What it is, in words.
        looks_like: Option<&'static str>,
    },
    /// A zip whose directory is missing or damaged, as after an upload that broke off.
    DamagedZip,
    /// More entries than the limit, folders and ignored files included.
    TooManyEntries {
        /// How many there are, at least.
        found: usize,
        /// The most.
        limit: usize,
    },
    /// All files together are too long once unpacked, in bytes.
    TooLarge {
        /// How many there are.
        found: u64,
        /// The most.
        limit: u64,
    },
    /// No file for a case.
    Missing {
        /// Id of the case.
        case: String,
        /// Whether it is case 0 and the files seem to be numbered from 1.
        counts_from_one: bool,
    },
    /// Several files for a case.
    Duplicate {
        /// Id of the case.
        case: String,
        /// Their names, fit for display.
        files: Vec<String>,
    },
    /// A file for no case.
    Unexpected(Unexpected),
    /// A name that is absolute or climbs with `..`.
    UnsafePath,
    /// A symbolic link instead of a file.
    SymbolicLink,
    /// An entry of the zip needs a password.
    Encrypted,
    /// An entry of the zip is neither stored nor deflated.
    UnsupportedCompression,
    /// An entry of the zip whose own header is damaged, or whose data end before they should.
    DamagedEntry,
    /// Two entries share bytes of the zip.
    Overlapping,
    /// A file is longer than any volume of its case's shape, in bytes.
    FileTooLarge {
        /// How many there are.
        found: u64,
        /// The most.
        limit: u64,
    },
    /// The file came whole, but is not the volume it should be.
    Volume {
        /// How it was read.
        format: Format,
        /// What is wrong with it.
        issue: VolumeIssue,
    },
}

/// Finds each case's file, by the names alone.
///
/// # Errors
/// [`ArchiveError::Invalid`] with everything that is wrong; [`ArchiveError::Io`] if the storage fails.
pub fn open(
    location: Location<'_>,
    cases: &[ExpectedCase<'_>],
    limits: Limits,
) -> Result<Upload, ArchiveError> {
    Contents::list(location, limits)?.sort_out(cases, limits).finish()
}

/// Finds each case's file, reads its header, and holds its shape against the case's.
///
/// # Errors
/// [`ArchiveError::Invalid`] with everything that is wrong; [`ArchiveError::Io`] if the storage fails.
pub fn preflight(
    location: Location<'_>,
    cases: &[ExpectedCase<'_>],
    limits: Limits,
) -> Result<Upload, ArchiveError> {
    Contents::list(location, limits)?.sort_out(cases, limits).inspected(cases)?.finish()
}

/// All files of an upload, before it is known what its cases are: an upload may bring the list with it.
pub struct Contents(Vec<Found>);

impl Contents {
    /// Lists all files; folders and what operating systems leave behind are no files.
    ///
    /// # Errors
    /// [`ArchiveError::Invalid`] with everything that is wrong; [`ArchiveError::Io`] if the storage fails.
    pub fn list(location: Location<'_>, limits: Limits) -> Result<Self, ArchiveError> {
        Ok(Self(match location {
            Location::Zip(path) => zipped::list(path, limits.entries)?,
            Location::Folder(path) => files::list_folder(path, limits.entries)?,
            Location::Files(files) => files::list(files, limits.entries)?,
        }))
    }

    /// Where files lie in folders as the layout names them: its masks beside each other and beside the files at the top,
    /// and nothing of what its other folders hold. Where none do, all files as they are.
    pub fn arranged(self, layout: &Layout<'_>) -> Self {
        Self(names::arranged(self.0, layout))
    }

    /// Without the volumes of other formats.
    pub fn of_format(mut self, format: Format) -> Self {
        self.0.retain(|found| Format::of(&found.path).is_none_or(|other| other == format));
        self
    }

    /// Takes out the file of this name that lies where the cases' files do: its bytes, or why they are out of reach.
    pub fn take(&mut self, name: &str) -> Option<Result<Arc<dyn Source>, ArchiveIssue>> {
        let (at, _) = names::beside_cases(&self.0).into_iter().find(|(_, other)| other == name)?;
        Some(self.0.remove(at).source)
    }

    /// The names of all files of these formats without their extension, in no order.
    pub fn stems(&self, formats: &[Format]) -> Vec<String> {
        let beside = names::beside_cases(&self.0);
        beside.iter().filter_map(|(_, name)| names::stem(name, formats)).collect()
    }

    /// Leaves out the files of these cases: they were asked for once and are no more, and whatever they are is no
    /// problem of the upload.
    pub fn leave_out(self, cases: &[&str]) -> Self {
        Self(names::leave_out(self.0, cases))
    }

    /// For each case its file, if exactly one came and is in reach, and all that is wrong, in the order of
    /// [`ArchiveError::Invalid`].
    pub fn by_case(
        self,
        cases: &[ExpectedCase<'_>],
        limits: Limits,
    ) -> (Vec<Option<CaseFile>>, Vec<ArchiveProblem>) {
        self.sort_out(cases, limits).apart()
    }

    /// The same, with every header read and its shape held against the case's: what [`preflight`] does for
    /// uploads that are used as a whole or not at all.
    ///
    /// # Errors
    /// If the storage fails.
    pub fn preflight(
        self,
        cases: &[ExpectedCase<'_>],
        limits: Limits,
    ) -> io::Result<(Vec<Option<CaseFile>>, Vec<ArchiveProblem>)> {
        Ok(self.sort_out(cases, limits).inspected(cases)?.apart())
    }

    fn sort_out(self, cases: &[ExpectedCase<'_>], limits: Limits) -> Sorted {
        names::sort_out(self.0, cases, limits)
    }
}

impl ArchiveError {
    /// The upload as a whole is wrong.
    fn whole(issue: ArchiveIssue) -> Self {
        Self::Invalid(vec![ArchiveProblem { file: None, issue }])
    }
}

/// A file as it was found, before anybody knows what for.
struct Found {
    /// Its name with all folders, `/` between them.
    path: String,
    /// The folders it is taken to lie in, from the top, and its name.
    parts: Vec<String>,
    /// Stated length in bytes.
    size: u64,
    /// Its bytes, or why they are out of reach.
    source: Result<Arc<dyn Source>, ArchiveIssue>,
}

impl Found {
    fn new(path: String, size: u64, source: Result<Arc<dyn Source>, ArchiveIssue>) -> Self {
        let parts = path.split('/').filter(|part| !matches!(*part, "" | ".")).map(str::to_string);
        Self { parts: parts.collect(), path, size, source }
    }

    /// Neither a name that climbs out of its folder nor what an operating system left behind.
    fn is_meant(&self) -> bool {
        !names::is_unsafe(&self.path) && !names::is_ignored(&self.path)
    }
}

#[cfg(test)]
mod tests;
