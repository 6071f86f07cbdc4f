//! Cubes of missed voxels, as the search for a quantile narrows down to single ones.

use super::scan::{Missed, each_voxel};

/// A cube of voxels, of which some are missed; cut off where the volume ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// Lowest corner (x, y, z).
    pub corner: [usize; 3],
    /// How many of its voxels are missed.
    pub missed: usize,
}

impl Cell {
    /// The voxel from which no voxel of the cell is further than `side / 2` along any axis.
    pub fn middle(&self, side: usize) -> [usize; 3] {
        self.corner.map(|at| at + side / 2)
    }
}

/// All cells of this side that hold a missed voxel.
pub(super) fn all(missed: Missed, side: usize) -> Vec<Cell> {
    let [nx, ny, nz] = missed.shape().map(|size| size.div_ceil(side));
    let mut counts = vec![0usize; nx * ny * nz];
    each_voxel(missed.words(), missed.shape(), |voxel| {
        let [x, y, z] = voxel.map(|at| at / side);
        counts[x + nx * (y + ny * z)] += 1;
    });
    let filled = counts.into_iter().enumerate().filter(|&(_, missed)| missed > 0);
    let corner = |at| [at % nx, at / nx % ny, at / nx / ny].map(|cell| cell * side);
    filled.map(|(at, missed)| Cell { corner: corner(at), missed }).collect()
}

/// Calls `visit` with each of the 3×3×3 parts of a cell of side `side` that holds a missed voxel.
pub(super) fn split(missed: Missed, cell: Cell, side: usize, mut visit: impl FnMut(Cell)) {
    let shape = missed.shape();
    let [x0, y0, z0] = cell.corner;
    let [x1, y1, z1] = [0, 1, 2].map(|axis| (cell.corner[axis] + side).min(shape[axis]));
    let into = side / 3;
    let mut counts = [0usize; 27];
    for z in z0..z1 {
        for y in y0..y1 {
            let mut bits = missed.bits(missed.of.index([x0, y, z]), x1 - x0);
            let first = 3 * ((y - y0) / into + 3 * ((z - z0) / into));
            while bits != 0 {
                counts[first + bits.trailing_zeros() as usize / into] += 1;
                bits &= bits - 1;
            }
        }
    }
    for (at, missed) in counts.into_iter().enumerate().filter(|&(_, missed)| missed > 0) {
        let corner = [x0 + at % 3 * into, y0 + at / 3 % 3 * into, z0 + at / 9 * into];
        visit(Cell { corner, missed });
    }
}
