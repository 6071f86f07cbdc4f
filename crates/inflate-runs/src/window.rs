use std::io;

use super::corrupt;
use crate::runs::Run;

/// How far back a copy may reach (RFC 1951).
const REACH: u64 = 1 << 15;

/// Twice the reach: half for what may still be copied, half for what waits to be given out.
const SIZE: usize = 1 << 16;

/// Most bytes that are put in one go.
const ROOM: usize = 4096;

/// Most bytes that wait to be given out; as many as are put in one go still fit.
const MAX_WAITING: u64 = REACH - 2 * ROOM as u64;

/// A run of zeros is given out when it gets longer, so that whoever bounds the stream hears of it.
const MAX_ZEROS: u64 = 1 << 20;

/// Shorter runs of zeros are given out as bytes.
const LONG: u64 = 64;

/// The last bytes of the output. Zeros at its end are counted, not written.
///
/// Positions count all bytes of the output from its start, and only ever grow:
/// `given <= dense <= end`. Bytes before `dense` are in the ring, those from `dense` on are zeros.
pub struct Window {
    ring: Box<[u8; SIZE]>,
    given: u64,
    dense: u64,
    end: u64,
}

impl Window {
    pub fn new() -> Self {
        Self { ring: Box::new([0; SIZE]), given: 0, dense: 0, end: 0 }
    }

    /// Begins anew: what was put before can't be copied any more. All of it has been given out.
    pub fn restart(&mut self) {
        (self.given, self.dense, self.end) = (0, 0, 0);
    }

    /// Whether all output has been given out.
    pub fn is_empty(&self) -> bool {
        self.given == self.end
    }

    /// Whether output has to be taken before more is put.
    pub fn is_full(&self) -> bool {
        self.dense - self.given > MAX_WAITING || self.end - self.dense > MAX_ZEROS
    }

    /// Whether a byte that is not zero would have to wait until a long run of zeros is taken.
    fn has_long_run(&self) -> bool {
        self.end - self.dense >= LONG
    }

    /// Puts one byte; false, and nothing put, if output has to be taken first.
    #[inline]
    pub fn put(&mut self, byte: u8) -> bool {
        if byte == 0 {
            self.end += 1;
            return true;
        }
        if self.has_long_run() {
            return false;
        }
        self.write_zeros(self.end);
        self.ring[at(self.end)] = byte;
        self.end += 1;
        self.dense = self.end;
        true
    }

    /// Whether a copy from so far back copies nothing but the zeros at the end.
    #[inline]
    pub fn copies_zeros(&self, distance: u64) -> bool {
        self.end.checked_sub(distance).is_some_and(|from| from >= self.dense)
    }

    /// Puts zeros, of which any number has room.
    #[inline]
    pub fn put_zeros(&mut self, zeros: u64) {
        self.end += zeros;
    }

    /// Puts as many of the bytes as there is room for, but either zeros or what begins with
    /// another; 0 if output has to be taken first.
    pub fn put_bytes(&mut self, bytes: &[u8]) -> usize {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        if zeros > 0 {
            self.end += zeros as u64;
            return zeros;
        }
        if self.has_long_run() || self.is_full() {
            return 0;
        }
        self.write_zeros(self.end);
        let from = at(self.end);
        let length = bytes.len().min(SIZE - from).min(ROOM);
        let (bytes, ring) = (&bytes[..length], &mut self.ring[from..from + length]);
        ring.copy_from_slice(bytes);
        if let Some(last) = bytes.iter().rposition(|byte| *byte != 0) {
            self.dense = self.end + last as u64 + 1;
        }
        self.end += length as u64;
        length
    }

    /// Puts a copy of `length` bytes (at most 258) from `distance` bytes back, which may reach
    /// into itself; false, and nothing put, if output has to be taken first.
    #[inline]
    pub fn copy(&mut self, distance: u64, length: u64) -> io::Result<bool> {
        if self.copies_zeros(distance) {
            self.put_zeros(length);
            return Ok(true);
        }
        let from = self.end.checked_sub(distance).ok_or_else(corrupt)?;
        if self.has_long_run() {
            return Ok(false);
        }
        self.write_zeros(self.end);
        let (from, to, length) = (at(from), at(self.end), length as usize);
        let in_one = from.max(to) + length <= SIZE && distance >= length as u64;
        let zeros = if in_one {
            self.ring.copy_within(from..from + length, to);
            zeros_at_end(&self.ring[to..to + length])
        } else {
            (0..length).fold(0, |zeros, step| {
                let byte = self.ring[(from + step) % SIZE];
                self.ring[(to + step) % SIZE] = byte;
                if byte == 0 { zeros + 1 } else { 0 }
            })
        };
        self.end += length as u64;
        // Zeros at the end count as a run again, so that copies of them cost nothing.
        if zeros < length {
            self.dense = self.end - zeros as u64;
        }
        Ok(true)
    }

    /// Writes the zeros up to `end` into the ring, as far back as a copy can reach.
    fn write_zeros(&mut self, end: u64) {
        let start = self.dense.max(end.saturating_sub(REACH));
        let (from, to) = (at(start), at(start) + (end - start) as usize);
        self.ring[from..to.min(SIZE)].fill(0);
        self.ring[..to.saturating_sub(SIZE)].fill(0);
    }

    /// Gives out the oldest piece, of at most `limit` bytes: first the bytes up to the run of
    /// zeros at the end, then the run. `None` when all has been given out.
    pub fn take(&mut self, limit: usize) -> Option<Run<'_>> {
        if self.given < self.dense {
            let from = at(self.given);
            let length = ((self.dense - self.given) as usize).min(SIZE - from).min(limit);
            self.given += length as u64;
            return Some(Run::Bytes(&self.ring[from..from + length]));
        }
        let zeros = (self.end - self.dense).min(limit as u64);
        if zeros == 0 {
            return None;
        }
        let end = self.dense + zeros;
        self.write_zeros(end);
        (self.given, self.dense) = (end, end);
        Some(Run::Zeros(zeros as usize))
    }
}

/// Where in the ring the byte at a position of the output is.
fn at(position: u64) -> usize {
    position as usize % SIZE
}

/// How many of the bytes at the end are zeros.
fn zeros_at_end(bytes: &[u8]) -> usize {
    let (rest, words) = bytes.as_rchunks::<8>();
    let zeros = |word: &[u8; 8]| u64::from_le_bytes(*word).leading_zeros() as usize / 8;
    match words.iter().rev().map(zeros).enumerate().find(|&(_, zeros)| zeros < 8) {
        Some((after, zeros)) => 8 * after + zeros,
        None => 8 * words.len() + rest.iter().rev().take_while(|byte| **byte == 0).count(),
    }
}
