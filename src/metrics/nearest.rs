//! The nearest foreground voxel, exactly.

use super::rows::Rows;
use super::scan::each_voxel;
use crate::volume::Mask;

/// A mask at ever coarser scales, the mask itself not among them: an octree whose nodes are bits.
///
/// A voxel of the next level is set where any of the 2×2×2 voxels under it is.
/// The last level is a single voxel. All levels together are a seventh of the mask.
pub(super) fn coarser(mask: &Mask) -> Vec<Mask> {
    std::iter::successors(halved(mask), halved).collect()
}

fn halved(mask: &Mask) -> Option<Mask> {
    if mask.voxels() <= 1 {
        return None;
    }
    let mut half = Mask::empty(mask.shape().map(|size| size.div_ceil(2)))?;
    each_voxel(mask.words().iter().copied(), mask.shape(), |voxel| {
        half.set(half.index(voxel.map(|at| at / 2)));
    });
    Some(half)
}

/// Finds the nearest foreground voxel of a mask.
///
/// Close by it looks at rows of bits; farther off it descends the coarser levels.
/// An octree of bits rather than a k-d tree of surface points: it is built in
/// linear time whatever the mask looks like, it is small, and filled volumes and
/// salt noise are no special cases.
pub(super) struct Search<'a> {
    levels: Vec<&'a Mask>,
    rows: Rows,
    spacing: [f64; 3],
}

/// A foreground voxel and its squared distance in mm².
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub voxel: [usize; 3],
    pub squared: f64,
}

impl<'a> Search<'a> {
    /// Over a mask with some foreground and its [`coarser`] levels; spacing (x, y, z) in mm.
    pub fn new(mask: &'a Mask, coarser: &'a [Mask], spacing: [f64; 3]) -> Self {
        let levels = std::iter::once(mask).chain(coarser).collect();
        Self { levels, rows: Rows::new(spacing), spacing }
    }

    /// Length in mm of a way of so many voxels along each axis.
    pub fn length(&self, steps: [usize; 3]) -> f64 {
        self.squared(steps).sqrt()
    }

    /// The foreground voxel nearest to the voxel `from`.
    ///
    /// `hint` is some foreground voxel: the nearer it is, the less is searched.
    pub fn nearest(&self, from: [usize; 3], hint: Option<[usize; 3]>) -> Found {
        let mut best = match hint {
            Some(voxel) => Found { voxel, squared: self.squared(gaps(from, voxel, 0)) },
            None => Found { voxel: [0; 3], squared: f64::INFINITY },
        };
        if best.squared <= self.rows.within() {
            self.rows.improve(self.levels[0], from, &mut best);
            return best;
        }

        // On a level whose cells are twice the reach, two a side hold every better voxel.
        let radius = best.squared.sqrt();
        let reach =
            self.spacing.map(|spacing| ((radius / spacing.abs()) as usize).saturating_add(1));
        let widest = reach.into_iter().fold(1, usize::max);
        let wanted = usize::BITS - widest.saturating_mul(2).saturating_sub(1).leading_zeros();
        let level = (wanted as usize).min(self.levels.len() - 1);
        let shape = self.levels[level].shape();
        let range = |axis: usize| {
            let first = from[axis].saturating_sub(reach[axis]) >> level;
            let last = from[axis].saturating_add(reach[axis]) >> level;
            first..=last.min(shape[axis] - 1)
        };
        for z in range(2) {
            for y in range(1) {
                for x in range(0) {
                    self.visit(level, [x, y, z], from, &mut best);
                }
            }
        }
        best
    }

    /// Looks for a better voxel in one cell of a level.
    fn visit(&self, level: usize, cell: [usize; 3], from: [usize; 3], best: &mut Found) {
        let squared = self.squared(gaps(from, cell, level));
        let mask = self.levels[level];
        if squared >= best.squared || !mask.get(mask.index(cell)) {
            return;
        }
        if level == 0 {
            *best = Found { voxel: cell, squared };
        } else {
            self.descend(level - 1, cell, from, best);
        }
    }

    /// Looks for a better voxel in the 2×2×2 cells of a level under `parent`.
    fn descend(&self, level: usize, parent: [usize; 3], from: [usize; 3], best: &mut Found) {
        let mask = self.levels[level];
        let shape = mask.shape();
        // Along each axis the two halves, the one on the side of `from` first.
        let halves = [0, 1, 2].map(|axis| {
            let first = parent[axis] * 2;
            let near = usize::from(from[axis] >> level > first);
            [near, 1 - near].map(|half| {
                let at = first + half;
                (at, square(gap(from[axis], at, level), self.spacing[axis]))
            })
        });
        for away in [0b000, 0b001, 0b010, 0b100, 0b011, 0b101, 0b110, 0b111] {
            let [(x, xx), (y, yy), (z, zz)] = [0, 1, 2].map(|axis| halves[axis][away >> axis & 1]);
            let squared = xx + yy + zz;
            let better = squared < best.squared && x < shape[0] && y < shape[1] && z < shape[2];
            if !better || !mask.get(mask.index([x, y, z])) {
                continue;
            }
            if level == 0 {
                *best = Found { voxel: [x, y, z], squared };
            } else {
                self.descend(level - 1, [x, y, z], from, best);
            }
        }
    }

    fn squared(&self, steps: [usize; 3]) -> f64 {
        let [x, y, z] = [0, 1, 2].map(|axis| square(steps[axis], self.spacing[axis]));
        x + y + z
    }
}

fn square(steps: usize, spacing: f64) -> f64 {
    (steps as f64 * spacing).powi(2)
}

/// How many voxels lie between `from` and the nearest voxel of a cell, along one axis.
fn gap(from: usize, cell: usize, level: usize) -> usize {
    let first = cell << level;
    let last = first + ((1 << level) - 1);
    first.saturating_sub(from).max(from.saturating_sub(last))
}

fn gaps(from: [usize; 3], cell: [usize; 3], level: usize) -> [usize; 3] {
    [0, 1, 2].map(|axis| gap(from[axis], cell[axis], level))
}
