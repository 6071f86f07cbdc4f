//! DEFLATE for volumes that are nearly all zeros, in gzip and in zip.
//!
//! A segmentation deflates to long copies of zeros. An ordinary decoder writes those zeros
//! to memory, sums them up for the checksum, and whoever follows reads them again to find
//! nothing. This one decodes DEFLATE (RFC 1951) and gzip (RFC 1952) to [`Run`](super::runs::Run)s instead: zeros
//! are counted and never written, their checksum is computed from their number. What is not
//! zero passes through a window that fits a core's own cache.

mod bits;
mod blocks;
mod checksum;
mod gzip;
mod huffman;
mod plain;
#[cfg(test)]
mod tests;
mod window;

use std::io;

pub use checksum::Checksum;
pub use gzip::Gunzip;
pub use plain::Inflate;

/// Why data can't be inflated. Whoever reads files takes both kinds for the author's fault.
fn corrupt() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// The data break off.
fn ended() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}
