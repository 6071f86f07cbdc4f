//! Small helpers of all readers.

use std::io::{self, Read};

/// Bytes read from a source at a time.
pub const BUFFER: usize = 64 << 10;

/// Reads a whole buffer, less only where the data end, and says how much. Compressed data
/// that break off end there, too.
pub fn read_full(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) => match error.kind() {
                io::ErrorKind::Interrupted => {}
                io::ErrorKind::UnexpectedEof if error.raw_os_error().is_none() => break,
                _ => return Err(error),
            },
        }
    }
    Ok(filled)
}

/// Drops `count` bytes. Fewer, if the data end before; the bytes dropped.
pub fn skip(reader: &mut dyn Read, count: u64) -> io::Result<u64> {
    io::copy(&mut reader.take(count), &mut io::sink())
}
