//! Between what distances the voxels of a block lie.

use super::block::Block;
use super::nearest::Search;
use super::octree::{Octree, each};
use segmentation::bits;

/// Distances are rounded; a bound has to hold all the same.
const ROUNDING: f64 = 1e-12;

/// A voxel, and the nearest one of the other mask.
///
/// Around it lies a ball in which the other mask has nothing; and no voxel is further from the other mask
/// than from what was found.
#[derive(Clone, Copy)]
pub(crate) struct Probe {
    pub from: [usize; 3],
    pub found: [usize; 3],
    /// Between the two, in mm.
    pub distance: f64,
}

impl Probe {
    pub fn new(from: [usize; 3], hint: Option<[usize; 3]>, search: &Search) -> Self {
        let found = search.nearest(from, hint);
        Self { from, found: found.voxel, distance: found.squared.sqrt() }
    }

    /// The probe that lies `by` mm further from what was found, as far as the volume reaches.
    fn further(&self, by: f64, shape: [usize; 3], search: &Search) -> Self {
        let factor = if self.distance > 0.0 { by / self.distance } else { 0.0 };
        let from = each(|axis| {
            let step = (self.from[axis] as f64 - self.found[axis] as f64) * factor;
            let to = self.from[axis].saturating_add_signed(step.round() as isize);
            to.min(shape[axis] - 1)
        });
        Self::new(from, Some(self.found), search)
    }

    /// In mm; no voxel of the block is nearer to the other mask.
    fn lower(&self, block: &Block, search: &Search) -> f64 {
        let reach = search.length(block.farthest(self.from));
        self.distance - reach - ROUNDING * (self.distance + reach)
    }

    /// In mm; no voxel of the block is further from the other mask.
    fn upper(&self, block: &Block, search: &Search) -> f64 {
        search.length(block.farthest(self.found)) * (1.0 + ROUNDING)
    }
}

/// A block and between what distances its voxels lie from the other mask.
pub(crate) struct BoundedBlock {
    pub block: Block,
    /// In mm.
    pub lower: f64,
    /// In mm.
    pub upper: f64,
    /// Some voxel of the other mask, not far from the nearest ones: once the block is measured, the one that
    /// is nearest to its middle.
    hint: Option<[u32; 3]>,
    /// Between the two, in mm.
    measured: Option<f64>,
}

impl BoundedBlock {
    pub fn unknown(block: Block) -> Self {
        Self { block, lower: 0.0, upper: f64::INFINITY, hint: None, measured: None }
    }

    /// Whether a voxel may have one of these distances in mm.
    pub fn may_hold(&self, distances: [f64; 2]) -> bool {
        distances.iter().any(|&distance| self.lower <= distance && distance <= self.upper)
    }

    /// Whether the nearest voxel to its middle has been found.
    pub fn is_measured(&self) -> bool {
        self.measured.is_some()
    }

    /// Looks into a measured block: adds its parts or, where these are voxels, their distances in mm.
    pub fn open(
        self,
        missed: &Octree,
        shape: [usize; 3],
        search: &Search,
        parts: &mut Vec<Self>,
        distances: &mut Vec<f64>,
    ) {
        let found = self.hint.map(|hint| hint.map(|at| at as usize));
        let (Some(found), Some(distance)) = (found, self.measured) else { return parts.push(self) };
        if self.block.is_voxel() {
            distances.push(distance);
        } else if self.block.is_last() {
            let at = self.block.at();
            let set = missed.node(at).bits;
            let squared = search.batch_nearest(at.place, set, found);
            distances.extend(bits(set).map(|bit| squared[bit].sqrt()));
        } else {
            let near = Probe { from: self.block.middle(), found, distance };
            let reach = search.length(self.block.farthest(near.from));
            let far = near.further(2.0 * reach, shape, search);
            parts.extend(
                self.block.parts(missed).map(|part| Self::between(near, far, part, search)),
            );
        }
    }

    /// With what is known of a part from two probes.
    ///
    /// The ball around the far one is flatter where it touches the block, so that the bounds are close
    /// on one another: by the square of a part's way from the line through both.
    fn between(near: Probe, far: Probe, part: Block, search: &Search) -> Self {
        let lower = near.lower(&part, search).max(far.lower(&part, search));
        let upper = [near, far].map(|probe| (probe.upper(&part, search), probe.found));
        let (upper, hint) = if upper[0].0 <= upper[1].0 { upper[0] } else { upper[1] };
        Self { block: part, lower, upper, hint: Some(hint.map(|at| at as u32)), measured: None }
    }

    /// Finds the nearest voxel to the middle of the block.
    pub fn measure(&mut self, beside: Option<[usize; 3]>, search: &Search) -> [usize; 3] {
        let middle = self.block.middle();
        let squared = |to: &[usize; 3]| search.squared(each(|k| middle[k].abs_diff(to[k])));
        let hint = self.hint.map(|hint| hint.map(|at| at as usize));
        let hints = hint.into_iter().chain(beside);
        let hint = hints.min_by(|a, b| squared(a).total_cmp(&squared(b)));
        let probe = Probe::new(middle, hint, search);
        if self.block.is_voxel() {
            (self.lower, self.upper) = (probe.distance, probe.distance);
        } else {
            self.lower = self.lower.max(probe.lower(&self.block, search));
            self.upper = self.upper.min(probe.upper(&self.block, search));
        }
        self.hint = Some(probe.found.map(|at| at as u32));
        self.measured = Some(probe.distance);
        probe.found
    }
}
