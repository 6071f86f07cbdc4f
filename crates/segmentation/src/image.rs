//! The values of an image, a slice at a time.

use std::io;

use inflate_runs::Run;
use nrrd_rs::{Endian, Scalar, ScalarType, Source};

use super::error::VolumeError;
use super::{Geometry, nrrd};

/// Reads an NRRD image of shape (x, y, z), and hands on its slices of constant z, from the first on: of each the x · y values,
/// x fastest. Values that `f32` does not hold are rounded to it.
///
/// Nothing is inflated before the header's shape equals `expected`. Holds one slice and buffers below 1 MiB, below 5 MiB for
/// bzip2.
///
/// ```
/// use segmentation::read_slices;
///
/// let file = b"NRRD0004\ntype: int16\ndimension: 3\nsizes: 2 1 2\nencoding: raw\nendian: little\n\n\x01\0\xff\xff\0\0\0\x01";
/// let mut slices = Vec::new();
/// read_slices(&file.as_slice(), [2, 1, 2], |slice| Ok(slices.push(slice.to_vec())))?;
/// assert_eq!(slices, [[1.0, -1.0], [0.0, 256.0]]);
/// # Ok::<(), segmentation::VolumeError>(())
/// ```
///
/// # Errors
/// [`VolumeError::Invalid`] with what is wrong with the file; [`VolumeError::Io`] if the storage fails, or `each` does.
pub fn read_slices(
    source: &dyn Source,
    expected: [usize; 3],
    mut each: impl FnMut(&[f32]) -> io::Result<()>,
) -> Result<Geometry, VolumeError> {
    let (header, geometry) = nrrd::open(source, Some(expected))?;
    let [nx, ny, _] = geometry.shape;
    let mut data = header.data(source)?;
    let (scalar, endian) = (header.scalar, data.endian());
    let whole = nx * ny * scalar.size();
    let (mut bytes, mut values) = (Vec::with_capacity(whole), Vec::with_capacity(nx * ny));
    while let Some(run) = data.next_run(whole - bytes.len())? {
        match run {
            Run::Bytes(more) => bytes.extend_from_slice(more),
            Run::Zeros(zeros) => bytes.resize(bytes.len() + zeros, 0),
        }
        if bytes.len() == whole {
            values.clear();
            decode(scalar, endian, &bytes, &mut values);
            each(&values).map_err(VolumeError::Io)?;
            bytes.clear();
        }
    }
    Ok(geometry)
}

fn decode(scalar: ScalarType, endian: Endian, bytes: &[u8], into: &mut Vec<f32>) {
    macro_rules! decode {
        ($type:ty) => {{
            let mut values = Vec::with_capacity(bytes.len() / size_of::<$type>());
            <$type>::decode(bytes, endian, &mut values);
            into.extend(values.iter().map(|&value| value as f32));
        }};
    }
    match scalar {
        ScalarType::I8 => decode!(i8),
        ScalarType::U8 => decode!(u8),
        ScalarType::I16 => decode!(i16),
        ScalarType::U16 => decode!(u16),
        ScalarType::I32 => decode!(i32),
        ScalarType::U32 => decode!(u32),
        ScalarType::I64 => decode!(i64),
        ScalarType::U64 => decode!(u64),
        ScalarType::F32 => decode!(f32),
        ScalarType::F64 => decode!(f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VolumeIssue;
    use nrrd_rs::{Encoding, Writer};

    fn slices(file: &[u8], shape: [usize; 3]) -> Result<Vec<Vec<f32>>, VolumeError> {
        let mut slices = Vec::new();
        read_slices(&file, shape, |slice| {
            slices.push(slice.to_vec());
            Ok(())
        })?;
        Ok(slices)
    }

    #[test]
    fn every_type_in_both_byte_orders_gives_the_same_slices() {
        let shape = [3, 2, 4];
        let expected: Vec<Vec<f32>> =
            (0..4).map(|z| (0..6).map(|at| (6 * z + at) as f32 * 5.0).collect()).collect();
        macro_rules! check {
            ($($type:ty)*) => {$(
                for endian in [Endian::Little, Endian::Big] {
                    for encoding in [Encoding::Raw, Encoding::Gzip] {
                        let mut values = Vec::new();
                        (0..24).for_each(|at: u8| <$type>::from(at * 5).encode(endian, &mut values));
                        let mut file = Vec::new();
                        Writer::new()
                            .encoding(encoding)
                            .endian(endian)
                            .write_values(&mut file, <$type>::TYPE, &shape, |out| out.write_all(&values))
                            .unwrap();
                        assert_eq!(slices(&file, shape).unwrap(), expected, "{}", <$type>::TYPE);
                    }
                }
            )*};
        }
        check!(u8 i16 u16 i32 u32 i64 u64 f32 f64);
    }

    #[test]
    fn another_shape_and_a_file_cut_short_are_refused() {
        let file = b"NRRD0004\ntype: int16\ndimension: 3\nsizes: 2 1 2\nencoding: raw\nendian: little\n\n\x01\0\xff\xff\0\0";
        let refused = |file: &[u8], shape| match slices(file, shape) {
            Err(VolumeError::Invalid(issue)) => issue,
            other => panic!("{other:?}"),
        };
        assert!(matches!(refused(file, [2, 2, 1]), VolumeIssue::WrongShape { .. }));
        assert!(matches!(refused(file, [2, 1, 2]), VolumeIssue::Truncated { .. }));
    }
}
