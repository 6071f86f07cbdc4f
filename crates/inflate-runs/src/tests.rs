use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::Gunzip;
use super::window::Window;
use super::zlib::ZlibGunzip;
use crate::runs::{Run, Runs};

fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// All bytes, and how many of them came as counted zeros.
fn gunzip(data: &[u8]) -> std::io::Result<(Vec<u8>, usize)> {
    gunzip_in_pieces(data, usize::MAX)
}

fn gunzip_in_pieces(data: &[u8], limit: usize) -> std::io::Result<(Vec<u8>, usize)> {
    collect(Gunzip::new(data), limit)
}

fn collect(mut runs: impl Runs, limit: usize) -> std::io::Result<(Vec<u8>, usize)> {
    let (mut bytes, mut counted) = (Vec::new(), 0);
    while let Some(run) = runs.next_run(limit)? {
        if matches!(run, Run::Zeros(_)) {
            counted += run.len();
        }
        write(&run, &mut bytes);
    }
    Ok((bytes, counted))
}

#[track_caller]
fn assert_same(bytes: &[u8], level: u32) -> usize {
    let data = gzip(bytes, level);
    let (found, counted) = gunzip(&data).unwrap();
    // By zlib-rs, behind the same trait.
    assert!(collect(ZlibGunzip::new(data.as_slice()), usize::MAX).unwrap() == (found.clone(), 0));
    assert!(found == bytes, "{} bytes at level {level}", bytes.len());
    counted
}

#[test]
fn nothing_a_byte_and_a_long_text_come_back_at_every_level() {
    let text: Vec<u8> = (0..200_000u32).map(|at| (at.wrapping_mul(at) >> 7) as u8).collect();
    for level in 0..=9 {
        for length in [0, 1, 2, 63, 64, 65, 300, 32_768, 65_536, 200_000] {
            assert_same(&text[..length], level);
        }
    }
}

#[test]
fn zeros_are_counted_and_not_written() {
    let mut bytes = vec![0; 40_000_000];
    assert!(assert_same(&bytes, 6) > 39_000_000);
    for at in [0, 1_000_000, 1_000_001, 5_000_000, 39_999_999] {
        bytes[at] = 1;
    }
    assert!(assert_same(&bytes, 1) > 39_000_000);
}

#[test]
fn copies_across_runs_of_zeros_of_every_length_are_right() {
    // Two vessels in rows of 512: copies from the row above, over zeros short and long.
    for gap in [1, 31, 63, 64, 65, 200, 511, 32_767, 32_768, 32_769, 65_535, 65_536, 200_000] {
        let mut bytes = Vec::new();
        for row in 0..40 {
            bytes.extend((0..7 + row % 3).map(|at| 1 + (at * row % 5) as u8));
            bytes.resize(bytes.len() + gap, 0);
        }
        for level in [1, 4, 6, 9] {
            assert_same(&bytes, level);
        }
    }
}

#[test]
fn a_copy_is_what_byte_by_byte_makes_it_wherever_it_lies() {
    // More than twice around the window.
    let mut window = Window::new();
    let (mut expected, mut found): (Vec<u8>, Vec<u8>) = (b"\x01\0\0\x02".to_vec(), Vec::new());
    assert_eq!(window.put_bytes(&expected), expected.len());
    let distances = [1, 2, 3, 4, 7, 8, 9, 64, 257, 258, 259, 4000, 32_767, 32_768];
    let lengths = [3, 4, 7, 8, 9, 15, 16, 17, 100, 257, 258];
    for step in 0..6000 {
        let distance = distances[step % distances.len()];
        let length = lengths[step % lengths.len()];
        if expected.len() >= distance {
            let from = expected.len() - distance;
            (from..from + length).for_each(|at| expected.push(expected[at]));
            if !window.copy(distance as u64, length as u64).unwrap() {
                take_all(&mut window, &mut found);
                assert!(window.copy(distance as u64, length as u64).unwrap());
            }
        }
        // Something new between the copies: a few zeros, or a byte.
        let byte = if step % 3 == 0 { (step % 251) as u8 } else { 0 };
        expected.push(byte);
        if !window.put(byte) {
            take_all(&mut window, &mut found);
            assert!(window.put(byte));
        }
        if window.is_full() {
            take_all(&mut window, &mut found);
        }
    }
    take_all(&mut window, &mut found);
    assert!(expected.len() > 1 << 17);
    assert!(found == expected);
}

fn take_all(window: &mut Window, into: &mut Vec<u8>) {
    while let Some(run) = window.take(usize::MAX) {
        write(&run, into);
    }
}

fn write(run: &Run<'_>, into: &mut Vec<u8>) {
    match run {
        Run::Zeros(zeros) => into.resize(into.len() + zeros, 0),
        Run::Bytes(bytes) => into.extend_from_slice(bytes),
    }
}

