//! From the header's end to the last value.

use std::io::{BufReader, Read};

use inflate_runs::{Bounded, Pieces, Run, Runs, drain, next_or_end, skip};

use crate::error::{Error, FormatError};
use crate::header::Header;
use crate::source::{self, Source};
use crate::stream::{self, BUFFER, Hex, Input};
use crate::text::Numbers;
use crate::{ByteSkip, Encoding, Endian};

/// Most bytes that text may spend on a value.
const TEXT_BYTES: u64 = 32;

/// What may stand before and after the values, over and above their own length once more.
const SLACK: u64 = 1 << 20;

/// The decoded stream, which fails when it passes its bound.
type Payload<'a> = Bounded<Box<dyn Runs + 'a>>;

/// The values of a file, decoded piece by piece: for those who want no dense array.
///
/// Never gives more bytes than the header promises, and never inflates more than twice as many, and a mebibyte.
/// Buffers take less than a mebibyte, 5 MiB with bzip2. Long runs of zeros, of which a segmentation is made, are
/// counted and not written: a [`Run`] is either their number or bytes.
///
/// ```
/// use nrrd_rs::{Header, Run};
///
/// let file = b"NRRD0004\ntype: uint8\ndimension: 1\nsizes: 5\nencoding: raw\n\n\x01\0\0\x02\x03";
/// let source = file.as_slice();
/// let header = Header::read(&source)?;
/// let mut data = header.data(&source)?;
/// let mut sum = 0;
/// while let Some(run) = data.next_run(usize::MAX)? {
///     match run {
///         Run::Zeros(_) => {}
///         Run::Bytes(bytes) => sum += bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>(),
///     }
/// }
/// assert_eq!(sum, 6);
/// # Ok::<(), nrrd_rs::Error>(())
/// ```
pub struct Data<'a> {
    values: Values<'a>,
    endian: Endian,
    /// Bytes of all values, and how many of them are still to come.
    expected: u64,
    left: u64,
    /// In which [`FormatError::Truncated`] counts.
    unit: u64,
}

/// The bytes of the values, whatever the encoding.
enum Values<'a> {
    Bytes(Payload<'a>),
    Text(Numbers<Payload<'a>>),
}

impl Data<'_> {
    /// The next piece of the values, of at most `limit` bytes; `None` after the last value, when all that
    /// stands behind it has been read and checksums were found right.
    ///
    /// A value may be split between two pieces. Bytes are in the order of [`endian`](Self::endian).
    ///
    /// # Errors
    /// [`Error::Io`] if the source fails, [`Error::Format`] for data that are damaged, too short or far too long.
    #[inline]
    pub fn next_run(&mut self, limit: usize) -> Result<Option<Run<'_>>, Error> {
        if self.left == 0 {
            self.values.drain()?;
            return Ok(None);
        }
        let limit = limit.min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let (expected, left, unit) = (self.expected, self.left, self.unit);
        match self.values.next_run(limit)? {
            Some(run) => {
                self.left -= (run.len() as u64).min(left);
                Ok(Some(run))
            }
            None => {
                let (expected, found) = (expected / unit, (expected - left) / unit);
                Err(FormatError::Truncated { expected, found }.into())
            }
        }
    }

    /// Order of the bytes of a value, which for values written as text is always [`Endian::Little`].
    pub fn endian(&self) -> Endian {
        self.endian
    }
}

impl Values<'_> {
    #[inline]
    fn next_run(&mut self, limit: usize) -> Result<Option<Run<'_>>, Error> {
        match self {
            Self::Bytes(payload) => Ok(next_or_end(payload, limit)?),
            Self::Text(numbers) => numbers.next_run(limit),
        }
    }

    fn drain(&mut self) -> Result<(), Error> {
        match self {
            Self::Bytes(payload) => drain(payload)?,
            Self::Text(numbers) => drain(numbers.inner())?,
        };
        Ok(())
    }
}

