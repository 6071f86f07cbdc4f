//! Boxes of missed voxels, as the search for a quantile narrows down to single ones.

use super::bricks::{At, Bricks, LOG, voxel};
use crate::volume::bits;

/// The missed voxels of a brick, and the box around them.
///
/// There can be very many, so they are kept small.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// Level of the brick and its number there; `None` for a single voxel.
    brick: Option<(u8, u32)>,
    /// Lowest and highest indices (x, y, z).
    low: [u32; 3],
    high: [u32; 3],
    /// How many voxels are missed.
    missed: u32,
}

impl Cell {
    fn of_voxel(voxel: [usize; 3]) -> Self {
        let voxel = voxel.map(|at| at as u32);
        Self { brick: None, low: voxel, high: voxel, missed: 1 }
    }

    /// The missed voxels of a brick of voxels, or of bricks of such.
    fn of_brick(at: At, missed: &Bricks) -> Self {
        let brick = Some((at.level as u8, at.number as u32));
        let cell = Self { brick, low: [u32::MAX; 3], high: [0; 3], missed: 0 };
        let parts = parts(at, missed);
        parts.fold(cell, |cell, part| Self {
            low: [0, 1, 2].map(|axis| cell.low[axis].min(part.low[axis])),
            high: [0, 1, 2].map(|axis| cell.high[axis].max(part.high[axis])),
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
        [0, 1, 2].map(|axis| self.low[axis].midpoint(self.high[axis]) as usize)
    }

    /// Steps along each axis from a voxel to the farthest one of the box.
    pub fn farthest(&self, from: [usize; 3]) -> [usize; 3] {
        let steps = |axis: usize, to: [u32; 3]| from[axis].abs_diff(to[axis] as usize);
        [0, 1, 2].map(|axis| steps(axis, self.low).max(steps(axis, self.high)))
    }

    /// Whether it is a single voxel, and nothing is left to split.
    pub fn is_voxel(&self) -> bool {
        self.missed == 1
    }

    /// The cells it falls into, 64 at most, with at least one missed voxel each.
    pub fn parts(self, missed: &Bricks) -> impl Iterator<Item = Self> {
        let itself = self.brick.is_none().then_some(self);
        let at = self.brick.map(|(level, number)| {
            let (level, number) = (usize::from(level), number as usize);
            At { level, number, place: self.low.map(|at| at as usize >> (LOG * (level + 1))) }
        });
        itself.into_iter().chain(at.into_iter().flat_map(|at| parts(at, missed)))
    }
}

fn parts(at: At, missed: &Bricks) -> impl Iterator<Item = Cell> {
    let brick = missed.brick(at);
    bits(brick.bits).map(move |bit| match missed.below(at, brick, bit) {
        Some(below) => Cell::of_brick(below, missed),
        None => Cell::of_voxel(voxel(at.place, bit)),
    })
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
    bricks.into_iter().map(|at| Cell::of_brick(at, missed)).collect()
}
