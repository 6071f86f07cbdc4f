use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::bricks::Bricks;
use super::hd95::{Direction, directed};
use super::nearest::Search;
use super::scan::Missed;
use super::truth::Truth;
use segmentation::Mask;

/// The official metrics of one case.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseScore {
    /// 2|A∩B| / (|A|+|B|), from 0 to 1 (Dice 1945).
    pub dice: f64,
    /// HD95 (ASOCA, all voxels) in mm.
    ///
    /// For each direction the distance of every foreground voxel of one mask to the
    /// nearest foreground voxel of the other, of these the 0.95 quantile with linear
    /// interpolation; then the larger of the two. A voxel lies at index × spacing.
    pub hd95: f64,
}

/// Why a prediction has no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// The distance to nothing is not defined, and 0 would be a lie.
    #[error("the prediction has no foreground")]
    Empty,
    /// Masks are compared index by index.
    #[error("the prediction has shape {found:?}, the truth {expected:?}")]
    Shape { expected: [usize; 3], found: [usize; 3] },
}

/// Scores a prediction of the truth's shape (x, y, z) against it.
///
/// Takes one core; cases are independent of each other, so run them beside each other.
pub fn score(truth: &Truth, prediction: &Mask) -> Result<CaseScore, ScoreError> {
    let (expected, found) = (truth.mask().shape(), prediction.shape());
    if expected != found {
        return Err(ScoreError::Shape { expected, found });
    }
    let (mut predicted, mut shared) = (0, 0);
    for (at, word) in prediction.occupied() {
        predicted += word.count_ones() as usize;
        shared += (word & truth.mask().words()[at]).count_ones() as usize;
    }
    if predicted == 0 {
        return Err(ScoreError::Empty);
    }

    let truth_missed = Missed { of: truth.mask(), by: prediction };
    let prediction_missed = Missed { of: prediction, by: truth.mask() };
    let to_truth =
        one_way(Direction::of(predicted, shared), prediction_missed, truth, Some(truth.bricks()));
    let to_prediction = one_way(Direction::of(truth.count(), shared), truth_missed, truth, None);
    Ok(CaseScore {
        dice: 2.0 * shared as f64 / (predicted + truth.count()) as f64,
        hd95: to_truth.max(to_prediction),
    })
}

/// The 0.95 quantile in mm of one direction.
///
/// `prepared` are the bricks of the mask that is searched, if they are at hand.
fn one_way(
    direction: Option<Direction>,
    missed: Missed,
    truth: &Truth,
    prepared: Option<&Bricks>,
) -> f64 {
    let Some(direction) = direction else { return 0.0 };
    let bricks = || prepared.map_or_else(|| Cow::Owned(Bricks::of(missed.by)), Cow::Borrowed);
    let far = prepared.is_some_and(|bricks| {
        truth.rings().reach() < direction.guess(missed, &Search::new(bricks, truth.spacing()))
    });
    let nearby = if far { None } else { truth.rings().quantile(direction, missed) };
    nearby.unwrap_or_else(|| directed(direction, missed, &Search::new(&bricks(), truth.spacing())))
}
