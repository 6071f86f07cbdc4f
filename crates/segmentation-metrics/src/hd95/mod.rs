//! HD95 over all foreground voxels: a quantile of distances to the nearest voxel of the other mask.
//!
//! Where the distances are short, the quantile is found 64 voxels at a time ([`near`]). Where they are not, blocks of
//! voxels are bounded and narrowed down to those that decide ([`far`]), over a bit octree ([`octree`]). Both are exact.

mod batch;
mod block;
mod bounds;
mod far;
mod near;
mod nearest;
mod octree;

use std::borrow::Cow;

use reproducible::Position;
use segmentation::Mask;

use crate::error::MetricError;
use crate::scan::{Difference, each_run};
use crate::score::score;
use crate::truth::Truth;
use bounds::Probe;
use far::directed;
use nearest::Search;

pub(crate) use near::NeighbourOffsets;
pub(crate) use octree::Octree;

#[cfg(test)]
pub(crate) use {
    block::all as all_blocks,
    far::directed as far_directed,
    nearest::Search as NearestSearch,
    octree::{extent, voxel, within},
};

/// HD95 (ASOCA, all voxels) of two masks of the same shape, in mm.
///
/// `spacing_mm` is the spacing along (x, y, z). For each direction the distance of every foreground voxel of one mask to
/// the nearest foreground voxel of the other, 0 where both have it; of these the 0.95 quantile with linear
/// interpolation (definition 7 of Hyndman and Fan 1996); then the larger of the two. That is the published evaluator of
/// the ASOCA challenge. Other tools take distances between surfaces only, or pool both directions: their numbers differ by
/// millimetres on thin vessels.
///
/// To score many masks against one, prepare it once as a [`Truth`] and use [`score`].
///
/// ```
/// use ndarray::Array3;
/// use segmentation::Mask;
/// use segmentation_metrics::hd95;
///
/// let truth = Array3::from_shape_fn((20, 20, 20), |(x, y, _)| x < 4 && y < 4);
/// let prediction = Array3::from_shape_fn((20, 20, 20), |(x, y, _)| x < 6 && y < 4);
/// let (truth, prediction) = (Mask::from_array(truth.view()), Mask::from_array(prediction.view()));
/// assert_eq!(hd95(&truth, &prediction, [0.4, 0.4, 0.625])?, 0.8);
/// # Ok::<(), segmentation_metrics::MetricError>(())
/// ```
///
/// # Errors
/// [`MetricError::Empty`] where a mask has no foreground: there is no distance to nothing.
/// [`MetricError::Shape`] for different shapes, [`MetricError::Spacing`] for a spacing of 0 or one that is not finite.
pub fn hd95(a: &Mask, b: &Mask, spacing_mm: [f64; 3]) -> Result<f64, MetricError> {
    crate::error::check_shapes(a, b)?;
    Ok(score(&Truth::new(a.clone(), spacing_mm)?, b)?.hd95)
}

/// HD95 in mm of a prediction of the truth's shape; `predicted` of its voxels are foreground, and `shared` of these the
/// truth's, too.
pub(crate) fn both_ways(truth: &Truth, prediction: &Mask, predicted: usize, shared: usize) -> f64 {
    let false_voxels = Difference { of: prediction, without: truth.mask() };
    let missed_voxels = Difference { of: truth.mask(), without: prediction };
    let octree = Some(truth.octree());
    let to_truth = one_way(Direction::of(predicted, shared), false_voxels, truth, octree);
    let to_prediction = one_way(Direction::of(truth.count(), shared), missed_voxels, truth, None);
    to_truth.max(to_prediction)
}

/// The 0.95 quantile in mm of one direction.
///
/// `prepared` is the octree of the mask that is searched, if it is at hand.
fn one_way(
    direction: Option<Direction>,
    difference: Difference,
    truth: &Truth,
    prepared: Option<&Octree>,
) -> f64 {
    let Some(direction) = direction else { return 0.0 };
    let octree =
        || prepared.map_or_else(|| Cow::Owned(Octree::of(difference.without)), Cow::Borrowed);
    let is_far = prepared.is_some_and(|octree| {
        let search = Search::new(octree, truth.spacing());
        truth.neighbours().reach() < direction.guess(difference, &search)
    });
    let nearby = if is_far { None } else { truth.neighbours().quantile(direction, difference) };
    nearby.unwrap_or_else(|| {
        directed(direction, difference, &Search::new(&octree(), truth.spacing()))
    })
}

/// How many voxels a first guess is made from.
const SAMPLE: usize = 24;

/// Which of the missed voxels, by distance, decide one direction of HD95.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Direction {
    position: Position,
    count: usize,
    shared: usize,
}

impl Direction {
    /// For a mask of `count` voxels that shares `shared` with the other.
    ///
    /// The shared voxels come first, at distance 0. `None` where the quantile lies
    /// among them: it is exactly 0 whatever the others' distances are.
    pub fn of(count: usize, shared: usize) -> Option<Self> {
        let position = Position::of(0.95, count)?;
        (position.high >= shared).then_some(Self { position, count, shared })
    }

    /// The ranks, among the missed voxels, of the two that decide.
    pub fn ranks(self) -> [usize; 2] {
        [self.position.low, self.position.high].map(|rank| rank.saturating_sub(self.shared))
    }

    /// A guess of the quantile in mm, from a few of the missed voxels.
    pub fn guess(self, difference: Difference, search: &Search) -> f64 {
        let words = difference.words().count();
        let mut distances = Vec::with_capacity(SAMPLE);
        let mut before = None;
        let sample = difference.words().step_by(words.div_ceil(SAMPLE).max(1));
        each_run(sample, difference.shape(), |_, voxel, _| {
            let probe = Probe::new(voxel, before, search);
            before = Some(probe.found);
            distances.push(probe.distance);
        });
        distances.sort_unstable_by(f64::total_cmp);
        let rank = self.ranks()[0] * distances.len() / (self.count - self.shared).max(1);
        distances.get(rank).copied().unwrap_or(f64::INFINITY)
    }

    /// The quantile in mm, from the distances at the two ranks.
    pub fn quantile(self, [low, high]: [f64; 2]) -> f64 {
        let low = if self.position.low < self.shared { 0.0 } else { low };
        self.position.between(low, high)
    }
}
