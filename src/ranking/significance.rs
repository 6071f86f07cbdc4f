//! Which entries are better than which others, beyond chance.

use super::wilcoxon::{SignedRank, holm};

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
        let mut test = SignedRank::default();
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

    pub fn is_better(&self, first: usize, second: usize) -> bool {
        first != second && self.p(first, second) <= LEVEL
    }

    /// The entries of which one can't say that `first` is better: not separable from it.
    pub fn not_separable_from(&self, first: usize) -> Vec<usize> {
        (0..self.entries).filter(|&other| other != first && !self.is_better(first, other)).collect()
    }
}

/// How many entries each entry is significantly better than, in one metric's values in the same cases, larger
/// ones being better.
pub(super) fn wins(values: &[Vec<f64>]) -> Vec<usize> {
    let entries = values.len();
    let cases = values.first().map_or(0, Vec::len);
    // The smallest p-value there can be, adjusted over all ordered pairs: with too many entries nothing is
    // significant, and nothing has to be tested.
    let smallest =
        0.5f64.powi(cases.min(1000) as i32) * (entries * entries.saturating_sub(1)) as f64;
    if smallest > LEVEL {
        return vec![0; entries];
    }
    let found = Significance::of(values);
    let beaten = |first| (0..entries).filter(|&second| found.is_better(first, second)).count();
    (0..entries).map(beaten).collect()
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
    fn nobody_wins_where_nobody_is() {
        assert!(wins(&[]).is_empty());
        assert_eq!(wins(&[vec![]]), [0]);
        assert_eq!(wins(&[vec![], vec![]]), [0, 0]);
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
        assert_eq!(wins(&entries(7)), [6, 5, 4, 3, 2, 1, 0]);
        assert_eq!(wins(&entries(8)), [0; 8]);
    }
}
