//! gzip and DEFLATE decoded to runs: for volumes that are nearly all zeros.
//!
//! A segmentation deflates to long copies of zeros. An ordinary decoder writes those zeros
//! to memory, sums them up for the checksum, and whoever follows reads them again to find
//! nothing. This one decodes DEFLATE (RFC 1951) and gzip (RFC 1952) to [`Run`]s instead: zeros
//! are counted and never written, their checksum is computed from their number. What is not
//! zero passes through a window that fits a core's own cache.
//!
//! ```
//! use std::io::Write;
//!
//! use flate2::write::GzEncoder;
//! use inflate_runs::{Gunzip, Run, Runs};
//!
//! // A hundred million zeros, and a one among them.
//! let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
//! for at in 0..100 {
//!     let mut piece = vec![0; 1_000_000];
//!     piece[7] = u8::from(at == 42);
//!     encoder.write_all(&piece)?;
//! }
//! let gzip = encoder.finish()?;
//!
//! let (mut at, mut found) = (0, Vec::new());
//! let mut gunzip = Gunzip::new(gzip.as_slice());
//! while let Some(run) = gunzip.next_run(usize::MAX)? {
//!     if let Run::Bytes(bytes) = &run {
//!         found.extend(bytes.iter().enumerate().filter(|(_, byte)| **byte != 0).map(|(n, _)| at + n));
//!     }
//!     at += run.len();
//! }
//! assert_eq!((at, found), (100_000_000, vec![42_000_007]));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! [`Gunzip`] and [`Inflate`] give [`Runs`]; so does any reader as [`Pieces`], and, with the feature `zlib`, `ZlibGunzip`, which
//! decodes by zlib-rs. [`Plain`] is the other way round: runs as a reader. Checksums and lengths are verified, and what the
//! decoders accept is what zlib-rs accepts (property tests and fuzzing hold one against the other).

#![cfg_attr(all(doctest, feature = "zlib"), doc = include_str!("../README.md"))]
#![deny(missing_docs)]
#![warn(clippy::missing_errors_doc)]
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
#[cfg(any(test, feature = "zlib"))]
mod zlib;

use std::io;

pub use checksum::Checksum;
pub use gzip::Gunzip;
pub use plain::Inflate;
pub use runs::{Bounded, Pieces, Plain, Run, Runs, drain, next_or_end, skip};
#[cfg(any(test, feature = "zlib"))]
pub use zlib::ZlibGunzip;

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
