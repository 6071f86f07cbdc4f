//! Wilcoxon's signed-rank test, exactly.

/// The one-sided p-value of paired differences: how likely it is that so much of their ranks is above 0 if either
/// sign is as likely as the other.
///
/// Differences of 0 are dropped and equal sizes share the mean of their ranks (Wilcoxon 1945). Subtracting leaves noise
/// behind, which would tell equal sizes apart: a difference of `tolerance` or less is 0, and sorted sizes are equal while each
/// is within it of the one before. The distribution is counted, not approximated: ranks are doubled, so that they are
/// whole, and the probability of every sum of ranks is built up one difference at a time. 1 where all differences are 0.
pub fn signed_rank(differences: &[f64], tolerance: f64) -> f64 {
    SignedRank::new(tolerance).both(differences.iter().copied())[0]
}

/// The test for many pairs: what they share is computed once.
#[derive(Debug)]
pub(super) struct SignedRank {
    tolerance: f64,
    /// By the number of differences, for those without equal sizes.
    untied: Vec<Option<Tails>>,
    differences: Vec<f64>,
}

impl SignedRank {
    pub fn new(tolerance: f64) -> Self {
        Self { tolerance, untied: Vec::new(), differences: Vec::new() }
    }

    /// The p-values of the differences being above 0, and of their being below.
    pub fn both(&mut self, differences: impl Iterator<Item = f64>) -> [f64; 2] {
        let (sorted, tolerance) = (&mut self.differences, self.tolerance);
        sorted.clear();
        sorted.extend(differences.filter(|&d| d.abs() > tolerance));
        sorted.sort_unstable_by(|a, b| a.abs().total_cmp(&b.abs()));
        let count = sorted.len();
        let equal = |a: &f64, b: &f64| b.abs() - a.abs() <= tolerance;
        if sorted.windows(2).any(|pair| equal(&pair[0], &pair[1])) {
            let ranks = doubled_mid_ranks(sorted, equal);
            let tails = Tails::of(&ranks);
            return tails.both(sorted.iter().copied().zip(ranks));
        }
        if self.untied.len() <= count {
            self.untied.resize_with(count + 1, || None);
        }
        let ranks = || (1..=count).map(|rank| 2 * rank);
        let tails =
            self.untied[count].get_or_insert_with(|| Tails::of(&ranks().collect::<Vec<_>>()));
        tails.both(sorted.iter().copied().zip(ranks()))
    }
}

/// How likely it is that the ranks above 0 come to a sum or more, by the sum.
#[derive(Debug)]
struct Tails(Vec<f64>);

impl Tails {
    fn of(ranks: &[usize]) -> Self {
        // Of each sum of the ranks of those above 0.
        let mut probabilities = vec![0.0; ranks.iter().sum::<usize>() + 1];
        probabilities[0] = 1.0;
        let mut before = probabilities.clone();
        let mut reached = 0;
        for &rank in ranks {
            // Two rows rather than one, so that several sums are computed at a time.
            before[..=reached].copy_from_slice(&probabilities[..=reached]);
            reached += rank;
            let without = before[..=reached].iter();
            let with = std::iter::repeat_n(&0.0, rank).chain(&before[..=reached - rank]);
            for ((sum, without), with) in probabilities.iter_mut().zip(without).zip(with) {
                *sum = (without + with) / 2.0;
            }
        }
        // From the smallest terms on, which loses least.
        let mut tail = 0.0;
        for probability in probabilities.iter_mut().rev() {
            tail += *probability;
            *probability = f64::min(tail, 1.0);
        }
        Self(probabilities)
    }

    fn both(&self, ranked: impl Iterator<Item = (f64, usize)>) -> [f64; 2] {
        let above: usize = ranked.filter(|(d, _)| *d > 0.0).map(|(_, rank)| rank).sum();
        [self.0[above], self.0[self.0.len() - 1 - above]]
    }
}

/// Twice the rank of each of the sorted sizes, from 1 on; equal ones share the mean of theirs.
fn doubled_mid_ranks(sorted: &[f64], equal: impl Fn(&f64, &f64) -> bool) -> Vec<usize> {
    let mut ranks = Vec::with_capacity(sorted.len());
    for equal in sorted.chunk_by(equal) {
        let (first, last) = (ranks.len() + 1, ranks.len() + equal.len());
        ranks.resize(last, first + last);
    }
    ranks
}

