//! Which entries are better than which others, beyond chance.

use ndarray::{ArrayView2, Axis};

use super::wilcoxon::{SignedRank, holm};
use crate::{Metric, ScoreTable};

/// The largest adjusted p-value that counts as significant.
pub const LEVEL: f64 = 0.05;

/// How an entry does against the first one, in all metrics that count together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Worse beyond chance in a metric, and better in none.
    Behind,
    /// Worse in a metric and better in another one.
    Mixed,
    /// Better in a metric, and worse in none.
    Ahead,
    /// Neither in any.
    NotSeparable,
}

impl Verdict {
    /// On an entry against the first, by the tests of all metrics that count.
    pub fn on(entry: usize, first: usize, counted: &[&Significance]) -> Self {
        let better = |one, other| counted.iter().any(|metric| metric.is_better(one, other));
        match (better(first, entry), better(entry, first)) {
            (true, false) => Self::Behind,
            (true, true) => Self::Mixed,
            (false, true) => Self::Ahead,
            (false, false) => Self::NotSeparable,
        }
    }
}

/// For every ordered pair of entries, how likely it is that the first is no better than the second.
///
/// By Wilcoxon's one-sided signed-rank test of the differences in the same cases, adjusted after Holm over all
/// ordered pairs.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Significance {
    entries: usize,
    /// At `first * entries + second`; 1 on the diagonal.
    adjusted: Vec<f64>,
}

impl ScoreTable {
    /// Which entries are better than which others in one metric.
    ///
    /// # Panics
    ///
    /// Where there is no such metric.
    pub fn significance(&self, metric: usize) -> Significance {
        Significance::of(&self.scores().index_axis(Axis(0), metric), self.metrics()[metric])
    }
}

impl Significance {
    /// Of one metric's scores, cases × entries.
    pub fn of(scores: &ArrayView2<f64>, metric: Metric) -> Self {
        let entries = scores.len_of(Axis(1));
        // What is better is larger, and of each entry lies along memory.
        let values: Vec<Vec<f64>> = scores
            .axis_iter(Axis(1))
            .map(|of| of.iter().map(|&v| -metric.direction.loss(v)).collect())
            .collect();
        let mut test = SignedRank::new(metric.tolerance);
        let mut adjusted = vec![1.0; entries * entries];
        for (first, of_first) in values.iter().enumerate() {
            for (second, of_second) in values.iter().enumerate().skip(first + 1) {
                let differences = of_first.iter().zip(of_second).map(|(a, b)| a - b);
                let [above, below] = test.both(differences);
                adjusted[first * entries + second] = above;
                adjusted[second * entries + first] = below;
            }
        }
        let pairs = || (0..entries * entries).filter(|at| at % entries != at / entries);
        let p_values: Vec<f64> = pairs().map(|at| adjusted[at]).collect();
        pairs().zip(holm(&p_values)).for_each(|(at, p)| adjusted[at] = p);
        Self { entries, adjusted }
    }

    /// The adjusted p-value of the first being better than the second.
    pub fn p(&self, first: usize, second: usize) -> f64 {
        self.adjusted.get(first * self.entries + second).copied().unwrap_or(1.0)
    }

    /// Whether the first is better than the second beyond chance.
    pub fn is_better(&self, first: usize, second: usize) -> bool {
        first != second && self.p(first, second) <= LEVEL
    }
}

