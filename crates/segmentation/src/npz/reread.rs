//! Seeking where there is only reading from the start.

use std::collections::VecDeque;
use std::io::{self, Read, Seek, SeekFrom};

use crate::stream::{BUFFER, skip};
use nrrd_rs::Source;

/// Bytes kept of the end, where a zip has its directory: its longest comment and some thousand entries.
const TAIL: usize = 256 << 10;

/// How often a source may be read anew. An honest archive of one array needs it once.
const REOPENINGS: u32 = 1;

/// A source as a seekable file, in the memory of its last bytes.
///
/// The end is kept; what lies before it is read again from the start where it is asked
/// for. So an NPZ inside a deflated zip entry takes neither its whole length in memory
/// nor a temporary file: its bytes are inflated once for the directory and once for the voxels.
pub struct Reread<'a> {
    source: &'a dyn Source,
    length: u64,
    /// The last bytes.
    tail: Vec<u8>,
    at: u64,
    /// A reader and where it stands.
    reader: Option<(Box<dyn Read + 'a>, u64)>,
    reopenings: u32,
}

impl<'a> Reread<'a> {
    /// Reads the source to its end once.
    pub fn new(source: &'a dyn Source) -> io::Result<Self> {
        let mut reader = source.open()?;
        let mut buffer = vec![0; BUFFER];
        let mut tail = VecDeque::with_capacity(TAIL + BUFFER);
        let mut length = 0;
        loop {
            let read = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            length += read as u64;
            tail.extend(buffer.get(..read).unwrap_or_default());
            tail.drain(..tail.len().saturating_sub(TAIL));
        }
        Ok(Self { source, length, tail: tail.into(), at: 0, reader: None, reopenings: 0 })
    }

    /// What of the tail starts at the present position.
    fn tail_from_here(&self) -> Option<&[u8]> {
        let start = self.length - self.tail.len() as u64;
        let offset = usize::try_from(self.at.checked_sub(start)?).ok()?;
        Some(self.tail.get(offset..).unwrap_or_default())
    }
}

impl Seek for Reread<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl Read for Reread<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(mut rest) = self.tail_from_here() {
            let read = rest.read(buffer)?;
            self.at += read as u64;
            return Ok(read);
        }
        let (mut reader, stands) = match self.reader.take() {
            Some((reader, stands)) if stands <= self.at => (reader, stands),
            _ if self.reopenings == REOPENINGS => return Err(io::ErrorKind::InvalidData.into()),
            _ => {
                self.reopenings += 1;
                (self.source.open()?, 0)
            }
        };
        skip(&mut reader, self.at - stands)?;
        let read = reader.read(buffer)?;
        self.at += read as u64;
        self.reader = Some((reader, self.at));
        Ok(read)
    }
}
