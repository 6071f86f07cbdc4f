//! How much a ranking depends on which cases there happen to be.

use std::cmp::Ordering;

use sha2::{Digest, Sha256};

use super::kendall::tau_b;
use super::positions::positions;
use super::scheme::Scheme;
use super::significance::wins;
use reproducible::Position;
use reproducible::Rng;

/// How often the cases are drawn.
const DRAWS: usize = 1000;

/// Tests cost by the pair: with more entries than 25, cases are drawn less often for them, but never less often
/// than this.
const FEWEST_DRAWS: usize = 50;

fn draws_for(scheme: Scheme, entries: usize) -> usize {
    match scheme {
        Scheme::TestThenRank => (DRAWS * 25 * 25 / (entries * entries)).clamp(FEWEST_DRAWS, DRAWS),
        _ => DRAWS,
    }
}

/// The middle 95 % of what the draws gave, and their median; by linear interpolation (R's type 7).
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Interval {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

/// What the draws say of one entry.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Spread {
    /// Where it stands with every case counted once.
    pub ranked: usize,
    /// Of mean Dice.
    pub dice: Interval,
    /// Of mean HD95, mm.
    pub hd95: Interval,
    pub position: Interval,
    /// In what share of the draws it comes first.
    pub wins: f64,
    /// Positions it comes to, ascending, each with its share of the draws.
    pub positions: Vec<(usize, f64)>,
}

/// What the draws say of a ranking.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Stability {
    /// Made of the data alone: who has the data can repeat the draws.
    pub seed: u64,
    pub draws: usize,
    /// In the order of what was given.
    pub entries: Vec<Spread>,
    /// Kendall's tau-b between the ranking and those of the draws; none if all entries are equal.
    pub tau: Option<Interval>,
}

/// Draws the cases again and again, with replacement and as many of each stratum as there are, the same for all
/// entries, and ranks anew each time (Wiesenfarth et al. 2021).
///
/// `entries` holds Dice and HD95 (mm) of every case, in the same order for all; `strata` says which group each
/// case is of. Positions in single cases, which one scheme is about, are found once and then drawn: a case that
/// is drawn twice weighs twice. `None` without entries or cases.
pub fn bootstrap(entries: &[&[[f64; 2]]], strata: &[usize], scheme: Scheme) -> Option<Stability> {
    let cases = strata.len();
    if entries.is_empty() || cases == 0 || entries.iter().any(|values| values.len() != cases) {
        return None;
    }
    let seed = seed_of(entries, strata);
    let whole = vec![1; cases];
    let per_case = match scheme {
        Scheme::RankThenAggregate => positions_in_cases(entries, cases),
        Scheme::MeanOfPositions | Scheme::DiceOnly | Scheme::TestThenRank => Vec::new(),
    };
    let table = Table { entries, per_case, scheme };
    let (_, ranking) = table.ranked(&whole);

    let mut rng = Rng::new(seed);
    let members = members_of(strata);
    let draws = draws_for(scheme, entries.len());
    let empty = || Vec::with_capacity(draws);
    let mut drawn: Vec<[Vec<f64>; 3]> =
        entries.iter().map(|_| [empty(), empty(), empty()]).collect();
    let mut taus = Vec::with_capacity(DRAWS);
    for _ in 0..draws {
        let mut weights = vec![0; cases];
        for stratum in &members {
            stratum.iter().for_each(|_| weights[stratum[rng.below(stratum.len())]] += 1);
        }
        let (means, positions) = table.ranked(&weights);
        taus.extend(tau_b(&ranking, &positions));
        for ((values, [dice, hd95]), position) in drawn.iter_mut().zip(means).zip(positions) {
            values[0].push(dice);
            values[1].push(hd95);
            values[2].push(position as f64);
        }
    }
    Some(Stability {
        seed,
        draws,
        entries: drawn.into_iter().zip(ranking).map(spread).collect(),
        tau: Interval::of(&mut taus),
    })
}

impl Interval {
    fn of(values: &mut [f64]) -> Option<Self> {
        values.sort_unstable_by(f64::total_cmp);
        let quantile = |q| {
            let at = Position::of(q, values.len())?;
            Some(at.between(values[at.low], values[at.high]))
        };
        Some(Self { low: quantile(0.025)?, median: quantile(0.5)?, high: quantile(0.975)? })
    }
}

