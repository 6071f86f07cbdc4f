use std::io::{self, BufRead};

use super::bits::Bits;
use super::corrupt;

/// Longest code (RFC 1951, 3.2.7).
const MAX_LENGTH: usize = 15;

/// Codes up to this long are found by one look into a table.
const DIRECT: u32 = 10;

/// A canonical Huffman code.
pub struct Huffman {
    /// For each value of the next `DIRECT` bits: symbol × 16 + length of its code; 0: a longer
    /// code, or none.
    direct: Vec<u16>,
    /// How many codes there are of each length.
    counts: [u16; MAX_LENGTH + 1],
    /// All symbols in the order of their codes.
    symbols: Vec<u16>,
}

impl Huffman {
    /// From the length of each symbol's code, 0 for none, none longer than 15.
    ///
    /// Refuses more codes than the lengths have room for, and, as other decoders do, fewer: unless
    /// `single`, for then there may be no more than one, of a single bit.
    pub fn new(lengths: &[u8], single: bool) -> io::Result<Self> {
        let mut counts = [0u16; MAX_LENGTH + 1];
        for &length in lengths {
            *counts.get_mut(usize::from(length)).ok_or_else(corrupt)? += 1;
        }
        let used = lengths.len() as u16 - counts[0];
        counts[0] = 0;
        // Codes of each length that are still free, doubling from one length to the next.
        let mut free = 1i32;
        for &count in &counts[1..] {
            free = 2 * free - i32::from(count);
            if free < 0 {
                return Err(corrupt());
            }
        }
        let at_most_one = used == 0 || (used == 1 && counts[1] == 1);
        if free > 0 && !(single && at_most_one) {
            return Err(corrupt());
        }

        let mut offsets = [0u16; MAX_LENGTH + 2];
        let mut next_code = [0u16; MAX_LENGTH + 2];
        for length in 1..=MAX_LENGTH {
            offsets[length + 1] = offsets[length] + counts[length];
            // Wraps only after the last length, where nobody looks any more.
            next_code[length + 1] = next_code[length].wrapping_add(counts[length]) << 1;
        }
        let mut symbols = vec![0; usize::from(used)];
        let mut direct = vec![0; 1 << DIRECT];
        for (symbol, &length) in (0u16..).zip(lengths).filter(|(_, length)| **length > 0) {
            let at = usize::from(length);
            if let Some(slot) = symbols.get_mut(usize::from(offsets[at])) {
                *slot = symbol;
            }
            offsets[at] += 1;
            let code = next_code[at];
            next_code[at] = code.wrapping_add(1);
            if u32::from(length) <= DIRECT {
                // Codes are sent highest bit first, the table is indexed lowest bit first.
                let first = code.reverse_bits() >> (16 - length);
                for slot in direct.iter_mut().skip(first.into()).step_by(1 << length) {
                    *slot = symbol << 4 | u16::from(length);
                }
            }
        }
        Ok(Self { direct, counts, symbols })
    }

    /// The next symbol. The caller has refilled the bits.
    #[inline]
    pub fn next(&self, bits: &mut Bits<impl BufRead>) -> io::Result<usize> {
        let index = bits.peek() as usize & ((1 << DIRECT) - 1);
        match self.direct.get(index) {
            Some(&entry) if entry != 0 => {
                bits.drop(u32::from(entry & 15))?;
                Ok(usize::from(entry >> 4))
            }
            _ => self.next_long(bits),
        }
    }

    /// Bit by bit: the codes of each length follow those of the length before.
    #[cold]
    fn next_long(&self, bits: &mut Bits<impl BufRead>) -> io::Result<usize> {
        let (mut code, mut first, mut index) = (0u32, 0u32, 0u32);
        let peeked = bits.peek();
        for (length, &count) in (0u32..).zip(&self.counts).skip(1) {
            code |= (peeked >> (length - 1) & 1) as u32;
            let count = u32::from(count);
            if code < first + count {
                bits.drop(length)?;
                let symbol = self.symbols.get((index + code - first) as usize);
                return symbol.map(|&symbol| symbol.into()).ok_or_else(corrupt);
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(corrupt())
    }
}
