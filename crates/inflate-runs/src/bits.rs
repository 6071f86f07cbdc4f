use std::io::{self, BufRead};

use super::ended;

/// Bits of a byte stream, the lowest of each byte first.
pub struct Bits<R> {
    input: R,
    /// Bits not yet used, the next one lowest. Those above `count` are zero, or what the next bytes
    /// of the input will put there anyway.
    held: u64,
    count: u32,
}

impl<R: BufRead> Bits<R> {
    pub fn new(input: R) -> Self {
        Self { input, held: 0, count: 0 }
    }

    /// Holds at least 48 bits, fewer only at the end of the input: enough for the codes of a length
    /// and a distance and the extra bits of both.
    #[inline]
    pub fn refill(&mut self) -> io::Result<()> {
        if self.count >= 48 {
            return Ok(());
        }
        if let Some(&bytes) = self.input.fill_buf()?.first_chunk::<8>() {
            self.held |= u64::from_le_bytes(bytes) << self.count;
            let used = (63 - self.count) / 8;
            self.count += 8 * used;
            self.input.consume(used as usize);
            return Ok(());
        }
        self.refill_slowly()
    }

    #[cold]
    fn refill_slowly(&mut self) -> io::Result<()> {
        while self.count < 48 {
            let Some(&byte) = self.input.fill_buf()?.first() else { break };
            self.held |= u64::from(byte) << self.count;
            self.count += 8;
            self.input.consume(1);
        }
        Ok(())
    }

    /// How many bits are held.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The bits held, the next one lowest, zeros after the input's last. What is above the
    /// [`count`](Self::count) doesn't count.
    pub fn peek(&self) -> u64 {
        self.held
    }

    /// Drops bits that were peeked at. Fails if the input ended before them.
    pub fn drop(&mut self, bits: u32) -> io::Result<()> {
        self.count = self.count.checked_sub(bits).ok_or_else(ended)?;
        self.held >>= bits;
        Ok(())
    }

    /// Drops what repeats the `length` lowest bits of `pattern`, and says how often it did.
    ///
    /// Background is one and the same short token a thousand times over.
    #[inline]
    pub fn repeats(&mut self, pattern: u64, length: u32) -> io::Result<u32> {
        let mut times = 0;
        if (1..=8).contains(&length) {
            self.refill()?;
            let mut repeated = pattern & ((1 << length) - 1);
            let mut bits = length;
            while bits < 64 {
                repeated |= repeated << bits;
                bits *= 2;
            }
            times = (self.held ^ repeated).trailing_zeros().min(self.count) / length;
            self.drop(times * length)?;
        }
        Ok(times)
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
        // The bytes are about to be used up without coming through here.
        self.held = 0;
        self.input.fill_buf().map(Some)
    }

    /// Uses up the first of the whole bytes.
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
