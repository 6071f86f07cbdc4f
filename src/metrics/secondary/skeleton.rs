//! Thinning to a centreline.

use super::grid::Grid;
use super::simple::{deletable, still_deletable};
use crate::volume::bits;

/// Steps (x, y, z) to the background that a voxel needs to be looked at, one a round.
const SIDES: [[isize; 3]; 6] =
    [[0, -1, 0], [0, 1, 0], [0, 0, 1], [0, 0, -1], [1, 0, 0], [-1, 0, 0]];

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
/// Whether a voxel can go depends on its neighbourhood alone. So one that had to stay is looked at
/// again when a neighbour has gone, no sooner, and the time grows with the voxels, not with the passes.
///
/// `spare` is a grid of the same rows without foreground, for its memory.
pub(super) fn skeleton(grid: Grid, spare: Grid, shape: [usize; 3]) -> Grid {
    let sides = if shape[0] == 1 { &SIDES[..4] } else { &SIDES };
    let mut thinning = Thinning::new(grid, spare);
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
        thinning.turn(sides);
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

    /// Keeps of the bits of each word those that `still` returns.
    fn retain(&mut self, mut still: impl FnMut(usize, u64) -> u64) {
        self.words.retain(|&word| {
            self.bits[word] = still(word, self.bits[word]);
            self.bits[word] != 0
        });
    }
}

#[derive(Debug)]
struct Thinning {
    grid: Grid,
    /// The nine rows around a voxel, as steps between words, in the order of a neighbourhood.
    around: [isize; 9],
    /// What may be deletable: every voxel but those open to no side, and those that had to stay and had
    /// no neighbour taken away since. Some of the former, and some voxels that have gone, are still among it.
    touched: Touched,
}

impl Thinning {
    fn new(grid: Grid, spare: Grid) -> Self {
        let [along_x, along_y] = grid.strides().map(usize::cast_signed);
        let around = std::array::from_fn(|row| {
            let (x, y) = (row as isize / 3 - 1, row as isize % 3 - 1);
            x * along_x + y * along_y
        });
        let mut touched = Touched { bits: spare.into_words(), words: Vec::new() };
        grid.occupied().for_each(|at| touched.add(at, grid.words()[at]));
        Self { grid, around, touched }
    }

    /// Begins the next pass: what is open to none of the sides need not be looked at until it is.
    fn turn(&mut self, sides: &[[isize; 3]]) {
        let grid = &self.grid;
        self.touched.retain(|word, touched| {
            let open = sides.iter().fold(0, |open, &side| open | !grid.beside(word, side));
            grid.words()[word] & touched & open
        });
    }

    /// Lists the bits, counted over all words, that are open to a side and deletable as things are now.
    fn list(&mut self, side: [isize; 3], open: &mut Vec<usize>) {
        open.clear();
        let Self { grid, around, touched } = self;
        touched.retain(|word, mut touched| {
            let candidates = grid.words()[word] & touched & !grid.beside(word, side);
            if candidates == 0 {
                return touched;
            }
            let rows = rows(grid, around, word);
            for bit in bits(candidates) {
                let at = word * 64 + bit;
                let neighbourhood = match bit {
                    1..=62 => threes(&rows, bit - 1),
                    _ => neighbourhood(grid, around, at),
                };
                if deletable(neighbourhood) {
                    open.push(at);
                } else {
                    touched &= !(1 << bit);
                }
            }
            touched
        });
        open.sort_unstable();
    }

    /// Takes a voxel away if it can still go.
    fn take(&mut self, at: usize) -> bool {
        if !still_deletable(neighbourhood(&self.grid, &self.around, at)) {
            return false;
        }
        let (word, bit) = ((at - 1) / 64, (at - 1) % 64);
        self.grid.words_mut()[at / 64] &= !(1 << (at % 64));
        for step in self.around {
            let word = word.wrapping_add_signed(step);
            self.touched.add(word, 7 << bit & self.grid.words()[word]);
            if bit > 61 {
                self.touched.add(word + 1, 7 >> (64 - bit) & self.grid.words()[word + 1]);
            }
        }
        true
    }
}

/// The neighbourhood of a voxel, by its bit, from the rows `around` it.
fn neighbourhood(grid: &Grid, around: &[isize; 9], at: usize) -> u32 {
    let (word, bit) = ((at - 1) / 64, (at - 1) % 64);
    let here = rows(grid, around, word);
    if bit <= 61 {
        return threes(&here, bit);
    }
    let next = rows(grid, around, word + 1);
    let joined = std::array::from_fn(|row| here[row] >> bit | next[row] << (64 - bit));
    threes(&joined, 0)
}

/// The same word of the nine rows. In a loop: `map` over them is not inlined here.
fn rows(grid: &Grid, around: &[isize; 9], word: usize) -> [u64; 9] {
    let mut rows = [0; 9];
    for (row, &step) in rows.iter_mut().zip(around) {
        *row = grid.words()[word.wrapping_add_signed(step)];
    }
    rows
}

/// Three bits of each of nine rows, from `bit` on.
fn threes(rows: &[u64; 9], bit: usize) -> u32 {
    let mut all = 0;
    for row in rows.iter().rev() {
        all = all << 3 | (row >> bit & 7) as u32;
    }
    all
}
