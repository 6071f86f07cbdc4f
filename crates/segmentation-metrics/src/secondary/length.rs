//! Lengths of centrelines.

use super::grid::Grid;
use super::skeleton::{neighbourhood, rows_around};

/// Two lengths that differ by less than this share, or are this near in mm, are the same.
pub(super) const SAME: f64 = 1e-9;

/// A kind of step between neighbours has bit 0, 1 and 2 if it leads along x, y and z; kind 0 is no step.
const KINDS: usize = 8;

/// Bits of a kind in a [`Weight`]: there are at most 8 neighbours of a kind.
const BITS: usize = 4;

/// The neighbours of each kind, as bits of a neighbourhood: (dx, dy, dz) is bit `13 + 9·dx + 3·dy + dz`.
const NEIGHBOURS: [u32; KINDS] = {
    let mut neighbours = [0; KINDS];
    let mut bit = 0;
    while bit < 27 {
        let [x, y, z] = [bit / 9 != 1, bit / 3 % 3 != 1, bit % 3 != 1];
        neighbours[x as usize | (y as usize) << 1 | (z as usize) << 2] |= 1 << bit;
        bit += 1;
    }
    neighbours
};

/// What a centreline's voxel weighs: how many of its 26 neighbours are a step of each kind away.
///
/// Where there is none it is one of kind 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weight(u32);

impl Weight {
    /// Of all foreground voxels of a skeleton, in the order of its bits.
    pub fn all(skeleton: &Grid) -> impl Iterator<Item = Self> + '_ {
        let around = rows_around(skeleton);
        skeleton.bits().map(move |bit| Self::of(neighbourhood(skeleton, &around, bit)))
    }

    fn of(neighbourhood: u32) -> Self {
        let steps = (1..KINDS)
            .map(|kind| (neighbourhood & NEIGHBOURS[kind]).count_ones() << (BITS * kind))
            .sum();
        Self(if steps == 0 { 1 } else { steps })
    }
}

/// The sum of weights, exact: lengths come from it at the very end, so that no order of summing up shows in them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weights([u64; KINDS]);

impl Weights {
    pub fn add(&mut self, weight: Weight) {
        for (kind, sum) in self.0.iter_mut().enumerate() {
            *sum += u64::from(weight.0 >> (BITS * kind) & ((1 << BITS) - 1));
        }
    }

    /// All of one voxel's.
    pub fn of(weight: Weight) -> Self {
        let mut weights = Self::default();
        weights.add(weight);
        weights
    }

    pub fn add_all(&mut self, weights: &Self) {
        self.0.iter_mut().zip(weights.0).for_each(|(sum, more)| *sum += more);
    }
}

/// What each kind of step adds to the weight of the voxel at one of its ends, in mm: half its length.
///
/// A voxel without steps weighs as much as the least that one with a step can: half the smallest spacing.
#[derive(Clone, Copy, Debug)]
pub(super) struct HalfSteps([f64; KINDS]);

impl HalfSteps {
    /// For a spacing along (x, y, z) in mm.
    pub fn new(spacing: [f64; 3]) -> Self {
        let least = spacing.into_iter().map(f64::abs).fold(f64::INFINITY, f64::min);
        Self(std::array::from_fn(|kind| {
            let along = (0..3).filter(|axis| kind >> axis & 1 == 1);
            let squared: f64 = along.map(|axis| spacing[axis] * spacing[axis]).sum();
            if kind == 0 { least / 2.0 } else { squared.sqrt() / 2.0 }
        }))
    }

    /// The length in mm of all that was summed up.
    pub fn length(&self, weights: &Weights) -> f64 {
        weights.0.iter().zip(self.0).map(|(&count, half)| count as f64 * half).sum()
    }
}
