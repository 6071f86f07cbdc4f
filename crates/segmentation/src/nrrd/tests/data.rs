//! Encodings, skips, and data that end too early or too late.

use super::*;

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
    assert_eq!(issue(&unknown), VolumeIssue::UnsupportedEncoding("zrl".into()));
}

#[test]
fn skips_are_taken_on_the_file_and_on_the_decoded_stream() {
    let behind = [b"junk".as_slice(), &VOXELS].concat();
    let lines = |data: &[u8]| [b"one\r\ntwo\n".as_slice(), data].concat();
    let text: String = VOXELS.iter().map(|v| format!("{v} ")).collect();
    let hex: String = VOXELS.iter().map(|v| format!("{v:02x}")).collect();
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
        ("encoding: bzip2\nbyte skip: -1", bzip2(&behind)),
        ("encoding: raw\nbyte skip: -4", [&behind, b"end".as_slice()].concat()),
        ("encoding: gzip\nbyte skip: -4", gzip(&[&behind, b"end".as_slice()].concat())),
        ("encoding: txt\nline skip: 2", lines(text.as_bytes())),
        ("encoding: txt\nbyte skip: 4", [b"junk", text.as_bytes()].concat()),
        ("encoding: hex\nbyte skip: 5", [b"0x 7 ", hex.as_bytes()].concat()),
    ];
    for (fields, data) in cases {
        assert_eq!(ones(&with(&format!("type: uchar\n{fields}\n"), &data)), ONES, "{fields}");
    }
    for encoding in ["txt", "hex"] {
        let file = with(&format!("type: uchar\nencoding: {encoding}\nbyte skip: -1\n"), &VOXELS);
        assert!(matches!(issue(&file), VolumeIssue::BadHeader { .. }), "{encoding}");
    }
    let short = with("type: uchar\nencoding: gzip\nbyte skip: -1\n", &gzip(&VOXELS[1..]));
    assert_eq!(issue(&short), VolumeIssue::Truncated { expected: 24, found: 23 });
    let before_all = format!("type: uchar\nencoding: raw\nbyte skip: {}\n", i64::MIN);
    assert!(matches!(issue(&with(&before_all, &VOXELS)), VolumeIssue::Truncated { found: 24, .. }));
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
        assert_eq!(issue(&file), VolumeIssue::TooLong, "{encoding}");
    }
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
        assert_eq!(issue(&file), VolumeIssue::Truncated { expected: 24, found }, "{encoding}");
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
        assert_eq!(issue(&file), VolumeIssue::Corrupt, "{what}");
    }
    let mut damaged = bzip2(&VOXELS);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    assert_eq!(issue(&with("type: uchar\nencoding: bzip2\n", &damaged)), VolumeIssue::Corrupt);
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
        assert_eq!(issue(&file), VolumeIssue::BadValue(shown));
    }
    let endless = with("type: uchar\nencoding: txt\n", "1".repeat(5000).as_bytes());
    assert!(matches!(issue(&endless), VolumeIssue::BadValue(_)));
}

#[test]
fn numbers_as_text_may_lie_across_buffers() {
    // More text than one buffer takes, the same number cut at every place in turn.
    let count = 40_000;
    for padding in 0..8 {
        let mut data = " ".repeat(padding);
        (0..count).for_each(|at| data += if at % 1000 == 7 { "0.500001\n" } else { "0.499999\n" });
        let header = "NRRD0004\ndimension: 3\nsizes: 200 200 1\ntype: float\nencoding: ascii\n";
        let read = read_mask(&file(header, data.as_bytes()), None, &[]).unwrap();
        assert_eq!(
            read.mask.ones().collect::<Vec<_>>(),
            (0..40).map(|n| n * 1000 + 7).collect::<Vec<_>>()
        );
        assert!(read.values.sub_threshold);
    }
}
