//! Boxes of missed voxels, as the search for a quantile narrows down to a few of them.

use super::octree::{LOG, NodeAt, Octree, each, extent, voxel};
use segmentation::bits;

/// The missed voxels of a node, and the box around them.
///
/// There can be very many, so they are kept small.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// Level of the node and its number there.
    level: u8,
    number: u32,
    /// Lowest and highest indices (x, y, z).
    low: [u32; 3],
    high: [u32; 3],
    /// How many voxels are missed.
    missed: u32,
}

impl Block {
    fn new(at: NodeAt, missed: &Octree) -> Self {
        let bits = missed.node(at).bits;
        let (level, number) = (at.level as u8, at.number as u32);
        if at.level == 0 {
            let [low, high] =
                extent(bits).map(|within| voxel(at.place, within).map(|at| at as u32));
            return Self { level, number, low, high, missed: bits.count_ones() };
        }
        let block = Self { level, number, low: [u32::MAX; 3], high: [0; 3], missed: 0 };
        parts(at, missed).fold(block, |block, part| Self {
            low: each(|axis| block.low[axis].min(part.low[axis])),
            high: each(|axis| block.high[axis].max(part.high[axis])),
            missed: block.missed + part.missed,
            ..block
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

    /// Whether it is a single voxel, or a node of voxels.
    pub fn is_last(&self) -> bool {
        self.is_voxel() || self.level == 0
    }

    /// The node.
    pub fn at(&self) -> NodeAt {
        let (level, number) = (usize::from(self.level), self.number as usize);
        NodeAt { level, number, place: self.low.map(|at| at as usize >> (LOG * (level + 1))) }
    }

    /// The blocks it falls into, 64 at most, with at least one missed voxel each; none if these are voxels.
    pub fn parts(&self, missed: &Octree) -> impl Iterator<Item = Self> {
        parts(self.at(), missed)
    }
}

fn parts(at: NodeAt, missed: &Octree) -> impl Iterator<Item = Block> {
    let node = missed.node(at);
    bits(node.bits)
        .filter_map(move |bit| missed.below(at, node, bit))
        .map(|below| Block::new(below, missed))
}

/// The missed voxels in blocks of one level of nodes, or of the last one if there are fewer.
pub(crate) fn all(missed: &Octree, level: usize) -> Vec<Block> {
    let mut nodes = vec![missed.top()];
    while nodes.first().is_some_and(|at| at.level > level) {
        let below = |at: &NodeAt| {
            let (at, node) = (*at, missed.node(*at));
            bits(node.bits).filter_map(move |bit| missed.below(at, node, bit))
        };
        nodes = nodes.iter().flat_map(below).collect();
    }
    nodes.into_iter().map(|at| Block::new(at, missed)).collect()
}
