use segmentation::Mask;
use serde::{Deserialize, Serialize};

use crate::dice::{counts, of_counts};
use crate::hd95::both_ways;
use crate::truth::Truth;

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
    Shape {
        /// The truth's.
        expected: [usize; 3],
        /// The prediction's.
        found: [usize; 3],
    },
}

/// Scores a prediction of the truth's shape (x, y, z) against it.
///
/// Takes one core; cases are independent of each other, so run them beside each other.
///
/// ```
/// use ndarray::arr3;
/// use segmentation::Mask;
/// use segmentation_metrics::{Truth, score};
///
/// let truth = Truth::new(Mask::from_array(arr3(&[[[1]], [[0]], [[0]], [[0]]]).view()), [0.4, 0.4, 0.6])?;
/// let scored = score(&truth, &Mask::from_array(arr3(&[[[0]], [[0]], [[1]], [[0]]]).view()))?;
/// assert_eq!((scored.dice, scored.hd95), (0.0, 0.8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ScoreError`]: a prediction without foreground, or of another shape.
pub fn score(truth: &Truth, prediction: &Mask) -> Result<CaseScore, ScoreError> {
    let (expected, found) = (truth.mask().shape(), prediction.shape());
    if expected != found {
        return Err(ScoreError::Shape { expected, found });
    }
    let (predicted, shared) = counts(prediction, truth.mask());
    if predicted == 0 {
        return Err(ScoreError::Empty);
    }

    Ok(CaseScore {
        dice: of_counts(predicted, truth.count(), shared),
        hd95: both_ways(truth, prediction, predicted, shared),
    })
}
