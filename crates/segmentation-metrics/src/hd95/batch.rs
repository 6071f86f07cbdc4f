//! The distances of all voxels of a node, in one search.

use super::nearest::{Search, gaps};
use super::octree::{NodeAt, Octree, SIDE, each, extent, voxel, within};
use segmentation::bits;

/// Squared distances are rounded; what may be nearer for all that is looked at.
const ROUNDING: f64 = 1e-12;

/// A search for the nearest foreground voxels of a node's voxels.
///
/// Whatever is no nearer to any corner of a box than some voxel, the rival, is no nearer to any place in the
/// box: the difference of two squared distances is linear in the place. So nodes and voxels that lie behind
/// the rival are left out, and few remain, however far off they are.
struct BatchSearch<'a> {
    nodes: &'a Octree,
    spacing: [f64; 3],
    /// The node that is searched from.
    place: [usize; 3],
    /// The corners of the box around its voxels: lowest and highest.
    corners: [[usize; 3]; 2],
    /// Squared gaps in mm² between each corner and the rival, for each axis.
    rival: [[f64; 2]; 3],
    /// In mm²; what is behind the rival by more than this can be left out.
    slack: f64,
    /// The smallest squared distances in mm² found so far.
    squared: [f64; 64],
}

impl Search<'_> {
    /// Squared distances in mm² from voxels to the foreground voxels nearest to them.
    ///
    /// The voxels are the bits of the node at `place`, of which at least one is set; the distances of other
    /// bits have no meaning.
    /// `rival` is some foreground voxel: the nearer it is to the voxels' middle, the less is searched.
    pub fn batch_nearest(&self, place: [usize; 3], bits: u64, rival: [usize; 3]) -> [f64; 64] {
        let corners = extent(bits).map(|bit| voxel(place, bit));
        let squared = |corner: [usize; 3]| {
            each(|axis| {
                gaps(rival[axis] / SIDE, corner[axis], 0, self.spacing[axis])[rival[axis] % SIDE]
            })
        };
        let [low, high] = corners.map(squared);
        let far: f64 = (0..3).map(|axis| low[axis].max(high[axis])).sum();
        let mut together = BatchSearch {
            nodes: self.nodes,
            spacing: self.spacing,
            place,
            corners,
            rival: each(|axis| [low[axis], high[axis]]),
            slack: ROUNDING * far,
            squared: [f64::INFINITY; 64],
        };
        together.descend(self.nodes.top());
        together.squared
    }
}

impl BatchSearch<'_> {
    /// Looks for nearer voxels in a node.
    fn descend(&mut self, at: NodeAt) {
        let node = self.nodes.node(at);
        // How far each of the node's slices is behind the rival, along one axis, from the corner where it is least.
        let behind = each(|axis| {
            let from = |corner: usize| {
                let corner = self.corners[corner][axis];
                gaps(at.place[axis], corner, at.level, self.spacing[axis])
            };
            let (low, high, rival) = (from(0), from(1), self.rival[axis]);
            let behind = |slice: usize| {
                let (low, high) = (low[slice] - rival[0], high[slice] - rival[1]);
                if low < high { low } else { high }
            };
            [behind(0), behind(1), behind(2), behind(3)]
        });
        for bit in bits(node.bits) {
            let [x, y, z] = within(bit);
            if behind[0][x] + behind[1][y] + behind[2][z] <= self.slack {
                match self.nodes.below(at, node, bit) {
                    Some(below) => self.descend(below),
                    None => self.look_at(voxel(at.place, bit)),
                }
            }
        }
    }

    /// Keeps the distances to a voxel where they are the smallest so far.
    fn look_at(&mut self, voxel: [usize; 3]) {
        let [x, y, z] = each(|axis| gaps(self.place[axis], voxel[axis], 0, self.spacing[axis]));
        let (slices, _) = self.squared.as_chunks_mut::<{ SIDE * SIDE }>();
        for (slice, z) in slices.iter_mut().zip(z) {
            for (at, squared) in slice.iter_mut().enumerate() {
                let found = x[at % SIDE] + y[at / SIDE] + z;
                *squared = if found < *squared { found } else { *squared };
            }
        }
    }
}
