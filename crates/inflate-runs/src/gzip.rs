use std::io::{self, BufRead};

use super::TooLong;
use super::bits::Bits;
use super::blocks::Blocks;
use super::checksum::Checksum;
use super::corrupt;
use super::window::Window;
use crate::runs::{Run, Runs};

/// Most members one behind the other. Parallel packers begin one every 64 KiB or more; each
/// costs time though it may hold nothing.
pub(crate) const MAX_MEMBERS: u32 = 100_000;

/// First byte of a member.
pub(crate) const MAGIC: u8 = 0x1f;

/// The members of a gzip stream as one, checksums and lengths verified. What follows the last
/// member is read to its end and dropped, as gzip itself does.
pub struct Gunzip<R> {
    bits: Bits<R>,
    window: Window,
    checksum: Checksum,
    state: State,
    members: u32,
}

enum State {
    /// Before a member's header.
    Start,
    /// In a member's data.
    Data(Blocks),
    /// All data decoded, not all taken from the window.
    Trailer,
    /// The error, until it is returned.
    Failed(Option<io::Error>),
    End,
}

impl<R: BufRead> Gunzip<R> {
    /// Of a stream that begins with a member's header.
    pub fn new(input: R) -> Self {
        Self {
            bits: Bits::new(input),
            window: Window::new(),
            checksum: Checksum::new(),
            state: State::Start,
            members: 0,
        }
    }

    fn byte(&mut self) -> io::Result<u8> {
        Ok(self.bits.take(8)? as u8)
    }

    /// Reads a member's header (RFC 1952, 2.3). What it says of names and times is dropped.
    fn header(&mut self) -> io::Result<()> {
        const DEFLATE: u8 = 8;
        const HEADER_CRC: u8 = 1 << 1;
        const EXTRA: u8 = 1 << 2;
        const NAME: u8 = 1 << 3;
        const COMMENT: u8 = 1 << 4;
        const RESERVED: u8 = 0b111 << 5;

        let start = [self.byte()?, self.byte()?, self.byte()?];
        let flags = self.byte()?;
        if start != [MAGIC, 0x8b, DEFLATE] || flags & RESERVED != 0 {
            return Err(corrupt());
        }
        // Time, level and operating system.
        self.skip(6)?;
        if flags & EXTRA != 0 {
            let length = self.bits.take(16)?;
            self.skip(length)?;
        }
        for text in [NAME, COMMENT] {
            if flags & text != 0 {
                while self.byte()? != 0 {}
            }
        }
        if flags & HEADER_CRC != 0 {
            self.skip(2)?;
        }
        Ok(())
    }

    fn skip(&mut self, bytes: u32) -> io::Result<()> {
        (0..bytes).try_for_each(|_| self.byte().map(|_| ()))
    }

    /// Holds the member's checksum and length against its trailer, and looks for another member.
    fn trailer(&mut self) -> io::Result<State> {
        self.bits.align()?;
        for expected in self.checksum.trailer() {
            if self.byte()? != expected {
                return Err(corrupt());
            }
        }
        if self.bits.peek_byte()? == Some(MAGIC) {
            return Ok(State::Start);
        }
        self.bits.drain()?;
        Ok(State::End)
    }
}

impl<R: BufRead> Runs for Gunzip<R> {
    fn next_run(&mut self, limit: usize) -> io::Result<Option<Run<'_>>> {
        while self.window.is_empty() {
            match &mut self.state {
                State::Start => {
                    self.members += 1;
                    if self.members > MAX_MEMBERS {
                        return Err(TooLong.into());
                    }
                    self.header()?;
                    self.window.restart();
                    self.checksum = Checksum::new();
                    self.state = State::Data(Blocks::new());
                }
                State::Data(blocks) => {
                    match blocks.decode(&mut self.bits, &mut self.window) {
                        Ok(false) => {}
                        Ok(true) => self.state = State::Trailer,
                        // What was decoded before comes first.
                        Err(error) => self.state = State::Failed(Some(error)),
                    }
                }
                State::Trailer => self.state = self.trailer()?,
                State::Failed(error) => return Err(error.take().unwrap_or_else(corrupt)),
                State::End => return Ok(None),
            }
        }
        let run = self.window.take(limit);
        if let Some(run) = &run {
            self.checksum.add(run);
        }
        Ok(run)
    }
}
