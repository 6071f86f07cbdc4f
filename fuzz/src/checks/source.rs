use std::io::{self, Read};

use segmentation::Source;

/// Bytes that come a few at a time, and whose number is not stated: as from an entry of a zip, or worse.
pub struct Dribble<'a> {
    pub bytes: &'a [u8],
    /// Most bytes at a time, not 0.
    pub step: usize,
}

impl Source for Dribble<'_> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Dribbling { rest: self.bytes, step: self.step }))
    }

    fn len(&self) -> Option<u64> {
        None
    }
}

struct Dribbling<'a> {
    rest: &'a [u8],
    step: usize,
}

impl Read for Dribbling<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let limit = self.step.min(buffer.len());
        self.rest.read(&mut buffer[..limit])
    }
}
