//! Lengths in a zip's directory that other programs put up with: an archive comment that is cut short, and extra fields
//! of an entry that end within one. Python's zipfile and Info-ZIP's unzip skip both, so people hold such a zip for sound.

use std::io::{self, Read, Seek, SeekFrom};

/// Signature of the end of the central directory, and its length without the comment.
const END: ([u8; 4], usize) = (*b"PK\x05\x06", 22);
/// Signature of an entry of the central directory, and its length without name, extra fields and comment.
const ENTRY: ([u8; 4], usize) = (*b"PK\x01\x02", 46);

/// A zip with other lengths in its directory.
pub struct Lenient<R> {
    inner: R,
    position: u64,
    /// Bytes that are read in place of those at an offset.
    patches: Vec<(u64, [u8; 2])>,
}

impl<R: Read + Seek> Lenient<R> {
    /// Looks at the end of the zip and at no more than `limit` entries. What is wrong in other ways stays as it is.
    pub fn new(mut inner: R, limit: usize) -> io::Result<Self> {
        let mut patches = Vec::new();
        let length = inner.seek(SeekFrom::End(0))?;
        let tail = length.min(END.1 as u64 + u64::from(u16::MAX));
        let mut end = vec![0; tail as usize];
        inner.seek(SeekFrom::Start(length - tail))?;
        inner.read_exact(&mut end)?;
        if let Some(at) = end.windows(END.1).rposition(|bytes| bytes.starts_with(&END.0)) {
            let record = end.get(at..).unwrap_or_default();
            let comment = record.len() - END.1;
            let place = length - tail + at as u64;
            if usize::from(u16_at(record, 20)) > comment {
                patches.push((place + 20, (comment as u16).to_le_bytes()));
            }
            let entries = usize::from(u16_at(record, 10)).min(limit);
            // What stands before the zip moves all of it.
            let start = place.checked_sub(u64::from(u32_at(record, 12)));
            if let Some(start) = start {
                directory(&mut inner, start, entries, &mut patches)?;
            }
        }
        inner.seek(SeekFrom::Start(0))?;
        Ok(Self { inner, position: 0, patches })
    }
}

/// Where extra fields end within one, it and what follows counts as part of the entry's comment.
fn directory<R: Read + Seek>(
    zip: &mut R,
    mut at: u64,
    entries: usize,
    patches: &mut Vec<(u64, [u8; 2])>,
) -> io::Result<()> {
    for _ in 0..entries {
        let mut head = [0; ENTRY.1];
        zip.seek(SeekFrom::Start(at))?;
        match zip.read_exact(&mut head) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        }
        if !head.starts_with(&ENTRY.0) {
            return Ok(());
        }
        let [name, extra, comment] = [28, 30, 32].map(|place| u16_at(&head, place));
        let mut fields = vec![0; usize::from(extra)];
        zip.seek_relative(i64::from(name))?;
        match zip.read_exact(&mut fields) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        }
        let whole = whole_fields(&fields) as u16;
        if whole < extra
            && let Some(comment) = comment.checked_add(extra - whole)
        {
            patches.push((at + 30, whole.to_le_bytes()));
            patches.push((at + 32, comment.to_le_bytes()));
        }
        at += ENTRY.1 as u64 + [name, extra, comment].map(u64::from).iter().sum::<u64>();
    }
    Ok(())
}

/// How many bytes the fields take that are there as a whole: each an id, a length and so many bytes.
fn whole_fields(bytes: &[u8]) -> usize {
    let mut whole = 0;
    while let Some(rest) = bytes.get(whole..).filter(|rest| rest.len() >= 4) {
        let next = 4 + usize::from(u16_at(rest, 2));
        if next > rest.len() {
            break;
        }
        whole += next;
    }
    whole
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let byte = |at| bytes.get(at).copied().unwrap_or_default();
    u16::from_le_bytes([byte(at), byte(at + 1)])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

impl<R: Read> Read for Lenient<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        for (place, bytes) in &self.patches {
            for (place, byte) in (*place..).zip(bytes) {
                let within =
                    place.checked_sub(self.position).and_then(|at| usize::try_from(at).ok());
                if let Some(there) =
                    within.filter(|at| *at < read).and_then(|at| buffer.get_mut(at))
                {
                    *there = *byte;
                }
            }
        }
        self.position += read as u64;
        Ok(read)
    }
}

impl<R: Seek> Seek for Lenient<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.inner.seek(to)?;
        Ok(self.position)
    }
}
