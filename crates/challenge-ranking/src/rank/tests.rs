use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::samples::{of_means, table};

const ALL: [Counting; 3] = [Counting::Best, Counting::Latest, Counting::All];

const SCHEMES: [Scheme; 4] =
    [Scheme::MeanOfPositions, Scheme::FirstMetric, Scheme::RankThenAggregate, Scheme::TestThenRank];

/// Teams with their means: team, higher is better, lower is better.
type Means = [(u8, f64, f64)];

fn ranked(
    table: &ScoreTable,
    teams: &[u8],
    counting: Counting,
    scheme: Scheme,
) -> Vec<(u8, usize)> {
    let ranking = table.rank(teams, counting, scheme);
    ranking.iter().map(|row| (teams[row.entry], row.position)).collect()
}

fn by(scheme: Scheme, entries: &Means, counting: Counting) -> Vec<(u8, usize)> {
    let teams: Vec<u8> = entries.iter().map(|entry| entry.0).collect();
    let means: Vec<[f64; 2]> = entries.iter().map(|&(_, dice, hd95)| [dice, hd95]).collect();
    ranked(&of_means(&means), &teams, counting, scheme)
}

fn finals(entries: &Means, counting: Counting) -> Vec<(u8, usize)> {
    by(Scheme::MeanOfPositions, entries, counting)
}

fn finals_of(scores: &ScoreTable) -> Vec<(u8, usize)> {
    ranked(scores, &[0, 1], Counting::All, Scheme::MeanOfPositions)
}

#[test]
fn the_final_position_is_by_the_mean_of_both() {
    // Positions 1, 2, 3 and 3, 1, 2; means 2, 1.5, 2.5.
    let entries = [(0, 0.9, 9.0), (1, 0.8, 1.0), (2, 0.7, 2.0)];
    assert_eq!(finals(&entries, Counting::Best), [(1, 1), (0, 2), (2, 3)]);
    let table = of_means(&[[0.9, 9.0], [0.8, 1.0], [0.7, 2.0]]);
    let first = table.rank(&[0, 1, 2], Counting::Best, Scheme::MeanOfPositions).remove(0);
    assert_eq!((first.score, first.metric_positions), (1.5, vec![2, 1]));
}

#[test]
fn the_earlier_of_equals_is_listed_first_but_ranks_no_higher() {
    assert_eq!(finals(&[(7, 0.8, 2.0), (3, 0.8, 2.0)], Counting::Best), [(7, 1), (3, 1)]);
}

#[test]
fn values_that_differ_in_the_last_bit_do_not_share_a_position() {
    let entries = [(0, 0.8, 2.0), (1, 0.8f64.next_up(), 2.0)];
    assert_eq!(finals(&entries, Counting::All), [(1, 1), (0, 2)]);
}

#[test]
fn a_teams_weaker_entries_leave_no_gap_under_best_and_stay_under_all() {
    let entries = [(0, 0.9, 1.0), (0, 0.8, 2.0), (1, 0.7, 3.0)];
    assert_eq!(finals(&entries, Counting::Best), [(0, 1), (1, 2)]);
    assert_eq!(finals(&entries, Counting::All), [(0, 1), (0, 2), (1, 3)]);
}

#[test]
fn latest_takes_the_last_entry_though_it_is_worse() {
    let entries = [(0, 0.9, 1.0), (1, 0.8, 2.0), (0, 0.7, 3.0)];
    assert_eq!(finals(&entries, Counting::Latest), [(1, 1), (0, 2)]);
}

#[test]
fn what_is_not_finite_is_not_ranked() {
    let entries = [(0, f64::NAN, 1.0), (1, 0.5, f64::INFINITY), (2, 0.1, 50.0)];
    assert_eq!(finals(&entries, Counting::Best), [(2, 1)]);
}

#[test]
fn a_value_of_a_single_case_that_is_not_finite_keeps_an_entry_out() {
    let scores = table(&[vec![[0.5, f64::INFINITY]], vec![[0.4, 2.0]]]);
    let means = ndarray::array![[0.5, 0.4], [1.0, 2.0]];
    let scores = scores.with_means(means).unwrap();
    assert_eq!(ranked(&scores, &[0, 1], Counting::Best, Scheme::MeanOfPositions), [(1, 1)]);
}

#[test]
fn nobody_gives_an_empty_table() {
    for scheme in SCHEMES {
        assert!(by(scheme, &[], Counting::Best).is_empty());
    }
}

