//! Tables for tests: of two metrics, of which one is better higher and the other lower.

use ndarray::{Array2, Array3};

use crate::{Metric, ScoreTable};

pub const METRICS: [Metric; 2] = [Metric::SHARE, Metric::DISTANCE];

/// Of each entry the cases, of each case a value of both metrics.
pub fn table(entries: &[Vec<[f64; 2]>]) -> ScoreTable {
    let cases = entries.first().map_or(0, Vec::len);
    let score = |(metric, case, entry): (usize, usize, usize)| entries[entry][case][metric];
    ScoreTable::new(Array3::from_shape_fn((2, cases, entries.len()), score), &METRICS).unwrap()
}

/// Entries of which only the means are known.
pub fn of_means(entries: &[[f64; 2]]) -> ScoreTable {
    let means = Array2::from_shape_fn((2, entries.len()), |(metric, entry)| entries[entry][metric]);
    let table = ScoreTable::new(Array3::zeros((2, 0, entries.len())), &METRICS).unwrap();
    table.with_means(means).unwrap()
}
