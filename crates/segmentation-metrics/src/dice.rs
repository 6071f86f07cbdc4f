use segmentation::Mask;

use crate::error::{MetricError, check_shapes};

/// Dice coefficient of two masks of the same shape: 2|A∩B| / (|A|+|B|), from 0 to 1 (Dice 1945).
///
/// ```
/// use ndarray::arr3;
/// use segmentation::Mask;
/// use segmentation_metrics::dice;
///
/// let a = Mask::from_array(arr3(&[[[1, 1, 0, 0]]]).view());
/// let b = Mask::from_array(arr3(&[[[0, 1, 1, 0]]]).view());
/// assert_eq!(dice(&a, &b)?, 0.5);
/// # Ok::<(), segmentation_metrics::MetricError>(())
/// ```
///
/// # Errors
/// [`MetricError::Empty`] where neither mask has foreground (0 divided by 0; where one has, it is 0), and
/// [`MetricError::Shape`] for different shapes.
pub fn dice(a: &Mask, b: &Mask) -> Result<f64, MetricError> {
    check_shapes(a, b)?;
    let (count, shared) = counts(a, b);
    match (count, b.count()) {
        (0, 0) => Err(MetricError::Empty),
        (a, b) => Ok(of_counts(a, b, shared)),
    }
}

/// How many foreground voxels `a` has, and how many of them `b` has, too.
pub(crate) fn counts(a: &Mask, b: &Mask) -> (usize, usize) {
    let (mut count, mut shared) = (0, 0);
    for (at, word) in a.occupied() {
        count += word.count_ones() as usize;
        shared += (word & b.words()[at]).count_ones() as usize;
    }
    (count, shared)
}

pub(crate) fn of_counts(a: usize, b: usize, shared: usize) -> f64 {
    2.0 * shared as f64 / (a + b) as f64
}
