//! The mask in millimetres.

use crate::nearest::Nearest;
use crate::vector::Vec3;
use segmentation::{Mask, bits};

/// Edge of the cells in which nearest points are looked up, in voxels of the mean edge: about a vessel's radius.
const CELL_VOXELS: f64 = 2.5;

/// A mask whose voxel (x, y, z) has its centre at index × spacing, in mm. Outside of the volume is background.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voxels<'a> {
    pub mask: &'a Mask,
    pub spacing: Vec3,
}

impl Voxels<'_> {
    /// The voxel with this linear index.
    pub fn voxel(&self, index: usize) -> [i64; 3] {
        let [nx, ny, _] = self.mask.shape();
        [index % nx, index / nx % ny, index / nx / ny].map(|at| at as i64)
    }

    /// The linear index of a voxel, if it is in the foreground.
    pub fn index(&self, voxel: [i64; 3]) -> Option<usize> {
        let shape = self.mask.shape();
        let inside = |axis: usize| usize::try_from(voxel[axis]).is_ok_and(|at| at < shape[axis]);
        let index = (0..3).all(inside).then(|| self.mask.index(voxel.map(|at| at as usize)))?;
        self.mask.get(index).then_some(index)
    }

    /// A good edge, mm, for cells of points that lie as densely as the voxels.
    pub fn cell(&self) -> f64 {
        CELL_VOXELS * self.spacing.iter().product::<f64>().cbrt()
    }

    pub fn contains(&self, voxel: [i64; 3]) -> bool {
        self.index(voxel).is_some()
    }

    /// The foreground voxels of the row (y, z) from `low` to `high` along x, all of which lie in the volume.
    pub fn row(&self, [low, high]: [usize; 2], y: usize, z: usize) -> impl Iterator<Item = usize> {
        let words = self.mask.words();
        let (first, last) = (self.mask.index([low, y, z]), self.mask.index([high, y, z]));
        (first / 64..=last / 64).flat_map(move |at| {
            let from = u64::MAX << first.saturating_sub(at * 64).min(63);
            let to = u64::MAX >> (at * 64 + 63).saturating_sub(last).min(63);
            bits(words[at] & from & to).map(move |bit| low + (at * 64 + bit - first))
        })
    }

    /// Whether a point lies in the box of a foreground voxel.
    pub fn contains_point(&self, point: Vec3) -> bool {
        self.contains([0, 1, 2].map(|axis| (point[axis] / self.spacing[axis]).round() as i64))
    }

    pub fn centre(&self, voxel: [i64; 3]) -> Vec3 {
        [0, 1, 2].map(|axis| voxel[axis] as f64 * self.spacing[axis])
    }
}

/// The mask of the vessels, with what lies around it.
#[derive(Debug)]
pub(crate) struct Lumen<'a> {
    pub voxels: Voxels<'a>,
    /// The centres of the background's voxels that share a face with the foreground.
    around: Nearest,
}

impl<'a> Lumen<'a> {
    pub fn new(voxels: Voxels<'a>) -> Self {
        let mut around = Vec::new();
        for at in voxels.mask.ones() {
            let voxel = voxels.voxel(at);
            for (axis, step) in [(0, -1), (0, 1), (1, -1), (1, 1), (2, -1), (2, 1)] {
                let mut beside = voxel;
                beside[axis] += step;
                if !voxels.contains(beside) {
                    around.push(voxels.centre(beside));
                }
            }
        }
        Self { voxels, around: Nearest::new(&around, voxels.cell()) }
    }

    /// Distance to the centre of the nearest background voxel, mm: the Euclidean distance transform, at any place
    /// in the foreground.
    ///
    /// The nearest background voxel of a place in the foreground always shares a face with the foreground: were the
    /// next voxel towards the place background as well, it would be nearer.
    pub fn depth(&self, point: Vec3) -> f64 {
        self.around.nearest(point).map_or(0.0, |(_, distance)| distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::distance;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_depth_of_a_voxel_is_its_distance_to_the_nearest_background(
            filled in prop::collection::vec(prop::bool::weighted(0.8), 6 * 5 * 4),
            spacing in [0.3..1.0, 0.3..1.0, 0.3..1.0],
        ) {
            let mut mask = Mask::empty([6, 5, 4]).unwrap();
            (0..filled.len()).filter(|&at| filled[at]).for_each(|at| mask.set(at));
            let voxels = Voxels { mask: &mask, spacing };
            let lumen = Lumen::new(voxels);
            let all = || (-1..7).flat_map(|x| (-1..6).flat_map(move |y| (-1..5).map(move |z| [x, y, z])));
            for voxel in all().filter(|&voxel| voxels.contains(voxel)) {
                let centre = voxels.centre(voxel);
                let background = all().filter(|&voxel| !voxels.contains(voxel));
                let nearest = background.map(|voxel| distance(voxels.centre(voxel), centre));
                prop_assert_eq!(lumen.depth(centre), nearest.fold(f64::INFINITY, f64::min));
            }
        }
    }
}
