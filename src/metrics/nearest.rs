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
    each_voxel(mask.occupied(), mask.shape(), |voxel| {
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

        self.descend(self.levels.len() - 1, [0; 3], from, &mut best);
        best
    }

    /// Looks for a better voxel under a cell of a level that has some foreground.
    fn descend(&self, level: usize, cell: [usize; 3], from: [usize; 3], best: &mut Found) {
        let Some(below) = level.checked_sub(1) else {
            *best = Found { voxel: cell, squared: self.squared(gaps(from, cell, 0)) };
            return;
        };
        let halves = |axis: usize| Halves::of(cell[axis], from[axis], below, self.spacing[axis]);
        let (along_x, along_y, along_z) = (halves(0), halves(1), halves(2));
        let first = cell.map(|at| at * 2);
        let mut children = children(self.levels[below], first);
        // From here on bit `away` is the child that lies away from `from` along the axes of its bits.
        if along_x.swapped {
            children = (children & 0x55) << 1 | (children & 0xaa) >> 1;
        }
        if along_y.swapped {
            children = (children & 0x33) << 2 | (children & 0xcc) >> 2;
        }
        if along_z.swapped {
            children = children.rotate_left(4);
        }
        while children != 0 {
            let away = children.trailing_zeros() as usize;
            children &= children - 1;
            let (x, y, z) = (away & 1, away >> 1 & 1, away >> 2);
            if along_x.squared[x] + along_y.squared[y] + along_z.squared[z] < best.squared {
                let half = |away: usize, along: &Halves| away ^ usize::from(along.swapped);
                let child = [
                    first[0] + half(x, &along_x),
                    first[1] + half(y, &along_y),
                    first[2] + half(z, &along_z),
                ];
                self.descend(below, child, from, best);
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

/// The two halves of a cell along one axis, the one on the side of `from` first.
struct Halves {
    /// Of the gap between each half and `from`, in mm².
    squared: [f64; 2],
    /// Whether the first is the one with the higher index.
    swapped: bool,
}

impl Halves {
    #[inline]
    fn of(cell: usize, from: usize, below: usize, spacing: f64) -> Self {
        let first = cell * 2;
        let swapped = from >> below > first;
        let half = |at| square(gap(from, at, below), spacing);
        let near = first + usize::from(swapped);
        Self { squared: [half(near), half(2 * first + 1 - near)], swapped }
    }
}

/// Which of the 2×2×2 voxels from `first` on are set, x in the lowest bit of their number.
#[inline]
fn children(mask: &Mask, [x, y, z]: [usize; 3]) -> u8 {
    let [nx, ny, nz] = mask.shape();
    let pair = |y: usize, z: usize| -> u8 {
        if y >= ny || z >= nz {
            return 0;
        }
        let at = x + nx * (y + ny * z);
        let second = x + 1 < nx && mask.get(at + 1);
        u8::from(mask.get(at)) | u8::from(second) << 1
    };
    pair(y, z) | pair(y + 1, z) << 2 | pair(y, z + 1) << 4 | pair(y + 1, z + 1) << 6
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
