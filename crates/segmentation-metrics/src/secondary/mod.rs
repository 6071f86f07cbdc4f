//! Metrics shown beside the official ones, and never mixed into a rank.
//!
//! | Metric | Definition | Held against |
//! |---|---|---|
//! | clDice | Shit et al. (2021): topology precision and sensitivity on skeletons by Lee, Kashyap and Chu (1994) | scikit-image |
//! | Surface Dice at 0.5 mm | Nikolov et al. (2021): normalised surface distance, weighted by area | DeepMind's surface-distance |
//! | Voxel precision and recall | true positives over predicted, and over true voxels | numpy |
//! | Component difference | 26-connected components, prediction minus truth | scipy's `label` |
//!
//! The vessel metrics name a failure; [`vessel_metrics`] computes them along with those above, in one pass:
//!
//! | Metric | Definition | Held against |
//! |---|---|---|
//! | Tree length detected | the share of the truth's centreline that lies in the prediction, after ATM'22 (Zhang et al. 2023) | numpy |
//! | Connected tree length | the same with each component of the truth in one piece; akin to the overlap until the first error of Schaap et al. (2009) | numpy, scipy's `label` |
//! | Both by calibre | vessels below 1.5 mm, below 2 mm, and from 2 mm on | scipy's Euclidean distance transform |
//! | Centreline overlap and accuracy | the share of both centrelines within the truth's radius of the other one, and their distance there, after Schaap et al. (2009) | numpy, scipy's k-d tree and Euclidean distance transform |
//! | Leakage | the length of the prediction's centreline outside of the truth | numpy |
//! | Errors of β0 and β1 | components and tunnels, 26-connected (Berger et al. 2024; β0 also in TopCoW) | scipy's `label`, scikit-image's `euler_number` |
//! | Surface Dice | Nikolov et al. (2021) at 0.25, 0.5 and 1 mm, and at a tolerance that is given | DeepMind's surface-distance |
//!
//! ```
//! use segmentation_metrics::secondary::{PreparedTruth, secondary_metrics};
//! use segmentation::Mask;
//!
//! let mut truth = Mask::empty([4, 1, 1]).unwrap();
//! truth.set(0);
//! truth.set(1);
//! let detail = PreparedTruth::new(&truth, [0.4, 0.4, 0.6])?;
//! let scored = secondary_metrics(&truth, &detail, &truth)?;
//! assert_eq!((scored.cl_dice, scored.surface_dice, scored.component_difference), (1.0, 1.0, 0));
//! # Ok::<(), segmentation_metrics::secondary::NotComputed>(())
//! ```

mod area;
mod betti;
mod cavities;
mod components;
mod grid;
mod length;
mod nearest;
mod parts;
mod simple;
mod single;
mod skeleton;
mod surface;
mod tree;
mod vessels;

#[cfg(test)]
mod betti_tests;
#[cfg(test)]
mod overlap_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vessel_tests;

use serde::{Deserialize, Serialize};

pub use area::element_areas;
use components::Components;
use grid::Grid;
use parts::{Parts, counted};
use segmentation::Mask;
pub use single::{SurfaceAgreement, cl_dice, surface_agreement, surface_dice};
use surface::{Counts, Reach, Surface};
pub use vessels::{
    ByCalibre, PreparedVessels, SurfaceDice, VesselMetrics, betti_numbers, vessel_metrics,
};

/// The tolerance of the surface Dice, in mm.
pub const TOLERANCE_MM: f64 = 0.5;

/// The diameters that [`ByCalibre`] parts vessels at, in mm.
pub const LIMITS_MM: [f64; 2] = [1.5, 2.0];

/// The most that a radius counts for in [`VesselMetrics::centreline_overlap`], in mm; coronary arteries are narrower.
pub const MAX_RADIUS_MM: f64 = 3.5;

/// The most foreground voxels a mask may have.
///
/// Coronary trees have 30 000 to 160 000. What is far above is no tree, and its skeleton says nothing
/// that would be worth holding the queue for.
pub const MAX_VOXELS: usize = 1_000_000;

