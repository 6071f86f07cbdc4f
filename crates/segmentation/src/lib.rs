//! From bytes to voxels: NRRD, NPZ, and the archives they come in.
//!
//! Every input is hostile. Nothing is read without a bound, and a dense volume is
//! never held: voxels pass through a small buffer straight into the bits of a [`Mask`].
//!
//! Arrays are indexed (x, y, z). NRRD is read x fastest, as pynrrd reads it; an NPZ
//! array is taken as it is indexed, in C or Fortran order alike.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![deny(missing_docs)]
#![warn(clippy::missing_errors_doc)]
#![warn(clippy::dbg_macro, clippy::expect_used, clippy::panic, clippy::todo, clippy::unwrap_used)]

pub mod archive;
mod element;
mod error;
mod geometry;
mod image;
mod mask;
mod npz;
pub mod nrrd;
mod placement;
#[cfg(test)]
mod samples;
mod sniff;
mod stream;
mod text;
mod threshold;
mod unzip;

pub use element::Value;
pub use error::{FirstAxis, VolumeError, VolumeIssue};
pub use geometry::Geometry;
pub use image::read_slices;
pub use mask::{Mask, bits, voxels};
pub use nrrd_rs::{FileSource, Source};
pub use placement::{Placement, PlacementError};
pub use text::is_odd;
pub use threshold::{ValueStats, read_runs};

/// The most voxels a volume may have, whatever its case: 1024 x 1024 x 1024.
pub const MAX_VOXELS: usize = 1 << 30;

// Twice the bytes of that many of the widest numbers can be counted: once a header's sizes have been
// held to the bound, nothing that is computed from them overflows.
const _: () = assert!(MAX_VOXELS.checked_mul(2 * size_of::<f64>()).is_some());

/// The most bytes the header of a file may have.
pub const MAX_HEADER: u64 = nrrd_rs::MAX_HEADER;

/// How a volume is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// NRRD: <https://teem.sourceforge.net/nrrd/format.html>.
    Nrrd,
    /// NumPy's archive of arrays, with exactly one array in it.
    Npz,
}

impl Format {
    /// The format a file's name says: `3.nrrd`, `3.NPZ`.
    pub fn of(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "nrrd" => Some(Self::Nrrd),
            "npz" => Some(Self::Npz),
            _ => None,
        }
    }
}

/// A mask as it was read, with what its file said about it.
#[derive(Clone, Debug)]
pub struct LoadedMask {
    /// The voxels with a value above 0.5.
    pub mask: Mask,
    /// The file's own geometry; an NPZ has a shape only.
    pub geometry: Geometry,
    /// What values other than 0 and 1 were met.
    pub values: ValueStats,
}

/// Reads the header alone: shape and geometry.
///
/// Refuses whatever can be refused without the voxels: another shape (x, y, z) than
/// `expected`, a payload shorter than the header promises. Reads an NPZ to its end once, as its directory stands there.
///
/// # Errors
/// [`VolumeError::Invalid`] with what is wrong with the file; [`VolumeError::Io`] if the storage fails.
pub fn inspect(
    source: &dyn Source,
    format: Format,
    expected: Option<[usize; 3]>,
) -> Result<Geometry, VolumeError> {
    match format {
        Format::Nrrd => nrrd::inspect(source, expected),
        Format::Npz => npz::inspect(source, expected),
    }
}

/// Reads a volume's foreground: every voxel with a value above 0.5, NaN being background.
///
/// With `expected`, the shape (x, y, z) of the case, nothing is inflated before the
/// header's shape equals it; without, up to [`MAX_VOXELS`] are read. An empty mask is
/// no error here.
///
/// Holds the mask's bits (twice for an NPZ in C order) and buffers below 1 MiB, below 5 MiB for bzip2.
///
/// ```
/// use segmentation::{Format, read_mask};
///
/// let file = b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 2 2 1\nencoding: raw\n\n\0\0\x01\0";
/// let loaded = read_mask(&file.as_slice(), Format::Nrrd, Some([2, 2, 1]))?;
/// assert!(loaded.mask.get(loaded.mask.index([0, 1, 0])));
/// # Ok::<(), segmentation::VolumeError>(())
/// ```
///
/// # Errors
/// [`VolumeError::Invalid`] with what is wrong with the file; [`VolumeError::Io`] if the storage fails.
pub fn read_mask(
    source: &dyn Source,
    format: Format,
    expected: Option<[usize; 3]>,
) -> Result<LoadedMask, VolumeError> {
    read_labels(source, format, expected, &[])
}

/// As [`read_mask`], but the foreground is every voxel with one of these values, none of them 0; without any, it is
/// what [`read_mask`] takes. What values were met is not found out then.
///
/// ```
/// use segmentation::{Format, read_labels};
///
/// let file = b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 4 1 1\nencoding: raw\n\n\0\x01\x02\x03";
/// let loaded = read_labels(&file.as_slice(), Format::Nrrd, None, &[1.0, 3.0])?;
/// assert_eq!(loaded.mask.ones().collect::<Vec<_>>(), [1, 3]);
/// # Ok::<(), segmentation::VolumeError>(())
/// ```
///
/// # Errors
/// Those of [`read_mask`].
pub fn read_labels(
    source: &dyn Source,
    format: Format,
    expected: Option<[usize; 3]>,
    labels: &[f64],
) -> Result<LoadedMask, VolumeError> {
    match format {
        Format::Nrrd => nrrd::read_mask(source, expected, labels),
        Format::Npz => npz::read_mask(source, expected, labels),
    }
}