fn spread((drawn, ranked): ([Vec<f64>; 3], usize)) -> Spread {
    const NONE: Interval = Interval { low: f64::NAN, median: f64::NAN, high: f64::NAN };
    let [mut dice, mut hd95, mut position] = drawn;
    let interval = |values: &mut [f64]| Interval::of(values).unwrap_or(NONE);
    let of_position = interval(&mut position);
    let draws = position.len() as f64;
    let share = |of: &[f64]| of.len() as f64 / draws;
    let positions: Vec<(usize, f64)> =
        position.chunk_by(|a, b| a == b).map(|equal| (equal[0] as usize, share(equal))).collect();
    Spread {
        ranked,
        dice: interval(&mut dice),
        hd95: interval(&mut hd95),
        position: of_position,
        wins: positions.first().filter(|first| first.0 == 1).map_or(0.0, |first| first.1),
        positions,
    }
}

/// The indices of the cases of each stratum.
fn members_of(strata: &[usize]) -> Vec<Vec<usize>> {
    let mut members: Vec<Vec<usize>> = Vec::new();
    for (case, &stratum) in strata.iter().enumerate() {
        if members.len() <= stratum {
            members.resize(stratum + 1, Vec::new());
        }
        members[stratum].push(case);
    }
    members
}

/// The same for the same data, in whatever order the entries come and whoever they belong to.
fn seed_of(entries: &[&[[f64; 2]]], strata: &[usize]) -> u64 {
    let digest = |values: &&[[f64; 2]]| {
        let mut digest = Sha256::new();
        values.iter().flatten().for_each(|value| digest.update(value.to_le_bytes()));
        digest.finalize()
    };
    let mut digests: Vec<_> = entries.iter().map(digest).collect();
    digests.sort_unstable();
    let mut all = Sha256::new();
    strata.iter().for_each(|&stratum| all.update((stratum as u64).to_le_bytes()));
    digests.iter().for_each(|digest| all.update(digest));
    all.finalize().iter().take(8).fold(0, |seed, &byte| seed << 8 | u64::from(byte))
}

/// For each entry, the sum of its positions by Dice and by HD95 in every case.
fn positions_in_cases(entries: &[&[[f64; 2]]], cases: usize) -> Vec<Vec<usize>> {
    let mut sums = vec![vec![0; cases]; entries.len()];
    for case in 0..cases {
        let values = |metric: usize| -> Vec<f64> {
            entries.iter().map(|values| values[case][metric]).collect()
        };
        let by_dice = positions(&values(0), |a, b| b.total_cmp(a));
        let by_hd95 = positions(&values(1), f64::total_cmp);
        for (sum, (dice, hd95)) in sums.iter_mut().zip(by_dice.into_iter().zip(by_hd95)) {
            sum[case] = dice + hd95;
        }
    }
    sums
}

struct Table<'a> {
    entries: &'a [&'a [[f64; 2]]],
    /// For rank-then-aggregate, each entry's positions in each case, summed over the metrics.
    per_case: Vec<Vec<usize>>,
    scheme: Scheme,
}

