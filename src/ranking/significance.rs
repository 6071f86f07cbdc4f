//! Which entries are better than which others, beyond chance.

use super::wilcoxon::{holm, signed_rank};

/// The largest adjusted p-value that counts as significant.
pub const LEVEL: f64 = 0.05;

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

impl Significance {
    /// Of one metric's values in the same cases, larger ones being better.
    pub fn of(values: &[Vec<f64>]) -> Self {
        let entries = values.len();
        let pairs = || {
            let others = move |first| (0..entries).filter(move |&second| second != first);
            (0..entries).flat_map(move |first| others(first).map(move |second| (first, second)))
        };
        let p = |(first, second): (usize, usize)| {
            let both = values[first].iter().zip(&values[second]);
            signed_rank(&both.map(|(a, b)| a - b).collect::<Vec<_>>())
        };
        let mut adjusted = vec![1.0; entries * entries];
        for ((first, second), p) in pairs().zip(holm(&pairs().map(p).collect::<Vec<_>>())) {
            adjusted[first * entries + second] = p;
        }
        Self { entries, adjusted }
    }

    /// The adjusted p-value of the first being better than the second.
    pub fn p(&self, first: usize, second: usize) -> f64 {
        self.adjusted.get(first * self.entries + second).copied().unwrap_or(1.0)
    }

    pub fn is_better(&self, first: usize, second: usize) -> bool {
        first != second && self.p(first, second) <= LEVEL
    }

    /// The entries of which one can't say that `first` is better: not separable from it.
    pub fn not_separable_from(&self, first: usize) -> Vec<usize> {
        (0..self.entries).filter(|&other| other != first && !self.is_better(first, other)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(quality: f64) -> Vec<f64> {
        (0..20).map(|case| quality + f64::from(case) * 0.001).collect()
    }

    #[test]
    fn what_is_better_in_every_case_is_significantly_better_and_not_the_other_way_round() {
        let found = Significance::of(&[around(0.9), around(0.8), around(0.7)]);
        assert!(found.is_better(0, 1) && found.is_better(1, 2) && found.is_better(0, 2));
        assert!(!found.is_better(1, 0) && !found.is_better(2, 0));
        assert!(found.not_separable_from(0).is_empty());
    }

    #[test]
    fn equal_entries_are_not_separable() {
        let found = Significance::of(&[around(0.9), around(0.9), around(0.7)]);
        assert_eq!(found.p(0, 1), 1.0);
        assert_eq!(found.not_separable_from(0), [1]);
        assert!(!found.is_better(0, 0));
    }

    #[test]
    fn with_ten_cases_at_most_seven_entries_can_differ_significantly() {
        let entries = |count: u32| -> Vec<Vec<f64>> {
            let one = |at| around(f64::from(at)).into_iter().take(10).collect();
            (0..count).rev().map(one).collect()
        };
        let most = |count| Significance::of(&entries(count)).is_better(0, count as usize - 1);
        assert!(most(7));
        assert!(!most(8));
    }
}
