use std::io::{self, BufRead};

use super::ended;

/// Bits of a byte stream, the lowest of each byte first.
pub struct Bits<R> {
    input: R,
    /// Bits not yet used, the next one lowest; above `count` all are zero.
    held: u64,
    count: u32,
}

impl<R: BufRead> Bits<R> {
    pub fn new(input: R) -> Self {
        Self { input, held: 0, count: 0 }
    }

    /// Holds at least 32 bits, fewer only at the end of the input. 32 are enough for any code and its
    /// extra bits together.
    pub fn refill(&mut self) -> io::Result<()> {
        if self.count >= 32 {
            return Ok(());
        }
        let buffer = self.input.fill_buf()?;
        if let Some(&bytes) = buffer.first_chunk::<4>() {
            self.held |= u64::from(u32::from_le_bytes(bytes)) << self.count;
            self.count += 32;
            self.input.consume(4);
            return Ok(());
        }
        while self.count < 32 {
            let Some(&byte) = self.input.fill_buf()?.first() else { break };
            self.held |= u64::from(byte) << self.count;
            self.count += 8;
            self.input.consume(1);
        }
        Ok(())
    }

    /// The bits held, the next one lowest, zeros after the last.
    pub fn peek(&self) -> u64 {
        self.held
    }

    /// Drops bits that were peeked at. Fails if the input ended before them.
    pub fn drop(&mut self, bits: u32) -> io::Result<()> {
        self.count = self.count.checked_sub(bits).ok_or_else(ended)?;
        self.held >>= bits;
        Ok(())
    }

    /// The next bits as a number, at most 32 of them.
    pub fn take(&mut self, bits: u32) -> io::Result<u32> {
        self.refill()?;
        let value = self.held & ((1 << bits) - 1);
        self.drop(bits)?;
        Ok(value as u32)
    }

    /// Drops what is left of the current byte.
    pub fn align(&mut self) -> io::Result<()> {
        self.drop(self.count % 8)
    }

    /// Bytes of the input that can be used at once, none at its end. Only when no bit is held.
    pub fn whole_bytes(&mut self) -> io::Result<Option<&[u8]>> {
        if self.count > 0 {
            return Ok(None);
        }
        self.input.fill_buf().map(Some)
    }

    /// Uses up so many of the whole bytes.
    pub fn consume(&mut self, bytes: usize) {
        self.input.consume(bytes);
    }

    /// The next whole byte without using it up; the bits are aligned.
    pub fn peek_byte(&mut self) -> io::Result<Option<u8>> {
        self.refill()?;
        Ok((self.count >= 8).then_some(self.held as u8))
    }

    /// Drops what is left of the input.
    pub fn drain(&mut self) -> io::Result<()> {
        (self.held, self.count) = (0, 0);
        io::copy(&mut self.input, &mut io::sink()).map(|_| ())
    }
}
