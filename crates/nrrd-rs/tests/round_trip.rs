//! What is written and read again is the same to the bit, whatever type, shape, order of bytes and encoding.
#![cfg(all(feature = "ndarray", feature = "gzip", feature = "bzip2"))]

use std::io::{ErrorKind, Write};

use ndarray::{ArrayD, IxDyn};
use nrrd_rs::{
    Array, Encoding, Endian, Error, FormatError, Header, Run, Scalar, ScalarType, Writer, read,
    read_array, read_with_limit,
};
use proptest::prelude::*;

const ENCODINGS: [Encoding; 5] =
    [Encoding::Raw, Encoding::Text, Encoding::Hex, Encoding::Gzip, Encoding::Bzip2];

/// One to four axes of a few values each.
fn shapes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1usize..7, 1..5)
}

/// Bytes of all values, the last axis fastest.
fn bits<T: Scalar>(array: &ArrayD<T>) -> Vec<u8> {
    let mut bytes = Vec::new();
    array.iter().for_each(|value| value.encode(Endian::Little, &mut bytes));
    bytes
}

fn check<T: Scalar>(
    shape: &[usize],
    value: impl Fn(usize) -> T,
    compare: impl Fn(&ArrayD<T>) -> Vec<u8>,
) {
    let values = (0..shape.iter().product()).map(value).collect();
    let array = ArrayD::from_shape_vec(IxDyn(shape), values).unwrap();
    for encoding in ENCODINGS {
        for endian in [Endian::Little, Endian::Big] {
            let mut file = Vec::new();
            let writer = Writer::new().encoding(encoding).endian(endian);
            writer.write(&mut file, array.view()).unwrap();
            let (header, found) = read_array::<T>(&file).unwrap();
            assert_eq!((header.scalar, header.encoding), (T::TYPE, encoding));
            assert_eq!(found.shape(), shape);
            assert!(compare(&found) == compare(&array), "{encoding}, {endian}");
        }
    }
}

/// What has gone wrong before: numbers with more digits than a reader takes.
#[test]
fn the_largest_and_the_smallest_numbers_come_back() {
    let values = [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, 1e300, 0.1];
    check(&[3, 2], |at| values[at], bits);
}

