use proptest::prelude::*;
use reproducible::Rng;

use super::*;
use crate::samples::table;

/// Ten cases of each of two groups.
const STRATA: [usize; 20] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];

const SCHEMES: [Scheme; 4] =
    [Scheme::MeanOfPositions, Scheme::FirstMetric, Scheme::RankThenAggregate, Scheme::TestThenRank];

fn entry(rng: &mut Rng, quality: f64) -> Vec<[f64; 2]> {
    let case = |_: &usize| {
        [quality + rng.between(-0.1, 0.1), 10.0 * (1.0 - quality) + rng.between(0.0, 3.0)]
    };
    STRATA.iter().map(case).collect()
}

fn some_entries(seed: u64, qualities: &[f64]) -> Vec<Vec<[f64; 2]>> {
    let mut rng = Rng::new(seed);
    qualities.iter().map(|&quality| entry(&mut rng, quality)).collect()
}

fn of(entries: &[Vec<[f64; 2]>], scheme: Scheme) -> Stability {
    table(entries).bootstrap(&STRATA, scheme).unwrap()
}

#[test]
fn what_is_always_best_always_wins() {
    for scheme in SCHEMES {
        let found = of(&some_entries(1, &[0.5, 0.9, 0.1]), scheme);
        let wins: Vec<f64> = found.entries.iter().map(|entry| entry.wins).collect();
        assert_eq!(wins, [0.0, 1.0, 0.0]);
        assert_eq!(found.entries[2].positions, [(3, 1.0)]);
        assert_eq!(found.tau.unwrap(), Interval { low: 1.0, median: 1.0, high: 1.0 });
    }
}

#[test]
fn equal_entries_win_together() {
    let mut entries = some_entries(2, &[0.7, 0.3]);
    entries.push(entries[0].clone());
    let found = of(&entries, Scheme::MeanOfPositions);
    assert_eq!((found.entries[0].wins, found.entries[2].wins), (1.0, 1.0));
    assert_eq!(found.entries[0], found.entries[2]);
}

#[test]
fn without_entries_or_cases_nothing_is_said() {
    assert_eq!(table(&[]).bootstrap(&STRATA, Scheme::FirstMetric), None);
    assert_eq!(table(&[vec![]]).bootstrap(&[], Scheme::FirstMetric), None);
    assert_eq!(table(&[vec![[0.5, 1.0]]]).bootstrap(&[0, 1], Scheme::FirstMetric), None);
}

#[test]
fn cases_are_drawn_less_often_where_many_entries_are_tested() {
    let draws = |entries| draws_for(Scheme::TestThenRank, entries);
    assert_eq!([1, 25, 50, 1000].map(draws), [1000, 1000, 250, 50]);
    assert_eq!(draws_for(Scheme::MeanOfPositions, 1000), 1000);
}

#[test]
fn one_case_leaves_nothing_to_chance() {
    let scores = table(&[vec![[0.5, 1.0]], vec![[0.4, 2.0]]]);
    let found = scores.bootstrap(&[0], Scheme::FirstMetric).unwrap();
    assert_eq!(found.entries[0].means[0], Interval { low: 0.5, median: 0.5, high: 0.5 });
    assert_eq!(found.entries[1].positions, [(2, 1.0)]);
}

#[test]
fn the_interval_of_a_mean_is_as_wide_as_theory_says() {
    // A mean over cases of spread s, drawn within strata, has the standard error s / sqrt(n).
    let mut rng = Rng::new(3);
    let values: Vec<[f64; 2]> = STRATA.iter().map(|_| [rng.unit(), 1.0]).collect();
    let found = of(std::slice::from_ref(&values), Scheme::FirstMetric).entries[0].means[0];
    let error = |stratum: &[[f64; 2]]| {
        let mean = stratum.iter().map(|value| value[0]).sum::<f64>() / 10.0;
        stratum.iter().map(|value| (value[0] - mean).powi(2)).sum::<f64>() / 10.0 / 10.0
    };
    let expected = 2.0 * 1.96 * (error(&values[..10]) + error(&values[10..])).sqrt() / 2.0;
    let ratio = (found.high - found.low) / expected;
    assert!((0.93..1.07).contains(&ratio), "{ratio}");
}

#[test]
fn the_same_scores_give_the_same_draws_to_the_bit() {
    // Written down before the table was one of ndarray's; chance and sums are the same since.
    let found = of(&some_entries(4, &[0.7, 0.68, 0.72]), Scheme::MeanOfPositions);
    let entry = &found.entries[1];
    assert_eq!(found.seed, 0xd8ad_676e_b318_4d75);
    assert_eq!(
        [entry.means[0].low, entry.means[1].high, entry.wins].map(f64::to_bits),
        [4_604_070_950_025_113_902, 4_617_164_827_758_490_167, 4_593_959_850_294_057_632,]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn the_order_of_the_entries_changes_nothing(seed: u64, scheme in 0usize..4) {
        let scheme = SCHEMES[scheme];
        let mut entries = some_entries(seed, &[0.7, 0.68, 0.72, 0.66]);
        let found = of(&entries, scheme);
        entries.reverse();
        let mut turned = of(&entries, scheme);
        turned.entries.reverse();
        prop_assert_eq!(found, turned);
    }

    #[test]
    fn all_shares_of_an_entry_are_one_together(seed: u64) {
        for entry in of(&some_entries(seed, &[0.7, 0.68, 0.72]), Scheme::MeanOfPositions).entries {
            let sum: f64 = entry.positions.iter().map(|position| position.1).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9);
            let dice = entry.means[0];
            prop_assert!(dice.low <= dice.median && dice.median <= dice.high);
            prop_assert!(entry.position.low >= 1.0 && entry.position.high <= 3.0);
        }
    }
}
