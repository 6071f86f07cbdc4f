use std::io;

use inflate_runs::TooLong;
use thiserror::Error;

/// Why a file could not be read: reading its bytes failed, or the bytes are not what they should be.
#[derive(Debug, Error)]
pub enum Error {
    /// The [`Source`](crate::Source) failed. The file may be all right.
    #[error("the bytes could not be read: {0}")]
    Io(#[source] io::Error),
    /// The bytes are not an NRRD that can be read.
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// What is wrong with a file.
///
/// Texts repeat at most 80 characters of the file, without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FormatError {
    /// It does not begin with `NRRD0001` to `NRRD0005`.
    #[error("not an NRRD file")]
    NotNrrd,
    /// A byte order mark stands before the magic, as some text editors write it.
    #[error("starts with a byte order mark")]
    ByteOrderMark,
    /// The header ends nowhere within [`MAX_HEADER`](crate::MAX_HEADER) bytes.
    #[error("the header is too long")]
    HeaderTooLong,
    /// A line or a field of the header can't be understood.
    #[error("{field}: {reason}")]
    BadField {
        /// The field's name, or what stands in its place.
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
    /// The values are in another file, which is never opened.
    #[error("the header points at another file")]
    DetachedData,
    /// Not one of the [scalar types](crate::ScalarType): a block, or unknown.
    #[error("unsupported type {0}")]
    UnsupportedType(String),
    /// None of the [encodings](crate::Encoding), or one that this build has no feature for.
    #[error("unsupported encoding {0}")]
    UnsupportedEncoding(String),
    /// A size of zero, or more values than can be counted or than were allowed.
    #[error("sizes {0} are zero or too large")]
    BadSizes(String),
    /// The data end before the last value. Both in bytes, or in numbers where they are written as text.
    #[error("{found} instead of {expected}")]
    Truncated {
        /// How much the header promises.
        expected: u64,
        /// How much there is.
        found: u64,
    },
    /// The data go on so long after the last value that something else is meant.
    #[error("the data are far longer than the header promises")]
    TooLong,
    /// Compressed data that don't inflate, or fail their checksum.
    #[error("the compressed data are damaged")]
    Corrupt,
    /// A number written as text or in hexadecimal digits that is none of its type.
    #[error("{0} is not a number of the header's type")]
    BadValue(String),
    /// An array of another type was asked for.
    #[error("values of type {found} instead of {expected}")]
    WrongType {
        /// The type that was asked for.
        expected: crate::ScalarType,
        /// The file's type.
        found: crate::ScalarType,
    },
}

/// A byte that is not a hexadecimal digit, on its way through [`io::Read`].
#[derive(Clone, Copy, Debug, Error)]
#[error("not a hexadecimal digit")]
pub(crate) struct NotHex(pub u8);

impl From<NotHex> for io::Error {
    fn from(error: NotHex) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}

/// An error of the source on its way through the decoders, so that it is not taken for one of the data.
#[derive(Debug, Error)]
#[error(transparent)]
pub(crate) struct SourceError(pub io::Error);

impl SourceError {
    pub fn wrap(error: io::Error) -> io::Error {
        io::Error::new(error.kind(), Self(error))
    }
}

impl From<io::Error> for Error {
    /// Tells what is wrong with the data from what went wrong with reading them.
    fn from(error: io::Error) -> Self {
        match error.downcast::<SourceError>() {
            Ok(SourceError(error)) => Self::Io(error),
            Err(error) => {
                let Some(inner) = error.get_ref() else { return FormatError::Corrupt.into() };
                if inner.is::<TooLong>() {
                    return FormatError::TooLong.into();
                }
                match inner.downcast_ref::<NotHex>() {
                    Some(NotHex(byte)) => {
                        FormatError::BadValue(char::from(*byte).escape_default().to_string()).into()
                    }
                    None => FormatError::Corrupt.into(),
                }
            }
        }
    }
}
