//! Cross-sections of the lumen.

use crate::lumen::Voxels;
use crate::vector::{Vec3, add, dot, scale, sub};

/// How far a slab reaches to both sides of its plane: this many mm, or voxels of the largest edge where that is more.
const HALF_MM: f64 = 1.0;
const HALF_VOXELS: f64 = 1.5;

/// The integral of the weight (1 − t²)² from −1 to 1.
const WEIGHT: f64 = 16.0 / 15.0;

/// What a plane cuts out of the lumen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Section {
    /// mm.
    pub centroid: Vec3,
    /// mm².
    pub area: f64,
}

/// Cuts cross-sections, in memory that is used again.
#[derive(Debug)]
pub(crate) struct Sections<'a> {
    voxels: Voxels<'a>,
    half: f64,
    /// The part of the slab that has not been reached yet, of a box of voxels.
    slab: Vec<bool>,
    open: Vec<[usize; 3]>,
}

impl<'a> Sections<'a> {
    pub fn new(voxels: Voxels<'a>) -> Self {
        let edge = voxels.spacing.iter().copied().fold(0.0, f64::max);
        let half = HALF_MM.max(HALF_VOXELS * edge);
        Self { voxels, half, slab: Vec::new(), open: Vec::new() }
    }

    /// The cross-section through `centre`, perpendicular to the unit vector `tangent`.
    ///
    /// Of the voxels in a slab around the plane, those are taken that are at most `reach` mm from the axis, and
    /// connected within the slab to the one nearest to `centre`. A voxel at t half thicknesses from the plane counts
    /// (1 − t²)²: a slab with sharp faces holds a voxel layer more or less, depending on where it lies.
    /// `None` without any.
    pub fn cut(&mut self, centre: Vec3, tangent: Vec3, reach: f64) -> Option<Section> {
        let (voxels, half) = (self.voxels, self.half);
        let extent =
            tangent.map(|part| reach * (1.0 - part * part).max(0.0).sqrt() + half * part.abs());
        let index =
            |axis: usize, side: f64| (centre[axis] + side * extent[axis]) / voxels.spacing[axis];
        // A negative number becomes 0.
        let low = [0, 1, 2].map(|axis| index(axis, -1.0).ceil() as usize);
        let last = voxels.mask.shape().map(|size| size - 1);
        let high = [0, 1, 2].map(|axis| (index(axis, 1.0) as usize).min(last[axis]));
        if (0..3).any(|axis| low[axis] > high[axis]) {
            return None;
        }
        let size = [0, 1, 2].map(|axis| high[axis] - low[axis] + 1);
        let row = |y: usize, z: usize| size[0] * (y - low[1] + size[1] * (z - low[2]));
        let off = |voxel: [usize; 3]| sub(voxels.centre(voxel.map(|at| at as i64)), centre);
        self.slab.clear();
        self.slab.resize(size.iter().product(), false);
        let mut unreached = 0;
        let mut nearest: Option<(f64, [usize; 3])> = None;
        for z in low[2]..=high[2] {
            for y in low[1]..=high[1] {
                for x in voxels.row([low[0], high[0]], y, z) {
                    let off = off([x, y, z]);
                    let (along, square) = (dot(off, tangent), dot(off, off));
                    if along.abs() >= half || square - along * along > reach * reach {
                        continue;
                    }
                    self.slab[row(y, z) + x - low[0]] = true;
                    unreached += 1;
                    if nearest.is_none_or(|(best, _)| square < best) {
                        nearest = Some((square, [x, y, z]));
                    }
                }
            }
        }
        let (_, [x, y, z]) = nearest?;
        self.slab[row(y, z) + x - low[0]] = false;
        self.open.push([x, y, z]);
        unreached -= 1;
        let (mut weights, mut sum) = (0.0, [0.0; 3]);
        while let Some(voxel) = self.open.pop() {
            let off = off(voxel);
            let along = dot(off, tangent);
            let weight = (1.0 - (along / half).powi(2)).powi(2);
            weights += weight;
            sum = add(sum, scale(sub(off, scale(tangent, along)), weight));
            if unreached == 0 {
                continue;
            }
            let range = |axis: usize| {
                voxel[axis].saturating_sub(1).max(low[axis])..=(voxel[axis] + 1).min(high[axis])
            };
            for z in range(2) {
                for y in range(1) {
                    for x in range(0) {
                        if std::mem::take(&mut self.slab[row(y, z) + x - low[0]]) {
                            self.open.push([x, y, z]);
                            unreached -= 1;
                        }
                    }
                }
            }
        }
        let volume: f64 = voxels.spacing.iter().product();
        let area = weights * volume / (WEIGHT * half);
        (weights > 0.0).then(|| Section { centroid: add(centre, scale(sum, 1.0 / weights)), area })
    }
}