#[test]
fn by_the_first_metric_alone_the_second_changes_nothing() {
    let entries = [(0, 0.8, 1.0), (1, 0.9, 9.0), (2, 0.8, 2.0)];
    assert_eq!(by(Scheme::FirstMetric, &entries, Counting::Best), [(1, 1), (0, 2), (2, 2)]);
}

#[test]
fn rank_then_aggregate_asks_how_often_rather_than_by_how_much() {
    // Better in two cases of three, and far worse in the third.
    let often = vec![[0.9, 1.0], [0.9, 1.0], [0.1, 90.0]];
    let scores = table(&[often, vec![[0.8, 2.0]; 3]]);
    let by = |scheme| ranked(&scores, &[0, 1], Counting::All, scheme);
    assert_eq!(by(Scheme::MeanOfPositions), [(1, 1), (0, 2)]);
    assert_eq!(by(Scheme::RankThenAggregate), [(0, 1), (1, 2)]);
    // Positions 1, 1, 1, 1, 2, 2.
    let first = scores.rank(&[0, 1], Counting::All, Scheme::RankThenAggregate).remove(0);
    assert_eq!(first.score, 8.0 / 6.0);
}

#[test]
fn what_rounding_leaves_behind_decides_no_case() {
    // The same steps of 0.3 mm, computed in two ways; the second is larger in the last bit.
    let steps = [3.0, 6.0, 7.0, 12.0, 1.0];
    let straight = steps.map(|steps| [0.5, steps * 0.3]).to_vec();
    let around = steps.map(|steps: f64| [0.5, (steps * 0.3).next_up()]).to_vec();
    let scores = table(&[straight, around]);
    let by = |scheme| ranked(&scores, &[0, 1], Counting::All, scheme);
    assert_eq!(by(Scheme::RankThenAggregate), [(0, 1), (1, 1)]);
    assert_eq!(by(Scheme::TestThenRank), [(0, 1), (1, 1)]);
}

#[test]
fn the_same_values_in_other_cases_rank_the_same() {
    let steps = [2, 5, 2, 2, 3, 2, 2, 9, 1, 7, 7, 3, 4, 3, 2, 3, 5, 2, 1, 2];
    let entry = |steps: &[i32]| steps.iter().map(|&of| [0.5, f64::from(of) * 0.3]).collect();
    let mut sorted = steps;
    sorted.sort_unstable();
    let scores = table(&[entry(&steps), entry(&sorted)]);
    assert_eq!(finals_of(&scores), [(0, 1), (1, 1)]);
    assert_eq!(scores.means().row(1).to_vec(), [1.005; 2]);
}

#[test]
fn test_then_rank_asks_what_is_more_than_chance() {
    // The first is best by a hair in every case, so significantly; the others share what is left.
    let cases = |quality: f64| -> Vec<[f64; 2]> {
        (0..20).map(|at| [quality - 0.01 * f64::from(at), 2.0 - quality]).collect()
    };
    let mut mixed = cases(0.8);
    mixed[0][0] += 0.2;
    let scores = table(&[cases(0.9), cases(0.8), mixed]);
    let ranking = scores.rank(&[0, 1, 2], Counting::All, Scheme::TestThenRank);
    let positions: Vec<_> =
        ranking.iter().map(|row| (row.entry, row.position, row.score)).collect();
    assert_eq!(positions, [(0, 1, 1.0), (1, 2, 2.0), (2, 2, 2.0)]);
}

const MANY: usize = 6;

/// A team with the values of six cases.
type Entry = (u8, Vec<[f64; 2]>);

/// Few different values, so that ties are common.
fn some_entries() -> impl Strategy<Value = Vec<Entry>> {
    let case = (0u8..4, 0u8..4).prop_map(|(d, h)| [f64::from(d) / 4.0, f64::from(h)]);
    let cases = proptest::collection::vec(case, MANY);
    proptest::collection::vec((0u8..5, cases), 0..10)
}

fn of_entries(entries: &[Entry], counting: Counting, scheme: Scheme) -> Vec<(u8, usize)> {
    let (teams, cases): (Vec<u8>, Vec<Vec<[f64; 2]>>) = entries.iter().cloned().unzip();
    ranked(&table(&cases), &teams, counting, scheme)
}

fn some_scheme() -> impl Strategy<Value = Scheme> {
    proptest::sample::select(&SCHEMES[..])
}

