//! Any shape, type, order and encoding.

use proptest::prelude::*;

use super::*;
use nrrd_rs::Endian;

use crate::element::Element;
use crate::samples::{ELEMENTS, Sample, sample};

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
        let read = read_mask(&file, Some(shape), &[]).unwrap();
        let mut again = Vec::new();
        write_mask(&mut again, &read.mask, &geometry, encoding).unwrap();

        let expected: Vec<usize> = (0..voxels).filter(|&at| dense[at] == 1).collect();
        prop_assert_eq!(read.mask.ones().collect::<Vec<_>>(), expected);
        prop_assert_eq!(&read.geometry, &geometry);
        prop_assert!(read.values.are_binary());
        prop_assert_eq!(read_mask(&again, Some(shape), &[]).unwrap().mask, read.mask);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        tail in prop::collection::vec(any::<u8>(), 0..300),
        cut in 0usize..200,
    ) {
        let whole = with("type: short\nendian: big\nencoding: gzip\nspace origin: (0,0,0)\n", &tail);
        let _ = read_mask(&whole[..cut.min(whole.len())].to_vec(), None, &[]);
        let _ = read_mask(&whole, None, &[]);
        let mut flipped = whole.clone();
        let at = cut % flipped.len();
        flipped[at] ^= 1 << (cut % 8);
        let _ = read_mask(&flipped, None, &[]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn every_type_order_and_encoding_gives_the_mask_of_its_values(
        shape in any_shape(),
        seed in any::<u64>(),
    ) {
        for element in ELEMENTS {
            for endian in [Endian::Little, Endian::Big] {
                let samples: Vec<Sample> = (0..shape.iter().product())
                    .map(|at| sample(element, endian, noise(seed, at)))
                    .collect();
                for encoding in ["raw", "gzip", "bzip2", "hex", "text"] {
                    let file = written(shape, element, endian, encoding, &samples);
                    let read = read_mask(&file, Some(shape), &[]).unwrap();
                    let ones: Vec<usize> =
                        (0..samples.len()).filter(|&at| samples[at].foreground).collect();
                    prop_assert_eq!(read.mask.ones().collect::<Vec<_>>(), ones);
                    prop_assert_eq!(read.values.nan, samples.iter().any(|sample| sample.nan));
                }
            }
        }
    }
}

/// A file as other writers make it.
fn written(
    [nx, ny, nz]: [usize; 3],
    element: Element,
    endian: Endian,
    encoding: &str,
    samples: &[Sample],
) -> Vec<u8> {
    let name = match element {
        Element::I8 => "int8",
        Element::U8 => "uint8",
        Element::I16 => "int16",
        Element::U16 => "uint16",
        Element::I32 => "int32",
        Element::U32 => "uint32",
        Element::I64 => "int64",
        Element::U64 => "uint64",
        Element::F32 => "float",
        Element::F64 | Element::F16 => "double",
    };
    let order = match endian {
        Endian::Little => "little",
        Endian::Big => "big",
    };
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.bytes.clone()).collect();
    let data = match encoding {
        "gzip" => gzip(&bytes),
        "bzip2" => bzip2(&bytes),
        "hex" => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes(),
        "text" => samples
            .iter()
            .map(|sample| format!("{} ", sample.text))
            .collect::<String>()
            .into_bytes(),
        _ => bytes,
    };
    let header = format!(
        "NRRD0005\ntype: {name}\ndimension: 3\nsizes: {nx} {ny} {nz}\nendian: {order}\nencoding: {encoding}\n"
    );
    file(&header, &data)
}

/// Up to 20 voxels along an axis, often a single one.
fn any_shape() -> impl Strategy<Value = [usize; 3]> {
    [20usize, 12, 8].map(|limit| prop_oneof![1 => Just(1usize), 3 => 1..limit])
}

/// A reproducible number.
fn noise(seed: u64, at: usize) -> u64 {
    (seed ^ at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

/// A reproducible pattern of zeros and ones.
fn bit(seed: u64, at: usize) -> u8 {
    u8::from(noise(seed, at).is_multiple_of(8))
}

#[test]
fn a_writer_must_be_given_all_voxels() {
    let geometry = Geometry::of_shape([4, 3, 2]);
    let error = write_dense(Vec::new(), &VOXELS[1..], &geometry, Encoding::Raw).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}
