use std::io;

use inflate_runs::TooLong;
use nrrd_rs::FormatError;
use thiserror::Error;

/// Why a volume could not be read: our storage failed, or the file is wrong.
#[derive(Debug, Error)]
pub enum VolumeError {
    /// Reading the bytes failed. Not the author's cause.
    #[error("the bytes could not be read: {0}")]
    Io(io::Error),
    /// The file is not what it should be.
    #[error(transparent)]
    Invalid(#[from] VolumeIssue),
}

/// What the first of four axes counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstAxis {
    /// Voxels, as far as is known.
    Space,
    /// Layers of segments, as 3D Slicer writes overlapping ones.
    Segments,
    /// Colours, or other components of a value.
    Components,
}

/// What is wrong with a file that should hold one volume.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VolumeIssue {
    /// The first bytes are of something else, which is named if it is known.
    #[error("not such a file, but {}", .looks_like.unwrap_or("something unknown"))]
    WrongFormat {
        /// What it is, in words.
        looks_like: Option<&'static str>,
    },
    /// A byte order mark stands before the magic.
    #[error("starts with a byte order mark")]
    ByteOrderMark,
    /// The header ends nowhere within [`MAX_HEADER`](super::MAX_HEADER) bytes.
    #[error("the header is too long")]
    HeaderTooLong,
    /// A header line or entry can't be understood.
    #[error("{field}: {reason}")]
    BadHeader {
        /// Name of the field, or what stands in its place.
        field: String,
        /// What was expected, and what was found.
        reason: String,
    },
    /// A field that must be there is not.
    #[error("the header has no {0}")]
    MissingField(&'static str),
    /// A field stands in the header twice.
    #[error("the header has {0} twice")]
    DuplicateField(String),
    /// The voxels are in another file, which is never opened.
    #[error("the header points at another file")]
    DataFile,
    /// Not a scalar number: block, complex, text, object, record.
    #[error("unsupported type {0}")]
    UnsupportedType(String),
    /// An encoding that is not raw, text, hex, gzip or bzip2.
    #[error("unsupported encoding {0}")]
    UnsupportedEncoding(String),
    /// Not three axes.
    #[error("{axes} axes instead of 3")]
    NotThreeDimensional {
        /// How many there are.
        axes: usize,
        /// What the first of four counts, as far as the header says.
        first: FirstAxis,
    },
    /// A size of zero, or more voxels than [`MAX_VOXELS`](super::MAX_VOXELS).
    #[error("sizes {0} are zero or too large")]
    BadSizes(String),
    /// Another shape (x, y, z) than the case's. `cropped`: 3D Slicer cut the volume to its segments.
    #[error("shape {found:?} instead of {expected:?}")]
    WrongShape {
        /// The case's.
        expected: [usize; 3],
        /// The file's.
        found: [usize; 3],
        /// Whether 3D Slicer says that it is a part of a larger volume.
        cropped: bool,
    },
    /// The data end before the last voxel. Both in bytes, or in numbers where they are written as text.
    #[error("{found} instead of {expected}")]
    Truncated {
        /// How much the header promises.
        expected: u64,
        /// How much there is.
        found: u64,
    },
    /// The data go on so long after the last voxel that something else is meant.
    #[error("the data are far longer than the header promises")]
    TooLong,
    /// Compressed data that don't inflate, or fail their checksum.
    #[error("the compressed data are damaged")]
    Corrupt,
    /// The zip entry the file came in is damaged: it does not inflate, or fails its length or checksum.
    #[error("the zip entry is damaged")]
    DamagedEntry,
    /// A number written as text that is none of its type.
    #[error("{0} is not a number of the header's type")]
    BadValue(String),
    /// An NPZ that does not hold exactly one array.
    #[error("{entries} entries, {arrays} of them arrays")]
    NotOneArray {
        /// How many entries there are.
        entries: usize,
        /// How many of them are named `.npy`.
        arrays: usize,
    },
}

/// What a reader of ours has to say through [`io::Read`], which knows only [`io::Error`].
#[derive(Clone, Copy, Debug, Error)]
pub(super) enum StreamError {
    #[error("a damaged zip entry")]
    DamagedEntry,
}

impl From<StreamError> for io::Error {
    fn from(cause: StreamError) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, cause)
    }
}

impl From<io::Error> for VolumeError {
    /// Tells the file's faults from those of the storage it lies on.
    fn from(error: io::Error) -> Self {
        if error.get_ref().is_some_and(|inner| inner.is::<TooLong>()) {
            return VolumeIssue::TooLong.into();
        }
        let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<StreamError>());
        match (cause, error.kind()) {
            (Some(StreamError::DamagedEntry), _) => VolumeIssue::DamagedEntry.into(),
            // What the operating system says is never about the bytes themselves.
            _ if error.raw_os_error().is_some() => VolumeError::Io(error),
            (
                None,
                io::ErrorKind::InvalidData
                | io::ErrorKind::InvalidInput
                | io::ErrorKind::UnexpectedEof,
            ) => VolumeIssue::Corrupt.into(),
            _ => VolumeError::Io(error),
        }
    }
}

impl From<nrrd_rs::Error> for VolumeError {
    fn from(error: nrrd_rs::Error) -> Self {
        match error {
            nrrd_rs::Error::Io(error) => error.into(),
            nrrd_rs::Error::Format(error) => VolumeIssue::from(error).into(),
        }
    }
}

impl From<FormatError> for VolumeError {
    fn from(error: FormatError) -> Self {
        VolumeIssue::from(error).into()
    }
}

impl From<FormatError> for VolumeIssue {
    fn from(error: FormatError) -> Self {
        match error {
            FormatError::NotNrrd => Self::WrongFormat { looks_like: None },
            FormatError::ByteOrderMark => Self::ByteOrderMark,
            FormatError::HeaderTooLong => Self::HeaderTooLong,
            FormatError::BadField { field, reason } => Self::BadHeader { field, reason },
            FormatError::MissingField(field) => Self::MissingField(field),
            FormatError::DuplicateField(field) => Self::DuplicateField(field),
            FormatError::DetachedData => Self::DataFile,
            FormatError::UnsupportedType(found) => Self::UnsupportedType(found),
            FormatError::UnsupportedEncoding(found) => Self::UnsupportedEncoding(found),
            FormatError::BadSizes(sizes) => Self::BadSizes(sizes),
            FormatError::Truncated { expected, found } => Self::Truncated { expected, found },
            FormatError::TooLong => Self::TooLong,
            FormatError::Corrupt => Self::Corrupt,
            FormatError::BadValue(found) => Self::BadValue(found),
            FormatError::WrongType { found, .. } => Self::UnsupportedType(found.to_string()),
        }
    }
}
