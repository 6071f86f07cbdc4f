//! The files in a zip.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use inflate_runs::Plain;

use super::{ArchiveError, ArchiveIssue, Found};
use crate::sniff;
use crate::stream::{BUFFER, read_full};
use crate::unzip::{self, Data, Entry, Kind, ListError};
use nrrd_rs::Source;

/// A file in a zip on disk. Every reader opens the zip anew, so that any number of threads may read.
struct ZipEntry {
    zip: PathBuf,
    data: Data,
    size: u64,
}

impl Source for ZipEntry {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let mut file = File::open(&self.zip)?;
        file.seek(SeekFrom::Start(self.data.start))?;
        Ok(Box::new(Plain(self.data.inflate(file))))
    }

    fn len(&self) -> Option<u64> {
        Some(self.size)
    }
}

/// Everything in the zip but its folders.
pub(super) fn list(path: &Path, limit: usize) -> Result<Vec<Found>, ArchiveError> {
    let mut file = File::open(path)?;
    let entries = match unzip::list(BufReader::with_capacity(BUFFER, &file), limit) {
        Ok(entries) => entries,
        Err(ListError::Io(error)) => return Err(error.into()),
        Err(ListError::TooManyEntries(found)) => {
            return Err(ArchiveError::whole(ArchiveIssue::TooManyEntries { found, limit }));
        }
        Err(ListError::NotAZip) => return Err(ArchiveError::whole(not_a_zip(&mut file)?)),
    };
    let length = file.metadata()?.len();
    let overlapping = overlaps(&entries);
    let found = entries.iter().zip(overlapping).filter(|(entry, _)| entry.kind != Kind::Folder);
    Ok(found
        .map(|(entry, overlaps)| {
            Found::new(entry.name.clone(), entry.size, source(path, length, entry, overlaps))
        })
        .collect())
}

fn not_a_zip(file: &mut File) -> io::Result<ArchiveIssue> {
    let mut head = [0; sniff::ENOUGH];
    file.seek(SeekFrom::Start(0))?;
    let read = read_full(file, &mut head)?;
    let head = head.get(..read).unwrap_or_default();
    if head.starts_with(b"PK") {
        return Ok(ArchiveIssue::DamagedZip);
    }
    Ok(ArchiveIssue::NotAZip { looks_like: sniff::name(head) })
}

fn source(
    zip: &Path,
    length: u64,
    entry: &Entry,
    overlaps: bool,
) -> Result<Arc<dyn Source>, ArchiveIssue> {
    match entry.kind {
        Kind::SymbolicLink => return Err(ArchiveIssue::SymbolicLink),
        Kind::Encrypted => return Err(ArchiveIssue::Encrypted),
        Kind::UnsupportedCompression => return Err(ArchiveIssue::UnsupportedCompression),
        Kind::File | Kind::Folder | Kind::Damaged => {}
    }
    let inside = entry.range().is_some_and(|(_, end)| end <= length);
    let data = entry.data().filter(|_| inside).ok_or(ArchiveIssue::DamagedEntry)?;
    if overlaps {
        return Err(ArchiveIssue::Overlapping);
    }
    Ok(Arc::new(ZipEntry { zip: zip.to_path_buf(), data, size: entry.size }))
}

/// For each entry, whether it starts before another one has ended.
fn overlaps(entries: &[Entry]) -> Vec<bool> {
    let ranges = entries.iter().enumerate();
    let mut ranges: Vec<_> = ranges.filter_map(|(at, entry)| Some((entry.range()?, at))).collect();
    ranges.sort_unstable();
    let mut overlaps = vec![false; entries.len()];
    let mut reached = 0;
    for ((start, end), at) in ranges {
        if let Some(overlap) = overlaps.get_mut(at) {
            *overlap = start < reached;
        }
        reached = reached.max(end);
    }
    overlaps
}
