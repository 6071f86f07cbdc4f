//! Values written as numbers.

use inflate_runs::{Run, Runs, next_or_end};

use crate::error::{Error, FormatError};
use crate::{ScalarType, fields};

/// Most characters of a number.
const MAX_LENGTH: usize = 256;

/// Characters that are read at a time.
const PIECE: usize = 16 << 10;

/// The numbers of a text as the bytes of their values, lowest first; white space or commas stand between them.
pub struct Numbers<R> {
    inner: R,
    parser: Parser,
    /// How many bytes of the parser's values were given out.
    given: usize,
}

impl<R: Runs> Numbers<R> {
    /// So many values of a type.
    pub fn new(inner: R, scalar: ScalarType, values: usize) -> Self {
        let parser = Parser { scalar, left: values, word: Vec::new(), values: Vec::new() };
        Self { inner, parser, given: 0 }
    }

    /// The text.
    pub fn inner(&mut self) -> &mut R {
        &mut self.inner
    }

    /// As [`Runs::next_run`].
    pub fn next_run(&mut self, limit: usize) -> Result<Option<Run<'_>>, Error> {
        if self.given == self.parser.values.len() {
            self.parser.values.clear();
            self.given = 0;
            self.read()?;
        }
        let end = self.parser.values.len().min(self.given.saturating_add(limit));
        let run = self.parser.values.get(self.given..end).filter(|bytes| !bytes.is_empty());
        self.given = end;
        Ok(run.map(Run::Bytes))
    }

    /// Reads some values; none only at the end of the text, or after the last value.
    fn read(&mut self) -> Result<(), Error> {
        while self.parser.left > 0 && self.parser.values.is_empty() {
            match next_or_end(&mut self.inner, PIECE)? {
                Some(Run::Bytes(bytes)) => self.parser.take(bytes)?,
                // No number has a byte 0 in it.
                Some(Run::Zeros(_)) => self.parser.take(&[0])?,
                None => {
                    self.parser.end_word()?;
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Characters to bytes of values.
struct Parser {
    scalar: ScalarType,
    /// Values still to come.
    left: usize,
    /// The number being read, which may have begun in the piece before.
    word: Vec<u8>,
    values: Vec<u8>,
}

impl Parser {
    fn take(&mut self, bytes: &[u8]) -> Result<(), FormatError> {
        for &byte in bytes {
            match byte {
                // What follows the last value is nobody's business.
                _ if self.left == 0 => break,
                b',' | b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.end_word()?,
                _ if self.word.len() < MAX_LENGTH => self.word.push(byte),
                _ => return Err(self.bad_value()),
            }
        }
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), FormatError> {
        if !self.word.is_empty() {
            let text = std::str::from_utf8(&self.word).map_err(|_| self.bad_value())?;
            if !self.scalar.parse(text, &mut self.values) {
                return Err(self.bad_value());
            }
            self.left -= 1;
        }
        self.word.clear();
        Ok(())
    }

    fn bad_value(&self) -> FormatError {
        FormatError::BadValue(fields::excerpt(&fields::decode(&self.word)))
    }
}
