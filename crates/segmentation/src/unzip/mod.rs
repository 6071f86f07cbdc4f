//! Zip files, read with distrust: what an entry says of itself only ever lowers a bound.

mod lenient;

use std::io::{self, BufReader, Read, Seek};

use inflate_runs::{Checksum, Inflate, Pieces, Run, Runs, TooLong};
use thiserror::Error;
use zip::read::{Config, ZipFileEntry};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;
use zip::{CompressionMethod, ZipReadOptions};

use super::error::StreamError;
use super::stream::BUFFER;
use lenient::Lenient;

/// Most bytes of an entry's name.
const MAX_NAME: usize = 1024;

/// One line of the central directory. Two entries may have the same name.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As it is stored, cut at 1024 characters, `/` between folders.
    pub name: String,
    pub kind: Kind,
    /// Bytes once inflated, as declared.
    pub size: u64,
    /// Where its own header starts.
    start: u64,
    data: Option<Data>,
    /// Whether its name is longer than is kept.
    is_cut: bool,
    /// Whether the bytes of its name are UTF-8, whatever the zip says.
    is_utf8: bool,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Folder,
    SymbolicLink,
    Encrypted,
    /// Compressed neither by storing nor by deflating.
    UnsupportedCompression,
    /// Its own header is missing or damaged.
    Damaged,
}

/// Where and how an entry's bytes are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data {
    pub start: u64,
    pub compressed: u64,
    deflated: bool,
    crc: u32,
    size: u64,
}

/// Why the directory of a zip could not be read.
#[derive(Debug, Error)]
pub enum ListError {
    #[error(transparent)]
    Io(io::Error),
    #[error("no readable zip directory")]
    NotAZip,
    #[error("{0} entries")]
    TooManyEntries(usize),
}

impl From<ZipError> for ListError {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) if error.raw_os_error().is_some() => ListError::Io(error),
            ZipError::Io(error)
                if error.get_ref().is_some_and(|e| e.is::<StreamError>() || e.is::<TooLong>()) =>
            {
                ListError::Io(error)
            }
            _ => ListError::NotAZip,
        }
    }
}

/// Lists all entries in the order of the directory, of at most `limit`.
pub fn list<R: Read + Seek>(reader: R, limit: usize) -> Result<Vec<Entry>, ListError> {
    let reader = Lenient::new(reader, limit).map_err(ListError::Io)?;
    let mut zip = ZipIterable::try_new(reader, Config::default())?;
    if zip.len() > limit {
        return Err(ListError::TooManyEntries(zip.len()));
    }
    let files = zip.files()?;
    let mut entries = Vec::new();
    while let Some(entry) = files.next() {
        entries.push(Entry::of(entry?, files.reader_mut())?);
    }
    // Who writes backslashes between folders (early versions of .NET) writes no slash anywhere. In a zip with slashes
    // they are bytes of names, as of many Japanese and Chinese ones whose characters have such a second byte.
    let slashes = entries.iter().any(|entry| entry.name.contains('/'));
    for entry in entries.iter_mut().filter(|_| !slashes) {
        entry.name = with_slashes(&entry.name, entry.is_utf8);
        if entry.name.ends_with('/') && !entry.is_cut {
            entry.kind = Kind::Folder;
            entry.data = None;
        }
    }
    Ok(entries)
}

/// With slashes between the folders. In the encodings whose characters may have a backslash as their second byte (code
/// page 932, Big5, GBK), the first one is no ASCII. Where a name is not UTF-8 it has one character for each byte.
fn with_slashes(name: &str, is_utf8: bool) -> String {
    let mut is_second = false;
    let slash = |c: char| {
        let slash = c == '\\' && !is_second;
        is_second = !is_second && !is_utf8 && !c.is_ascii();
        if slash { '/' } else { c }
    };
    name.chars().map(slash).collect()
}

impl Entry {
    fn of<R: Read + Seek>(entry: ZipFileEntry<'_>, reader: &mut R) -> Result<Self, ListError> {
        let name = entry.name()?;
        let mut this = Self {
            name: name.chars().take(MAX_NAME).collect(),
            kind: Kind::File,
            size: entry.size(),
            start: entry.header_start(),
            data: None,
            is_cut: name.len() > MAX_NAME,
            is_utf8: std::str::from_utf8(entry.name_raw()).is_ok(),
        };
        this.kind = match entry.compression() {
            _ if this.name.ends_with('/') && !this.is_cut => Kind::Folder,
            _ if entry.is_symlink() => Kind::SymbolicLink,
            _ if entry.encrypted() => Kind::Encrypted,
            CompressionMethod::Stored | CompressionMethod::Deflated => Kind::File,
            _ => Kind::UnsupportedCompression,
        };
        if this.kind == Kind::File {
            let mut data = Data {
                start: 0,
                compressed: entry.compressed_size(),
                deflated: entry.compression() == CompressionMethod::Deflated,
                crc: entry.crc32(),
                size: entry.size(),
            };
            let found = entry.with_reader(reader, ZipReadOptions::new());
            match found.map(|file| file.data_start()).map_err(ListError::from) {
                Ok(Some(start)) => {
                    data.start = start;
                    this.data = Some(data);
                }
                Err(ListError::Io(error)) => return Err(ListError::Io(error)),
                Ok(None) | Err(_) => this.kind = Kind::Damaged,
            }
        }
        Ok(this)
    }

    /// Where the bytes are; `None` unless it is a file.
    pub fn data(&self) -> Option<Data> {
        self.data
    }

    /// First byte of its own header, and the first byte after its data. `None` unless it is a file.
    pub fn range(&self) -> Option<(u64, u64)> {
        let data = self.data?;
        Some((self.start, data.start.checked_add(data.compressed)?))
    }
}

impl Data {
    /// Bytes once inflated, as declared.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// An entry's own bytes, from a reader at [`Data::start`]. Fails at their end unless
    /// length and checksum are as declared, and never gives more than the declared length.
    pub fn inflate<'a>(&self, reader: impl Read + 'a) -> Box<dyn Runs + 'a> {
        let raw = reader.take(self.compressed);
        if self.deflated {
            let inner = Inflate::new(BufReader::with_capacity(BUFFER, raw));
            Box::new(Checked::new(inner, self))
        } else {
            Box::new(Checked::new(Pieces::new(raw), self))
        }
    }
}

/// Holds an entry to its declared length and checksum.
struct Checked<R> {
    inner: R,
    left: u64,
    checksum: Checksum,
    expected: u32,
}

impl<R> Checked<R> {
    fn new(inner: R, data: &Data) -> Self {
        Self { inner, left: data.size, checksum: Checksum::new(), expected: data.crc }
    }
}

impl<R: Runs> Runs for Checked<R> {
    fn next_run(&mut self, limit: usize) -> io::Result<Option<Run<'_>>> {
        let run = self.inner.next_run(limit).map_err(|error| match error.raw_os_error() {
            None if error.kind() != io::ErrorKind::Interrupted => StreamError::DamagedEntry.into(),
            _ => error,
        })?;
        let length = run.as_ref().map_or(0, Run::len);
        self.left = self.left.checked_sub(length as u64).ok_or(StreamError::DamagedEntry)?;
        match &run {
            Some(run) => self.checksum.add(run),
            None if self.left > 0 || self.checksum.sum() != self.expected => {
                return Err(StreamError::DamagedEntry.into());
            }
            None => {}
        }
        Ok(run)
    }
}
