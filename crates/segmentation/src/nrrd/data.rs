//! From the header's end to the first voxel.

use std::io::{self, BufRead, BufReader};

use inflate_runs::{Bounded, Gunzip, Pieces, Runs, drain, skip};

use super::header::{ByteSkip, Encoding, Header};
use crate::error::{Defect, VolumeError};
use crate::source::Source;
use crate::stream::{self, BUFFER, Bunzip2, Hex, Input};

/// Most bytes that text may spend on a value.
const TEXT_BYTES: u64 = 32;

/// What may stand before and after the voxels, over and above their own length once more.
const SLACK: u64 = 1 << 20;

/// The decoded stream, which fails when it passes its bound.
pub type Payload<'a> = Bounded<Box<dyn Runs + 'a>>;

/// Bytes of all voxels, decoded.
fn payload(header: &Header) -> u64 {
    let voxels: usize = header.geometry.shape.iter().product();
    voxels as u64 * header.element.size() as u64
}

/// The most bytes the decoded stream may hold, skipped and trailing ones included: the
/// bound on what a small file can make us inflate.
fn limit(header: &Header) -> u64 {
    match header.encoding {
        Encoding::Text => payload(header) / header.element.size() as u64 * TEXT_BYTES + SLACK,
        _ => 2 * payload(header) + SLACK,
    }
}

/// Refuses by the source's stated length, where that already says enough.
pub fn check_length(header: &Header, source: &dyn Source) -> Result<(), Defect> {
    let Some(length) = source.len() else { return Ok(()) };
    let found = length.saturating_sub(header.length);
    match header.encoding {
        Encoding::Raw if found < payload(header) => {
            Err(Defect::Truncated { expected: payload(header), found })
        }
        // No encoding spends more on a stream than its own length and a little.
        _ if header.encoding != Encoding::Hex && found > limit(header) => Err(Defect::TooLong),
        // Two digits a byte.
        Encoding::Hex if found / 2 < payload(header) => {
            Err(Defect::Truncated { expected: payload(header), found: found / 2 })
        }
        _ if found == 0 => Err(Defect::Truncated { expected: payload(header), found }),
        _ => Ok(()),
    }
}

/// A reader of the decoded voxels, at the first of them.
pub fn open<'a>(header: &Header, source: &'a dyn Source) -> Result<Payload<'a>, VolumeError> {
    let skipped = match header.byte_skip {
        ByteSkip::Bytes(bytes) => bytes,
        ByteSkip::BeforeTheEnd(after) => {
            let found = drain(&mut decoded(header, after_lines(header, source)?))?;
            let expected = payload(header).saturating_add(after);
            found.checked_sub(expected).ok_or(Defect::Truncated { expected, found })?
        }
    };
    let mut input = after_lines(header, source)?;
    // Digits are skipped as characters; what was compressed is skipped as it was before.
    if header.encoding == Encoding::Hex {
        stream::skip(&mut input, skipped)?;
        return Ok(decoded(header, input));
    }
    let mut reader = decoded(header, input);
    skip(&mut reader, skipped)?;
    Ok(reader)
}

/// The file from behind its header and the lines to skip.
fn after_lines<'a>(header: &Header, source: &'a dyn Source) -> io::Result<Input<'a>> {
    let mut input: Input<'a> = BufReader::with_capacity(BUFFER, source.open()?);
    stream::skip(&mut input, header.length)?;
    for _ in 0..header.line_skip {
        if skip_line(&mut input)? == 0 {
            break;
        }
    }
    Ok(input)
}

/// The decoded stream, bounded.
fn decoded<'a>(header: &Header, input: Input<'a>) -> Payload<'a> {
    let runs: Box<dyn Runs + 'a> = match header.encoding {
        Encoding::Raw | Encoding::Text => Box::new(Pieces::new(input)),
        Encoding::Hex => Box::new(Pieces::new(Hex::new(input))),
        Encoding::Gzip => Box::new(Gunzip::new(input)),
        Encoding::Bzip2 => Box::new(Pieces::new(Bunzip2::new(input))),
    };
    Bounded::new(runs, limit(header))
}

/// Drops everything up to and with the next line feed. The bytes dropped.
fn skip_line(input: &mut Input<'_>) -> io::Result<usize> {
    input.skip_until(b'\n')
}
