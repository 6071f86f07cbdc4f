use std::io::{self, BufRead};

use super::bits::Bits;
use super::blocks::Blocks;
use super::window::Window;
use crate::runs::{Run, Runs};

/// A DEFLATE stream without anything around it, as in a zip. What follows it is not read.
pub struct Inflate<R> {
    bits: Bits<R>,
    window: Window,
    blocks: Blocks,
    ended: bool,
    /// What came behind the output decoded so far, until it is returned.
    error: Option<io::Error>,
}

impl<R: BufRead> Inflate<R> {
    /// Of a stream that begins with a block.
    pub fn new(input: R) -> Self {
        Self {
            bits: Bits::new(input),
            window: Window::new(),
            blocks: Blocks::new(),
            ended: false,
            error: None,
        }
    }
}

impl<R: BufRead> Runs for Inflate<R> {
    fn next_run(&mut self, limit: usize) -> io::Result<Option<Run<'_>>> {
        while self.window.is_empty() && !self.ended {
            if let Some(error) = self.error.take() {
                return Err(error);
            }
            match self.blocks.decode(&mut self.bits, &mut self.window) {
                Ok(ended) => self.ended = ended,
                Err(error) => self.error = Some(error),
            }
        }
        Ok(self.window.take(limit))
    }
}
