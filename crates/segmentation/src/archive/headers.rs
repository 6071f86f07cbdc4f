//! What the headers of the cases' files say.

use std::io;

use super::names::Sorted;
use super::unexpected::before;
use super::{ArchiveIssue, ExpectedCase, Unexpected};
use crate::{VolumeError, inspect};

impl Sorted {
    /// With what each file's header says, or what is wrong with it.
    ///
    /// Where files count from one, each is told so and held against the shape of the case that is meant.
    pub(super) fn inspected(mut self, cases: &[ExpectedCase<'_>]) -> io::Result<Self> {
        let meant = self.meant(cases)?;
        for (at, case) in cases.iter().enumerate() {
            let meant = meant.get(at).copied().flatten();
            let Some(file) = self.file(at) else { continue };
            let (name, format) = (file.name.clone(), file.format);
            let inspected = inspect(file.source.as_ref(), format, meant.unwrap_or(case).shape);
            let issue = match inspected {
                Ok(geometry) => {
                    file.geometry = Some(geometry);
                    None
                }
                Err(VolumeError::Io(error)) => return Err(error),
                Err(VolumeError::Invalid(issue)) => Some(issue),
            };
            if let Some(meant) = meant {
                let why = Unexpected::CountsFromOne { case: meant.id.to_string() };
                self.report(at, &name, ArchiveIssue::Unexpected(why));
            }
            if let Some(issue) = issue {
                self.report(at, &name, ArchiveIssue::Volume { format, issue });
            }
        }
        Ok(self)
    }

    /// For each case the one before, if the files count from one: the names look so, and no header says otherwise by
    /// a shape that only the file's own case has. Nothing where they don't.
    fn meant<'a>(
        &mut self,
        cases: &'a [ExpectedCase<'a>],
    ) -> io::Result<Vec<Option<&'a ExpectedCase<'a>>>> {
        if !self.counts_from_one() {
            return Ok(Vec::new());
        }
        let before = |case: &ExpectedCase<'_>| {
            let id = before(case.id)?;
            cases.iter().find(|other| other.id == id)
        };
        let meant: Vec<_> = cases.iter().map(before).collect();
        for ((at, case), meant) in cases.iter().enumerate().zip(&meant) {
            let (Some(file), Some(meant)) = (self.file(at), meant) else { continue };
            let found = match inspect(file.source.as_ref(), file.format, None) {
                Ok(geometry) => Some(geometry.shape),
                Err(VolumeError::Io(error)) => return Err(error),
                Err(VolumeError::Invalid(_)) => None,
            };
            if found.is_some() && found == case.shape && found != meant.shape {
                self.counts_from_zero(cases);
                return Ok(Vec::new());
            }
        }
        Ok(meant)
    }
}
