//! Our decoder of DEFLATE against zlib-rs. It is met where users meet it, behind the header of an NRRD.

use flate2::{Crc, Decompress, FlushDecompress, Status};
use segmentation::{Format, Mask, Source, VolumeError, VolumeIssue, read_mask};

use super::source::Dribble;

/// Most bytes a stream may hold to be looked at: more than a turn of our decoder's window.
const MOST: usize = 100_000;

/// What zlib-rs makes of a stream.
enum Theirs {
    /// It ended, after so many bytes of input.
    Whole { used: usize },
    /// The input broke off.
    Unfinished,
    /// The input is no DEFLATE.
    Invalid,
}

/// Inflates any bytes by both decoders: the same bytes, or both refuse.
pub fn inflate(data: &[u8]) {
    let mut plain = Vec::with_capacity(MOST);
    let mut decoder = Decompress::new(false);
    let status = decoder.decompress_vec(data, &mut plain, FlushDecompress::Finish);
    let theirs = match status {
        Ok(Status::StreamEnd) => Theirs::Whole { used: decoder.total_in() as usize },
        Ok(_) if plain.len() == MOST => return,
        Ok(_) => Theirs::Unfinished,
        Err(_) => Theirs::Invalid,
    };
    let corrupt = |found: &Result<Mask, VolumeIssue>| *found == Err(VolumeIssue::Corrupt);
    match theirs {
        Theirs::Whole { used } => {
            // The checksum holds our bytes to be theirs, one by one.
            let stream = [&data[..used], &trailer(&plain)].concat();
            let found = ours(&stream, plain.len());
            if plain.is_empty() {
                assert_eq!(found, Err(VolumeIssue::Truncated { expected: 1, found: 0 }));
            } else {
                assert_foreground(&found.unwrap(), &plain);
                let mut wrong = stream;
                wrong[used + data.len() % 8] ^= 1;
                let found = read(&member(&wrong, plain.len()).as_slice(), plain.len());
                assert!(corrupt(&found), "a wrong trailer is taken");
            }
        }
        // Ours may see an error at the end that theirs waits to see.
        Theirs::Unfinished => {
            let found = ours(data, plain.len() + 1);
            let (expected, length) = (plain.len() as u64 + 1, plain.len() as u64);
            let ended = Err(VolumeIssue::Truncated { expected, found: length });
            assert!(found == ended || corrupt(&found), "{found:?} where the data break off");
        }
        // Without a trailer a stream that ends well is truncated, not corrupt.
        Theirs::Invalid => {
            let found = ours(data, MOST);
            assert!(corrupt(&found), "{found:?} where the data are wrong");
        }
    }
}

/// CRC-32 and length, as they stand behind a gzip member.
fn trailer(plain: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(plain);
    [crc.sum().to_le_bytes(), crc.amount().to_le_bytes()].concat()
}

/// The voxels are foreground where the bytes are not 0.
fn assert_foreground(mask: &Mask, plain: &[u8]) {
    assert_eq!(mask.voxels(), plain.len());
    for (&word, bytes) in mask.words().iter().zip(plain.chunks(64)) {
        // Most of a segmentation, in one comparison.
        if word == 0 && bytes == &[0; 64][..bytes.len()] {
            continue;
        }
        let bits = bytes.iter().rev().fold(0, |bits, byte| bits << 1 | u64::from(*byte != 0));
        assert_eq!(word, bits, "other bytes");
    }
}

/// Our decoder's output as a row of voxels, read at once and in pieces.
fn ours(stream: &[u8], length: usize) -> Result<Mask, VolumeIssue> {
    let file = member(stream, length);
    let whole = read(&file.as_slice(), length);
    let step = stream.len() % 31 + 1;
    assert_eq!(read(&Dribble { bytes: &file, step }, length), whole, "pieces of {step} bytes");
    whole
}

/// An NRRD of a row of voxels, at least one, whose data are a gzip member with this behind its header.
fn member(stream: &[u8], length: usize) -> Vec<u8> {
    let length = length.max(1);
    let header =
        format!("NRRD0004\ntype: uint8\ndimension: 3\nsizes: {length} 1 1\nencoding: gzip\n\n");
    [header.as_bytes(), &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255], stream].concat()
}

fn read(file: &dyn Source, length: usize) -> Result<Mask, VolumeIssue> {
    match read_mask(file, Format::Nrrd, Some([length.max(1), 1, 1])) {
        Ok(read) => Ok(read.mask),
        Err(VolumeError::Invalid(issue)) => Err(issue),
        Err(VolumeError::Io(error)) => panic!("memory does not fail: {error}"),
    }
}
