//! Branches too thin to be counted on.

use crate::nearest::Nearest;
use crate::vector::{Vec3, distance};
use crate::{Branch, Centrelines};
use segmentation::Mask;

/// Edge of the cells in which nearest points are looked up, mm.
const CELL_MM: f64 = 1.0;

impl Branch {
    /// The index of its first point outside of its parent's lumen; 0 where it springs from none. Of a branch that never leaves it, its last.
    fn first_own(&self) -> usize {
        let Some(start) = self.points.first().filter(|_| self.parent.is_some()) else { return 0 };
        let outside =
            |at: &usize| distance(self.points[*at].position, start.position) >= start.radius;
        (0..self.points.len()).find(outside).unwrap_or(self.points.len().saturating_sub(1))
    }

    /// Twice the median of the radii of its points, mm, those inside of its parent's lumen left out; of an even number the mean of the middle
    /// two.
    pub fn median_diameter(&self) -> f64 {
        let mut radii: Vec<f64> =
            self.points[self.first_own()..].iter().map(|point| point.radius).collect();
        radii.sort_by(f64::total_cmp);
        let middle = |at: usize| radii.get(at).copied().unwrap_or(f64::NAN);
        middle(radii.len() / 2) + middle(radii.len().saturating_sub(1) / 2)
    }
}

impl Centrelines {
    /// For each branch whether it is thin: its [median diameter](Branch::median_diameter) is below this many mm, and so are those of all
    /// that spring from it, so that nothing thicker would be cut off with it.
    pub fn thin(&self, below_mm: f64) -> Vec<bool> {
        let mut thin: Vec<bool> =
            self.branches.iter().map(|branch| branch.median_diameter() < below_mm).collect();
        // Branches stand after their parents.
        for (at, branch) in self.branches.iter().enumerate().rev() {
            if let Some((parent, _)) = branch.parent.filter(|_| !thin[at]) {
                thin[parent] = false;
            }
        }
        thin
    }

    /// The mask without the voxels of some branches: those that lie less far outside, or farther inside, of one of these branches than of
    /// the others, by the distance to the nearest point of each and the radius there.
    ///
    /// The lines are those of the mask, at index × spacing; `gone` says of each branch whether it goes. Points inside of a parent's lumen are
    /// the parent's.
    pub fn without(&self, mask: &Mask, spacing_mm: [f64; 3], gone: &[bool]) -> Mask {
        let (mut going, mut staying) = (Vec::new(), Vec::new());
        for (branch, gone) in self.branches.iter().zip(gone) {
            let points = &branch.points[if *gone { branch.first_own() } else { 0 }..];
            if *gone { &mut going } else { &mut staying }
                .extend(points.iter().map(|point| (point.position, point.radius)));
        }
        let [nearest_going, nearest_staying] = [&going, &staying].map(|points| {
            Nearest::new(&points.iter().map(|(at, _)| *at).collect::<Vec<Vec3>>(), CELL_MM)
        });
        let outside = |of: &Nearest, points: &[(Vec3, f64)], place: Vec3| {
            let found = of.nearest(place);
            found.map_or(f64::INFINITY, |(at, apart)| apart - points[at].1)
        };
        let [nx, ny, _] = mask.shape();
        let mut rest = mask.clone();
        rest.retain(|at| {
            let voxel = [at % nx, at / nx % ny, at / nx / ny];
            let place = [0, 1, 2].map(|axis| voxel[axis] as f64 * spacing_mm[axis]);
            outside(&nearest_staying, &staying, place) <= outside(&nearest_going, &going, place)
        });
        rest
    }
}