#[test]
fn several_members_are_one_and_padding_is_dropped() {
    let mut data = gzip(b"one\0\0", 6);
    data.extend(gzip(&[0; 500], 6));
    data.extend(gzip(b"two", 0));
    data.extend([0; 100]);
    let mut expected = b"one\0\0".to_vec();
    expected.extend([0; 500]);
    expected.extend(b"two");
    assert_eq!(gunzip(&data).unwrap().0, expected);
    assert_eq!(collect(ZlibGunzip::new(data.as_slice()), usize::MAX).unwrap().0, expected);
}

#[test]
fn a_header_with_everything_in_it_is_passed_over() {
    let plain = gzip(b"voxels", 6);
    let mut data = vec![0x1f, 0x8b, 8, 0b1_1110, 1, 2, 3, 4, 5, 6];
    data.extend([3, 0, b'x', b'y', b'z']);
    data.extend(b"name\0comment\0");
    data.extend([7, 7]);
    data.extend(&plain[10..]);
    assert_eq!(gunzip(&data).unwrap().0, b"voxels");
}

#[test]
fn every_cut_and_every_wrong_byte_of_the_trailer_is_noticed() {
    let mut bytes = vec![0; 5000];
    bytes[3000..3010].copy_from_slice(b"aneurysm!!");
    let data = gzip(&bytes, 6);
    for length in 0..data.len() {
        assert!(gunzip(&data[..length]).is_err(), "cut at {length}");
    }
    for at in data.len() - 8..data.len() {
        let mut wrong = data.clone();
        wrong[at] ^= 1;
        assert!(gunzip(&wrong).is_err(), "byte {at}");
    }
}

/// Bytes as segmentations have them: mostly zeros, some structure, some noise.
fn sparse() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        (0usize..100_000).prop_map(|zeros| vec![0; zeros]),
        (0usize..100).prop_map(|zeros| vec![0; zeros]),
        (1u8..4, 1usize..400).prop_map(|(value, length)| vec![value; length]),
        proptest::collection::vec(any::<u8>(), 1..300),
        (0usize..500, proptest::collection::vec(0u8..2, 1..20)).prop_map(|(gap, row)| {
            let mut rows = Vec::new();
            for _ in 0..20 {
                rows.extend(&row);
                rows.resize(rows.len() + gap, 0);
            }
            rows
        }),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn whatever_was_compressed_comes_back(
        bytes in sparse(),
        level in 0u32..10,
        limit in prop_oneof![Just(usize::MAX), 1usize..100_000],
    ) {
        let (found, _) = gunzip_in_pieces(&gzip(&bytes, level), limit).unwrap();
        prop_assert!(found == bytes);
    }

    #[test]
    fn damaged_data_is_refused_or_read_as_another_decoder_reads_it(
        bytes in sparse(),
        level in 0u32..10,
        at in any::<prop::sample::Index>(),
        flip in 1u8..=255,
    ) {
        let mut data = gzip(&bytes, level);
        let at = 10 + at.index(data.len() - 10);
        data[at] ^= flip;
        let mut other = Vec::new();
        let theirs = GzDecoder::new(data.as_slice()).take(1 << 24).read_to_end(&mut other);
        if let Ok((ours, _)) = gunzip(&data) {
            prop_assert!(theirs.is_ok());
            prop_assert!(ours == other);
        }
    }

    #[test]
    fn the_checksum_of_zeros_is_that_of_their_number(
        before in proptest::collection::vec(any::<u8>(), 0..20),
        zeros in prop_oneof![0usize..5000, 16_700_000usize..16_900_000],
    ) {
        let mut counted = super::checksum::Checksum::new();
        counted.add(&Run::Bytes(&before));
        counted.add(&Run::Zeros(zeros));
        let mut written = super::checksum::Checksum::new();
        written.add(&Run::Bytes(&before));
        written.add(&Run::Bytes(&vec![0; zeros]));
        prop_assert_eq!(counted.trailer(), written.trailer());
    }
}

#[test]
fn a_code_for_code_lengths_must_be_complete() {
    // A block with codes of its own, whose code for code lengths is a single bit, for "17 or 18 zeros".
    let mut data = gzip(b"", 9)[..10].to_vec();
    data.extend([0x44, 0, 1, 0, 0, 0, 4, 0, 0, 0, 0, 0]);
    let error = gunzip(&data).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    assert!(GzDecoder::new(data.as_slice()).read_to_end(&mut Vec::new()).is_err());
}

#[test]
fn empty_members_without_end_are_refused() {
    let empty = gzip(b"", 9);
    let data: Vec<u8> = empty.iter().copied().cycle().take(empty.len() * 200_000).collect();
    assert!(gunzip(&data).is_err());
}

#[test]
fn empty_blocks_without_end_are_refused() {
    // A block of the known codes with nothing in it but its end takes ten bits: 0, 01, 0000000.
    let mut data = gzip(b"", 9)[..10].to_vec();
    let (mut held, mut count) = (0u32, 0);
    for _ in 0..2 << 20 {
        held |= 0b010 << count;
        count += 10;
        while count >= 8 {
            data.push(held as u8);
            held >>= 8;
            count -= 8;
        }
    }
    let error = gunzip(&data).unwrap_err();
    assert!(error.to_string().contains("more data"), "{error}");
}
