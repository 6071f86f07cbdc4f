//! Walking over bits, 64 voxels a step.

use segmentation::Mask;

/// Calls `visit` with the linear index and (x, y, z) of the first voxel of each word's part in a row, and the
/// part's bits, of which at least one is set.
pub(crate) fn each_run(
    words: impl Iterator<Item = (usize, u64)>,
    shape: [usize; 3],
    mut visit: impl FnMut(usize, [usize; 3], u64),
) {
    let [nx, ny, _] = shape;
    for (at, mut word) in words {
        let mut start = at * 64;
        while word != 0 {
            let skipped = word.trailing_zeros() as usize;
            (start, word) = (start + skipped, word >> skipped);
            let (row, x) = (start / nx, start % nx);
            let within = (nx - x).min(64);
            let bits = word & (u64::MAX >> (64 - within));
            visit(start, [x, row % ny, row / ny], bits);
            start += within;
            word = word.checked_shr(within as u32).unwrap_or(0);
        }
    }
}

/// The foreground of one mask that another mask of the same shape misses.
#[derive(Clone, Copy)]
pub(crate) struct Difference<'a> {
    pub of: &'a Mask,
    pub without: &'a Mask,
}

impl Difference<'_> {
    /// Shape (x, y, z) in voxels.
    pub fn shape(&self) -> [usize; 3] {
        self.of.shape()
    }

    /// The missed voxels as the words of a mask that are not 0, with their indices.
    pub fn words(&self) -> impl Iterator<Item = (usize, u64)> {
        let words = self.of.occupied().map(|(at, of)| (at, of & !self.without.words()[at]));
        words.filter(|&(_, word)| word != 0)
    }

    /// The 64 voxels from the linear index `start` on.
    pub fn word_from(&self, start: isize) -> u64 {
        let of = word_from(self.of.words(), start);
        // Most rows hold nothing.
        if of == 0 { 0 } else { of & !word_from(self.without.words(), start) }
    }
}

/// The 64 bits from bit `start` on; 0 before the first word and beyond the last.
pub(crate) fn word_from(words: &[u64], start: isize) -> u64 {
    let word = |at: isize| words.get(at as usize).copied().unwrap_or(0);
    let (at, shift) = (start >> 6, start & 63);
    word(at) >> shift | word(at + 1) << 1 << (63 - shift)
}
