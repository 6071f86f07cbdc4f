//! DEFLATE for volumes that are nearly all zeros, in gzip and in zip.
//!
//! A segmentation deflates to long copies of zeros. An ordinary decoder writes those zeros
//! to memory, sums them up for the checksum, and whoever follows reads them again to find
//! nothing. This one decodes DEFLATE (RFC 1951) and gzip (RFC 1952) to [`Run`](Run)s instead: zeros
//! are counted and never written, their checksum is computed from their number. What is not
//! zero passes through a window that fits a core's own cache.

#![warn(clippy::dbg_macro, clippy::expect_used, clippy::panic, clippy::todo, clippy::unwrap_used)]

mod bits;
mod blocks;
mod checksum;
mod gzip;
mod huffman;
mod plain;
mod runs;
#[cfg(test)]
mod tests;
mod window;

use std::io;

pub use checksum::Checksum;
pub use gzip::Gunzip;
pub use plain::Inflate;
pub use runs::{Bounded, Pieces, Plain, Run, Runs, drain, next_or_end, skip};

/// A stream holds more than it may, or is made of more pieces than any honest one.
///
/// Comes as the inner error of an [`io::Error`] of kind `InvalidData`.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("more data than expected")]
pub struct TooLong;

impl From<TooLong> for io::Error {
    fn from(error: TooLong) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}

/// Why data can't be inflated. Whoever reads files takes both kinds for the author's fault.
fn corrupt() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// The data break off.
fn ended() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}
