//! NRRD, "nearly raw raster data": a text header, an empty line, the values.
//!
//! Reads what pynrrd, Teem and ITK write and read: NRRD0001 to NRRD0005, every scalar type in every spelling and
//! both byte orders, the encodings raw, text, hex, gzip and bzip2, line and byte skips. Definition of the format:
//! <https://teem.sourceforge.net/nrrd/format.html>.
//!
//! | To | use |
//! |---|---|
//! | read a file into an array | [`read`] or [`read_array`] (feature `ndarray`) |
//! | read the header alone | [`Header::read`] |
//! | read values piece by piece, with no array in memory | [`Header::data`] |
//! | write an array | [`Writer::write`] (feature `ndarray`) |
//! | write values as they come | [`Writer::write_values`] |
//!
//! Indices are in the file's order of axes: element `[x, y, z]` of an array is the value at x along the first
//! axis, the one that runs fastest in the file. That is what pynrrd reads, too.
//!
//! ```
//! # #[cfg(all(feature = "ndarray", feature = "gzip"))] {
//! use ndarray::Array3;
//! use nrrd_rs::{Encoding, Writer, read_array};
//!
//! let ct = Array3::from_shape_fn((4, 3, 2), |(x, y, z)| (x + 10 * y + 100 * z) as i16);
//! let mut file = Vec::new();
//! Writer::new().encoding(Encoding::Gzip).spacings(&[0.4, 0.4, 0.625]).write(&mut file, ct.view())?;
//!
//! let (header, array) = read_array::<i16>(&file)?;
//! assert_eq!(header.spacing(), [Some(0.4), Some(0.4), Some(0.625)]);
//! assert_eq!(array, ct.into_dyn());
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Files from strangers
//!
//! Everything is bounded before it is read: the header by [`MAX_HEADER`], what is inflated by what the header
//! promises, arrays by a limit that the caller may set ([`read_with_limit`]). Nothing panics on any input (fuzzed), and a
//! header that names another file (`data file:`) is refused and the file never opened, so detached headers
//! (`.nhdr`) can't be read.
//!
//! # Features
//!
//! `ndarray`, `gzip` and `bzip2`, all on by default. Without the latter two a file in that encoding is refused as
//! [`FormatError::UnsupportedEncoding`].

#![cfg_attr(all(doctest, feature = "ndarray", feature = "gzip"), doc = include_str!("../README.md"))]
#![deny(missing_docs)]
#![warn(clippy::missing_errors_doc)]
#![warn(clippy::dbg_macro, clippy::expect_used, clippy::panic, clippy::todo, clippy::unwrap_used)]

#[cfg(feature = "ndarray")]
mod array;
mod data;
mod encoding;
mod error;
mod fields;
mod header;
mod scalar;
mod source;
mod stream;
mod text;
mod write;

#[cfg(feature = "ndarray")]
pub use array::{Array, DEFAULT_LIMIT, read, read_array, read_with_limit};
pub use data::Data;
pub use encoding::{ByteSkip, Encoding, Endian};
pub use error::{Error, FormatError};
pub use header::{Header, MAX_AXES, MAX_HEADER};
pub use inflate_runs::Run;
pub use scalar::{Scalar, ScalarType};
pub use source::{FileSource, Source};
pub use write::Writer;
