//! Thinning to a centreline.

use super::grid::{Grid, bits};
use super::simple::{deletable, still_deletable};

/// Steps (x, y, z) to the background that a voxel needs to be looked at, one a round.
const SIDES: [[i8; 3]; 6] = [[0, -1, 0], [0, 1, 0], [0, 0, 1], [0, 0, -1], [1, 0, 0], [-1, 0, 0]];

/// The skeleton of a mask: its 3-D thinning after Lee, Kashyap and Chu (1994).
///
/// A pass goes round the six sides. On each, the voxels that are open to it and [`deletable`]
/// are listed first, then taken away one by one, x before y before z, those that are
/// [`still_deletable`]. Passes end when one takes nothing. This is what scikit-image 0.26 does in
/// `skeletonize(mask, method="lee")` to a mask indexed (x, y, z), and the skeletons agree voxel
/// for voxel, but for one thing: there the last voxel of a component can go as well, so that rods
/// of 2×2 or 4×4 voxels vanish. Here it stays. Nothing is left around such a voxel on
/// which it could have a say, so the two skeletons differ by those voxels alone.
///
/// `shape` is the volume's. One that is a single voxel thick along x is an image to
/// scikit-image, with the first four sides only, and so it is here.
///
/// Whether a voxel can go depends on its neighbourhood alone. So from the second pass on only
/// the neighbours of what has gone are looked at, and the time grows with the voxels, not with the passes.
pub(super) fn skeleton(grid: Grid, shape: [usize; 3]) -> Grid {
    let sides = if shape[0] == 1 { &SIDES[..4] } else { &SIDES };
    let mut thinning = Thinning::new(grid);
    let mut open = Vec::new();
    loop {
        let mut taken = false;
        for side in sides {
            thinning.list(*side, &mut open);
            for &at in &open {
                taken |= thinning.take(at);
            }
        }
        if !taken {
            return thinning.grid;
        }
        thinning.turn();
    }
}

/// Voxels to look at, by bits, and the words that have some.
#[derive(Debug)]
struct Touched {
    bits: Vec<u64>,
    words: Vec<usize>,
}

impl Touched {
    fn add(&mut self, word: usize, bits: u64) {
        if bits != 0 {
            if self.bits[word] == 0 {
                self.words.push(word);
            }
            self.bits[word] |= bits;
        }
    }

    fn clear(&mut self) {
        self.words.drain(..).for_each(|word| self.bits[word] = 0);
    }
}

#[derive(Debug)]
struct Thinning {
    grid: Grid,
    /// Words from a row to the next along x, and along y.
    strides: [isize; 2],
    /// The nine rows around a voxel, as steps between words, in the order of a neighbourhood.
    around: [isize; 9],
    /// What had a neighbour taken away in the pass before, and in this one.
    before: Touched,
    now: Touched,
}

impl Thinning {
    fn new(grid: Grid) -> Self {
        let strides = grid.strides().map(usize::cast_signed);
        let around = std::array::from_fn(|row| {
            let (x, y) = (row as isize / 3 - 1, row as isize % 3 - 1);
            x * strides[0] + y * strides[1]
        });
        let bits = grid.words().to_vec();
        let words = (0..bits.len()).filter(|&at| bits[at] != 0).collect();
        let now = Touched { bits: vec![0; bits.len()], words: Vec::new() };
        Self { grid, strides, around, before: Touched { bits, words }, now }
    }

    /// Begins the next pass.
    fn turn(&mut self) {
        self.before.clear();
        std::mem::swap(&mut self.before, &mut self.now);
    }

    /// Lists the bits, counted over all words, that are open to a side and deletable as things are now.
    fn list(&self, side: [i8; 3], open: &mut Vec<usize>) {
        open.clear();
        let fresh = self.now.words.iter().filter(|&&word| self.before.bits[word] == 0);
        for &word in self.before.words.iter().chain(fresh) {
            let touched = self.before.bits[word] | self.now.bits[word];
            let candidates = self.grid.words()[word] & touched & !self.beside(word, side);
            if candidates == 0 {
                continue;
            }
            let rows = self.around.map(|step| self.grid.words()[word.wrapping_add_signed(step)]);
            for bit in bits(candidates) {
                let at = word * 64 + bit;
                let neighbourhood = match bit {
                    1..=62 => threes(&rows, bit - 1),
                    _ => self.neighbourhood(at),
                };
                if deletable(neighbourhood) {
                    open.push(at);
                }
            }
        }
        open.sort_unstable();
    }

    /// The word of which each bit is the neighbour, on this side, of that bit in `word`.
    fn beside(&self, word: usize, [x, y, z]: [i8; 3]) -> u64 {
        let words = self.grid.words();
        // A row begins and ends in the margin, so that nothing is carried over from another.
        match z {
            1 => words[word] >> 1 | words[word + 1] << 63,
            -1 => words[word] << 1 | words[word - 1] >> 63,
            _ => {
                let step = isize::from(x) * self.strides[0] + isize::from(y) * self.strides[1];
                words[word.wrapping_add_signed(step)]
            }
        }
    }

    fn neighbourhood(&self, at: usize) -> u32 {
        let words = self.grid.words();
        let (word, bit) = ((at - 1) / 64, (at - 1) % 64);
        let rows = self.around.map(|step| words[word.wrapping_add_signed(step)]);
        if bit <= 61 {
            return threes(&rows, bit);
        }
        let next = self.around.map(|step| words[word.wrapping_add_signed(step) + 1]);
        let joined = std::array::from_fn(|row| rows[row] >> bit | next[row] << (64 - bit));
        threes(&joined, 0)
    }

    /// Takes a voxel away if it can still go.
    fn take(&mut self, at: usize) -> bool {
        if !still_deletable(self.neighbourhood(at)) {
            return false;
        }
        let (word, bit) = ((at - 1) / 64, (at - 1) % 64);
        self.grid.words_mut()[at / 64] &= !(1 << (at % 64));
        for step in self.around {
            let word = word.wrapping_add_signed(step);
            self.now.add(word, 7 << bit & self.grid.words()[word]);
            if bit > 61 {
                self.now.add(word + 1, 7 >> (64 - bit) & self.grid.words()[word + 1]);
            }
        }
        true
    }
}

/// Three bits of each of nine rows, from `bit` on.
fn threes(rows: &[u64; 9], bit: usize) -> u32 {
    let row = |all: u32, row: &u64| all << 3 | (row >> bit & 7) as u32;
    rows.iter().rev().fold(0, row)
}
