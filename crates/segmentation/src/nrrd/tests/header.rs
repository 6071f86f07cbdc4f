//! Headers: what is understood, and what is refused by which name.

use super::*;
use crate::{FirstAxis, Format, inspect};

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
        assert_eq!(issue(&file), VolumeIssue::UnsupportedType(name.to_string()));
    }
}

#[test]
fn headers_are_read_as_freely_as_any_reader_does() {
    let plain = "type: uchar\nencoding: raw\n";
    let headers = [
        format!("NRRD0004 \t\nsizes: 4 3 2\ndimension: 3\n{plain}"),
        format!("NRRD0004\nsizes: 4.0 3. 2.00\ndimension: 3.0\n{plain}"),
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
    let missing = |field| VolumeIssue::MissingField(field);
    let cases = [
        ("NRRD0004\nsizes: 4 3 2\ntype: uchar\nencoding: raw\n", missing("dimension")),
        ("NRRD0004\ndimension: 3\ntype: uchar\nencoding: raw\n", missing("sizes")),
        ("NRRD0004\ndimension: 3\nsizes: 4 3 2\nencoding: raw\n", missing("type")),
        ("NRRD0004\ndimension: 3\nsizes: 4 3 2\ntype: uchar\n", missing("encoding")),
        ("NRRD0004\ndimension: 3\nsizes: 4 3 2\ntype: short\nencoding: raw\n", missing("endian")),
        (
            "NRRD0004\ndimension: 3\nsizes: 4 3 2\nSizes: 4 3 2\ntype: uchar\nencoding: raw\n",
            VolumeIssue::DuplicateField("Sizes".into()),
        ),
        (
            "NRRD0004\ndimension: 3\nsizes: 4 3 0\ntype: uchar\nencoding: raw\n",
            VolumeIssue::BadSizes("4 3 0".into()),
        ),
        (
            "NRRD0004\ndimension: 3\nsizes: 4294967296 4294967296 2\ntype: uchar\nencoding: raw\n",
            VolumeIssue::BadSizes("4294967296 4294967296 2".into()),
        ),
        (
            "NRRD0004\ndimension: 2\nsizes: 4 6\ntype: uchar\nencoding: raw\n",
            VolumeIssue::NotThreeDimensional { axes: 2, first: FirstAxis::Space },
        ),
        (
            "NRRD0004\ndimension: 4\nsizes: 2 4 3 2\nkinds: list domain domain domain\ntype: uchar\nencoding: raw\n",
            VolumeIssue::NotThreeDimensional { axes: 4, first: FirstAxis::Segments },
        ),
        (
            "NRRD0004\ndimension: 4\nsizes: 2 4 3 2\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\ntype: uchar\nencoding: raw\n",
            VolumeIssue::NotThreeDimensional { axes: 4, first: FirstAxis::Segments },
        ),
        (
            "NRRD0004\ndimension: 4\nsizes: 3 4 3 2\nkinds: RGB-color domain domain domain\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\ntype: uchar\nencoding: raw\n",
            VolumeIssue::NotThreeDimensional { axes: 4, first: FirstAxis::Components },
        ),
        (
            "NRRD0004\ndimension: 4\nsizes: 3 4 3 2\nkinds: vector domain domain domain\ntype: uchar\nencoding: raw\n",
            VolumeIssue::NotThreeDimensional { axes: 4, first: FirstAxis::Components },
        ),
    ];
    for (header, expected) in cases {
        assert_eq!(issue(&file(header, &VOXELS)), expected, "{header}");
    }

    let lines = [
        "endian: middle",
        "line skip: -1",
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
        assert!(matches!(issue(&file), VolumeIssue::BadHeader { .. }), "{line}");
    }
    for sizes in ["4 3", "4 3 2 1", "4 3 -2", "4 3 two", "4 3 2.5", "4 3 2.0.0", ".0 3 2", ""] {
        let header =
            format!("NRRD0004\ndimension: 3\nsizes: {sizes}\ntype: uchar\nencoding: raw\n");
        assert!(matches!(issue(&file(&header, &VOXELS)), VolumeIssue::BadHeader { .. }), "{sizes}");
    }
    for dimension in ["0", "17", "three", "-3"] {
        let header =
            format!("NRRD0004\ndimension: {dimension}\nsizes: 4 3 2\ntype: uchar\nencoding: raw\n");
        assert!(
            matches!(issue(&file(&header, &VOXELS)), VolumeIssue::BadHeader { .. }),
            "{dimension}"
        );
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
fn what_is_no_nrrd_is_named() {
    let looks = |looks_like| VolumeIssue::WrongFormat { looks_like };
    assert_eq!(issue(&Vec::new()), looks(Some("an empty file")));
    assert_eq!(issue(&b"PK\x03\x04 and more".to_vec()), looks(Some("a zip or NPZ file")));
    for magic in ["NRRD0006", "NRRD00041", "NRRD0004 and more", "NRRD000"] {
        assert_eq!(issue(&format!("{magic}\n").into_bytes()), looks(Some("an NRRD file")));
    }
    assert_eq!(issue(&b"something else\n\n".to_vec()), looks(None));
    let mut nifti = vec![0; 352];
    nifti[344..348].copy_from_slice(b"n+1\0");
    assert_eq!(issue(&nifti), looks(Some("a NIfTI file")));
    let marked = [b"\xef\xbb\xbf".as_slice(), &with("type: uchar\nencoding: raw\n", &VOXELS)];
    assert_eq!(issue(&marked.concat()), VolumeIssue::ByteOrderMark);
}

#[test]
fn a_header_without_end_is_refused_after_its_bound() {
    let endless = format!("NRRD0004\ncontent: {}", "x".repeat(2 << 20)).into_bytes();
    assert_eq!(issue(&endless), VolumeIssue::HeaderTooLong);
    let many = "NRRD0004\n".to_string() + &"#\n".repeat(1 << 20);
    assert_eq!(issue(&many.into_bytes()), VolumeIssue::HeaderTooLong);
    for open in ["NRRD0004\ndimension: 3\n", "NRRD0004\rdimension: 3\r\r"] {
        assert!(
            matches!(issue(&open.as_bytes().to_vec()), VolumeIssue::BadHeader { .. }),
            "{open}"
        );
    }
}