proptest! {
    #[test]
    fn the_order_of_submission_changes_no_position(
        all in some_entries(), scheme in some_scheme(), best: bool,
    ) {
        let counting = if best { Counting::Best } else { Counting::All };
        let sorted = |all: &[Entry]| {
            let mut ranking = of_entries(all, counting, scheme);
            ranking.sort_unstable();
            ranking
        };
        let turned: Vec<_> = all.iter().rev().cloned().collect();
        // Of a team's entries that stand equally well, the older counts: that is the one thing order decides.
        let distinct_teams: HashSet<u8> = all.iter().map(|one| one.0).collect();
        if counting == Counting::All || distinct_teams.len() == all.len() {
            prop_assert_eq!(sorted(&all), sorted(&turned));
        }
    }

    #[test]
    fn the_order_of_the_cases_changes_no_position_and_no_bit(
        all in some_entries(),
        scheme in some_scheme(),
        order in Just((0..MANY).collect::<Vec<_>>()).prop_shuffle(),
        grid in proptest::sample::select(vec![0.1, 0.3, 0.35, 0.7]),
    ) {
        let scaled = |&[dice, hd95]: &[f64; 2]| [dice * grid, hd95 * grid];
        let all: Vec<Entry> =
            all.iter().map(|(team, cases)| (*team, cases.iter().map(scaled).collect())).collect();
        let turn = |(team, cases): &Entry| (*team, order.iter().map(|&at| cases[at]).collect());
        let turned: Vec<Entry> = all.iter().map(turn).collect();
        let means = |of: &[Entry]| -> Vec<u64> {
            let cases: Vec<_> = of.iter().map(|(_, cases)| cases.clone()).collect();
            table(&cases).means().iter().map(|mean| mean.to_bits()).collect()
        };
        prop_assert_eq!(means(&all), means(&turned));
        prop_assert_eq!(
            of_entries(&all, Counting::Best, scheme),
            of_entries(&turned, Counting::Best, scheme)
        );
    }

    #[test]
    fn a_dominated_entry_never_stands_higher(
        all in some_entries(), scheme in some_scheme(), counting in 0usize..3,
    ) {
        // Where differences of nothing are dropped from a test, being better in one more case can cost
        // significance (Pratt 1959): tests promise this only where no two values are equal.
        prop_assume!(scheme != Scheme::TestThenRank);
        let (teams, cases): (Vec<u8>, Vec<Vec<[f64; 2]>>) = all.into_iter().unzip();
        let ranking = table(&cases).rank(&teams, ALL[counting], scheme);
        for a in &ranking {
            for b in &ranking {
                let mut pairs = cases[a.entry].iter().zip(&cases[b.entry]);
                if pairs.all(|(x, y)| x[0] >= y[0] && x[1] <= y[1]) {
                    prop_assert!(a.position <= b.position);
                }
            }
        }
    }

    #[test]
    fn an_entry_that_is_better_in_every_case_wins_no_fewer_tests(seed: u64, better in 0.0f64..0.3) {
        let mut rng = reproducible::Rng::new(seed);
        let mut all: Vec<Vec<[f64; 2]>> =
            (0..4).map(|_| (0..8).map(|_| [rng.unit(), rng.unit()]).collect()).collect();
        all.push(all[0].iter().map(|&[dice, hd95]| [dice + better, hd95 - better]).collect());
        let ranking = table(&all).rank(&[0, 1, 2, 3, 4], Counting::All, Scheme::TestThenRank);
        let position = |entry| ranking.iter().find(|row| row.entry == entry).unwrap().position;
        prop_assert!(position(4) <= position(0));
    }

    #[test]
    fn a_teams_worse_submission_changes_nobody_under_best(
        mut all in some_entries(), scheme in some_scheme(), of: prop::sample::Index,
    ) {
        prop_assume!(!all.is_empty());
        let before = of_entries(&all, Counting::Best, scheme);
        let (team, mut cases) = of.get(&all).clone();
        cases.iter_mut().for_each(|case| *case = [case[0] / 2.0, case[1] + 0.5]);
        all.push((team, cases));
        prop_assert_eq!(before, of_entries(&all, Counting::Best, scheme));
    }

    #[test]
    fn under_best_every_team_has_one_row(all in some_entries(), scheme in some_scheme()) {
        let ranking = of_entries(&all, Counting::Best, scheme);
        let teams: HashSet<u8> = all.iter().map(|one| one.0).collect();
        let rows: HashSet<u8> = ranking.iter().map(|row| row.0).collect();
        prop_assert_eq!((ranking.len(), rows), (teams.len(), teams));
    }
}
