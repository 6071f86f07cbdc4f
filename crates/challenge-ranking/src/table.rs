use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis};
use reproducible::mean;

use crate::Metric;

/// Why a table can't be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Each metric is known.
    #[error("scores of {found} metrics, where {expected} are known")]
    Metrics {
        /// How many metrics are described.
        expected: usize,
        /// How many metrics there are scores of.
        found: usize,
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
    metrics: Vec<Metric>,
}

impl ScoreTable {
    /// A table of scores, metrics × cases × entries, with what is known of each metric. Each mean is the f64 nearest to
    /// it, in whatever order the cases come.
    ///
    /// # Errors
    ///
    /// Where the scores are of more or fewer metrics.
    pub fn new(scores: Array3<f64>, metrics: &[Metric]) -> Result<Self, TableError> {
        let (expected, found) = (metrics.len(), scores.len_of(Axis(0)));
        if expected != found {
            return Err(TableError::Metrics { expected, found });
        }
        let means = scores.map_axis(Axis(1), |of_cases| mean(of_cases.iter().copied()));
        Ok(Self { scores, means, metrics: metrics.to_vec() })
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
        Self { scores, means: self.means.clone(), metrics: self.metrics.clone() }
    }

    /// metrics × cases × entries
    pub fn scores(&self) -> ArrayView3<'_, f64> {
        self.scores.view()
    }

    /// metrics × entries
    pub fn means(&self) -> ArrayView2<'_, f64> {
        self.means.view()
    }

    /// What is known of each metric.
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
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
            metrics: self.metrics.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    const BOTH: [Metric; 2] = [Metric::SHARE, Metric::DISTANCE];

    #[test]
    fn means_are_the_nearest_there_are_whatever_the_order_of_the_cases() {
        // From left to right, 0.1 + 0.2 + 0.3 is 0.6000000000000001.
        let scores =
            array![[[0.1, 0.3], [0.2, 0.2], [0.3, 0.1]], [[0.3, 0.6], [0.6, 0.3], [0.9, 0.9]]];
        let table = ScoreTable::new(scores, &BOTH).unwrap();
        assert_eq!(table.means(), array![[0.2, 0.2], [0.6, 0.6]]);
    }

    #[test]
    fn a_table_knows_each_metric_and_has_means_of_its_shape() {
        let scores = Array3::zeros((2, 3, 4));
        assert_eq!(
            ScoreTable::new(scores.clone(), &[Metric::SHARE]),
            Err(TableError::Metrics { expected: 1, found: 2 })
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
