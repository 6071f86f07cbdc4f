use proptest::prelude::*;
use reproducible::Rng;

use super::*;
use crate::Metric;
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
fn one_case_leaves_nothing_to_chance_and_tells_nothing_of_the_mean() {
    let scores = table(&[vec![[0.5, 1.0]], vec![[0.4, 2.0]]]);
    let found = scores.bootstrap(&[0], Scheme::FirstMetric).unwrap();
    assert_eq!(found.entries[0].means, [None, None]);
    assert_eq!(found.entries[1].positions, [(2, 1.0)]);
}

/// The intervals of the first metric's mean, of an entry with these values in two strata of ten.
fn interval(values: [f64; 20]) -> Option<Interval> {
    of(&[values.map(|value| [value, 1.0]).to_vec()], Scheme::FirstMetric).entries[0].means[0]
}

#[test]
fn the_interval_of_a_mean_is_as_wide_as_theory_says() {
    // A mean over cases of spread s, drawn within strata, has the standard error s / sqrt(n), of which 1.96 are as far as
    // it is off in 95 of 100 where there are many cases.
    let mut rng = Rng::new(3);
    let values: Vec<f64> = (0..400).map(|_| rng.unit()).collect();
    let strata: Vec<usize> = (0..400).map(|case| case / 200).collect();
    let scores = table(&[values.iter().map(|&value| [value, 1.0]).collect()]);
    let found = scores.bootstrap(&strata, Scheme::FirstMetric).unwrap().entries[0].means[0];
    let variance = |stratum: &[f64]| reproducible::variance(stratum) * 200.0 / 400.0 / 400.0;
    let expected = 2.0 * 1.96 * (variance(&values[..200]) + variance(&values[200..])).sqrt();
    let ratio = found.map_or(0.0, |found| found.high - found.low) / expected;
    assert!((0.95..1.05).contains(&ratio), "{ratio}");
}

#[test]
fn an_interval_reaches_farther_to_the_side_of_the_long_tail() {
    let mut rng = Rng::new(5);
    let values = [0.0; 20].map(|_| rng.unit().powi(6));
    let mean = reproducible::mean(values);
    let found = interval(values).unwrap();
    assert!(found.high - mean > 1.5 * (mean - found.low), "{found:?} around {mean}");
}

#[test]
fn an_interval_stays_within_what_there_can_be() {
    let mut rng = Rng::new(9);
    let values = [0.0; 20].map(|_| [rng.unit(), rng.unit()]).to_vec();
    let bounded = Metric { range: [0.45, 0.55], ..Metric::SHARE };
    let scores = table(&[values]).scores().to_owned();
    let scores = ScoreTable::new(scores, &[bounded, Metric::DISTANCE]).unwrap();
    let found = scores.bootstrap(&STRATA, Scheme::FirstMetric).unwrap().entries[0].means[0];
    assert_eq!(found.map(|found| [found.low, found.high]), Some([0.45, 0.55]));
}

#[test]
fn values_that_hardly_vary_have_no_interval() {
    assert_eq!(interval([0.3; 20]), None);
    assert_eq!(interval([0.1 + 0.2; 20].map(|value: f64| value.next_up())), None);
    // A draw without the one that differs has no error of its own, and there are too many of those.
    let mut values = [0.3; 20];
    values[7] = 0.9;
    assert_eq!(interval(values), None);
    // Constant in one stratum alone: the other one tells.
    let mut rng = Rng::new(6);
    values[..10].iter_mut().for_each(|value| *value = rng.unit());
    assert!(interval(values).is_some());
}

#[test]
fn a_stratum_of_one_case_leaves_means_without_an_interval() {
    let mut rng = Rng::new(7);
    let values: Vec<[f64; 2]> = (0..6).map(|_| [rng.unit(), rng.unit()]).collect();
    let found = table(&[values]).bootstrap(&[0, 0, 0, 0, 0, 1], Scheme::FirstMetric).unwrap();
    assert_eq!(found.entries[0].means, [None, None]);
}

#[test]
fn means_are_drawn_as_often_where_few_draws_are_ranked() {
    let qualities: Vec<f64> = (0..40).map(|at| 0.5 + f64::from(at) * 0.01).collect();
    let entries = some_entries(8, &qualities);
    let (tested, ranked) =
        (of(&entries, Scheme::TestThenRank), of(&entries, Scheme::MeanOfPositions));
    assert!(tested.draws < ranked.draws);
    assert_eq!(tested.entries[3].means, ranked.entries[3].means);
}

#[test]
fn the_same_scores_give_the_same_draws_to_the_bit() {
    // Written down before the table was one of ndarray's; chance and positions are the same since.
    let found = of(&some_entries(4, &[0.7, 0.68, 0.72]), Scheme::MeanOfPositions);
    let entry = &found.entries[1];
    assert_eq!(found.seed, 0xd8ad_676e_b318_4d75);
    assert_eq!(entry.wins.to_bits(), 4_593_959_850_294_057_632);
}

proptest! {
    #[test]
    fn draws_are_ranked_by_means_without_noise(
        // Few steps, so that many sums are equal though their terms are not.
        entries in proptest::collection::vec(proptest::array::uniform6(0u8..4), 2..8),
        weights in proptest::array::uniform6(0u32..3),
        grid in proptest::sample::select(vec![0.1, 0.3, 0.35, 0.7]),
    ) {
        prop_assume!(weights.iter().any(|&weight| weight > 0));
        let value = |steps: u8| f64::from(steps) * grid;
        let of_entry = |steps: &[u8; 6]| steps.map(|steps| [0.5, value(steps)]).to_vec();
        let scores = table(&entries.iter().map(of_entry).collect::<Vec<_>>());
        let mean = |steps: &[u8; 6]| {
            let drawn = steps.iter().zip(weights);
            reproducible::mean(drawn.flat_map(|(&steps, times)| {
                std::iter::repeat_n(value(steps), times as usize)
            }))
        };
        let means: Vec<f64> = entries.iter().map(mean).collect();
        let found = Resampling::of(&scores, Scheme::MeanOfPositions).ranked(&weights);
        prop_assert_eq!(found, positions(&means, 0.0));
    }
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
            let dice = entry.means[0].unwrap();
            prop_assert!(dice.low <= dice.median && dice.median <= dice.high);
            prop_assert!(entry.position.low >= 1.0 && entry.position.high <= 3.0);
        }
    }
}
