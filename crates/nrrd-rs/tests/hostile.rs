//! Files that mean harm are refused with words, and never bring the reader down.
#![cfg(all(feature = "ndarray", feature = "gzip", feature = "bzip2"))]

use ndarray::Array3;
use nrrd_rs::{Encoding, Error, FormatError, Header, Writer, read_with_limit};
use proptest::prelude::*;

/// Most bytes of an array here.
const LIMIT: u64 = 1 << 16;

fn written(encoding: Encoding) -> Vec<u8> {
    let array = Array3::from_shape_fn((5, 4, 3), |(x, y, z)| (x * y * z) as i16);
    let mut file = Vec::new();
    let writer = Writer::new().encoding(encoding).spacings(&[0.4, 0.4, 0.6]);
    writer.key_value("a", "b").write(&mut file, array.view()).unwrap();
    file
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_a_file_makes_the_reader_panic(
        encoding in prop::sample::select(vec![
            Encoding::Raw, Encoding::Text, Encoding::Hex, Encoding::Gzip, Encoding::Bzip2,
        ]),
        cut in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        inserted in prop::option::of((any::<prop::sample::Index>(), "[ -~\n]{0,30}")),
    ) {
        let mut file = written(encoding);
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Some((at, text)) = inserted {
            let at = at.index(file.len());
            file.splice(at..at, text.bytes());
        }
        file.truncate(cut.index(file.len()) + file.len() / 2);
        match read_with_limit(&file, LIMIT) {
            Ok((header, array)) => prop_assert_eq!(header.sizes.as_slice(), array.shape()),
            Err(Error::Format(error)) => prop_assert!(!error.to_string().is_empty()),
            Err(Error::Io(error)) => prop_assert!(false, "memory does not fail: {error}"),
        }
    }
}

#[test]
fn a_file_of_a_few_bytes_inflates_no_further_than_its_header_says() {
    let header = "NRRD0004\ntype: uint8\ndimension: 1\nsizes: 4\nencoding: gzip\n\n";
    let mut zeros = Vec::new();
    // What a writer of another size makes: 64 MiB of zeros, and only its data.
    Writer::new()
        .encoding(Encoding::Gzip)
        .write_values(&mut zeros, nrrd_rs::ScalarType::U8, &[64 << 20], |out| {
            (0..64).try_for_each(|_| out.write_all(&vec![0; 1 << 20]))
        })
        .unwrap();
    let data = &zeros[Header::read(&zeros).unwrap().length() as usize..];
    let file = [header.as_bytes(), data].concat();
    let error = read_with_limit(&file, LIMIT).unwrap_err();
    assert!(matches!(error, Error::Format(FormatError::TooLong)), "{error}");
}

#[test]
fn a_header_of_a_million_lines_ends_at_its_bound() {
    for line in ["#\n", "a:=\n"] {
        let file = ["NRRD0004\n", &line.repeat(1 << 20)].concat().into_bytes();
        let error = Header::read(&file).unwrap_err();
        assert!(matches!(error, Error::Format(FormatError::HeaderTooLong)), "{error}");
    }
}

#[test]
fn storage_that_fails_is_not_the_files_fault() {
    for path in ["/nonexistent/0.nrrd", "/"] {
        let error = Header::read(&nrrd_rs::FileSource(path.into())).unwrap_err();
        assert!(matches!(error, Error::Io(_)), "{path}: {error}");
    }
}
