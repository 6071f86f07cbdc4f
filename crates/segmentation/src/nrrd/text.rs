//! Voxels written as numbers.

use inflate_runs::{Run, Runs, next_or_end};

use crate::Values;
use crate::element::Element;
use crate::error::{Defect, VolumeError};
use crate::mask::Mask;

/// Most characters of a number.
const LONGEST: usize = 256;

/// Reads a number for each voxel of an empty mask, white space or commas between them.
pub fn fill(runs: &mut dyn Runs, element: Element, mask: &mut Mask) -> Result<Values, VolumeError> {
    let mut numbers = Numbers { element, mask, values: Values::default(), at: 0, word: Vec::new() };
    while !numbers.are_complete() {
        match next_or_end(runs, usize::MAX)? {
            Some(Run::Bytes(bytes)) => numbers.take(bytes)?,
            // No number has a byte 0 in it.
            Some(Run::Zeros(_)) => numbers.take(&[0])?,
            None => {
                numbers.end_word()?;
                break;
            }
        }
    }
    let (expected, found) = (numbers.mask.voxels() as u64, numbers.at as u64);
    if numbers.are_complete() {
        Ok(numbers.values)
    } else {
        Err(Defect::Truncated { expected, found }.into())
    }
}

struct Numbers<'a> {
    element: Element,
    mask: &'a mut Mask,
    values: Values,
    /// Linear index of the next voxel.
    at: usize,
    /// The number being read, which may have begun in the buffer before.
    word: Vec<u8>,
}

impl Numbers<'_> {
    fn are_complete(&self) -> bool {
        self.at == self.mask.voxels()
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Defect> {
        for &byte in bytes {
            match byte {
                // What follows the last voxel is nobody's business.
                _ if self.are_complete() => break,
                b',' | b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.end_word()?,
                _ if self.word.len() < LONGEST => self.word.push(byte),
                _ => return Err(self.bad_value()),
            }
        }
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), Defect> {
        if !self.word.is_empty() {
            let text = std::str::from_utf8(&self.word).ok();
            let value =
                text.and_then(|text| self.element.parse(text)).ok_or_else(|| self.bad_value())?;
            self.values.note(value);
            if value > 0.5 {
                self.mask.set(self.at);
            }
            self.at += 1;
        }
        self.word.clear();
        Ok(())
    }

    fn bad_value(&self) -> Defect {
        Defect::BadValue(super::fields::excerpt(&super::fields::decode(&self.word)))
    }
}
