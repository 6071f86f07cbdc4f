//! A volume's foreground as a tree of 4×4×4 bits.

use crate::scan::{Difference, each_run, word_from};
use segmentation::{Mask, bits};

/// Side of a node, as a power of two: 4×4×4 bits are one word.
pub(crate) const LOG: usize = 2;
pub(crate) const SIDE: usize = 1 << LOG;

/// Foreground as a tree of nodes, finest level first.
///
/// A node is the 4×4×4 voxels of its level; a voxel of the next level is set where its node of
/// this level has some. The last level is a single node. Only nodes with foreground are kept, so
/// that a coronary tree takes some 200 KiB and stays in a core's cache.
///
/// A tree of bits rather than a k-d tree of surface points: it is built in linear time whatever
/// the mask looks like, and filled volumes and salt noise are no special cases.
#[derive(Clone, Debug)]
pub(crate) struct Octree {
    levels: Vec<Vec<Node>>,
}

/// 4×4×4 voxels of a level, of which at least one is set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// Bit `x + 4 * (y + 4 * z)` is voxel (x, y, z) of the node.
    pub bits: u64,
    /// Where the nodes of its voxels begin in the level below; they follow in the order of the bits.
    first: u32,
}

/// Where a node is: its level, its number there, and which one along (x, y, z) it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NodeAt {
    pub level: usize,
    pub number: usize,
    pub place: [usize; 3],
}

impl Octree {
    /// Of a mask with some foreground.
    pub fn of(mask: &Mask) -> Self {
        Self::new(mask.shape(), mask.occupied(), |start| word_from(mask.words(), start))
    }

    /// Of missed voxels, of which there are some.
    pub fn of_difference(difference: Difference) -> Self {
        Self::new(difference.shape(), difference.words(), |start| difference.word_from(start))
    }

    /// Of bits given as those words that are not 0, and as any 64 of them from one on.
    fn new(
        shape: [usize; 3],
        words: impl Iterator<Item = (usize, u64)>,
        bits_from: impl Fn(isize) -> u64,
    ) -> Self {
        let coarser = std::iter::successors(quartered(shape, words), |mask| {
            quartered(mask.shape(), mask.occupied())
        });
        let coarser: Vec<Mask> = coarser.collect();
        // The last is the single node of the last level; a volume of one voxel has none.
        let mut places = vec![[0; 3]];
        let mut levels = Vec::with_capacity(coarser.len());
        for level in (0..coarser.len().max(1)).rev() {
            let mut below = Vec::new();
            let node = |&place: &[usize; 3]| {
                let set = match level.checked_sub(1).map(|level| &coarser[level]) {
                    Some(mask) => {
                        gathered(mask.shape(), place, |start| word_from(mask.words(), start))
                    }
                    None => gathered(shape, place, &bits_from),
                };
                let first = below.len() as u32;
                if level > 0 {
                    below.extend(bits(set).map(|bit| voxel(place, bit)));
                }
                Node { bits: set, first }
            };
            levels.push(places.iter().map(node).collect());
            places = below;
        }
        levels.reverse();
        Self { levels }
    }

    /// The node of the last level.
    pub fn top(&self) -> NodeAt {
        NodeAt { level: self.levels.len() - 1, number: 0, place: [0; 3] }
    }

    pub fn node(&self, at: NodeAt) -> Node {
        self.levels[at.level][at.number]
    }

    /// The node in the level below that a bit of a node stands for; `None` if it is a voxel.
    #[inline]
    pub fn below(&self, at: NodeAt, node: Node, bit: usize) -> Option<NodeAt> {
        let before = node.bits & ((1 << bit) - 1);
        let number = node.first as usize + before.count_ones() as usize;
        Some(NodeAt { level: at.level.checked_sub(1)?, number, place: voxel(at.place, bit) })
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        let nodes: usize = self.levels.iter().map(Vec::capacity).sum();
        nodes * size_of::<Node>() + self.levels.capacity() * size_of::<Vec<Node>>()
    }
}

/// The mask of the nodes that have some foreground; `None` if the volume is a single voxel.
fn quartered(shape: [usize; 3], words: impl Iterator<Item = (usize, u64)>) -> Option<Mask> {
    if shape == [1; 3] {
        return None;
    }
    let mut quarter = Mask::empty(shape.map(|size| size.div_ceil(SIDE)))?;
    each_run(words, shape, |_, [x, y, z], bits| {
        let row = quarter.index([0, y / SIDE, z / SIDE]);
        // In 128 bits, as the run may begin within a node.
        let bits = u128::from(bits) << (x % SIDE);
        let pairs = bits | bits >> 1;
        let mut any = (pairs | pairs >> 2) & (u128::MAX / 15);
        while any != 0 {
            quarter.set(row + (x + any.trailing_zeros() as usize) / SIDE);
            any &= any - 1;
        }
    });
    Some(quarter)
}

/// The bits of the node at `place`.
fn gathered(shape: [usize; 3], place: [usize; 3], word_from: impl Fn(isize) -> u64) -> u64 {
    let [x, y, z] = place.map(|at| at * SIDE);
    let row = (1 << SIDE.min(shape[0] - x)) - 1;
    let mut bits = 0;
    for dz in 0..SIDE.min(shape[2] - z) {
        for dy in 0..SIDE.min(shape[1] - y) {
            let start = x + shape[0] * (y + dy + shape[1] * (z + dz));
            bits |= (word_from(start as isize) & row) << (SIDE * (dy + SIDE * dz));
        }
    }
    bits
}

/// Where a bit is within its node, along (x, y, z).
#[inline]
pub(crate) fn within(bit: usize) -> [usize; 3] {
    [bit % SIDE, bit / SIDE % SIDE, bit / SIDE / SIDE]
}

/// The voxel of its level that a bit of the node at `place` is.
#[inline]
pub(crate) fn voxel(place: [usize; 3], bit: usize) -> [usize; 3] {
    let within = within(bit);
    each(|axis| place[axis] * SIDE + within[axis])
}

/// The bits at the lowest and the highest corner of the box around a node's bits, of which at least one is set.
pub(crate) fn extent(bits: u64) -> [usize; 2] {
    // For each axis the first slice across it, and how many bits on the next one is.
    let axes = [(0x1111_1111_1111_1111, 1), (0x000f_000f_000f_000f, SIDE), (0xffff, SIDE * SIDE)];
    axes.into_iter().fold([0, 0], |[low, high], (first, step)| {
        let any = |at: &usize| bits & (first << (step * at)) != 0;
        let slices = [(0..SIDE).find(any), (0..SIDE).rfind(any)];
        let [lowest, highest] = slices.map(|slice| slice.unwrap_or(0));
        [low + step * lowest, high + step * highest]
    })
}

/// Something of each axis (x, y, z), where time counts: an array's own `map` is not always inlined.
#[inline(always)]
pub(crate) fn each<T>(of: impl Fn(usize) -> T) -> [T; 3] {
    [of(0), of(1), of(2)]
}