/// The secondary metrics of one case.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecondaryMetrics {
    /// clDice, from 0 to 1: the harmonic mean of the share of the prediction's skeleton that lies in the
    /// truth and the share of the truth's skeleton that lies in the prediction; 0 where both are 0.
    pub cl_dice: f64,
    /// Surface Dice at 0.5 mm, from 0 to 1: the area of both surfaces that lies at most
    /// [`TOLERANCE_MM`] from the other one, over the area of both.
    pub surface_dice: f64,
    /// The share of the prediction's voxels that are the truth's.
    pub precision: f64,
    /// The share of the truth's voxels that are predicted.
    pub recall: f64,
    /// How many more 26-connected components the prediction has than the truth; negative where it has fewer.
    pub component_difference: i64,
}

/// Why there are no secondary metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotComputed {
    #[error("a mask has no foreground")]
    /// Neither skeleton nor surface of nothing.
    Empty,
    #[error("the masks differ in shape")]
    /// Masks are compared index by index.
    Shape,
    /// More than [`MAX_VOXELS`].
    #[error("{0} foreground voxels are more than {MAX_VOXELS}, which no coronary tree has")]
    TooMany(usize),
    #[error("the foreground is spread over too large a volume")]
    /// The box around the foreground takes more than 256 MiB.
    Spread,
    #[error("the spacing is so fine that the tolerance is more than 15 voxels")]
    /// The tolerance reaches over more than 15 voxels.
    FineSpacing,
    #[error("the spacing is not finite and different from zero")]
    /// A spacing is zero, not finite, or so small or large that there are no lengths.
    Spacing,
    #[error("the tolerance is not a length")]
    /// A tolerance is negative or not finite.
    Tolerance,
}

/// What the secondary metrics need to know of a truth, prepared once.
#[derive(Clone, Debug)]
pub struct PreparedTruth {
    shape: [usize; 3],
    count: usize,
    components: usize,
    /// (x, y, z) of the skeleton's voxels.
    skeleton: Vec<[u32; 3]>,
    surface: Surface,
    surface_counts: Counts,
    areas: [f64; 256],
    reach: Reach,
}

impl PreparedTruth {
    /// Of a truth's mask of shape (x, y, z) and its spacing along these axes in mm.
    ///
    /// # Errors
    /// See [`NotComputed`].
    pub fn new(truth: &Mask, spacing_mm: [f64; 3]) -> Result<Self, NotComputed> {
        let (detail, ..) = Self::of_parts(Parts::of(truth)?, truth.shape(), spacing_mm)?;
        Ok(detail)
    }

    /// Of a truth's parts; with what is left of them, and the skeleton.
    fn of_parts(
        parts: Parts,
        shape: [usize; 3],
        spacing_mm: [f64; 3],
    ) -> Result<(Self, Components, Grid), NotComputed> {
        let Parts { count, grid, components, surface } = parts;
        let spare = grid.emptied();
        let skeleton = skeleton::skeleton(grid, spare, shape);
        let detail = Self {
            shape,
            count,
            components: components.count(),
            skeleton: skeleton.voxels().map(|voxel| voxel.map(|at| at as u32)).collect(),
            surface_counts: surface.counts(),
            surface,
            areas: element_areas(spacing_mm.map(f64::abs)),
            reach: Reach::new(TOLERANCE_MM, spacing_mm)?,
        };
        Ok((detail, components, skeleton))
    }

    /// The truth's 26-connected components.
    pub fn components(&self) -> usize {
        self.components
    }

    /// Bytes this detail holds on the heap, for a cache that keeps to a limit.
    pub fn heap_bytes(&self) -> usize {
        let skeleton = self.skeleton.capacity() * size_of::<[u32; 3]>();
        skeleton + self.surface.heap_bytes() + self.reach.heap_bytes()
    }

