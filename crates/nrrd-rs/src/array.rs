//! Files to arrays, and arrays to files.

use std::fmt::Write as _;
use std::io::{self, Write};

use inflate_runs::Run;
use ndarray::{ArrayD, ArrayView, Dimension, IxDyn, ShapeBuilder};

use crate::error::{Error, FormatError};
use crate::{Encoding, Endian, Header, Scalar, ScalarType, Source, Writer};

/// The most bytes of values that [`read`] and [`read_array`] take: 4 GiB.
pub const DEFAULT_LIMIT: u64 = 4 << 30;

/// An array of the type that a file has.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Array {
    I8(ArrayD<i8>),
    U8(ArrayD<u8>),
    I16(ArrayD<i16>),
    U16(ArrayD<u16>),
    I32(ArrayD<i32>),
    U32(ArrayD<u32>),
    I64(ArrayD<i64>),
    U64(ArrayD<u64>),
    F32(ArrayD<f32>),
    F64(ArrayD<f64>),
}

macro_rules! each_array {
    ($array:expr, $inner:ident => $result:expr) => {
        match $array {
            Array::I8($inner) => $result,
            Array::U8($inner) => $result,
            Array::I16($inner) => $result,
            Array::U16($inner) => $result,
            Array::I32($inner) => $result,
            Array::U32($inner) => $result,
            Array::I64($inner) => $result,
            Array::U64($inner) => $result,
            Array::F32($inner) => $result,
            Array::F64($inner) => $result,
        }
    };
}

impl Array {
    /// Size along each axis.
    pub fn shape(&self) -> &[usize] {
        each_array!(self, array => array.shape())
    }

    /// Type of the values.
    pub fn scalar(&self) -> ScalarType {
        match self {
            Self::I8(_) => ScalarType::I8,
            Self::U8(_) => ScalarType::U8,
            Self::I16(_) => ScalarType::I16,
            Self::U16(_) => ScalarType::U16,
            Self::I32(_) => ScalarType::I32,
            Self::U32(_) => ScalarType::U32,
            Self::I64(_) => ScalarType::I64,
            Self::U64(_) => ScalarType::U64,
            Self::F32(_) => ScalarType::F32,
            Self::F64(_) => ScalarType::F64,
        }
    }

    /// Every value as `f64`. Integers above 2⁵³ are rounded.
    ///
    /// ```
    /// let file = b"NRRD0004\ntype: short\nendian: big\ndimension: 1\nsizes: 2\nencoding: raw\n\n\0\x01\xff\xff";
    /// let (_, array) = nrrd_rs::read(&file.as_slice())?;
    /// assert_eq!(array.to_f64().as_slice(), Some([1.0, -1.0].as_slice()));
    /// # Ok::<(), nrrd_rs::Error>(())
    /// ```
    pub fn to_f64(&self) -> ArrayD<f64> {
        #[expect(
            trivial_numeric_casts,
            clippy::unnecessary_cast,
            reason = "one text for all types"
        )]
        let array = each_array!(self, array => array.mapv(|value| value as f64));
        array
    }
}

/// Reads a file into an array of its own type, with its header.
///
/// The shape is [`Header::sizes`]; an array lies in memory as the file does, first axis fastest.
///
/// ```
/// use nrrd_rs::{Array, read};
///
/// let file = b"NRRD0004\ntype: uint8\ndimension: 2\nsizes: 3 2\nencoding: raw\n\n\0\x01\x02\x03\x04\x05";
/// let (header, array) = read(&file.as_slice())?;
/// let Array::U8(array) = array else { panic!("{}", header.scalar) };
/// assert_eq!(array[[2, 1]], 5);
/// # Ok::<(), nrrd_rs::Error>(())
/// ```
///
/// # Errors
/// [`Error::Io`] if the source fails; [`Error::Format`] for whatever is wrong with the file, and for more than
/// [`DEFAULT_LIMIT`] bytes of values.
pub fn read(source: &dyn Source) -> Result<(Header, Array), Error> {
    read_with_limit(source, DEFAULT_LIMIT)
}

/// [`read`] for files of another size: of at most `limit` bytes of values, decoded.
///
/// Memory is taken as values come, never because a header promises them.
///
/// # Errors
/// As [`read`]; [`FormatError::BadSizes`] for a file above the limit.
pub fn read_with_limit(source: &dyn Source, limit: u64) -> Result<(Header, Array), Error> {
    let header = Header::read(source)?;
    check_limit(&header, limit)?;
    let array = match header.scalar {
        ScalarType::I8 => Array::I8(values(&header, source)?),
        ScalarType::U8 => Array::U8(values(&header, source)?),
        ScalarType::I16 => Array::I16(values(&header, source)?),
        ScalarType::U16 => Array::U16(values(&header, source)?),
        ScalarType::I32 => Array::I32(values(&header, source)?),
        ScalarType::U32 => Array::U32(values(&header, source)?),
        ScalarType::I64 => Array::I64(values(&header, source)?),
        ScalarType::U64 => Array::U64(values(&header, source)?),
        ScalarType::F32 => Array::F32(values(&header, source)?),
        ScalarType::F64 => Array::F64(values(&header, source)?),
    };
    Ok((header, array))
}