impl Table<'_> {
    /// Mean Dice and mean HD95 of each entry, and its position, where each case counts as often as it weighs.
    fn ranked(&self, weights: &[usize]) -> (Vec<[f64; 2]>, Vec<usize>) {
        let total: usize = weights.iter().sum();
        let mean = |values: &&[[f64; 2]]| {
            let mut sums = [0.0; 2];
            for (value, &weight) in values.iter().zip(weights) {
                sums[0] += value[0] * weight as f64;
                sums[1] += value[1] * weight as f64;
            }
            sums.map(|sum| sum / total as f64)
        };
        let means: Vec<[f64; 2]> = self.entries.iter().map(mean).collect();
        let by = |metric: usize, better: fn(&f64, &f64) -> Ordering| {
            positions(&means.iter().map(|mean| mean[metric]).collect::<Vec<_>>(), better)
        };
        let by_dice = || by(0, |a, b| b.total_cmp(a));
        let last = |scores: Vec<usize>| {
            let scores: Vec<f64> = scores.into_iter().map(|score| score as f64).collect();
            positions(&scores, f64::total_cmp)
        };
        let ranking = match self.scheme {
            Scheme::DiceOnly => by_dice(),
            Scheme::MeanOfPositions => {
                let by_hd95 = by(1, f64::total_cmp);
                last(by_dice().into_iter().zip(by_hd95).map(|(dice, hd95)| dice + hd95).collect())
            }
            Scheme::TestThenRank => {
                let drawn = |values: &&[[f64; 2]], metric: usize, sign: f64| -> Vec<f64> {
                    let times = values.iter().zip(weights);
                    times.flat_map(|(v, &n)| std::iter::repeat_n(sign * v[metric], n)).collect()
                };
                let by_wins = |metric: usize, sign: f64| {
                    let values = self.entries.iter().map(|values| drawn(values, metric, sign));
                    let wins = wins(&values.collect::<Vec<_>>());
                    let fewest_last = |a: &f64, b: &f64| b.total_cmp(a);
                    positions(&wins.iter().map(|&n| n as f64).collect::<Vec<_>>(), fewest_last)
                };
                let both = by_wins(0, 1.0).into_iter().zip(by_wins(1, -1.0));
                last(both.map(|(dice, hd95)| dice + hd95).collect())
            }
            Scheme::RankThenAggregate => {
                let sum = |sums: &Vec<usize>| sums.iter().zip(weights).map(|(a, b)| a * b).sum();
                last(self.per_case.iter().map(sum).collect())
            }
        };
        (means, ranking)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use reproducible::Rng;

    /// Ten normal and ten diseased cases.
    const STRATA: [usize; 20] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];

    fn entry(rng: &mut Rng, quality: f64) -> Vec<[f64; 2]> {
        STRATA
            .iter()
            .map(|_| {
                [quality + rng.between(-0.1, 0.1), 10.0 * (1.0 - quality) + rng.between(0.0, 3.0)]
            })
            .collect()
    }

    fn some_entries(seed: u64, qualities: &[f64]) -> Vec<Vec<[f64; 2]>> {
        let mut rng = Rng::new(seed);
        qualities.iter().map(|&quality| entry(&mut rng, quality)).collect()
    }

    fn of(entries: &[Vec<[f64; 2]>], scheme: Scheme) -> Stability {
        let entries: Vec<&[[f64; 2]]> = entries.iter().map(Vec::as_slice).collect();
        bootstrap(&entries, &STRATA, scheme).unwrap()
    }

    #[test]
    fn what_is_always_best_always_wins() {
        for &scheme in Scheme::ALL {
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
        assert_eq!(bootstrap(&[], &STRATA, Scheme::DiceOnly), None);
        assert_eq!(bootstrap(&[&[]], &[], Scheme::DiceOnly), None);
        assert_eq!(bootstrap(&[&[[0.5, 1.0]]], &[0, 1], Scheme::DiceOnly), None);
    }

    #[test]
    fn cases_are_drawn_less_often_where_many_entries_are_tested() {
        let draws = |entries| draws_for(Scheme::TestThenRank, entries);
        assert_eq!([1, 25, 50, 1000].map(draws), [1000, 1000, 250, 50]);
        assert_eq!(draws_for(Scheme::MeanOfPositions, 1000), 1000);
    }

    #[test]
    fn one_case_leaves_nothing_to_chance() {
        let found = bootstrap(&[&[[0.5, 1.0]], &[[0.4, 2.0]]], &[0], Scheme::DiceOnly).unwrap();
        assert_eq!(found.entries[0].dice, Interval { low: 0.5, median: 0.5, high: 0.5 });
        assert_eq!(found.entries[1].positions, [(2, 1.0)]);
    }

    #[test]
    fn the_interval_of_a_mean_is_as_wide_as_theory_says() {
        // A mean over cases of spread s, drawn within strata, has the standard error s / sqrt(n).
        let mut rng = Rng::new(3);
        let values: Vec<[f64; 2]> = STRATA.iter().map(|_| [rng.unit(), 1.0]).collect();
        let found = of(std::slice::from_ref(&values), Scheme::DiceOnly).entries[0].dice;
        let error = |stratum: &[[f64; 2]]| {
            let mean = stratum.iter().map(|value| value[0]).sum::<f64>() / 10.0;
            stratum.iter().map(|value| (value[0] - mean).powi(2)).sum::<f64>() / 10.0 / 10.0
        };
        let expected = 2.0 * 1.96 * (error(&values[..10]) + error(&values[10..])).sqrt() / 2.0;
        let ratio = (found.high - found.low) / expected;
        assert!((0.93..1.07).contains(&ratio), "{ratio}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn the_order_of_the_entries_changes_nothing(seed: u64, scheme in 0usize..4) {
            let scheme = Scheme::ALL[scheme];
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
                prop_assert!(entry.dice.low <= entry.dice.median && entry.dice.median <= entry.dice.high);
                prop_assert!(entry.position.low >= 1.0 && entry.position.high <= 3.0);
            }
        }
    }
}
