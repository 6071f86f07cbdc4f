//! Boxes of missed voxels, as the search for a quantile narrows down to a few of them.

use super::bricks::{At, Bricks, LOG, each, extent, voxel};
use segmentation::bits;

/// The missed voxels of a brick, and the box around them.
///
/// There can be very many, so they are kept small.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// Level of the brick and its number there.
    level: u8,
    number: u32,
    /// Lowest and highest indices (x, y, z).
    low: [u32; 3],
    high: [u32; 3],
    /// How many voxels are missed.
    missed: u32,
}

impl Cell {
    fn new(at: At, missed: &Bricks) -> Self {
        let bits = missed.brick(at).bits;
        let (level, number) = (at.level as u8, at.number as u32);
        if at.level == 0 {
            let [low, high] =
                extent(bits).map(|within| voxel(at.place, within).map(|at| at as u32));
            return Self { level, number, low, high, missed: bits.count_ones() };
        }
        let cell = Self { level, number, low: [u32::MAX; 3], high: [0; 3], missed: 0 };
        parts(at, missed).fold(cell, |cell, part| Self {
            low: each(|axis| cell.low[axis].min(part.low[axis])),
            high: each(|axis| cell.high[axis].max(part.high[axis])),
            missed: cell.missed + part.missed,
            ..cell
        })
    }

    /// How many voxels are missed.
    pub fn missed(&self) -> usize {
        self.missed as usize
    }

    /// The voxel from which the farthest one of the box is as near as can be.
    pub fn middle(&self) -> [usize; 3] {
        each(|axis| self.low[axis].midpoint(self.high[axis]) as usize)
    }

    /// Steps along each axis from a voxel to the farthest one of the box.
    pub fn farthest(&self, from: [usize; 3]) -> [usize; 3] {
        let steps = |axis: usize, to: [u32; 3]| from[axis].abs_diff(to[axis] as usize);
        each(|axis| steps(axis, self.low).max(steps(axis, self.high)))
    }

    /// Whether it is a single voxel.
    pub fn is_voxel(&self) -> bool {
        self.missed == 1
    }

    /// Whether it is a single voxel, or a brick of voxels.
    pub fn is_last(&self) -> bool {
        self.is_voxel() || self.level == 0
    }

    /// The brick.
    pub fn at(&self) -> At {
        let (level, number) = (usize::from(self.level), self.number as usize);
        At { level, number, place: self.low.map(|at| at as usize >> (LOG * (level + 1))) }
    }

    /// The cells it falls into, 64 at most, with at least one missed voxel each; none if these are voxels.
    pub fn parts(&self, missed: &Bricks) -> impl Iterator<Item = Self> {
        parts(self.at(), missed)
    }
}

fn parts(at: At, missed: &Bricks) -> impl Iterator<Item = Cell> {
    let brick = missed.brick(at);
    bits(brick.bits)
        .filter_map(move |bit| missed.below(at, brick, bit))
        .map(|below| Cell::new(below, missed))
}

/// The missed voxels in cells of one level of bricks, or of the last one if there are fewer.
pub(super) fn all(missed: &Bricks, level: usize) -> Vec<Cell> {
    let mut bricks = vec![missed.top()];
    while bricks.first().is_some_and(|at| at.level > level) {
        let below = |at: &At| {
            let (at, brick) = (*at, missed.brick(*at));
            bits(brick.bits).filter_map(move |bit| missed.below(at, brick, bit))
        };
        bricks = bricks.iter().flat_map(below).collect();
    }
    bricks.into_iter().map(|at| Cell::new(at, missed)).collect()
}
