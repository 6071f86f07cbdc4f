use std::io::{self, BufRead};
use std::sync::LazyLock;

use super::TooLong;
use super::bits::Bits;
use super::huffman::Huffman;
use super::window::Window;
use super::{corrupt, ended};

/// Symbol that ends a block.
const END: usize = 256;

/// Shortest length of each length symbol from 257 on, and its extra bits (RFC 1951, 3.2.5).
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// The same for distances.
const DISTANCES: [(u16, u8); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];

/// Order in which the lengths of the code for code lengths are sent.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// A DEFLATE stream on its way into a window.
pub struct Blocks {
    state: State,
    last: bool,
    blocks: u32,
    /// Decoded, but the window had to be emptied first.
    waiting: Option<Token>,
}

enum State {
    Header,
    Stored {
        left: usize,
    },
    Compressed(Codes),
    /// By the codes that every decoder knows.
    Fixed,
    End,
}

/// For literals and lengths, and for distances.
struct Codes {
    lengths: Huffman,
    distances: Huffman,
}

/// RFC 1951, 3.2.6.
static FIXED: LazyLock<io::Result<Codes>> = LazyLock::new(|| {
    let mut lengths = [8; 288];
    lengths[144..256].fill(9);
    lengths[256..280].fill(7);
    let (lengths, distances) = (Huffman::new(&lengths, false)?, Huffman::new(&[5; 32], false)?);
    Ok(Codes { lengths, distances })
});

/// Most blocks of a stream. Compressors begin one every few KiB; each costs time though it may
/// hold nothing.
const MAX_BLOCKS: u32 = 1 << 20;

#[derive(Clone, Copy)]
enum Token {
    Literal(u8),
    Copy { distance: u64, length: u64 },
}

impl Token {
    /// False if the window has to be emptied first.
    #[inline]
    fn put(self, window: &mut Window) -> io::Result<bool> {
        match self {
            Token::Literal(byte) => Ok(window.put(byte)),
            Token::Copy { distance, length } => window.copy(distance, length),
        }
    }
}

impl Blocks {
    pub fn new() -> Self {
        Self { state: State::Header, last: false, blocks: 0, waiting: None }
    }

    /// Decodes until the window has to be emptied, or the stream is at its end: then true.
    pub fn decode(
        &mut self,
        bits: &mut Bits<impl BufRead>,
        window: &mut Window,
    ) -> io::Result<bool> {
        if let Some(token) = self.waiting.take()
            && !token.put(window)?
        {
            self.waiting = Some(token);
            return Ok(false);
        }
        while !window.is_full() {
            match &mut self.state {
                State::Header if self.last => self.state = State::End,
                State::Header => {
                    self.blocks += 1;
                    if self.blocks > MAX_BLOCKS {
                        return Err(TooLong.into());
                    }
                    self.last = bits.take(1)? == 1;
                    self.state = block(bits)?;
                }
                State::Stored { left: 0 } => self.state = State::Header,
                State::Stored { left } => match bits.whole_bytes()? {
                    Some([]) => return Err(ended()),
                    Some(bytes) => {
                        let bytes = bytes.get(..*left).unwrap_or(bytes);
                        let put = window.put_bytes(bytes);
                        if put == 0 {
                            return Ok(false);
                        }
                        bits.consume(put);
                        *left -= put;
                    }
                    // What the bits have read ahead comes first.
                    None => {
                        let byte = bits.take(8)? as u8;
                        *left -= 1;
                        if !window.put(byte) {
                            self.waiting = Some(Token::Literal(byte));
                            return Ok(false);
                        }
                    }
                },
                State::Compressed(_) | State::Fixed => {
                    let codes = match &self.state {
                        State::Compressed(codes) => codes,
                        _ => FIXED.as_ref().map_err(|_| corrupt())?,
                    };
                    match compressed(bits, window, codes)? {
                        Stop::EndOfBlock => self.state = State::Header,
                        Stop::Full => {}
                        Stop::Waiting(token) => {
                            self.waiting = Some(token);
                            return Ok(false);
                        }
                    }
                }
                State::End => return Ok(true),
            }
        }
        Ok(false)
    }
}

/// Why decoding a compressed block paused.
enum Stop {
    EndOfBlock,
    Full,
    Waiting(Token),
}

fn compressed(
    bits: &mut Bits<impl BufRead>,
    window: &mut Window,
    Codes { lengths, distances }: &Codes,
) -> io::Result<Stop> {
    while !window.is_full() {
        bits.refill()?;
        let (peeked, held) = (bits.peek(), bits.count());
        let symbol = lengths.next(bits)?;
        let token = match symbol {
            0..END => Token::Literal(symbol as u8),
            END => return Ok(Stop::EndOfBlock),
            _ => {
                let length = with_extra(bits, &LENGTHS, symbol - END - 1)?;
                let symbol = distances.next(bits)?;
                let distance = with_extra(bits, &DISTANCES, symbol)?;
                if window.copies_zeros(distance) {
                    let times = 1 + bits.repeats(peeked, held - bits.count())?;
                    window.put_zeros(length * u64::from(times));
                    continue;
                }
                Token::Copy { distance, length }
            }
        };
        if !token.put(window)? {
            return Ok(Stop::Waiting(token));
        }
    }
    Ok(Stop::Full)
}

#[inline]
fn with_extra(
    bits: &mut Bits<impl BufRead>,
    table: &[(u16, u8)],
    symbol: usize,
) -> io::Result<u64> {
    let &(base, extra) = table.get(symbol).ok_or_else(corrupt)?;
    let value = bits.peek() & ((1 << extra) - 1);
    bits.drop(extra.into())?;
    Ok(u64::from(base) + value)
}

/// Reads the header of a block.
fn block(bits: &mut Bits<impl BufRead>) -> io::Result<State> {
    match bits.take(2)? {
        0 => {
            bits.align()?;
            let (length, inverted) = (bits.take(16)?, bits.take(16)?);
            if length != !inverted & 0xffff {
                return Err(corrupt());
            }
            Ok(State::Stored { left: length as usize })
        }
        1 => Ok(State::Fixed),
        2 => codes(bits),
        _ => Err(corrupt()),
    }
}

/// Reads the codes of a block that brings its own (RFC 1951, 3.2.7).
fn codes(bits: &mut Bits<impl BufRead>) -> io::Result<State> {
    let lengths = bits.take(5)? as usize + 257;
    let distances = bits.take(5)? as usize + 1;
    let sent = bits.take(4)? as usize + 4;
    if lengths > 286 || distances > 30 {
        return Err(corrupt());
    }
    let mut of_lengths = [0; ORDER.len()];
    for &symbol in ORDER.iter().take(sent) {
        of_lengths[symbol] = bits.take(3)? as u8;
    }
    let of_lengths = Huffman::new(&of_lengths, false)?;

    let mut all: Vec<u8> = Vec::with_capacity(lengths + distances);
    while all.len() < lengths + distances {
        bits.refill()?;
        let (length, times) = match of_lengths.next(bits)? {
            16 => (*all.last().ok_or_else(corrupt)?, 3 + bits.take(2)?),
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            length => (length as u8, 1),
        };
        all.extend(std::iter::repeat_n(length, times as usize));
    }
    match all.split_at_checked(lengths) {
        Some((lengths, rest)) if rest.len() == distances && lengths.get(END) != Some(&0) => {
            let (lengths, distances) = (Huffman::new(lengths, true)?, Huffman::new(rest, true)?);
            Ok(State::Compressed(Codes { lengths, distances }))
        }
        _ => Err(corrupt()),
    }
}
