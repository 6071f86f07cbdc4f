//! Streams in pieces, of which long runs of zeros are only counted.

use std::io::{self, ErrorKind, Read};

use super::TooLong;

/// Bytes read at a time: fits a core's own cache, and holds whole blocks of every type.
const PIECE: usize = 128 << 10;

/// A piece of a stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Run<'a> {
    /// So many zeros, at least one.
    Zeros(usize),
    /// Bytes that may be zero as well, at least one.
    Bytes(&'a [u8]),
}

impl Run<'_> {
    /// How many bytes it is.
    pub fn len(&self) -> usize {
        match self {
            Run::Zeros(zeros) => *zeros,
            Run::Bytes(bytes) => bytes.len(),
        }
    }

    /// Whether it is no bytes at all, which no stream gives out.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A stream that may tell its long runs of zeros without writing them out.
pub trait Runs {
    /// The next piece, of at most `limit` bytes; `None` at the end.
    ///
    /// # Errors
    /// Those of the reader below; `InvalidData` for damaged data, `UnexpectedEof` where compressed data break off,
    /// and [`TooLong`] beyond a bound.
    fn next_run(&mut self, limit: usize) -> io::Result<Option<Run<'_>>>;
}

impl<R: Runs + ?Sized> Runs for Box<R> {
    fn next_run(&mut self, limit: usize) -> io::Result<Option<Run<'_>>> {
        (**self).next_run(limit)
    }
}

/// A reader's bytes in pieces.
pub struct Pieces<R> {
    reader: R,
    piece: Vec<u8>,
    /// What came behind the last piece, until it is returned.
    error: Option<io::Error>,
}

impl<R: Read> Pieces<R> {
    /// Of a reader's bytes, from where it stands.
    pub fn new(reader: R) -> Self {
        Self { reader, piece: vec![0; PIECE], error: None }
    }
}

impl<R: Read> Runs for Pieces<R> {
    fn next_run(&mut self, limit: usize) -> io::Result<Option<Run<'_>>> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let wanted = self.piece.len().min(limit);
        let mut filled = 0;
        while let Some(rest) = self.piece.get_mut(filled..wanted).filter(|rest| !rest.is_empty()) {
            match self.reader.read(rest) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if filled == 0 => return Err(error),
                Err(error) => {
                    self.error = Some(error);
                    break;
                }
            }
        }
        let piece = self.piece.get(..filled).unwrap_or_default();
        Ok((!piece.is_empty()).then_some(Run::Bytes(piece)))
    }
}

/// Runs as a reader, the zeros written out.
pub struct Plain<R>(pub R);

impl<R: Runs> Read for Plain<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let Some(run) = self.0.next_run(buffer.len())? else { return Ok(0) };
        let length = run.len();
        if let Some(into) = buffer.get_mut(..length) {
            match run {
                Run::Zeros(_) => into.fill(0),
                Run::Bytes(bytes) => into.copy_from_slice(bytes),
            }
        }
        Ok(length)
    }
}

/// Refuses to pass on more than `left` bytes: the bound of everything that inflates.
pub struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Runs> Bounded<R> {
    /// Of at most `limit` bytes.
    pub fn new(inner: R, limit: u64) -> Self {
        Self { inner, left: limit }
    }
}

impl<R: Runs> Runs for Bounded<R> {
    fn next_run(&mut self, limit: usize) -> io::Result<Option<Run<'_>>> {
        let run = self.inner.next_run(limit)?;
        let length = run.as_ref().map_or(0, Run::len);
        self.left = self.left.checked_sub(length as u64).ok_or(TooLong)?;
        Ok(run)
    }
}

/// The next piece. Compressed data that break off end there, too.
///
/// # Errors
/// All others of [`Runs::next_run`].
pub fn next_or_end(runs: &mut dyn Runs, limit: usize) -> io::Result<Option<Run<'_>>> {
    match runs.next_run(limit) {
        Err(error)
            if error.kind() == ErrorKind::UnexpectedEof && error.raw_os_error().is_none() =>
        {
            Ok(None)
        }
        other => other,
    }
}

/// Drops `count` bytes; fewer, if the data end before.
///
/// # Errors
/// Those of [`Runs::next_run`].
pub fn skip(runs: &mut dyn Runs, count: u64) -> io::Result<()> {
    let mut left = count;
    while left > 0 {
        match runs.next_run(usize::try_from(left).unwrap_or(usize::MAX))? {
            Some(run) => left = left.saturating_sub(run.len() as u64),
            None => break,
        }
    }
    Ok(())
}

/// Reads to the end and drops it, so that checksums at the end get their say. The bytes dropped.
///
/// # Errors
/// Those of [`Runs::next_run`].
pub fn drain(runs: &mut dyn Runs) -> io::Result<u64> {
    let mut dropped = 0;
    while let Some(run) = runs.next_run(usize::MAX)? {
        dropped += run.len() as u64;
    }
    Ok(dropped)
}