/// The most bytes the decoded stream may hold, skipped and trailing ones included: the
/// bound on what a small file can make us inflate.
fn limit(header: &Header) -> u64 {
    match header.encoding {
        Encoding::Text => header.values() as u64 * TEXT_BYTES + SLACK,
        _ => 2 * header.data_bytes() + SLACK,
    }
}

/// See [`Header::check_length`].
pub fn check_length(header: &Header, source: &dyn Source) -> Result<(), FormatError> {
    let Some(length) = source.len() else { return Ok(()) };
    let (found, expected) = (length.saturating_sub(header.length()), header.data_bytes());
    match header.encoding {
        Encoding::Raw if found < expected => Err(FormatError::Truncated { expected, found }),
        // No encoding spends more on a stream than its own length and a little.
        _ if header.encoding != Encoding::Hex && found > limit(header) => Err(FormatError::TooLong),
        // Two digits a byte.
        Encoding::Hex if found / 2 < expected => {
            Err(FormatError::Truncated { expected, found: found / 2 })
        }
        _ if found == 0 => Err(FormatError::Truncated { expected, found }),
        _ => Ok(()),
    }
}

/// The values, at the first of them.
pub fn open<'a>(header: &Header, source: &'a dyn Source) -> Result<Data<'a>, Error> {
    let payload = at_first_value(header, source)?;
    let (expected, size) = (header.data_bytes(), header.scalar.size() as u64);
    let (values, endian, unit) = match header.encoding {
        Encoding::Text => {
            let numbers = Numbers::new(payload, header.scalar, header.values());
            (Values::Text(numbers), Endian::Little, size)
        }
        _ => (Values::Bytes(payload), header.endian, 1),
    };
    Ok(Data { values, endian, expected, left: expected, unit })
}

fn at_first_value<'a>(header: &Header, source: &'a dyn Source) -> Result<Payload<'a>, Error> {
    let skipped = match header.byte_skip {
        ByteSkip::Bytes(bytes) => bytes,
        ByteSkip::BeforeTheEnd(after) => {
            let found = drain(&mut decoded(header, after_lines(header, source)?)?)?;
            let expected = header.data_bytes().saturating_add(after);
            found.checked_sub(expected).ok_or(FormatError::Truncated { expected, found })?
        }
    };
    let mut input = after_lines(header, source)?;
    // Digits are skipped as characters; what was compressed is skipped as it was before.
    if header.encoding == Encoding::Hex {
        stream::skip(&mut input, skipped)?;
        return decoded(header, input);
    }
    let mut payload = decoded(header, input)?;
    skip(&mut payload, skipped)?;
    Ok(payload)
}

/// The file from behind its header and the lines to skip.
fn after_lines<'a>(header: &Header, source: &'a dyn Source) -> Result<Input<'a>, Error> {
    let reader: Box<dyn Read + 'a> = Box::new(source::open(source)?);
    let mut input = BufReader::with_capacity(BUFFER, reader);
    stream::skip(&mut input, header.length())?;
    for _ in 0..header.line_skip {
        if stream::skip_line(&mut input)? == 0 {
            break;
        }
    }
    Ok(input)
}

/// The decoded stream, bounded.
fn decoded<'a>(header: &Header, input: Input<'a>) -> Result<Payload<'a>, Error> {
    let runs: Box<dyn Runs + 'a> = match header.encoding {
        Encoding::Raw | Encoding::Text => Box::new(Pieces::new(input)),
        Encoding::Hex => Box::new(Pieces::new(Hex::new(input))),
        #[cfg(feature = "gzip")]
        Encoding::Gzip => Box::new(inflate_runs::Gunzip::new(input)),
        #[cfg(feature = "bzip2")]
        Encoding::Bzip2 => Box::new(Pieces::new(stream::Bunzip2::new(input))),
        #[cfg(not(all(feature = "gzip", feature = "bzip2")))]
        other => return Err(FormatError::UnsupportedEncoding(other.name().into()).into()),
    };
    Ok(Bounded::new(runs, limit(header)))
}
