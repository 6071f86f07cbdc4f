use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis};

use crate::Direction;
use crate::positions::positions;

/// Why a table can't be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// There is a direction for each metric.
    #[error("{metrics} metrics, but directions of {directions}")]
    Directions {
        /// How many metrics there are.
        metrics: usize,
        /// How many directions came.
        directions: usize,
    },
    /// Means are metrics × entries.
    #[error("means of shape {found:?}, where {expected:?} was expected")]
    Means {
        /// That of the table.
        expected: [usize; 2],
        /// That of the means.
        found: [usize; 2],
    },
}

/// The scores of entries in the same cases.
///
/// Entries are in an order of the caller's, usually the oldest first; whatever is given out speaks of them by their index.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreTable {
    /// metrics × cases × entries, so that what is done for all entries at once runs along memory.
    scores: Array3<f64>,
    /// metrics × entries
    means: Array2<f64>,
    directions: Vec<Direction>,
}

impl ScoreTable {
    /// A table of scores, metrics × cases × entries, with the direction of each metric. Each mean is the sum over the
    /// cases in their order, divided by their number.
    ///
    /// # Errors
    ///
    /// Where there are not as many directions as metrics.
    pub fn new(scores: Array3<f64>, directions: &[Direction]) -> Result<Self, TableError> {
        let (metrics, cases, entries) = scores.dim();
        if metrics != directions.len() {
            return Err(TableError::Directions { metrics, directions: directions.len() });
        }
        let mut means = Array2::zeros((metrics, entries));
        for (mut means, scores) in means.outer_iter_mut().zip(scores.outer_iter()) {
            scores.outer_iter().for_each(|case| means += &case);
            means /= cases as f64;
        }
        Ok(Self { scores, means, directions: directions.to_vec() })
    }

    /// The same table with other means, metrics × entries, to be ranked by; rounded ones, for instance.
    ///
    /// # Errors
    ///
    /// Where the means have another shape.
    pub fn with_means(self, means: Array2<f64>) -> Result<Self, TableError> {
        let (expected, found) = (self.means.dim().into(), means.dim().into());
        if expected != found {
            return Err(TableError::Means { expected, found });
        }
        Ok(Self { means, ..self })
    }

    /// The same entries and means with scores of other cases.
    pub(crate) fn with_scores(&self, scores: Array3<f64>) -> Self {
        Self { scores, means: self.means.clone(), directions: self.directions.clone() }
    }

    /// metrics × cases × entries
    pub fn scores(&self) -> ArrayView3<'_, f64> {
        self.scores.view()
    }

    /// metrics × entries
    pub fn means(&self) -> ArrayView2<'_, f64> {
        self.means.view()
    }

    /// Of each metric.
    pub fn directions(&self) -> &[Direction] {
        &self.directions
    }

    /// How many metrics there are.
    pub fn metrics(&self) -> usize {
        self.scores.len_of(Axis(0))
    }

    /// How many cases there are.
    pub fn cases(&self) -> usize {
        self.scores.len_of(Axis(1))
    }

    /// How many entries there are.
    pub fn entries(&self) -> usize {
        self.scores.len_of(Axis(2))
    }

    /// The table of some of the entries, in the order of their indices as given.
    ///
    /// # Panics
    ///
    /// Where there is no entry of an index.
    pub fn select(&self, entries: &[usize]) -> Self {
        Self {
            scores: self.scores.select(Axis(2), entries),
            means: self.means.select(Axis(1), entries),
            directions: self.directions.clone(),
        }
    }

    /// The positions by one metric of values of all entries.
    pub(crate) fn positions<'a>(
        &self,
        metric: usize,
        values: impl IntoIterator<Item = &'a f64>,
    ) -> Vec<usize> {
        let direction = self.directions[metric];
        let losses: Vec<f64> = values.into_iter().map(|&value| direction.loss(value)).collect();
        positions(&losses)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    const BOTH: [Direction; 2] = [Direction::Higher, Direction::Lower];

    #[test]
    fn means_are_sums_over_the_cases_in_their_order() {
        let scores =
            array![[[0.1, 0.5], [0.2, 0.5], [0.3, 0.5]], [[1.0, 4.0], [2.0, 4.0], [3.0, 4.0]]];
        let table = ScoreTable::new(scores, &BOTH).unwrap();
        assert_eq!(table.means(), array![[(0.1 + 0.2 + 0.3) / 3.0, 0.5], [2.0, 4.0]]);
    }

    #[test]
    fn a_table_has_a_direction_for_each_metric_and_means_of_its_shape() {
        let scores = Array3::zeros((2, 3, 4));
        assert_eq!(
            ScoreTable::new(scores.clone(), &[Direction::Higher]),
            Err(TableError::Directions { metrics: 2, directions: 1 })
        );
        let table = ScoreTable::new(scores, &BOTH).unwrap();
        assert_eq!(
            table.with_means(Array2::zeros((4, 2))),
            Err(TableError::Means { expected: [2, 4], found: [4, 2] })
        );
    }

    #[test]
    fn some_of_the_entries_are_a_table_of_their_own() {
        let scores = array![[[0.1, 0.2, 0.3]], [[3.0, 2.0, 1.0]]];
        let table = ScoreTable::new(scores, &BOTH).unwrap().select(&[2, 0]);
        assert_eq!(table.scores(), array![[[0.3, 0.1]], [[1.0, 3.0]]]);
        assert_eq!(table.means(), array![[0.3, 0.1], [1.0, 3.0]]);
    }
}