/// Zeros for the most part, as in a segmentation, so that runs of them are met.
fn noise(seed: u64, at: usize) -> u64 {
    let mixed = (seed ^ at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    if mixed >> 61 == 0 { mixed ^ mixed << 29 } else { 0 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn integers_of_every_type_come_back(shape in shapes(), seed in any::<u64>()) {
        check(&shape, |at| noise(seed, at) as i8, bits);
        check(&shape, |at| noise(seed, at) as u8, bits);
        check(&shape, |at| noise(seed, at) as i16, bits);
        check(&shape, |at| noise(seed, at) as u16, bits);
        check(&shape, |at| noise(seed, at) as i32, bits);
        check(&shape, |at| noise(seed, at) as u32, bits);
        check(&shape, |at| noise(seed, at) as i64, bits);
        check(&shape, |at| noise(seed, at), bits);
    }

    #[test]
    fn floats_come_back(shape in shapes(), seed in any::<u64>()) {
        // As text one NaN is like the other.
        let no_nan = |value: f64| if value.is_nan() { 0.25 } else { value };
        check(&shape, |at| no_nan(f64::from_bits(noise(seed, at))), bits);
        check(&shape, |at| no_nan(f32::from_bits(noise(seed, at) as u32).into()) as f32, bits);
    }

    #[test]
    fn runs_of_any_length_are_the_bytes_of_the_array(
        shape in shapes(),
        seed in any::<u64>(),
        limit in 1usize..50,
    ) {
        let values = (0..shape.iter().product()).map(|at| noise(seed, at) as u32).collect();
        let array = ArrayD::from_shape_vec(IxDyn(&shape), values).unwrap();
        for encoding in ENCODINGS {
            let mut file = Vec::new();
            let writer = Writer::new().encoding(encoding).endian(Endian::Little);
            writer.write(&mut file, array.view()).unwrap();
            let mut data = Header::read(&file).unwrap().data(&file).unwrap();
            let mut bytes = Vec::new();
            while let Some(run) = data.next_run(limit).unwrap() {
                prop_assert!((1..=limit).contains(&run.len()));
                match run {
                    Run::Zeros(zeros) => bytes.resize(bytes.len() + zeros, 0),
                    Run::Bytes(run) => bytes.extend_from_slice(run),
                }
            }
            prop_assert!(data.next_run(limit).unwrap().is_none());
            // Iteration is last axis fastest, files are first axis fastest.
            let expected = bits(&array.view().reversed_axes().to_owned());
            prop_assert_eq!(bytes, expected, "{}", encoding);
        }
    }
}

#[test]
fn long_runs_of_zeros_between_values_keep_their_places() {
    let shape = [100, 100, 30];
    for at in [0usize, 777, 299_999] {
        check(&shape, |index| if index == at { 1.5f64 } else { 0.0 }, bits);
        check(&shape, |index| if index == at { -2i16 } else { 0 }, bits);
    }
}

#[test]
fn nan_and_infinity_are_written_in_every_encoding() {
    let values = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0];
    let words = |array: &ArrayD<f32>| {
        array.iter().map(|value| format!("{value} ")).collect::<String>().into_bytes()
    };
    check(&[2, 2], |at| values[at], words);
}

#[test]
fn everything_that_a_header_says_comes_back() {
    let array = ArrayD::<u8>::zeros(IxDyn(&[3, 4, 5, 2]));
    let directions =
        [Some(vec![0.4, 0.0, 0.0]), Some(vec![0.0, -0.4, 0.0]), Some(vec![0.0, 0.0, 0.625]), None];
    let mut file = Vec::new();
    Writer::new()
        .space("left-posterior-superior")
        .some_space_directions(&directions)
        .space_origin(&[-1.5, 2.0, 1e-9])
        .kinds(&["domain", "domain", "domain", "list"])
        .field("labels", r#""x" "y" "z" "two \"layers\"""#)
        .field("measurement frame", "(1,0,0) (0,1,0) (0,0,1)")
        .field("thicknesses", "nan nan 0.5 nan")
        .key_value("Segment0_Name", "left: tree")
        .comment("by hand")
        .write(&mut file, array.view())
        .unwrap();
    let header = Header::read(&file).unwrap();
    assert_eq!(header.space.as_deref(), Some("left-posterior-superior"));
    assert_eq!(header.space_directions.as_deref(), Some(directions.as_slice()));
    assert_eq!(header.space_origin.as_deref(), Some([-1.5, 2.0, 1e-9].as_slice()));
    assert_eq!(header.spacing(), [Some(0.4), Some(0.4), Some(0.625), None]);
    assert_eq!(header.axis_words("kinds").unwrap()[3], "list");
    assert_eq!(header.axis_texts("labels").unwrap()[3], "two \"layers\"");
    assert_eq!(header.axis_numbers("thicknesses").unwrap()[2], 0.5);
    assert_eq!(header.vectors("measurement frame").unwrap().len(), 3);
    assert_eq!(header.key_value("Segment0_Name"), Some("left: tree"));
    assert_eq!(header.comments().collect::<Vec<_>>(), ["by hand"]);
}

#[test]
fn an_array_in_any_order_of_memory_is_written_by_its_indices() {
    let array = ArrayD::from_shape_fn(IxDyn(&[3, 4]), |at| (at[0] * 10 + at[1]) as i32);
    let (mut plain, mut turned) = (Vec::new(), Vec::new());
    Writer::new().write(&mut plain, array.view()).unwrap();
    let other = array.view().reversed_axes().as_standard_layout().into_owned();
    Writer::new().write(&mut turned, other.view().reversed_axes()).unwrap();
    assert_eq!(plain, turned);
    assert_eq!(read_array::<i32>(&plain).unwrap().1[[2, 3]], 23);
}

#[test]
fn more_values_than_allowed_are_refused_before_any_memory_is_taken() {
    let header = "NRRD0004\ntype: double\nendian: little\ndimension: 3\nsizes: 1000000 1000000 1000\n\
        encoding: gzip\n\n";
    let file = [header.as_bytes(), &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]].concat();
    let refused = |error| matches!(error, Error::Format(FormatError::BadSizes(_)));
    assert!(refused(read(&file).unwrap_err()));
    // Without the limit it is the data that are missing.
    let error = read_with_limit(&file, u64::MAX).unwrap_err();
    assert!(matches!(error, Error::Format(FormatError::Truncated { found: 0, .. })), "{error}");

    let small = b"NRRD0004\ntype: uint8\ndimension: 1\nsizes: 9\nencoding: raw\n\n123456789";
    assert!(refused(read_with_limit(&small.as_slice(), 8).unwrap_err()));
    let (_, array) = read_with_limit(&small.as_slice(), 9).unwrap();
    assert!(matches!(array, Array::U8(array) if array[[8]] == b'9'));
}

#[test]
fn a_writer_refuses_what_no_reader_would_read_as_it_is() {
    let array = ArrayD::<u8>::zeros(IxDyn(&[2, 2]));
    let empty = ArrayD::<u8>::zeros(IxDyn(&[2, 0]));
    let invalid = |result: std::io::Result<()>| {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidInput);
    };
    invalid(Writer::new().write(Vec::new(), empty.view()));
    invalid(Writer::new().spacings(&[1.0]).write(Vec::new(), array.view()));
    invalid(Writer::new().kinds(&["domain"; 3]).write(Vec::new(), array.view()));
    invalid(Writer::new().field("content", "a\nb: c").write(Vec::new(), array.view()));
    for bytes in [3, 5] {
        let body = |out: &mut dyn Write| out.write_all(&vec![0; bytes]);
        invalid(Writer::new().write_values(Vec::new(), ScalarType::U8, &[2, 2], body));
    }
}

#[test]
fn a_header_that_names_another_file_is_refused() {
    let file =
        b"NRRD0004\ntype: uint8\ndimension: 1\nsizes: 9\nencoding: raw\ndata file: x.raw\n\n";
    let error = Header::read(&file.as_slice()).unwrap_err();
    assert!(matches!(error, Error::Format(FormatError::DetachedData)));
}
