//! Thinning to a centreline.

use super::grid::Grid;
use super::simple::{deletable, still_deletable};
use segmentation::bits;

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
    let mut listed = Vec::new();
    loop {
        let mut taken = false;
        for side in sides {
            thinning.list(*side, &mut listed);
            for voxel in &listed {
                taken |= thinning.take(voxel);
            }
        }
        if !taken {
            return thinning.grid;
        }
        thinning.turn(sides);
    }
}

/// A voxel that was deletable.
#[derive(Debug)]
struct Listed {
    /// Its bit, counted over all words.
    at: usize,
    /// As it was then.
    neighbourhood: u32,
}

#[derive(Debug)]
struct Thinning {
    grid: Grid,
    /// See [`rows_around`].
    around: [isize; 9],
    /// What may be deletable: every voxel but those open to no side, and those that had to stay and had
    /// no neighbour taken away since. Some of the former, and some voxels that have gone, are still among it.
    touched: Grid,
}

impl Thinning {
    fn new(grid: Grid, spare: Grid) -> Self {
        let around = rows_around(&grid);
        let mut touched = spare;
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

    /// Lists what is open to a side and deletable as things are now.
    fn list(&mut self, side: [isize; 3], listed: &mut Vec<Listed>) {
        listed.clear();
        let Self { grid, around, touched } = self;
        touched.retain(|word, mut touched| {
            let candidates = grid.words()[word] & touched & !grid.beside(word, side);
            if candidates == 0 {
                return touched;
            }
            for bit in bits(candidates) {
                let at = word * 64 + bit;
                let neighbourhood = neighbourhood(grid, around, at);
                if deletable(neighbourhood) {
                    listed.push(Listed { at, neighbourhood });
                } else {
                    touched &= !(1 << bit);
                }
            }
            touched
        });
    }

    /// Takes a voxel away if it can still go.
    fn take(&mut self, &Listed { at, neighbourhood: before }: &Listed) -> bool {
        // Voxels go in their order: only the first five rows, with its own the last, can have lost some since.
        let first_rows = neighbourhood(&self.grid, &self.around[..5], at);
        let neighbourhood = before & !0o77_777 | first_rows;
        if neighbourhood != before && !still_deletable(neighbourhood) {
            return false;
        }
        self.grid.words_mut()[at / 64] &= !(1 << (at % 64));
        let (word, bit) = ((at - 1) / 64, (at - 1) % 64);
        for (row, step) in self.around.into_iter().enumerate() {
            let three = u64::from(neighbourhood >> (3 * row) & 7);
            let word = word.wrapping_add_signed(step);
            self.touched.add(word, three << bit);
            if bit > 61 {
                self.touched.add(word + 1, three >> (64 - bit));
            }
        }
        true
    }
}

/// The nine rows around a voxel, as steps between words, in the order of a neighbourhood.
pub(super) fn rows_around(grid: &Grid) -> [isize; 9] {
    let [along_x, along_y] = grid.strides().map(usize::cast_signed);
    std::array::from_fn(|row| {
        let (x, y) = (row as isize / 3 - 1, row as isize % 3 - 1);
        x * along_x + y * along_y
    })
}

/// The neighbourhood of a voxel, by its bit, as far as it lies in these first rows `around` it.
pub(super) fn neighbourhood(grid: &Grid, around: &[isize], at: usize) -> u32 {
    let (word, bit) = ((at - 1) / 64, (at - 1) % 64);
    let mut all = 0;
    for step in around.iter().rev() {
        let word = word.wrapping_add_signed(*step);
        let mut row = grid.words()[word] >> bit;
        if bit > 61 {
            row |= grid.words()[word + 1] << (64 - bit);
        }
        all = all << 3 | (row & 7) as u32;
    }
    all
}
