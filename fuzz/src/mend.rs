//! Checksums made right again after a mutation, so that what lies behind them is reached.

use flate2::{Crc, Decompress, FlushDecompress, Status};

/// Most bytes that are inflated for a checksum.
const MOST: usize = 1 << 16;

/// The trailer of a gzip stream that stands behind the header of an NRRD of `size` bytes. The new size.
pub fn gzip_behind_header(file: &mut [u8], size: usize) -> usize {
    mended_gzip(file, size).unwrap_or(size)
}

fn mended_gzip(file: &mut [u8], size: usize) -> Option<usize> {
    let bytes = file.get(..size)?;
    let start = position(bytes, b"\n\n")? + 2;
    // Only the plainest member: no name, no extra field.
    let stream = bytes.get(start..)?.strip_prefix(&[0x1f, 0x8b, 8, 0])?.get(6..)?;
    let (plain, used) = inflated(stream)?;
    let end = start + 10 + used;
    let trailer = file.get_mut(end..end + 8)?;
    let (sum, length) = trailer.split_at_mut(4);
    sum.copy_from_slice(&plain.sum().to_le_bytes());
    length.copy_from_slice(&plain.amount().to_le_bytes());
    Some(end + 8)
}

/// Checksum and length of every entry, in the directory of a zip.
pub fn zip_directory(file: &mut [u8]) {
    let mut from = 0;
    while let Some(at) = file.get(from..).and_then(|rest| position(rest, b"PK\x01\x02")) {
        let record = from + at;
        from = record + 4;
        let Some(plain) = entry(file, record) else { continue };
        for (offset, value) in [(16, plain.sum()), (24, plain.amount())] {
            if let Some(place) = file.get_mut(record + offset..record + offset + 4) {
                place.copy_from_slice(&value.to_le_bytes());
            }
        }
    }
}

/// What an entry of the directory at `record` unpacks to.
fn entry(file: &[u8], record: usize) -> Option<Crc> {
    let number = |at: usize, width: usize| {
        let bytes = file.get(at..at.checked_add(width)?)?;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    };
    let (method, packed, local) =
        (number(record + 10, 2)?, number(record + 20, 4)?, number(record + 42, 4)?);
    let start = local + 30 + number(local + 26, 2)? + number(local + 28, 2)?;
    let data = file.get(start..)?;
    let data = data.get(..packed).unwrap_or(data);
    match method {
        0 => {
            let mut crc = Crc::new();
            crc.update(data);
            Some(crc)
        }
        8 => inflated(data).map(|(plain, _)| plain),
        _ => None,
    }
}

/// Checksum of a whole DEFLATE stream, and its length in bytes.
fn inflated(stream: &[u8]) -> Option<(Crc, usize)> {
    let mut plain = Vec::with_capacity(MOST);
    let mut decoder = Decompress::new(false);
    let status = decoder.decompress_vec(stream, &mut plain, FlushDecompress::Finish).ok()?;
    let mut crc = Crc::new();
    crc.update(&plain);
    (status == Status::StreamEnd).then_some((crc, decoder.total_in() as usize))
}

fn position(bytes: &[u8], sought: &[u8]) -> Option<usize> {
    bytes.windows(sought.len()).position(|window| window == sought)
}
