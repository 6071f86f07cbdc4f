use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use crate::error::SourceError;

/// Bytes that can be read from the start as often as needed: a file, memory, an entry of an archive.
///
/// The header and the values are read by readers of their own, and a negative `byte skip` takes one more.
///
/// ```
/// use nrrd_rs::{Header, Source};
///
/// let file = b"NRRD0004\ntype: uint8\ndimension: 2\nsizes: 3 2\nencoding: raw\n\n\0\x01\x02\x03\x04\x05";
/// assert_eq!(Header::read(&file.as_slice())?.sizes, [3, 2]);
/// # Ok::<(), nrrd_rs::Error>(())
/// ```
pub trait Source: Send + Sync {
    /// A reader at the first byte. Several may be open at a time.
    ///
    /// # Errors
    /// Those of the storage.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;

    /// Length in bytes, if it is stated anywhere: a hint for early refusals, never trusted.
    fn len(&self) -> Option<u64>;

    /// Whether the stated length is 0.
    fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }
}

/// A file on disk, opened anew by every reader.
#[derive(Clone, Debug)]
pub struct FileSource(pub PathBuf);

impl Source for FileSource {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(File::open(&self.0)?))
    }

    fn len(&self) -> Option<u64> {
        std::fs::metadata(&self.0).ok().map(|metadata| metadata.len())
    }
}

impl Source for &[u8] {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(*self))
    }

    fn len(&self) -> Option<u64> {
        u64::try_from(<[u8]>::len(self)).ok()
    }
}

impl Source for Vec<u8> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.as_slice()))
    }

    fn len(&self) -> Option<u64> {
        u64::try_from(Vec::len(self)).ok()
    }
}

/// Opens a source so that its own errors are known for what they are.
pub(crate) fn open(source: &dyn Source) -> io::Result<Marked<'_>> {
    source.open().map(Marked).map_err(SourceError::wrap)
}

/// A reader that marks its errors as those of the source.
pub(crate) struct Marked<'a>(Box<dyn Read + 'a>);

impl Read for Marked<'_> {
    #[inline]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(SourceError::wrap)
    }
}
