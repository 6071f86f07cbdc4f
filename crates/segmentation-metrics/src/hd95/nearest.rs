//! The nearest foreground voxel, exactly.

use super::octree::{LOG, NodeAt, Octree, SIDE, each, voxel, within};

/// Finds the nearest foreground voxel of a mask.
pub(crate) struct Search<'a> {
    pub(crate) nodes: &'a Octree,
    /// Of (x, y, z) in mm.
    pub(crate) spacing: [f64; 3],
}

/// A foreground voxel and its squared distance in mm².
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Found {
    pub voxel: [usize; 3],
    pub squared: f64,
}

impl<'a> Search<'a> {
    /// Over a mask's nodes; spacing (x, y, z) in mm.
    pub fn new(nodes: &'a Octree, spacing: [f64; 3]) -> Self {
        Self { nodes, spacing }
    }

    /// Length in mm of a number of steps along each axis.
    pub fn length(&self, steps: [usize; 3]) -> f64 {
        self.squared(steps).sqrt()
    }

    /// The same in mm², squared.
    pub fn squared(&self, steps: [usize; 3]) -> f64 {
        let [x, y, z] = each(|axis| square(steps[axis], self.spacing[axis]));
        x + y + z
    }

    /// The foreground voxel nearest to the voxel `from`.
    ///
    /// `hint` is some foreground voxel: the nearer it is, the less is searched.
    pub fn nearest(&self, from: [usize; 3], hint: Option<[usize; 3]>) -> Found {
        let steps = |to: [usize; 3]| each(|axis| from[axis].abs_diff(to[axis]));
        let mut best = match hint {
            Some(voxel) => Found { voxel, squared: self.squared(steps(voxel)) },
            None => Found { voxel: [0; 3], squared: f64::INFINITY },
        };
        self.descend(self.nodes.top(), from, &mut best);
        best
    }

    /// Looks for a better voxel in a node.
    fn descend(&self, at: NodeAt, from: [usize; 3], best: &mut Found) {
        let node = self.nodes.node(at);
        let gaps = each(|axis| gaps(at.place[axis], from[axis], at.level, self.spacing[axis]));
        let gap = |bit: usize| {
            let [x, y, z] = within(bit);
            gaps[0][x] + gaps[1][y] + gaps[2][z]
        };
        let (mut nearest, mut squared) = (0, f64::INFINITY);
        let (mut rest, mut nearer) = (node.bits, 0u64);
        while rest != 0 {
            let bit = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            let gap = gap(bit);
            if gap < best.squared {
                nearer |= 1 << bit;
                if gap < squared {
                    (nearest, squared) = (bit, gap);
                }
            }
        }
        if nearer == 0 {
            return;
        }
        // The nearest first: what it finds spares the others.
        let mut next = nearest;
        loop {
            match self.nodes.below(at, node, next) {
                Some(below) => self.descend(below, from, best),
                None => {
                    *best = Found { voxel: voxel(at.place, nearest), squared };
                    return;
                }
            }
            nearer &= !(1 << next);
            while nearer != 0 && gap(nearer.trailing_zeros() as usize) >= best.squared {
                nearer &= nearer - 1;
            }
            if nearer == 0 {
                return;
            }
            next = nearer.trailing_zeros() as usize;
        }
    }
}

fn square(steps: usize, spacing: f64) -> f64 {
    (steps as f64 * spacing).powi(2)
}

/// Squared gaps in mm² between `from` and each of the four slices of a node, along one axis.
///
/// In f64 throughout: indices are small, and so the processor takes several slices at once.
#[inline]
pub(crate) fn gaps(place: usize, from: usize, level: usize, spacing: f64) -> [f64; SIDE] {
    // Signed, as only these become an f64 in one instruction.
    let size = (1i64 << (LOG * level)) as f64;
    let first = ((place << (LOG * (level + 1))) as i64 - from as i64) as f64;
    let gap = |slice: f64| {
        let before = first + slice * size;
        let after = 1.0 - size - before;
        // `f64::max` asks for NaN as well.
        let gap = if before > after { before } else { after };
        let gap = if gap > 0.0 { gap * spacing } else { 0.0 };
        gap * gap
    };
    [gap(0.0), gap(1.0), gap(2.0), gap(3.0)]
}