/// [`read`] for those who know the type.
///
/// ```
/// use nrrd_rs::{Error, FormatError, ScalarType, read_array};
///
/// let file = b"NRRD0004\ntype: uint8\ndimension: 2\nsizes: 3 2\nencoding: raw\n\n\0\x01\x02\x03\x04\x05";
/// let (_, array) = read_array::<u8>(&file.as_slice())?;
/// assert_eq!(array[[2, 1]], 5);
/// let other = read_array::<f32>(&file.as_slice());
/// assert!(matches!(other, Err(Error::Format(FormatError::WrongType { found: ScalarType::U8, .. }))));
/// # Ok::<(), nrrd_rs::Error>(())
/// ```
///
/// # Errors
/// As [`read`]; [`FormatError::WrongType`] for a file of another type.
pub fn read_array<T: Scalar>(source: &dyn Source) -> Result<(Header, ArrayD<T>), Error> {
    let header = Header::read(source)?;
    check_limit(&header, DEFAULT_LIMIT)?;
    if header.scalar != T::TYPE {
        return Err(FormatError::WrongType { expected: T::TYPE, found: header.scalar }.into());
    }
    let array = values(&header, source)?;
    Ok((header, array))
}

fn check_limit(header: &Header, limit: u64) -> Result<(), FormatError> {
    if header.data_bytes() > limit {
        return Err(FormatError::BadSizes(format!("{:?}", header.sizes)));
    }
    Ok(())
}

fn values<T: Scalar>(header: &Header, source: &dyn Source) -> Result<ArrayD<T>, Error> {
    let mut data = header.data(source)?;
    let endian = data.endian();
    let mut values = Values { values: Vec::new(), split: Vec::new(), endian };
    while let Some(run) = data.next_run(usize::MAX)? {
        match run {
            Run::Bytes(bytes) => values.bytes(bytes),
            Run::Zeros(count) => values.zeros(count),
        }
    }
    let shape = IxDyn(&header.sizes).f();
    // As many values as the sizes say have come, so the shape fits.
    ArrayD::from_shape_vec(shape, values.values)
        .map_err(|_| FormatError::BadSizes(format!("{:?}", header.sizes)).into())
}

/// Bytes on their way to values.
struct Values<T> {
    values: Vec<T>,
    /// The bytes so far of a value that two pieces share.
    split: Vec<u8>,
    endian: Endian,
}

impl<T: Scalar> Values<T> {
    fn bytes(&mut self, bytes: &[u8]) {
        let size = T::TYPE.size();
        let missing = if self.split.is_empty() { 0 } else { size - self.split.len() };
        let (head, bytes) = bytes.split_at(missing.min(bytes.len()));
        self.split.extend_from_slice(head);
        if self.split.len() == size {
            T::decode(&self.split, self.endian, &mut self.values);
            self.split.clear();
        }
        let (whole, rest) = bytes.split_at(bytes.len() - bytes.len() % size);
        T::decode(whole, self.endian, &mut self.values);
        self.split.extend_from_slice(rest);
    }

    fn zeros(&mut self, count: usize) {
        let size = T::TYPE.size();
        let head = if self.split.is_empty() { 0 } else { (size - self.split.len()).min(count) };
        let rest = count - head;
        self.bytes(&[0; 8][..head]);
        // Every type's zero is all zero bits.
        self.values.resize(self.values.len() + rest / size, T::default());
        self.bytes(&[0; 8][..rest % size]);
    }
}

/// Bytes that are put together before they are written.
const BATCH: usize = 64 << 10;

impl Writer {
    /// Writes an array, its first axis fastest, whatever its order in memory.
    ///
    /// # Errors
    /// `InvalidInput` for an array without values, for fields that would not be read as they are
    /// (another number of axes, a line break in a text), and for an encoding without its feature. And those
    /// of `out`.
    pub fn write<T: Scalar, D: Dimension>(
        &self,
        out: impl Write,
        array: ArrayView<'_, T, D>,
    ) -> io::Result<()> {
        let sizes = array.shape().to_vec();
        // Iteration is last axis fastest.
        let values = array.reversed_axes();
        if self.encoding == Encoding::Text {
            return self.write_encoded(out, T::TYPE, &sizes, |out| {
                let row = sizes.first().copied().unwrap_or(1);
                let mut line = String::new();
                for (at, value) in values.iter().enumerate() {
                    let end = if (at + 1) % row == 0 { '\n' } else { ' ' };
                    write!(line, "{value:?}{end}").map_err(io::Error::other)?;
                    if end == '\n' || line.len() > BATCH {
                        out.write_all(line.as_bytes())?;
                        line.clear();
                    }
                }
                Ok(())
            });
        }
        self.write_values(out, T::TYPE, &sizes, |out| {
            let mut bytes = Vec::with_capacity(BATCH + size_of::<T>());
            for value in &values {
                value.encode(self.endian, &mut bytes);
                if bytes.len() >= BATCH {
                    out.write_all(&bytes)?;
                    bytes.clear();
                }
            }
            out.write_all(&bytes)
        })
    }
}
