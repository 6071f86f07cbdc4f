use std::sync::LazyLock;

use crate::runs::Run;

/// CRC-32 of a stream that may say of zeros only how many there are.
///
/// The register is kept without the inversions before and after, in which form a zero bit
/// multiplies it by x modulo the polynomial, and so `n` zero bytes by x^(8n): a linear map, kept as
/// tables for each hexadecimal digit of `n`.
pub struct Checksum {
    register: u32,
    length: u32,
}

/// Reversed polynomial of RFC 1952.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// Digits of a number of zeros that have tables.
const DIGITS: usize = 6;

/// The largest number of [`DIGITS`] digits.
const MAX_ZEROS: usize = (1 << (4 * DIGITS)) - 1;

/// A linear map of the register: the images of each of its four bytes.
type Map = [[u32; 256]; 4];

/// `MAPS[digit][value - 1]` is the map of `value * 16^digit` zero bytes.
static MAPS: LazyLock<Vec<[Map; 15]>> = LazyLock::new(|| {
    let zero_byte = |mut register: u32| {
        for _ in 0..8 {
            let carry = register & 1;
            register = (register >> 1) ^ (carry * POLYNOMIAL);
        }
        register
    };
    // The images of the single bits under 16^digit zero bytes.
    let mut step: [u32; 32] = std::array::from_fn(|bit| zero_byte(1 << bit));
    let mut digits = Vec::with_capacity(DIGITS);
    for _ in 0..DIGITS {
        let mut maps = [[[0; 256]; 4]; 15];
        let mut power = step;
        for map in &mut maps {
            *map = tables(&power);
            power = power.map(|image| apply_bits(&step, image));
        }
        // After fifteen maps `power` is the sixteenth: one of the next digit.
        step = power;
        digits.push(maps);
    }
    digits
});

fn apply_bits(images: &[u32; 32], register: u32) -> u32 {
    let bits = (0..32).filter(|bit| register >> bit & 1 == 1);
    bits.fold(0, |sum, bit: usize| sum ^ images[bit])
}

fn tables(images: &[u32; 32]) -> Map {
    std::array::from_fn(|byte| {
        std::array::from_fn(|value| apply_bits(images, (value as u32) << (8 * byte)))
    })
}

fn apply(map: &Map, register: u32) -> u32 {
    let bytes = register.to_le_bytes();
    map.iter().zip(bytes).fold(0, |sum, (table, byte)| sum ^ table[usize::from(byte)])
}

impl Default for Checksum {
    fn default() -> Self {
        Self::new()
    }
}

impl Checksum {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self { register: !0, length: 0 }
    }

    /// Adds a piece of the stream.
    pub fn add(&mut self, run: &Run<'_>) {
        match run {
            Run::Zeros(zeros) => self.add_zeros(*zeros),
            Run::Bytes(bytes) => self.add_bytes(bytes),
        }
    }

    fn add_bytes(&mut self, bytes: &[u8]) {
        // The library wants and gives sums with the inversion.
        let mut hasher = crc32fast::Hasher::new_with_initial(!self.register);
        hasher.update(bytes);
        self.register = !hasher.finalize();
        self.length = self.length.wrapping_add(bytes.len() as u32);
    }

    fn add_zeros(&mut self, zeros: usize) {
        self.length = self.length.wrapping_add(zeros as u32);
        let mut left = zeros;
        while left > 0 {
            let part = left.min(MAX_ZEROS);
            for (digit, maps) in MAPS.iter().enumerate() {
                let value = part >> (4 * digit) & 15;
                if let Some(map) = value.checked_sub(1).and_then(|value| maps.get(value)) {
                    self.register = apply(map, self.register);
                }
            }
            left -= part;
        }
    }

    /// The sum of all that was added.
    pub fn sum(&self) -> u32 {
        !self.register
    }

    /// Sum and length modulo 2^32, as they stand at the end of a gzip member.
    pub fn trailer(&self) -> [u8; 8] {
        let mut trailer = [0; 8];
        trailer[..4].copy_from_slice(&self.sum().to_le_bytes());
        trailer[4..].copy_from_slice(&self.length.to_le_bytes());
        trailer
    }
}