/// Holm's (1979) adjusted p-values, in the order of what is given: reject where they are at most the level.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_unstable_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (before, &at) in order.iter().enumerate() {
        largest = largest.max(p_values[at] * (p_values.len() - before) as f64).min(1.0);
        adjusted[at] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every way to give signs to the ranks, one after the other.
    fn by_enumeration(differences: &[f64]) -> f64 {
        let kept: Vec<f64> = differences.iter().copied().filter(|&d| d != 0.0).collect();
        let rank = |of: f64| {
            let smaller = kept.iter().filter(|d| d.abs() < of.abs()).count();
            let equal = kept.iter().filter(|d| d.abs() == of.abs()).count();
            2 * smaller + equal + 1
        };
        let ranks: Vec<usize> = kept.iter().map(|&d| rank(d)).collect();
        let sum = |positive: &dyn Fn(usize) -> bool| -> usize {
            (0..kept.len()).filter(|&at| positive(at)).map(|at| ranks[at]).sum()
        };
        let found = sum(&|at| kept[at] > 0.0);
        let as_much =
            (0..1u32 << kept.len()).filter(|signs| sum(&|at| signs >> at & 1 == 1) >= found);
        as_much.count() as f64 / f64::from(1u32 << kept.len())
    }

    #[test]
    fn it_agrees_with_scipy() {
        // scipy 1.17: wilcoxon(d, alternative="greater", method="exact").pvalue
        let falling: Vec<f64> =
            (1..=20).map(|at| f64::from(if at % 4 == 0 { -at } else { at })).collect();
        for (differences, expected) in [
            (vec![1.0, 2.0, 3.0, 4.0, 5.0], 0.03125),
            (vec![-1.0, 2.0, 3.0, -4.0, 5.0], 0.3125),
            (vec![0.3, -0.1, 0.2, 0.5, 0.7, -0.6, 0.9, 1.1, 1.3, -0.4], 0.052734375),
            (falling, 0.048653602600097656),
        ] {
            let found = signed_rank(&differences, 0.0);
            assert!((found - expected).abs() < 1e-12, "{found} rather than {expected}");
        }
    }

    #[test]
    fn without_a_difference_nothing_is_significant() {
        assert_eq!(signed_rank(&[], 0.0), 1.0);
        assert_eq!(signed_rank(&[0.0; 20], 0.0), 1.0);
        assert_eq!(signed_rank(&[0.0, 0.0, 1.0], 0.0), 0.5);
    }

    #[test]
    fn twenty_cases_that_all_agree_are_as_clear_as_it_gets() {
        let all: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!(signed_rank(&all, 0.0), 0.5f64.powi(20));
    }

    #[test]
    fn holm_is_what_r_adjusts() {
        // R 4: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (found, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((found - expected).abs() < 1e-15, "{adjusted:?}");
        }
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }

    /// Distances of so many steps on a grid, as the length of a vector would have them.
    fn on_grid(steps: &[u8], grid: f64) -> Vec<f64> {
        steps.iter().map(|&steps| (f64::from(steps) * grid).powi(2).sqrt()).collect()
    }

    #[test]
    fn equal_steps_on_a_decimal_grid_are_equal() {
        let (a, b) = (on_grid(&[2, 1, 3], 0.3), on_grid(&[1, 2, 2], 0.3));
        let differences: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
        assert_ne!(differences[0], differences[2]);
        // Ranks 2, 2 and 2 of which two are above 0: 4 of the 8 ways to give signs have two or more.
        assert_eq!(signed_rank(&differences, 1e-9), 0.5);
    }

    #[test]
    fn sizes_are_equal_while_each_is_near_the_one_before() {
        let sizes = [1.0, 1.0 + 0.9e-9, 1.0 + 1.8e-9, -(1.0 + 2.7e-9), 0.9e-9, -0.9e-9];
        assert_eq!(signed_rank(&sizes, 1e-9), signed_rank(&[1.0, 1.0, 1.0, -1.0], 0.0));
        // 1.5 tolerances from the next one: told apart.
        let apart = [1.0, 1.0 + 1.5e-9, -(1.0 + 3.0e-9)];
        assert_eq!(signed_rank(&apart, 1e-9), signed_rank(&[1.0, 2.0, -3.0], 0.0));
    }

    proptest! {
        #[test]
        fn steps_on_any_grid_are_tested_as_steps(
            steps in proptest::collection::vec((0u8..40, 0u8..40), 0..21),
            grid in proptest::sample::select(vec![0.1, 0.3, 0.33, 0.35, 0.37, 0.4, 0.625, 0.7, 1.1]),
            shift in 0.0f64..5.0,
        ) {
            let (a, b): (Vec<u8>, Vec<u8>) = steps.iter().copied().unzip();
            let pairs = || on_grid(&a, grid).into_iter().zip(on_grid(&b, grid));
            let found: Vec<f64> = pairs().map(|(a, b)| (a + shift) - (b + shift)).collect();
            let whole: Vec<f64> =
                steps.iter().map(|&(a, b)| f64::from(a) - f64::from(b)).collect();
            prop_assert_eq!(signed_rank(&found, 1e-9), signed_rank(&whole, 0.0));
        }

        #[test]
        fn it_counts_what_enumeration_finds(
            differences in proptest::collection::vec(-4i8..=4, 0..11),
        ) {
            let differences: Vec<f64> = differences.into_iter().map(f64::from).collect();
            let expected = by_enumeration(&differences);
            prop_assert!((signed_rank(&differences, 0.0) - expected).abs() < 1e-12);
        }

        #[test]
        fn below_is_above_turned_around(
            differences in proptest::collection::vec(-4i8..=4, 0..20),
        ) {
            let both = |sign: f64| {
                SignedRank::new(0.0).both(differences.iter().map(|&d| sign * f64::from(d)))
            };
            let [above, below] = both(1.0);
            prop_assert_eq!(both(-1.0), [below, above]);
        }

        #[test]
        fn the_order_of_the_cases_changes_nothing(
            mut differences in proptest::collection::vec(-4i8..=4, 0..20),
        ) {
            let p = |of: &[i8]| {
                let differences: Vec<f64> = of.iter().map(|&d| f64::from(d)).collect();
                signed_rank(&differences, 0.0)
            };
            let before = p(&differences);
            differences.reverse();
            prop_assert_eq!(before, p(&differences));
        }
    }
}
