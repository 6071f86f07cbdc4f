//! Archives built as `numpy.savez` and its imitators build them.

use std::io::{Cursor, Write};

use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};
use proptest::prelude::*;

use super::*;
use nrrd_rs::Endian;

use crate::element::Element;
use crate::samples::{ELEMENTS, Sample, sample};
use crate::{FirstAxis, Format, inspect};

fn npy_with(version: u8, dict: &str, data: &[u8]) -> Vec<u8> {
    let length = dict.len() as u32;
    let width = if version == 1 { 2 } else { 4 };
    let length = &length.to_le_bytes()[..width];
    [b"\x93NUMPY", [version, 0].as_slice(), length, dict.as_bytes(), data].concat()
}

fn dict(descr: &str, fortran: bool, shape: &str) -> String {
    let order = if fortran { "True" } else { "False" };
    format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}   \n")
}

fn zip(entries: &[(&str, &[u8])], deflated: bool) -> Vec<u8> {
    let method = if deflated { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    // NumPy asks for the long form of sizes always.
    let options = SimpleFileOptions::default().compression_method(method).large_file(true);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in entries {
        writer.start_file(*name, options).unwrap();
        writer.write_all(data).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn npz(dict: &str, data: &[u8]) -> Vec<u8> {
    zip(&[("arr_0.npy", &npy_with(1, dict, data))], true)
}

fn read(file: &Vec<u8>) -> Result<LoadedMask, VolumeError> {
    read_mask(file, None, &[])
}

#[track_caller]
fn issue(file: &Vec<u8>) -> VolumeIssue {
    match read(file) {
        Err(VolumeError::Invalid(issue)) => issue,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_array_is_taken_as_it_is_indexed_in_either_order() {
    // Voxel (x, y, z) = (1, 2, 3) of shape (2, 3, 5).
    let mut last_fastest = [0u8; 30];
    last_fastest[3 + 5 * (2 + 3)] = 1;
    let mut first_fastest = [0u8; 30];
    first_fastest[1 + 2 * (2 + 3 * 3)] = 1;
    for (fortran, data) in [(false, last_fastest), (true, first_fastest)] {
        let read = read(&npz(&dict("|u1", fortran, "(2, 3, 5)"), &data)).unwrap();
        assert_eq!(read.mask.shape(), [2, 3, 5]);
        assert_eq!(read.geometry, Geometry::of_shape([2, 3, 5]));
        let index = read.mask.index([1, 2, 3]);
        assert_eq!(read.mask.ones().collect::<Vec<_>>(), [index], "fortran {fortran}");
    }
}

#[test]
fn every_numeric_type_is_read() {
    let cases: [(&str, &[u8]); 14] = [
        ("|b1", &[1, 0, 2, 0]),
        ("|u1", &[255, 0, 1, 0]),
        ("|i1", &[1, 0xff, 1, 0]),
        ("<u2", &[0, 1, 0, 0, 0, 1, 0, 0]),
        (">i2", &[1, 0, 0xff, 0, 0, 1, 0, 0]),
        ("=i2", &[1, 0, 0, 0x80, 1, 0, 0, 0]),
        ("<f2", &[0, 0x3c, 0, 0x38, 1, 0x38, 0, 0x7e]),
        (">f2", &[0x3c, 0, 0x38, 0, 0x38, 1, 0x7e, 0]),
        ("<i4", &[1, 0, 0, 0, 0, 0, 0, 0x80, 1, 0, 0, 0, 0, 0, 0, 0]),
        (">u4", &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
        ("<f4", &[0, 0, 0x80, 0x3f, 0, 0, 0, 0x3f, 1, 0, 0, 0x3f, 0, 0, 0xc0, 0x7f]),
        (
            ">i8",
            &[
                1, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0,
            ],
        ),
        (
            "<u8",
            &[
                0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0,
            ],
        ),
        (
            ">f8",
            &[
                0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0, 0x3f, 0xe0, 0, 0, 0, 0,
                0, 1, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0,
            ],
        ),
    ];
    for (descr, data) in cases {
        let read = read(&npz(&dict(descr, true, "(2, 2, 1)"), data)).unwrap();
        assert_eq!(read.mask.ones().collect::<Vec<_>>(), [0, 2], "{descr}");
    }
}

#[test]
fn a_type_may_be_called_by_any_of_its_names() {
    let names = [
        (1, "?|bool|B|u1|uint8|b|i1|int8|<u1"),
        (2, "H|<H|uint16|i2|h|int16"),
        (4, "I|u4|uint32|i|int32|=i4"),
        (8, "Q|uint64|q|int64"),
    ];
    for (size, names) in names {
        let data: Vec<u8> =
            [1u8, 0].iter().flat_map(|&on| [on; 8].into_iter().take(size)).collect();
        for name in names.split('|') {
            let read = read(&npz(&dict(name, true, "(2, 1, 1)"), &data)).unwrap();
            assert_eq!(read.mask.ones().collect::<Vec<_>>(), [0], "{name}");
        }
    }
    let floats: [(&str, &[u8]); 3] = [
        ("e|float16", &[0, 0x3c, 0, 0x38]),
        ("f|float32", &[0, 0, 0x80, 0x3f, 0, 0, 0, 0x3f]),
        ("d|float64", &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f]),
    ];
    for (names, data) in floats {
        for name in names.split('|') {
            let read = read(&npz(&dict(name, true, "(2, 1, 1)"), data)).unwrap();
            assert_eq!(read.mask.ones().collect::<Vec<_>>(), [0], "{name}");
        }
    }
}

#[test]
fn what_is_no_plain_number_is_refused() {
    for descr in
        ["|O", "|S1", "<U1", "<c8", "<c16", "<M8[ns]", "|V4", "<f16", "int", "<u3", "<<u1", ""]
    {
        let file = npz(&dict(descr, false, "(2, 2, 2)"), &[0; 200]);
        assert_eq!(issue(&file), VolumeIssue::UnsupportedType(descr.into()));
    }
    let record = "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2, 2, 2), }";
    assert!(matches!(issue(&npz(record, &[0; 64])), VolumeIssue::UnsupportedType(_)));
}

#[test]
fn all_versions_and_spellings_of_the_header_are_read() {
    let forms = [
        dict("|u1", false, "(2, 2, 2)"),
        dict("|u1", false, "(2,2,2,)"),
        dict("|u1", false, "(2L, 2L, 2L)"),
        "{\"shape\":(2,2,2),\"fortran_order\":False,\"descr\":\"|u1\"}".to_string(),
    ];
    for version in [1, 2, 3] {
        for form in &forms {
            let file = zip(&[("mask.npy", &npy_with(version, form, &[1; 8]))], version == 2);
            assert_eq!(read(&file).unwrap().mask.count(), 8, "{version} {form}");
        }
    }
}

#[test]
fn a_header_of_another_form_is_refused() {
    let fine = "'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 2)";
    let forms = [
        String::new(),
        "[]".to_string(),
        format!("{{{fine}"),
        format!("{{{fine}}} + 1"),
        format!("{{{fine}, 'more': 1}}"),
        format!("{{{fine} 'descr': '|u1'}}"),
        "{'descr': '|u1', 'fortran_order': 0, 'shape': (2, 2, 2)}".to_string(),
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2, -2, 2)}".to_string(),
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2.0, 2)}".to_string(),
        "{'descr': '|u1', 'fortran_order': False, 'shape': 8}".to_string(),
        "{'descr': '|\\x751', 'fortran_order': False, 'shape': (2, 2, 2)}".to_string(),
        "{'descr': __import__('os'), 'fortran_order': False, 'shape': (2, 2, 2)}".to_string(),
    ];
    for form in forms {
        let found = issue(&npz(&form, &[1; 8]));
        assert!(matches!(found, VolumeIssue::BadHeader { .. }), "{form}: {found:?}");
    }
    let twice = format!("{{{fine}, 'descr': '|u1'}}");
    assert_eq!(issue(&npz(&twice, &[1; 8])), VolumeIssue::DuplicateField("descr".into()));
    for (field, form) in [
        ("descr", "{'fortran_order': False, 'shape': (2, 2, 2)}"),
        ("fortran_order", "{'descr': '|u1', 'shape': (2, 2, 2)}"),
        ("shape", "{'descr': '|u1', 'fortran_order': False}"),
    ] {
        assert_eq!(issue(&npz(form, &[1; 8])), VolumeIssue::MissingField(field));
    }
    for version in [[0, 0], [4, 0], [1, 1], [3, 1]] {
        let mut array = npy_with(version[0], &dict("|u1", false, "(2, 2, 2)"), &[1; 8]);
        array[7] = version[1];
        let found = issue(&zip(&[("a.npy", &array)], true));
        assert!(matches!(found, VolumeIssue::BadHeader { .. }), "{version:?}: {found:?}");
    }
    let mut long = npy_with(2, "", b"");
    long[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(issue(&zip(&[("a.npy", &long)], true)), VolumeIssue::HeaderTooLong);
    let cut = &npy_with(1, &dict("|u1", false, "(2, 2, 2)"), b"")[..40];
    assert!(matches!(issue(&zip(&[("a.npy", cut)], true)), VolumeIssue::Truncated { .. }));
    let other = zip(&[("a.npy", b"NRRD0004")], true);
    assert_eq!(issue(&other), VolumeIssue::WrongFormat { looks_like: Some("an NRRD file") });
}

#[test]
fn shapes_are_checked_before_the_values() {
    for (shape, axes) in [("()", 0), ("(8,)", 1), ("(2, 4)", 2), ("(1, 2, 2, 2)", 4)] {
        let found = issue(&npz(&dict("|u1", false, shape), b""));
        assert_eq!(found, VolumeIssue::NotThreeDimensional { axes, first: FirstAxis::Space });
    }
    for shape in ["(2, 0, 2)", "(2048, 2048, 2048)", "(4294967296, 4294967296, 2)"] {
        assert!(matches!(issue(&npz(&dict("|u1", false, shape), b"")), VolumeIssue::BadSizes(_)));
    }
    let file = npz(&dict("|u1", false, "(2, 3, 4)"), b"no voxels");
    let expected =
        VolumeIssue::WrongShape { expected: [4, 3, 2], found: [2, 3, 4], cropped: false };
    for result in [
        read_mask(&file, Some([4, 3, 2]), &[]).map(|read| read.geometry),
        inspect(&file, Format::Npz, Some([4, 3, 2])),
    ] {
        assert!(matches!(result, Err(VolumeError::Invalid(found)) if found == expected));
    }
}

#[test]
fn exactly_one_array_must_be_in_the_archive() {
    let array = npy_with(1, &dict("|u1", false, "(2, 2, 2)"), &[1; 8]);
    let counts = |entries, arrays| VolumeIssue::NotOneArray { entries, arrays };
    assert_eq!(issue(&zip(&[], true)), counts(0, 0));
    assert_eq!(issue(&zip(&[("a.npy", &array), ("b.npy", &array)], true)), counts(2, 2));
    assert_eq!(issue(&zip(&[("a.npy", &array), ("readme.txt", b"hello")], true)), counts(2, 1));
    assert_eq!(issue(&zip(&[("a.txt", &array)], true)), counts(1, 0));
    let many: Vec<String> = (0..1001).map(|at| format!("{at}.npy")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(issue(&zip(&many, false)), counts(1001, 1001));
}

#[test]
fn what_is_no_npz_is_named() {
    let looks = |looks_like| VolumeIssue::WrongFormat { looks_like };
    assert_eq!(issue(&Vec::new()), looks(Some("an empty file")));
    assert_eq!(issue(&b"NRRD0004\n".to_vec()), looks(Some("an NRRD file")));
    let array = npy_with(1, &dict("|u1", false, "(2, 2, 2)"), &[1; 8]);
    assert_eq!(issue(&array), looks(Some("a NumPy .npy file")));
    let mut behind = b"NRRD0004\n".to_vec();
    behind.extend(npz(&dict("|u1", false, "(2, 2, 2)"), &[1; 8]));
    assert_eq!(issue(&behind), looks(Some("an NRRD file")));
    let mut cut = npz(&dict("|u1", false, "(2, 2, 2)"), &[1; 8]);
    cut.truncate(cut.len() - 30);
    assert_eq!(issue(&cut), looks(Some("a zip or NPZ file")));
}

#[test]
fn short_long_and_damaged_arrays_are_refused() {
    let dict = dict("<u2", false, "(2, 2, 2)");
    let short = npz(&dict, &[1; 15]);
    assert_eq!(issue(&short), VolumeIssue::Truncated { expected: 16, found: 15 });
    assert_eq!(read(&npz(&dict, &[1; 1000])).unwrap().mask.count(), 8);
    assert_eq!(issue(&npz(&dict, &vec![1; 2 << 20])), VolumeIssue::TooLong);

    let stored = zip(&[("a.npy", &npy_with(1, &dict, &[1; 16]))], false);
    let at = stored.windows(16).position(|window| window == [1; 16]).unwrap();
    let mut damaged = stored;
    damaged[at + 15] = 0;
    assert_eq!(issue(&damaged), VolumeIssue::DamagedEntry);
}

#[test]
fn an_archive_longer_than_the_kept_tail_is_read() {
    // Incompressible and stored, so that its start lies far before the bytes that are kept.
    let voxels = 128 * 128 * 64;
    let noise = |at: u32| (at.wrapping_mul(0x9e37_79b9) >> 24) as u8;
    let data: Vec<u8> = (0..voxels).map(noise).collect();
    let array = npy_with(1, &dict("|u1", true, "(128, 128, 64)"), &data);
    let read = read(&zip(&[("a.npy", &array)], false)).unwrap();
    assert_eq!(read.mask.count(), data.iter().filter(|&&value| value > 0).count());
}

#[test]
fn storage_that_fails_is_not_the_authors_fault() {
    let missing = crate::FileSource("/nonexistent/0.npz".into());
    assert!(matches!(read_mask(&missing, None, &[]), Err(VolumeError::Io(_))));
}

/// A type as NumPy writes it.
fn descr(element: Element, endian: Endian) -> String {
    let kind = match element {
        Element::I8 | Element::I16 | Element::I32 | Element::I64 => 'i',
        Element::U8 | Element::U16 | Element::U32 | Element::U64 => 'u',
        Element::F16 | Element::F32 | Element::F64 => 'f',
    };
    let order = match endian {
        Endian::Little => '<',
        Endian::Big => '>',
    };
    format!("{order}{kind}{}", element.size())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn both_orders_of_an_array_give_the_same_mask(
        [nx, ny, nz] in [1usize..9, 1usize..9, 1usize..80],
        seed in any::<u64>(),
    ) {
        let on = |x: usize, y: usize, z: usize| {
            let at = (x + 100 * (y + 100 * z)) as u64;
            u8::from((seed ^ at).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 62 == 0)
        };
        let mut rows = Vec::new();
        let mut columns = Vec::new();
        for x in 0..nx { for y in 0..ny { for z in 0..nz { rows.push(on(x, y, z)); } } }
        for z in 0..nz { for y in 0..ny { for x in 0..nx { columns.push(on(x, y, z)); } } }
        let shape = format!("({nx}, {ny}, {nz})");

        let by_rows = read(&npz(&dict("|b1", false, &shape), &rows)).unwrap().mask;
        let by_columns = read(&npz(&dict("|b1", true, &shape), &columns)).unwrap().mask;

        prop_assert_eq!(&by_rows, &by_columns);
        let expected: Vec<usize> = (0..columns.len()).filter(|&at| columns[at] == 1).collect();
        prop_assert_eq!(by_rows.ones().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn every_type_and_order_gives_the_mask_of_its_values(
        [nx, ny, nz] in [1usize..9, 1usize..9, 1usize..9],
        seed in any::<u64>(),
        deflated in any::<bool>(),
    ) {
        for element in ELEMENTS.into_iter().chain([Element::F16]) {
            for endian in [Endian::Little, Endian::Big] {
                let samples: Vec<Sample> = (0..nx * ny * nz)
                    .map(|at| sample(element, endian, (seed ^ at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32))
                    .collect();
                let data: Vec<u8> = samples.iter().flat_map(|sample| sample.bytes.clone()).collect();
                let dict = dict(&descr(element, endian), true, &format!("({nx}, {ny}, {nz})"));
                let file = zip(&[("arr_0.npy", &npy_with(1, &dict, &data))], deflated);

                let read = read_mask(&file, Some([nx, ny, nz]), &[]).unwrap();

                let ones: Vec<usize> =
                    (0..samples.len()).filter(|&at| samples[at].foreground).collect();
                prop_assert_eq!(read.mask.ones().collect::<Vec<_>>(), ones);
                prop_assert_eq!(read.values.nan, samples.iter().any(|sample| sample.nan));
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(at in 0usize..400, bit in 0u8..8, cut in 0usize..400) {
        let mut file = npz(&dict("<f4", false, "(2, 2, 2)"), &[0x3f; 32]);
        let at = at % file.len();
        file[at] ^= 1 << bit;
        let _ = read(&file);
        file.truncate(cut);
        let _ = read(&file);
    }
}
