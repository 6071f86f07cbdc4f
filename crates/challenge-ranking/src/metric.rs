use crate::Direction;
use crate::positions::positions;

/// What is known of a metric before anything is scored by it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// Which of two values is the better one.
    pub direction: Direction,
    /// Values of one case that differ by no more are the same: what rounding leaves behind, in the metric's unit.
    /// 0.9 − 0.6 and 0.6 − 0.3 differ by 2⁻⁵⁴.
    pub tolerance: f64,
    /// The smallest and the largest value there can be.
    pub range: [f64; 2],
}

impl Metric {
    /// A share of a whole, from 0 to 1, of which more is better; what differs by no more than 10⁻¹² is the same.
    pub const SHARE: Self =
        Self { direction: Direction::Higher, tolerance: 1e-12, range: [0.0, 1.0] };

    /// A distance, from 0 on, of which less is better; what differs by no more than 10⁻⁹ is the same.
    pub const DISTANCE: Self =
        Self { direction: Direction::Lower, tolerance: 1e-9, range: [0.0, f64::INFINITY] };

    /// Positions by values of one case: equal ones share one (1, 2, 2, 4), and sorted ones are equal while each is within the
    /// tolerance of the one before.
    pub fn positions<'a>(&self, values: impl IntoIterator<Item = &'a f64>) -> Vec<usize> {
        positions(&self.losses(values), self.tolerance)
    }

    /// Positions by means, which are compared exactly.
    pub(crate) fn positions_of_means<'a>(
        &self,
        means: impl IntoIterator<Item = &'a f64>,
    ) -> Vec<usize> {
        positions(&self.losses(means), 0.0)
    }

    fn losses<'a>(&self, values: impl IntoIterator<Item = &'a f64>) -> Vec<f64> {
        values.into_iter().map(|&value| self.direction.loss(value)).collect()
    }
}