    /// (x, y, z) of the skeleton's voxels.
    fn skeleton(&self) -> impl Iterator<Item = [usize; 3]> + '_ {
        self.skeleton.iter().map(|voxel| voxel.map(|at| at as usize))
    }

    fn check_shapes(&self, truth: &Mask, prediction: &Mask) -> Result<(), NotComputed> {
        let same = [truth.shape(), prediction.shape()] == [self.shape; 2];
        if same { Ok(()) } else { Err(NotComputed::Shape) }
    }

    /// The surface Dice of a prediction's surface for each of some tolerances, smallest first.
    fn surface_dice(&self, surface: &Surface, reaches: &[&Reach]) -> Vec<f64> {
        let area = self.area(&self.surface_counts) + self.area(&surface.counts());
        let (of_truth, of_prediction) = (
            self.surface.counts_near(surface, reaches),
            surface.counts_near(&self.surface, reaches),
        );
        let pairs = of_truth.iter().zip(&of_prediction);
        pairs.map(|(truth, prediction)| (self.area(truth) + self.area(prediction)) / area).collect()
    }

    /// The metrics of a prediction whose surface Dice is known, and its skeleton.
    fn compare(
        &self,
        truth: &Mask,
        prediction: &Mask,
        parts: Parts,
        surface_dice: f64,
    ) -> (SecondaryMetrics, Grid) {
        let Parts { count, grid, components, surface } = parts;
        let shared = prediction.occupied().map(|(at, word)| word & truth.words()[at]);
        let shared: usize = shared.map(|word| word.count_ones() as usize).sum();
        let skeleton = skeleton::skeleton(grid, surface.into_emptied(), self.shape);
        let precision = share(skeleton.voxels(), truth);
        let sensitivity = share(self.skeleton(), prediction);
        let metrics = SecondaryMetrics {
            cl_dice: single::harmonic_mean(precision, sensitivity),
            surface_dice,
            precision: shared as f64 / count as f64,
            recall: shared as f64 / self.count as f64,
            component_difference: components.count() as i64 - self.components as i64,
        };
        (metrics, skeleton)
    }

    /// The area in mm² of the elements, given how many there are of each code.
    fn area(&self, counts: &Counts) -> f64 {
        counts.iter().zip(self.areas).map(|(&count, area)| count as f64 * area).sum()
    }
}

/// The secondary metrics of a prediction of the truth's shape (x, y, z).
///
/// `detail` was made of `truth`. Takes one core, time linear in the foreground
/// and in the volume's words, and a few bits a voxel of the box around the prediction.
///
/// # Errors
/// See [`NotComputed`].
pub fn secondary_metrics(
    truth: &Mask,
    detail: &PreparedTruth,
    prediction: &Mask,
) -> Result<SecondaryMetrics, NotComputed> {
    detail.check_shapes(truth, prediction)?;
    let parts = Parts::of(prediction)?;
    let surface_dice = detail.surface_dice(&parts.surface, &[&detail.reach])[0];
    Ok(detail.compare(truth, prediction, parts, surface_dice).0)
}

/// The skeleton of a mask, by the thinning that clDice is computed with.
///
/// Lee, Kashyap and Chu (1994), voxel for voxel as scikit-image's `skeletonize(mask, method="lee")`
/// thins the array indexed (x, y, z), except that every component keeps one voxel at least.
///
/// # Errors
/// See [`NotComputed`].
pub fn skeleton(mask: &Mask) -> Result<Mask, NotComputed> {
    counted(mask)?;
    let grid = Grid::new(mask)?;
    let spare = grid.emptied();
    let thin = skeleton::skeleton(grid, spare, mask.shape());
    let mut skeleton = Mask::empty(mask.shape()).ok_or(NotComputed::Spread)?;
    thin.voxels().for_each(|voxel| skeleton.set(skeleton.index(voxel)));
    Ok(skeleton)
}

/// The share of some voxels, at least one, that lie in a mask.
fn share(voxels: impl Iterator<Item = [usize; 3]>, mask: &Mask) -> f64 {
    let (mut inside, mut all) = (0usize, 0usize);
    for voxel in voxels {
        inside += usize::from(mask.get(mask.index(voxel)));
        all += 1;
    }
    inside as f64 / all as f64
}
