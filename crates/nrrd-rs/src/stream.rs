//! Readers that stand between a source and its voxels.

use std::io::{self, BufRead, BufReader, Read};

#[cfg(feature = "bzip2")]
use bzip2::bufread::BzDecoder;
#[cfg(feature = "bzip2")]
use inflate_runs::TooLong;

use crate::error::NotHex;

/// Bytes read from a source at a time.
pub const BUFFER: usize = 64 << 10;

/// Most bzip2 streams one behind the other. Parallel packers begin one every 100 kB or more;
/// each costs time though it may hold nothing.
#[cfg(feature = "bzip2")]
const MAX_STREAMS: u32 = 20_000;

/// A buffered source, boxed so that decoders can be chained at run time.
pub type Input<'a> = BufReader<Box<dyn Read + 'a>>;

/// Reads to the end and drops it, so that checksums at the end get their say. The bytes dropped.
#[cfg(feature = "bzip2")]
fn drain(reader: &mut dyn Read) -> io::Result<u64> {
    io::copy(reader, &mut io::sink())
}

/// Drops `count` bytes. Fewer, if the data end before; the bytes dropped.
pub fn skip(reader: &mut dyn Read, count: u64) -> io::Result<u64> {
    io::copy(&mut reader.take(count), &mut io::sink())
}

/// Drops everything up to and with the next line feed. The bytes dropped.
pub fn skip_line(input: &mut Input<'_>) -> io::Result<usize> {
    input.skip_until(b'\n')
}

/// All streams of a bzip2 file as one, checksums verified. Padding after the last one is read
/// to its end and dropped.
#[cfg(feature = "bzip2")]
pub struct Bunzip2<'a> {
    current: Option<BzDecoder<Input<'a>>>,
    streams: u32,
}

#[cfg(feature = "bzip2")]
impl<'a> Bunzip2<'a> {
    pub fn new(input: Input<'a>) -> Self {
        Self { current: Some(BzDecoder::new(input)), streams: 1 }
    }
}

#[cfg(feature = "bzip2")]
impl Read for Bunzip2<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(stream) = &mut self.current {
            let read = stream.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if stream.get_mut().fill_buf()?.first() == Some(&b'B') {
                self.streams += 1;
                if self.streams > MAX_STREAMS {
                    return Err(TooLong.into());
                }
                self.current = self.current.take().map(|ended| BzDecoder::new(ended.into_inner()));
            } else {
                drain(stream.get_mut())?;
                self.current = None;
            }
        }
        Ok(0)
    }
}

/// Pairs of hexadecimal digits as bytes; white space may stand anywhere.
pub struct Hex<'a> {
    input: Input<'a>,
    high: Option<u8>,
}

impl<'a> Hex<'a> {
    pub fn new(input: Input<'a>) -> Self {
        Self { input, high: None }
    }
}

impl Read for Hex<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled == 0 && !buffer.is_empty() {
            let digits = self.input.fill_buf()?;
            if digits.is_empty() {
                break;
            }
            let mut used = 0;
            for &byte in digits {
                let Some(slot) = buffer.get_mut(filled) else { break };
                used += 1;
                if byte.is_ascii_whitespace() {
                    continue;
                }
                let digit = char::from(byte).to_digit(16).ok_or(NotHex(byte))? as u8;
                match self.high.take() {
                    None => self.high = Some(digit),
                    Some(high) => {
                        *slot = high << 4 | digit;
                        filled += 1;
                    }
                }
            }
            self.input.consume(used);
        }
        Ok(filled)
    }
}
