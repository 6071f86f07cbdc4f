//! Any shape, type, order and encoding.

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(
        shape in any_shape(),
        seed in any::<u64>(),
        level in prop::option::of(0u32..=9),
        spacing in prop::option::of([0.01f64..10.0, 0.01f64..10.0, 0.01f64..10.0]),
    ) {
        let voxels: usize = shape.iter().product();
        let dense: Vec<u8> = (0..voxels).map(|at| bit(seed, at)).collect();
        let geometry = match spacing {
            Some(spacing) => Geometry::diagonal(shape, spacing, [-1.5, 0.25, 1e-9]),
            None => Geometry::of_shape(shape),
        };
        let encoding = level.map_or(Encoding::Raw, Encoding::Gzip);

        let mut file = Vec::new();
        write_dense(&mut file, &dense, &geometry, encoding).unwrap();
        let read = read_mask(&file, Some(shape)).unwrap();
        let mut again = Vec::new();
        write_mask(&mut again, &read.mask, &geometry, encoding).unwrap();

        let expected: Vec<usize> = (0..voxels).filter(|&at| dense[at] == 1).collect();
        prop_assert_eq!(read.mask.ones().collect::<Vec<_>>(), expected);
        prop_assert_eq!(&read.geometry, &geometry);
        prop_assert!(read.values.are_binary());
        prop_assert_eq!(read_mask(&again, Some(shape)).unwrap().mask, read.mask);
    }

    #[test]
    fn every_type_order_and_encoding_gives_the_same_mask(
        shape in any_shape(),
        seed in any::<u64>(),
        name in prop::sample::select(vec![
            "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float", "double",
        ]),
        big in any::<bool>(),
        encoding in prop::sample::select(vec!["raw", "gzip", "bzip2", "hex"]),
    ) {
        let voxels: usize = shape.iter().product();
        let data: Vec<u8> =
            (0..voxels).flat_map(|at| bytes_of(name, big, bit(seed, at) == 1)).collect();
        let data = match encoding {
            "gzip" => gzip(&data),
            "bzip2" => bzip2(&data),
            "hex" => data.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes(),
            _ => data,
        };
        let [nx, ny, nz] = shape;
        let endian = if big { "big" } else { "little" };
        let header = format!(
            "NRRD0005\ntype: {name}\ndimension: 3\nsizes: {nx} {ny} {nz}\nendian: {endian}\nencoding: {encoding}\n"
        );

        let read = read_mask(&file(&header, &data), Some(shape)).unwrap();

        let expected: Vec<usize> = (0..voxels).filter(|&at| bit(seed, at) == 1).collect();
        prop_assert_eq!(read.mask.ones().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        tail in prop::collection::vec(any::<u8>(), 0..300),
        cut in 0usize..200,
    ) {
        let whole = with("type: short\nendian: big\nencoding: gzip\nspace origin: (0,0,0)\n", &tail);
        let _ = read_mask(&whole[..cut.min(whole.len())].to_vec(), None);
        let _ = read_mask(&whole, None);
        let mut flipped = whole.clone();
        let at = cut % flipped.len();
        flipped[at] ^= 1 << (cut % 8);
        let _ = read_mask(&flipped, None);
    }
}

/// A value of each type that is foreground, and one that is not, as bytes in either order.
fn bytes_of(name: &str, big: bool, foreground: bool) -> Vec<u8> {
    macro_rules! bytes {
        ($type:ty, $on:expr, $off:expr) => {{
            let value: $type = if foreground { $on } else { $off };
            if big { value.to_be_bytes().to_vec() } else { value.to_le_bytes().to_vec() }
        }};
    }
    match name {
        "int8" => bytes!(i8, 1, -1),
        "uint8" => bytes!(u8, 255, 0),
        "int16" => bytes!(i16, 256, -256),
        "uint16" => bytes!(u16, 256, 0),
        "int32" => bytes!(i32, 1 << 24, -1),
        "uint32" => bytes!(u32, 1 << 31, 0),
        "int64" => bytes!(i64, 1 << 32, i64::MIN),
        "uint64" => bytes!(u64, 1 << 63, 0),
        "float" => bytes!(f32, 0.500_000_06, 0.5),
        _ => bytes!(f64, 0.500_000_000_000_000_1, 0.5),
    }
}

fn any_shape() -> impl Strategy<Value = [usize; 3]> {
    [1usize..20, 1usize..12, 1usize..8]
}

/// A reproducible pattern of zeros and ones.
fn bit(seed: u64, at: usize) -> u8 {
    ((seed ^ at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 61 == 0) as u8
}

#[test]
fn a_writer_must_be_given_all_voxels() {
    let geometry = Geometry::of_shape([4, 3, 2]);
    let error = write_dense(Vec::new(), &VOXELS[1..], &geometry, Encoding::Raw).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}
