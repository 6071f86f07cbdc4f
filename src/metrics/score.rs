use serde::{Deserialize, Serialize};

use super::hd95::{Direction, directed};
use super::nearest::{Search, coarser};
use super::scan::Missed;
use super::truth::Truth;
use crate::volume::Mask;

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

    let to_truth = Direction::of(predicted, shared).map_or(0.0, |direction| {
        let missed = Missed { of: prediction, by: truth.mask() };
        let near = truth.rings().quantile(direction, missed);
        near.unwrap_or_else(|| directed(direction, missed, &truth.search()))
    });
    let to_prediction = Direction::of(truth.count(), shared).map_or(0.0, |direction| {
        let missed = Missed { of: truth.mask(), by: prediction };
        let near = truth.rings().quantile(direction, missed);
        near.unwrap_or_else(|| {
            let coarser = coarser(prediction);
            directed(direction, missed, &Search::new(prediction, &coarser, truth.spacing()))
        })
    });
    Ok(CaseScore {
        dice: 2.0 * shared as f64 / (predicted + truth.count()) as f64,
        hd95: to_truth.max(to_prediction),
    })
}
