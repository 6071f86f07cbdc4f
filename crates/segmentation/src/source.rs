use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

/// Bytes that can be read from the start as often as needed: a file, memory, a zip entry.
pub trait Source: Send + Sync {
    /// A reader at the first byte. Several may be open at a time.
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
