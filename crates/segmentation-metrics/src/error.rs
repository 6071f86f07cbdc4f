use segmentation::Mask;

use crate::{ScoreError, TruthError};

/// Why two masks have no value of a metric.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum MetricError {
    /// The metric is not defined without foreground.
    #[error("a mask has no foreground")]
    Empty,
    /// Masks are compared index by index.
    #[error("the masks have the shapes {a:?} and {b:?}")]
    Shape {
        /// Shape (x, y, z) of the first mask.
        a: [usize; 3],
        /// Shape (x, y, z) of the second mask.
        b: [usize; 3],
    },
    /// A spacing is zero, not finite, or so small or large that squared distances can't be told apart.
    #[error("the spacing {0:?} mm is not finite and different from zero")]
    Spacing([f64; 3]),
}

impl From<TruthError> for MetricError {
    fn from(error: TruthError) -> Self {
        match error {
            TruthError::Empty => Self::Empty,
            TruthError::Spacing(spacing) => Self::Spacing(spacing),
        }
    }
}

impl From<ScoreError> for MetricError {
    fn from(error: ScoreError) -> Self {
        match error {
            ScoreError::Empty => Self::Empty,
            ScoreError::Shape { expected, found } => Self::Shape { a: expected, b: found },
        }
    }
}

pub(crate) fn check_shapes(a: &Mask, b: &Mask) -> Result<(), MetricError> {
    let (a, b) = (a.shape(), b.shape());
    if a == b { Ok(()) } else { Err(MetricError::Shape { a, b }) }
}