/// How many entries each entry is significantly better than, by one metric's scores, cases × entries.
pub(crate) fn wins(scores: &ArrayView2<f64>, metric: Metric) -> Vec<usize> {
    let (cases, entries) = scores.dim();
    // The smallest p-value there can be, adjusted over all ordered pairs: with too many entries nothing is
    // significant, and nothing has to be tested.
    let smallest =
        0.5f64.powi(cases.min(1000) as i32) * (entries * entries.saturating_sub(1)) as f64;
    if smallest > LEVEL {
        return vec![0; entries];
    }
    let found = Significance::of(scores, metric);
    let beaten = |first| (0..entries).filter(|&second| found.is_better(first, second)).count();
    (0..entries).map(beaten).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    /// Entries around these qualities in so many cases.
    fn around(qualities: &[f64], cases: usize) -> Array2<f64> {
        Array2::from_shape_fn((cases, qualities.len()), |(case, entry)| {
            qualities[entry] + case as f64 * 0.001
        })
    }

    /// HD95 in steps of 0.3 mm of two entries in 20 cases.
    const SIGNIFICANCE: [[u8; 20]; 2] = [
        [2, 6, 4, 6, 1, 1, 3, 6, 3, 4, 3, 6, 2, 2, 2, 3, 6, 6, 1, 1],
        [2, 5, 5, 7, 2, 1, 3, 7, 2, 5, 4, 5, 1, 3, 2, 2, 7, 7, 1, 1],
    ];

    fn of(qualities: &[f64]) -> Significance {
        Significance::of(&around(qualities, 20).view(), Metric::SHARE)
    }

    #[test]
    fn what_is_better_in_every_case_is_significantly_better_and_not_the_other_way_round() {
        let found = of(&[0.9, 0.8, 0.7]);
        assert!(found.is_better(0, 1) && found.is_better(1, 2) && found.is_better(0, 2));
        assert!(!found.is_better(1, 0) && !found.is_better(2, 0));
    }

    #[test]
    fn where_less_is_better_the_same_differences_say_the_opposite() {
        let scores = around(&[0.9, 0.8, 0.7], 20);
        let lower = Significance::of(&scores.view(), Metric::DISTANCE);
        let higher = Significance::of(&scores.view(), Metric::SHARE);
        for (first, second) in [(0, 1), (1, 0), (0, 2), (2, 1)] {
            assert_eq!(lower.p(first, second), higher.p(second, first));
        }
    }

    #[test]
    fn nobody_wins_where_nobody_is() {
        let of = |cases: usize, entries: usize| {
            wins(&Array2::zeros((cases, entries)).view(), Metric::SHARE)
        };
        assert!(of(0, 0).is_empty());
        assert_eq!(of(0, 1), [0]);
        assert_eq!(of(0, 2), [0, 0]);
    }

    #[test]
    fn equal_entries_are_not_separable() {
        let found = of(&[0.9, 0.9, 0.7]);
        assert_eq!(found.p(0, 1), 1.0);
        assert!(!found.is_better(0, 0) && !found.is_better(0, 1) && !found.is_better(1, 0));
    }

    #[test]
    fn steps_of_a_grid_that_are_equal_are_tested_as_equal() {
        // Of whole numbers p is 0.212; with the noise of the
        // subtraction left in it would be 0.012, and 0.024 after Holm.
        let values = SIGNIFICANCE.map(|steps| steps.map(|steps| f64::from(steps) * 0.3));
        let scores = Array2::from_shape_fn((20, 2), |(case, entry)| values[entry][case]);
        let found = Significance::of(&scores.view(), Metric::DISTANCE);
        assert_eq!(format!("{:.3}", found.p(0, 1)), "0.424");
        let exact = Metric { tolerance: 0.0, ..Metric::DISTANCE };
        assert_eq!(format!("{:.3}", Significance::of(&scores.view(), exact).p(0, 1)), "0.024");
    }

    #[test]
    fn who_is_better_in_one_metric_and_worse_in_another_is_mixed() {
        let up = of(&[0.9, 0.8]);
        let down = of(&[0.8, 0.9]);
        let equal = of(&[0.8, 0.8]);
        let on =
            |counted: &[&Significance]| [Verdict::on(1, 0, counted), Verdict::on(0, 1, counted)];
        assert_eq!(on(&[&up, &down]), [Verdict::Mixed; 2]);
        assert_eq!(on(&[&up, &up]), [Verdict::Behind, Verdict::Ahead]);
        assert_eq!(on(&[&up, &equal]), [Verdict::Behind, Verdict::Ahead]);
        assert_eq!(on(&[&equal, &down]), [Verdict::Ahead, Verdict::Behind]);
        assert_eq!(on(&[&equal, &equal]), [Verdict::NotSeparable; 2]);
        assert_eq!(Verdict::on(0, 0, &[&up, &down]), Verdict::NotSeparable);
    }

    #[test]
    fn of_copies_nobody_is_behind() {
        for entries in 1..9 {
            let found = of(&vec![0.7; entries]);
            for (first, entry) in (0..entries).flat_map(|a| (0..entries).map(move |b| (a, b))) {
                let verdict = Verdict::on(entry, first, &[&found, &found]);
                assert_eq!(verdict, Verdict::NotSeparable);
            }
        }
    }

    #[test]
    fn with_ten_cases_at_most_seven_entries_can_differ_significantly() {
        let entries = |count: u32| {
            let qualities: Vec<f64> = (0..count).rev().map(f64::from).collect();
            around(&qualities, 10)
        };
        let most = |count: u32| {
            Significance::of(&entries(count).view(), Metric::SHARE).is_better(0, count as usize - 1)
        };
        assert!(most(7));
        assert!(!most(8));
        let wins = |count| wins(&entries(count).view(), Metric::SHARE);
        assert_eq!(wins(7), [6, 5, 4, 3, 2, 1, 0]);
        assert_eq!(wins(8), [0; 8]);
    }
}
