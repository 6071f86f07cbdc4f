//! Files built byte by byte, as the readers and writers of the field make and take them.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;
use crate::volume::{Format, inspect};

/// Voxels of a 4 x 3 x 2 volume: foreground at 1, 5, 6, 23.
const VOXELS: [u8; 24] = [0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const ONES: [usize; 4] = [1, 5, 6, 23];

fn file(header: &str, data: &[u8]) -> Vec<u8> {
    [header.as_bytes(), b"\n", data].concat()
}

/// A header of the usual volume with these lines.
fn with(lines: &str, data: &[u8]) -> Vec<u8> {
    file(&format!("NRRD0004\ndimension: 3\nsizes: 4 3 2\n{lines}"), data)
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(data: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn read(file: &Vec<u8>) -> Result<Labelled, VolumeError> {
    read_mask(file, Some([4, 3, 2]))
}

fn ones(file: &Vec<u8>) -> Vec<usize> {
    read(file).unwrap_or_else(|error| panic!("{error}")).mask.ones().collect()
}

#[track_caller]
fn defect(file: &Vec<u8>) -> Defect {
    match read(file) {
        Err(VolumeError::Invalid(defect)) => defect,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_type_spelling_is_read() {
    let wide = |size: usize| -> Vec<u8> {
        VOXELS
            .iter()
            .flat_map(|&v| [v].into_iter().chain(std::iter::repeat_n(0, size - 1)))
            .collect()
    };
    let spellings = [
        (1, "signed char|int8|int8_t|uchar|unsigned char|uint8|uint8_t|UChar|UNSIGNED  CHAR"),
        (2, "short|short int|signed short|signed short int|int16|int16_t"),
        (2, "ushort|unsigned short|unsigned short int|uint16|uint16_t"),
        (4, "int|signed int|int32|int32_t|uint|unsigned int|uint32|uint32_t"),
        (8, "longlong|long long|long long int|signed long long|signed long long int|int64|int64_t"),
        (8, "ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t"),
        // The smallest bits of a float are above 0, but not above 0.5.
        (4, "float"),
        (8, "double"),
    ];
    for (size, names) in spellings {
        for name in names.split('|') {
            let file = with(&format!("type: {name}\nencoding: raw\nendian: little\n"), &wide(size));
            let expected: &[usize] = if matches!(name, "float" | "double") { &[] } else { &ONES };
            assert_eq!(ones(&file), expected, "{name}");
        }
    }
    for name in ["char", "block", "complex", "long double", "uint128", ""] {
        let file = with(&format!("type: {name}\nencoding: raw\nendian: little\n"), &wide(16));
        assert_eq!(defect(&file), Defect::UnsupportedType(name.to_string()));
    }
}

#[test]
fn every_encoding_is_read_in_every_spelling() {
    let hex: String = VOXELS.iter().map(|v| format!("{v:02X}")).collect::<Vec<_>>().join("\n ");
    let text: String = VOXELS.iter().map(|v| format!("{v}")).collect::<Vec<_>>().join(" ,\n\t");
    let encodings: [(&str, Vec<u8>); 5] = [
        ("raw|RAW", VOXELS.to_vec()),
        ("txt|text|ascii|ASCII", text.into_bytes()),
        ("hex|Hex", hex.into_bytes()),
        ("gz|gzip|GZip", gzip(&VOXELS)),
        ("bz2|bzip2", bzip2(&VOXELS)),
    ];
    for (names, data) in encodings {
        for name in names.split('|') {
            let file = with(&format!("type: uchar\nencoding: {name}\n"), &data);
            assert_eq!(ones(&file), ONES, "{name}");
        }
    }
    let unknown = with("type: uchar\nencoding: zrl\n", &VOXELS);
    assert_eq!(defect(&unknown), Defect::UnsupportedEncoding("zrl".into()));
}

#[test]
fn headers_are_read_as_freely_as_any_reader_does() {
    let plain = "type: uchar\nencoding: raw\n";
    let headers = [
        "NRRD0001\ndimension: 3\nsizes: 4 3 2\ntype: uchar\nencoding: raw\n".to_string(),
        "NRRD0005\ndimension: 3\nsizes: 4 3 2\ntype: uchar\nencoding: raw\n".to_string(),
        format!("NRRD0004\nsizes: 4 3 2\ndimension: 3\n{plain}"),
        format!("NRRD0004\r\nsizes: 4 3 2\r\ndimension: 3\r\n{plain}\r"),
        format!("NRRD0004\nsizes:4 3 2\ndimension:3\n{plain}"),
        format!("NRRD0004\nSIZES:  4\t3 2 \nDimension:\t3\n{plain}"),
        format!("NRRD0004\n# a comment\nsizes: 4 3 2\ndimension: 3\n{plain}# another\n"),
        format!("NRRD0004\nsizes: 4 3 2\ndimension: 3\nfavourite colour: blue\n{plain}"),
        format!("NRRD0004\nsizes: 4 3 2\ndimension: 3\nkey:=one\nkey:=two\nsizes:=9\n{plain}"),
        format!("NRRD0004\nsizes: 4 3 2\ndimension: 3\nbyte skip:=-1\n{plain}"),
        format!("NRRD0004\nsizes: 4 3 2\ndimension: 3\ncontent: Schr\u{f6}dinger: a cat\n{plain}"),
        format!(
            "NRRD0004\nsizes: 4 3 2\ndimension: 3\nblocksize: 1\nbyteskip: 0\nlineskip: 0\n{plain}"
        ),
        format!(
            "NRRD0004\nsizes: 4 3 2\ndimension: 3\naxis mins: 0 0 0\nmeasurement frame: (1,0,0)\n{plain}"
        ),
        format!("NRRD0004\nsizes: 4 3 2\ndimension: 3\nendian: BIG\n{plain}"),
    ];
    for header in headers {
        assert_eq!(ones(&file(&header, &VOXELS)), ONES, "{header}");
    }
    let latin = [
        b"NRRD0004\nsizes: 4 3 2\ndimension: 3\ncontent: \xe9\nencoding: raw\ntype: uchar\n\n"
            .as_slice(),
        &VOXELS,
    ];
    assert_eq!(ones(&latin.concat()), ONES);
}

#[test]
fn a_header_that_no_reader_takes_is_refused_by_name() {
    let missing = |field| Defect::MissingField(field);
    let cases = [
        ("NRRD0004\nsizes: 4 3 2\ntype: uchar\nencoding: raw\n", missing("dimension")),
        ("NRRD0004\ndimension: 3\ntype: uchar\nencoding: raw\n", missing("sizes")),
        ("NRRD0004\ndimension: 3\nsizes: 4 3 2\nencoding: raw\n", missing("type")),
        ("NRRD0004\ndimension: 3\nsizes: 4 3 2\ntype: uchar\n", missing("encoding")),
        ("NRRD0004\ndimension: 3\nsizes: 4 3 2\ntype: short\nencoding: raw\n", missing("endian")),
        (
            "NRRD0004\ndimension: 3\nsizes: 4 3 2\nSizes: 4 3 2\ntype: uchar\nencoding: raw\n",
            Defect::DuplicateField("Sizes".into()),
        ),
        (
            "NRRD0004\ndimension: 3\nsizes: 4 3 0\ntype: uchar\nencoding: raw\n",
            Defect::BadSizes("4 3 0".into()),
        ),
        (
            "NRRD0004\ndimension: 3\nsizes: 4294967296 4294967296 2\ntype: uchar\nencoding: raw\n",
            Defect::BadSizes("4294967296 4294967296 2".into()),
        ),
        (
            "NRRD0004\ndimension: 2\nsizes: 4 6\ntype: uchar\nencoding: raw\n",
            Defect::NotThreeDimensional { axes: 2, layered: false },
        ),
        (
            "NRRD0004\ndimension: 4\nsizes: 2 4 3 2\nkinds: list domain domain domain\ntype: uchar\nencoding: raw\n",
            Defect::NotThreeDimensional { axes: 4, layered: true },
        ),
        (
            "NRRD0004\ndimension: 4\nsizes: 2 4 3 2\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\ntype: uchar\nencoding: raw\n",
            Defect::NotThreeDimensional { axes: 4, layered: true },
        ),
    ];
    for (header, expected) in cases {
        assert_eq!(defect(&file(header, &VOXELS)), expected, "{header}");
    }

    let lines = [
        "endian: middle",
        "line skip: -1",
        "byte skip: -2",
        "byte skip: many",
        "space directions: (1,0,0) (0,1,0)",
        "space directions: (1,0,0) (0,1,0) (0,0,one)",
        "space directions: (1,0,0) (0,1,0) (0,0,1",
        "space origin: 1 2 3",
        "spacings: 1 2",
        "no colon in here",
    ];
    for line in lines {
        let file = with(&format!("type: uchar\nencoding: raw\n{line}\n"), &VOXELS);
        assert!(matches!(defect(&file), Defect::BadHeader { .. }), "{line}");
    }
    for sizes in ["4 3", "4 3 2 1", "4 3 -2", "4 3 two", ""] {
        let header =
            format!("NRRD0004\ndimension: 3\nsizes: {sizes}\ntype: uchar\nencoding: raw\n");
        assert!(matches!(defect(&file(&header, &VOXELS)), Defect::BadHeader { .. }), "{sizes}");
    }
    for dimension in ["0", "17", "three", "-3"] {
        let header =
            format!("NRRD0004\ndimension: {dimension}\nsizes: 4 3 2\ntype: uchar\nencoding: raw\n");
        assert!(matches!(defect(&file(&header, &VOXELS)), Defect::BadHeader { .. }), "{dimension}");
    }
}

#[test]
fn a_data_file_is_refused_however_it_is_spelt() {
    for field in [
        "data file: truth.raw",
        "datafile: truth.raw",
        "Data File: LIST",
        "DATA  FILE:/etc/passwd",
        "data_file: %d.raw 1 9 1",
        " data\tfile : x",
        "datafile:=x",
        "data file:",
    ] {
        let file = with(&format!("type: uchar\nencoding: raw\n{field}\n"), &VOXELS);
        assert_eq!(defect(&file), Defect::DataFile, "{field}");
        // A header without its empty line is as detached as can be.
        let mut bare = with(&format!("type: uchar\nencoding: raw\n{field}"), b"");
        bare.pop();
        assert_eq!(defect(&bare), Defect::DataFile, "{field}");
    }
}

#[test]
fn what_is_no_nrrd_is_named() {
    let looks = |looks_like| Defect::WrongFormat { looks_like };
    assert_eq!(defect(&Vec::new()), looks(Some("an empty file")));
    assert_eq!(defect(&b"PK\x03\x04 and more".to_vec()), looks(Some("a zip or NPZ file")));
    assert_eq!(defect(&b"NRRD0006\n".to_vec()), looks(Some("an NRRD file")));
    assert_eq!(defect(&b"something else\n\n".to_vec()), looks(None));
    let mut nifti = vec![0; 352];
    nifti[344..348].copy_from_slice(b"n+1\0");
    assert_eq!(defect(&nifti), looks(Some("a NIfTI file")));
    let marked = [b"\xef\xbb\xbf".as_slice(), &with("type: uchar\nencoding: raw\n", &VOXELS)];
    assert_eq!(defect(&marked.concat()), Defect::ByteOrderMark);
}

#[test]
fn a_header_without_end_is_refused_after_its_bound() {
    let endless = format!("NRRD0004\ncontent: {}", "x".repeat(2 << 20)).into_bytes();
    assert_eq!(defect(&endless), Defect::HeaderTooLong);
    let many = "NRRD0004\n".to_string() + &"#\n".repeat(1 << 20);
    assert_eq!(defect(&many.into_bytes()), Defect::HeaderTooLong);
    let open = b"NRRD0004\ndimension: 3\n".to_vec();
    assert!(matches!(defect(&open), Defect::BadHeader { .. }));
}

#[test]
fn skips_are_taken_on_the_file_and_on_the_decoded_stream() {
    let behind = [b"junk".as_slice(), &VOXELS].concat();
    let lines = |data: &[u8]| [b"one\r\ntwo\n".as_slice(), data].concat();
    let text: String = VOXELS.iter().map(|v| format!("{v} ")).collect();
    let cases = [
        ("encoding: raw\nline skip: 2", lines(&VOXELS)),
        ("encoding: raw\nbyte skip: 4", behind.clone()),
        ("encoding: raw\nline skip: 2\nbyte skip: 4", lines(&behind)),
        ("encoding: raw\nbyte skip: -1", behind.clone()),
        ("encoding: raw\nbyteskip: -1", VOXELS.to_vec()),
        ("encoding: gzip\nbyte skip: 4", gzip(&behind)),
        ("encoding: gzip\nbyte skip: -1", gzip(&behind)),
        ("encoding: gzip\nlineskip: 2\nbyte skip: 4", lines(&gzip(&behind))),
        ("encoding: bzip2\nbyte skip: 4", bzip2(&behind)),
        ("encoding: txt\nline skip: 2", lines(text.as_bytes())),
        ("encoding: txt\nbyte skip: 4", [b"junk", text.as_bytes()].concat()),
    ];
    for (fields, data) in cases {
        assert_eq!(ones(&with(&format!("type: uchar\n{fields}\n"), &data)), ONES, "{fields}");
    }
    for encoding in ["txt", "hex", "bzip2"] {
        let file = with(&format!("type: uchar\nencoding: {encoding}\nbyte skip: -1\n"), &VOXELS);
        assert!(matches!(defect(&file), Defect::BadHeader { .. }), "{encoding}");
    }
    let short = with("type: uchar\nencoding: gzip\nbyte skip: -1\n", &gzip(&VOXELS[1..]));
    assert_eq!(defect(&short), Defect::Truncated { expected: 24, found: 23 });
}

#[test]
fn what_follows_the_voxels_is_accepted_within_reason() {
    let long = [VOXELS.as_slice(), &[7; 1000]].concat();
    let members = [gzip(&VOXELS[..10]), gzip(&VOXELS[10..])].concat();
    let streams = [bzip2(&VOXELS[..10]), bzip2(&VOXELS[10..])].concat();
    let padded = [gzip(&VOXELS), vec![0; 512]].concat();
    let cases = [
        ("raw", long.clone()),
        ("gzip", gzip(&long)),
        ("gzip", members),
        ("gzip", padded),
        ("bzip2", streams),
        ("txt", [text(&VOXELS).as_bytes(), b" 1 0 whatever \xff"].concat()),
    ];
    for (encoding, data) in cases {
        let file = with(&format!("type: uchar\nencoding: {encoding}\n"), &data);
        assert_eq!(ones(&file), ONES, "{encoding}");
    }
    let far_too_long = [VOXELS.as_slice(), &vec![0; 2 << 20]].concat();
    for (encoding, data) in [
        ("raw", far_too_long.clone()),
        ("gzip", gzip(&far_too_long)),
        ("bzip2", bzip2(&far_too_long)),
        ("hex", vec![b'0'; 4 << 20]),
        ("txt", "0 ".repeat(2 << 20).into_bytes()),
    ] {
        let file = with(&format!("type: uchar\nencoding: {encoding}\n"), &data);
        assert_eq!(defect(&file), Defect::TooLong, "{encoding}");
    }
}

fn text(voxels: &[u8]) -> String {
    voxels.iter().map(|v| format!("{v} ")).collect()
}

#[test]
fn short_data_are_refused_in_every_encoding() {
    let short = &VOXELS[..20];
    let hex: String = short.iter().map(|v| format!("{v:02x}")).collect();
    let cases = [
        ("raw", short.to_vec(), 20),
        ("raw", Vec::new(), 0),
        ("gzip", gzip(short), 20),
        ("gzip", Vec::new(), 0),
        ("bzip2", bzip2(short), 20),
        ("hex", hex.into_bytes(), 20),
        ("txt", text(short).into_bytes(), 20),
    ];
    for (encoding, data, found) in cases {
        let file = with(&format!("type: uchar\nencoding: {encoding}\n"), &data);
        assert_eq!(defect(&file), Defect::Truncated { expected: 24, found }, "{encoding}");
    }
}

#[test]
fn damaged_compression_is_refused_even_behind_the_last_voxel() {
    let whole = gzip(&VOXELS);
    let last = whole.len() - 1;
    let flipped = |at: usize| {
        let mut data = whole.clone();
        data[at] ^= 1;
        data
    };
    for (what, data) in [
        ("length", flipped(last)),
        ("checksum", flipped(last - 5)),
        ("no trailer", whole[..whole.len() - 8].to_vec()),
        ("half a trailer", whole[..whole.len() - 3].to_vec()),
        ("magic", flipped(1)),
        ("not gzip", VOXELS.to_vec()),
    ] {
        let file = with("type: uchar\nencoding: gzip\n", &data);
        assert_eq!(defect(&file), Defect::Corrupt, "{what}");
    }
    let mut damaged = bzip2(&VOXELS);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    assert_eq!(defect(&with("type: uchar\nencoding: bzip2\n", &damaged)), Defect::Corrupt);
}

#[test]
fn text_that_is_no_number_is_refused_and_shown() {
    for (encoding, data, shown) in [
        ("txt", "1 2 three", "three".to_string()),
        ("txt", "1 300", "300".to_string()),
        ("txt", "\u{7}", "\u{fffd}".to_string()),
        ("hex", &"0g".repeat(24), "g".to_string()),
    ] {
        let file = with(&format!("type: uchar\nencoding: {encoding}\n"), data.as_bytes());
        assert_eq!(defect(&file), Defect::BadValue(shown));
    }
    let endless = with("type: uchar\nencoding: txt\n", "1".repeat(5000).as_bytes());
    assert!(matches!(defect(&endless), Defect::BadValue(_)));
}

#[test]
fn numbers_as_text_may_lie_across_buffers() {
    // More text than one buffer takes, the same number cut at every place in turn.
    let count = 40_000;
    for padding in 0..8 {
        let mut data = " ".repeat(padding);
        (0..count).for_each(|at| data += if at % 1000 == 7 { "0.500001\n" } else { "0.499999\n" });
        let header = "NRRD0004\ndimension: 3\nsizes: 200 200 1\ntype: float\nencoding: ascii\n";
        let read = read_mask(&file(header, data.as_bytes()), None).unwrap();
        assert_eq!(
            read.mask.ones().collect::<Vec<_>>(),
            (0..40).map(|n| n * 1000 + 7).collect::<Vec<_>>()
        );
        assert!(read.values.faint);
    }
}

#[test]
fn geometry_is_read_as_it_is_written() {
    let geometry = |lines: &str| {
        inspect(
            &with(&format!("type: uchar\nencoding: raw\n{lines}\n"), &VOXELS),
            Format::Nrrd,
            None,
        )
        .unwrap()
    };
    let diagonal = [[0.4, 0.0, 0.0], [0.0, -0.4, 0.0], [0.0, 0.0, 0.5]];
    for directions in ["(0.4,0,0) (0,-0.4,0) (0,0,0.5)", "( 0.4, 0 ,0)(0,-0.4,0)\t( 0 , 0 , 5e-1 )"]
    {
        let read = geometry(&format!(
            "space directions: {directions}\nspacings: 9 9 9\nspace origin: (1,-2.5,3)\nspace: left-posterior-superior"
        ));
        assert_eq!(read.shape, [4, 3, 2]);
        assert_eq!(read.directions, Some(diagonal));
        assert_eq!(read.spacing, Some([0.4, 0.4, 0.5]));
        assert_eq!(read.origin, Some([1.0, -2.5, 3.0]));
        assert_eq!(read.space.as_deref(), Some("left-posterior-superior"));
    }
    assert_eq!(geometry("spacings: 0.3 0.3 0.7").spacing, Some([0.3, 0.3, 0.7]));
    assert_eq!(geometry("space directions: (1,0,0) NONE (0,0,1)").directions, None);
    assert_eq!(geometry("space directions: (1,0) (0,1) (0,0)").spacing, None);
    assert_eq!(geometry("space origin: none").origin, None);
    assert!(geometry("spacings: nan 1 1").spacing.unwrap()[0].is_nan());
}

#[test]
fn another_shape_is_refused_before_the_voxels() {
    // Not a byte of this payload is gzip: it must not be looked at.
    let mut file = with("type: uchar\nencoding: gzip\n", &VOXELS);
    let wrong = |cropped| Defect::WrongShape { expected: [2, 3, 4], found: [4, 3, 2], cropped };
    let error = read_mask(&file, Some([2, 3, 4])).unwrap_err();
    assert!(matches!(error, VolumeError::Invalid(defect) if defect == wrong(false)));

    file = with(
        "type: uchar\nencoding: gzip\nSegmentation_ReferenceImageExtentOffset:=-3 0 7\n",
        &VOXELS,
    );
    let error = inspect(&file, Format::Nrrd, Some([2, 3, 4])).unwrap_err();
    assert!(matches!(error, VolumeError::Invalid(defect) if defect == wrong(true)));
}

#[test]
fn a_bomb_of_a_gigabyte_is_refused_after_a_few_megabytes() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let megabyte = vec![0; 1 << 20];
    for _ in 0..1024 {
        encoder.write_all(&megabyte).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    for skip in ["", "byte skip: 1000000000\n", "byte skip: -1\n"] {
        let header =
            format!("NRRD0004\ndimension: 3\nsizes: 4 4 4\ntype: uchar\nencoding: gzip\n{skip}");
        let source = Counting { bytes: file(&header, &bomb), read: AtomicUsize::new(0) };
        let error = read_mask(&source, Some([4, 4, 4])).unwrap_err();
        assert!(matches!(error, VolumeError::Invalid(Defect::TooLong)), "{error}");
        assert!(source.read.into_inner() < source.bytes.len() / 10);
    }
}

/// Counts the bytes taken from it.
struct Counting {
    bytes: Vec<u8>,
    read: AtomicUsize,
}

impl Source for Counting {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(CountingReader { rest: &self.bytes, read: &self.read }))
    }
    fn len(&self) -> Option<u64> {
        None
    }
}

struct CountingReader<'a> {
    rest: &'a [u8],
    read: &'a AtomicUsize,
}

impl Read for CountingReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.rest.read(buffer)?;
        self.read.fetch_add(read, Ordering::Relaxed);
        Ok(read)
    }
}

#[test]
fn storage_that_fails_is_not_the_authors_fault() {
    let missing = crate::volume::FileSource("/nonexistent/0.nrrd".into());
    assert!(matches!(read_mask(&missing, None), Err(VolumeError::Io(_))));
    // A folder opens, and fails when it is read.
    let folder = crate::volume::FileSource("/".into());
    assert!(matches!(read_mask(&folder, None), Err(VolumeError::Io(_))));
}

#[test]
fn a_writer_must_be_given_all_voxels() {
    let geometry = Geometry::of_shape([4, 3, 2]);
    let error = write_dense(Vec::new(), &VOXELS[1..], &geometry, Encoding::Raw).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
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

/// A reproducible pattern of zeros and ones.
fn bit(seed: u64, at: usize) -> u8 {
    ((seed ^ at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 61 == 0) as u8
}
