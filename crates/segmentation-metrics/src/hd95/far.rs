//! One direction of HD95: a quantile of distances, without computing most of them.

use super::Direction;
use super::block;
use super::bounds::BoundedBlock;
use super::nearest::Search;
use super::octree::Octree;
use crate::scan::Difference;

/// The level of nodes from which the distances are narrowed down to voxels.
const FROM: usize = 1;

/// The 0.95 quantile in mm of the distances from one mask's voxels to those `search` finds.
///
/// A few [probes](super::Probe) bound the distances of all the voxels of a block, and so those at the wanted
/// ranks. Blocks that lie wholly below or above are counted and never looked into; those that may hold what
/// is wanted are split and measured again, down to nodes of voxels, which are looked up. This is what bounds
/// the cost of a prediction that fills half the volume: time and memory grow with the surface on which the
/// quantile's distance is taken, where a distance transform would need the whole volume in f64.
pub(crate) fn directed(direction: Direction, difference: Difference, search: &Search) -> f64 {
    let nodes = Octree::of_difference(difference);
    let blocks = block::all(&nodes, FROM).into_iter().map(BoundedBlock::unknown).collect();
    let mut known = SearchState { blocks, distances: Vec::new(), ranks: direction.ranks() };
    loop {
        let guesses = known.guess(search);
        let open: Vec<_> = known.blocks.extract_if(.., |block| block.may_hold(guesses)).collect();
        if open.is_empty() {
            return direction.quantile(guesses);
        }
        for block in open {
            let (parts, distances) = (&mut known.blocks, &mut known.distances);
            block.open(&nodes, difference.shape(), search, parts, distances);
        }
        known.narrow();
    }
}

/// What is known of the missed voxels' distances.
struct SearchState {
    /// Of these, bounds.
    blocks: Vec<BoundedBlock>,
    /// In mm, of single voxels.
    distances: Vec<f64>,
    /// The two that are wanted, among all of them.
    ranks: [usize; 2],
}

impl SearchState {
    /// Guesses the distances in mm at the ranks, and measures the blocks that may hold one, until no better guess
    /// can be made.
    ///
    /// A guess that no block may hold is the distance itself: it is that of a voxel, and all blocks are known to
    /// lie on the side of it on which they were counted.
    fn guess(&mut self, search: &Search) -> [f64; 2] {
        loop {
            let middle = |block: &BoundedBlock| block.lower + (block.upper - block.lower) / 2.0;
            let guesses = self.ranks.map(|rank| self.at_rank(rank, middle));
            let open = |block: &&mut BoundedBlock| !block.is_measured() && block.may_hold(guesses);
            // The block before lies beside this one as a rule.
            let mut before = None;
            for block in self.blocks.iter_mut().filter(open) {
                before = Some(block.measure(before, search));
            }
            if before.is_none() {
                return guesses;
            }
            self.narrow();
        }
    }

    /// Drops what can't be at the ranks, and takes what lies below off the ranks.
    ///
    /// The distance at a rank is no smaller than the lower bound at that rank, and no larger than the upper one.
    fn narrow(&mut self) {
        let [low, high] = self.ranks;
        let low = self.at_rank(low, |block| block.lower);
        let high = self.at_rank(high, |block| block.upper);
        let mut below = 0;
        self.blocks.retain(|block| {
            let is_below = block.upper < low;
            below += if is_below { block.block.missed() } else { 0 };
            !is_below && block.lower <= high
        });
        self.distances.retain(|&distance| {
            below += usize::from(distance < low);
            (low..=high).contains(&distance)
        });
        self.ranks = self.ranks.map(|rank| rank - below);
    }

    /// The distance at a rank, if each voxel had the bound of its block.
    fn at_rank(&self, mut rank: usize, bound: impl Fn(&BoundedBlock) -> f64) -> f64 {
        let blocks = self.blocks.iter().map(|block| (bound(block), block.block.missed()));
        let mut bounds: Vec<_> = blocks.chain(self.distances.iter().map(|&at| (at, 1))).collect();
        let mut left = bounds.as_mut_slice();
        while left.len() > 1 {
            let half = left.len() / 2;
            left.select_nth_unstable_by(half, |a, b| a.0.total_cmp(&b.0));
            let (low, high) = left.split_at_mut(half);
            let passed: usize = low.iter().map(|(_, missed)| missed).sum();
            left = if rank < passed {
                low
            } else {
                rank -= passed;
                high
            };
        }
        left.first().map_or(f64::INFINITY, |at| at.0)
    }
}
