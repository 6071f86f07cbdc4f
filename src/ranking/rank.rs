//! Entries to a table: which of a team's entries count, and in what order.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::positions::{ascending, descending, of_metrics, positions};
use super::scheme::{Counting, Scheme};
use super::significance::wins;

/// A result that wants a position. `team` tells whose it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry<'a, T> {
    pub team: T,
    /// Mean Dice over the cases; larger is better.
    pub dice: f64,
    /// Mean HD95 over the cases, mm; smaller is better.
    pub hd95: f64,
    /// Dice and HD95 (mm) of every case, the cases in the same order in all entries.
    pub cases: &'a [[f64; 2]],
}

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Index of the entry in what was given to [`rank`].
    pub entry: usize,
    pub dice_position: usize,
    pub hd95_position: usize,
    /// What the final position is by, as the scheme has it; smaller is better.
    pub score: f64,
    pub position: usize,
}

/// Ranks by a scheme.
///
/// Entries come oldest first: among equals the older is listed first, but does not rank
/// higher. Entries with a value that is not finite take no part. `counting` says which of a
/// team's entries do: the best (all are ranked, each team keeps the one that stands best, and
/// the survivors are ranked anew), the latest, or all. The result is in the order of the table.
///
/// Under `best`, entries that another one of the same team is at least as good as in all that the
/// scheme looks at are left out first: they could never be the best, but would move others around.
/// Tests would say of thousands of entries that nothing differs, so there a team's best is the one that
/// stands best by the mean of positions.
pub fn rank<T: Copy + Eq + Hash>(
    entries: &[Entry<T>],
    counting: Counting,
    scheme: Scheme,
) -> Vec<Placed> {
    let all: Vec<usize> = (0..entries.len()).filter(|&at| entries[at].is_finite()).collect();
    let mut seen = HashSet::new();
    let mut first_of_team = |at: &usize| seen.insert(entries[*at].team);
    let mut chosen: Vec<usize> = match counting {
        Counting::All => all,
        Counting::Latest => all.into_iter().rev().filter(first_of_team).collect(),
        Counting::Best => {
            let among_own = match scheme {
                Scheme::TestThenRank => Scheme::MeanOfPositions,
                scheme => scheme,
            };
            let candidates = undominated(entries, &all, among_own);
            let table = place(entries, &candidates, among_own).into_iter();
            table.map(|placed| placed.entry).filter(&mut first_of_team).collect()
        }
    };
    chosen.sort_unstable();
    place(entries, &chosen, scheme)
}

impl<T> Entry<'_, T> {
    fn is_finite(&self) -> bool {
        let values = self.cases.iter().flatten().chain([&self.dice, &self.hd95]);
        values.into_iter().all(|value| value.is_finite())
    }

    /// Whether it is at least as good as another one in all that the scheme looks at.
    fn covers(&self, other: &Self, scheme: Scheme) -> bool {
        let at_least = |a: &[f64; 2], b: &[f64; 2]| a[0] >= b[0] && a[1] <= b[1];
        match scheme {
            Scheme::DiceOnly => self.dice >= other.dice,
            Scheme::MeanOfPositions | Scheme::TestThenRank => {
                at_least(&[self.dice, self.hd95], &[other.dice, other.hd95])
            }
            Scheme::RankThenAggregate => {
                self.cases.iter().zip(other.cases).all(|(a, b)| at_least(a, b))
            }
        }
    }
}

/// Those of the chosen that no other one of the same team covers; of equal ones the oldest.
fn undominated<T: Copy + Eq + Hash>(
    entries: &[Entry<T>],
    chosen: &[usize],
    scheme: Scheme,
) -> Vec<usize> {
    let mut of_team: HashMap<T, Vec<usize>> = HashMap::new();
    for &at in chosen {
        of_team.entry(entries[at].team).or_default().push(at);
    }
    let covers = |a: usize, b: usize| entries[a].covers(&entries[b], scheme);
    let replaces = |other: usize, at: usize| {
        other != at && covers(other, at) && (other < at || !covers(at, other))
    };
    let stays = |at: &usize| {
        let own = &of_team[&entries[*at].team];
        !own.iter().any(|&other| replaces(other, *at))
    };
    chosen.iter().copied().filter(stays).collect()
}

fn mean_of(dice: &[usize], hd95: &[usize]) -> Vec<f64> {
    dice.iter().zip(hd95).map(|(&dice, &hd95)| (dice + hd95) as f64 / 2.0).collect()
}

fn place<T>(entries: &[Entry<T>], chosen: &[usize], scheme: Scheme) -> Vec<Placed> {
    let entries_of = || chosen.iter().map(|&at| &entries[at]);
    let [dice, hd95] = of_metrics(entries_of().map(|entry| [entry.dice, entry.hd95]));
    let score: Vec<f64> = match scheme {
        Scheme::MeanOfPositions => mean_of(&dice, &hd95),
        Scheme::TestThenRank => {
            let by_wins = |metric: fn(&[f64; 2]) -> f64| {
                let values = |entry: &Entry<T>| entry.cases.iter().map(metric).collect();
                let wins = wins(&entries_of().map(values).collect::<Vec<_>>());
                positions(&wins.iter().map(|&wins| wins as f64).collect::<Vec<_>>(), descending)
            };
            mean_of(&by_wins(|case| case[0]), &by_wins(|case| -case[1]))
        }
        Scheme::DiceOnly => dice.iter().map(|&position| position as f64).collect(),
        Scheme::RankThenAggregate => {
            let cases = entries_of().map(|entry| entry.cases.len()).min().unwrap_or(0);
            let mut sums = vec![0; chosen.len()];
            for case in 0..cases {
                for positions in of_metrics(entries_of().map(|entry| entry.cases[case])) {
                    sums.iter_mut().zip(positions).for_each(|(sum, position)| *sum += position);
                }
            }
            sums.into_iter().map(|sum| sum as f64 / (2 * cases) as f64).collect()
        }
    };
    let last = positions(&score, ascending);

    let mut table: Vec<Placed> = (0..chosen.len())
        .map(|at| Placed {
            entry: chosen[at],
            dice_position: dice[at],
            hd95_position: hd95[at],
            score: score[at],
            position: last[at],
        })
        .collect();
    table.sort_by_key(|placed| (placed.position, placed.entry));
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(team: u8, dice: f64, hd95: f64) -> Entry<'static, u8> {
        Entry { team, dice, hd95, cases: &[] }
    }

    fn finals(entries: &[Entry<u8>], counting: Counting) -> Vec<(u8, usize)> {
        by(Scheme::MeanOfPositions, entries, counting)
    }

    fn by(scheme: Scheme, entries: &[Entry<u8>], counting: Counting) -> Vec<(u8, usize)> {
        let table = rank(entries, counting, scheme);
        table.iter().map(|at| (entries[at.entry].team, at.position)).collect()
    }

    #[test]
    fn the_final_position_is_by_the_mean_of_both() {
        // Dice 1, 2, 3; HD95 3, 1, 2; means 2, 1.5, 2.5.
        let entries = [entry(0, 0.9, 9.0), entry(1, 0.8, 1.0), entry(2, 0.7, 2.0)];
        assert_eq!(finals(&entries, Counting::Best), [(1, 1), (0, 2), (2, 3)]);
        assert_eq!(rank(&entries, Counting::Best, Scheme::MeanOfPositions)[0].score, 1.5);
    }

    #[test]
    fn the_earlier_of_equals_is_listed_first_but_ranks_no_higher() {
        let entries = [entry(7, 0.8, 2.0), entry(3, 0.8, 2.0)];
        assert_eq!(finals(&entries, Counting::Best), [(7, 1), (3, 1)]);
    }

    #[test]
    fn values_that_differ_in_the_last_bit_do_not_share_a_position() {
        let entries = [entry(0, 0.8, 2.0), entry(1, 0.8f64.next_up(), 2.0)];
        assert_eq!(finals(&entries, Counting::All), [(1, 1), (0, 2)]);
    }

    #[test]
    fn a_teams_weaker_entries_leave_no_gap_under_best_and_stay_under_all() {
        let entries = [entry(0, 0.9, 1.0), entry(0, 0.8, 2.0), entry(1, 0.7, 3.0)];
        assert_eq!(finals(&entries, Counting::Best), [(0, 1), (1, 2)]);
        assert_eq!(finals(&entries, Counting::All), [(0, 1), (0, 2), (1, 3)]);
    }

    #[test]
    fn latest_takes_the_last_entry_though_it_is_worse() {
        let entries = [entry(0, 0.9, 1.0), entry(1, 0.8, 2.0), entry(0, 0.7, 3.0)];
        assert_eq!(finals(&entries, Counting::Latest), [(1, 1), (0, 2)]);
    }

    #[test]
    fn what_is_not_finite_is_not_ranked() {
        let entries = [entry(0, f64::NAN, 1.0), entry(1, 0.5, f64::INFINITY), entry(2, 0.1, 50.0)];
        assert_eq!(finals(&entries, Counting::Best), [(2, 1)]);
    }

    #[test]
    fn a_value_of_a_single_case_that_is_not_finite_keeps_an_entry_out() {
        const CASES: &[[f64; 2]] = &[[0.5, f64::INFINITY]];
        let entries = [Entry { cases: CASES, ..entry(0, 0.5, 1.0) }, entry(1, 0.4, 2.0)];
        assert_eq!(finals(&entries, Counting::Best), [(1, 1)]);
    }

    #[test]
    fn nobody_gives_an_empty_table() {
        for &scheme in Scheme::ALL {
            assert!(rank::<u8>(&[], Counting::Best, scheme).is_empty());
        }
    }

    #[test]
    fn by_dice_alone_hd95_changes_nothing() {
        let entries = [entry(0, 0.8, 1.0), entry(1, 0.9, 9.0), entry(2, 0.8, 2.0)];
        assert_eq!(by(Scheme::DiceOnly, &entries, Counting::Best), [(1, 1), (0, 2), (2, 2)]);
    }

    #[test]
    fn rank_then_aggregate_asks_how_often_rather_than_by_how_much() {
        // Better in two cases of three, and far worse in the third.
        const OFTEN: &[[f64; 2]] = &[[0.9, 1.0], [0.9, 1.0], [0.1, 90.0]];
        const NEVER_FAR: &[[f64; 2]] = &[[0.8, 2.0]; 3];
        let entries = [of_cases(0, OFTEN), of_cases(1, NEVER_FAR)];
        assert_eq!(finals(&entries, Counting::All), [(1, 1), (0, 2)]);
        let scheme = Scheme::RankThenAggregate;
        assert_eq!(by(scheme, &entries, Counting::All), [(0, 1), (1, 2)]);
        // Positions 1, 1, 1, 1, 2, 2.
        assert_eq!(rank(&entries, Counting::All, scheme)[0].score, 8.0 / 6.0);
    }

    #[test]
    fn test_then_rank_asks_what_is_more_than_chance() {
        // The first is best by a hair in every case, so significantly; the others share what is left.
        let cases = |quality: f64| -> Vec<[f64; 2]> {
            (0..20).map(|at| [quality - 0.01 * f64::from(at), 2.0 - quality]).collect()
        };
        let mut mixed = cases(0.8);
        mixed[0][0] += 0.2;
        let all = [cases(0.9), cases(0.8), mixed];
        let entries: Vec<Entry<u8>> =
            (0..3).map(|team| of_cases(team, &all[usize::from(team)])).collect();
        let table = rank(&entries, Counting::All, Scheme::TestThenRank);
        let positions: Vec<_> =
            table.iter().map(|row| (row.entry, row.position, row.score)).collect();
        assert_eq!(positions, [(0, 1, 1.0), (1, 2, 2.0), (2, 2, 2.0)]);
    }

    fn of_cases(team: u8, cases: &[[f64; 2]]) -> Entry<'_, u8> {
        let mean =
            |metric: usize| cases.iter().map(|case| case[metric]).sum::<f64>() / cases.len() as f64;
        Entry { team, dice: mean(0), hd95: mean(1), cases }
    }

    const MANY: usize = 6;

    /// Teams with the values of six cases. Few different ones, so that ties are common.
    fn some_cases() -> impl Strategy<Value = Vec<(u8, [[f64; 2]; MANY])>> {
        let case = (0u8..4, 0u8..4).prop_map(|(d, h)| [f64::from(d) / 4.0, f64::from(h)]);
        let cases = proptest::collection::vec(case, MANY)
            .prop_map(|cases| <[[f64; 2]; MANY]>::try_from(cases).unwrap());
        proptest::collection::vec((0u8..5, cases), 0..10)
    }

    fn entries_of(all: &[(u8, [[f64; 2]; MANY])]) -> Vec<Entry<'_, u8>> {
        all.iter().map(|(team, cases)| of_cases(*team, cases)).collect()
    }

    fn some_scheme() -> impl Strategy<Value = Scheme> {
        proptest::sample::select(Scheme::ALL)
    }

    proptest! {
        #[test]
        fn the_order_of_submission_changes_no_position(
            all in some_cases(), scheme in some_scheme(), best: bool,
        ) {
            let counting = if best { Counting::Best } else { Counting::All };
            let sorted = |all: &[(u8, [[f64; 2]; MANY])]| {
                let mut all = by(scheme, &entries_of(all), counting);
                all.sort_unstable();
                all
            };
            let turned: Vec<_> = all.iter().rev().copied().collect();
            // Of a team's entries that stand equally well, the older counts: that is the one thing order decides.
            let distinct_teams: HashSet<u8> = all.iter().map(|one| one.0).collect();
            if counting == Counting::All || distinct_teams.len() == all.len() {
                prop_assert_eq!(sorted(&all), sorted(&turned));
            }
        }

        #[test]
        fn the_order_of_the_cases_changes_no_position(all in some_cases(), scheme in some_scheme()) {
            let turned: Vec<(u8, [[f64; 2]; MANY])> = all
                .iter()
                .map(|&(team, mut cases)| {
                    cases.reverse();
                    (team, cases)
                })
                .collect();
            let table = |all: &[(u8, [[f64; 2]; MANY])]| by(scheme, &entries_of(all), Counting::Best);
            prop_assert_eq!(table(&all), table(&turned));
        }

        #[test]
        fn a_dominated_entry_never_stands_higher(
            all in some_cases(), scheme in some_scheme(), counting in 0usize..3,
        ) {
            // Where differences of nothing are dropped from a test, being better in one more case can cost
            // significance (Pratt 1959): tests promise this only where no two values are equal.
            prop_assume!(scheme != Scheme::TestThenRank);
            let entries = entries_of(&all);
            let table = rank(&entries, Counting::ALL[counting], scheme);
            for a in &table {
                for b in &table {
                    let covers = |x: &[f64; 2], y: &[f64; 2]| x[0] >= y[0] && x[1] <= y[1];
                    let (x, y) = (&all[a.entry].1, &all[b.entry].1);
                    if x.iter().zip(y).all(|(x, y)| covers(x, y)) {
                        prop_assert!(a.position <= b.position);
                    }
                }
            }
        }

        #[test]
        fn an_entry_that_is_better_in_every_case_wins_no_fewer_tests(
            seed: u64, better in 0.0f64..0.3,
        ) {
            let mut rng = reproducible::Rng::new(seed);
            let mut all: Vec<Vec<[f64; 2]>> =
                (0..4).map(|_| (0..8).map(|_| [rng.unit(), rng.unit()]).collect()).collect();
            all.push(all[0].iter().map(|&[dice, hd95]| [dice + better, hd95 - better]).collect());
            let entries: Vec<Entry<u8>> =
                all.iter().enumerate().map(|(team, cases)| of_cases(team as u8, cases)).collect();
            let table = rank(&entries, Counting::All, Scheme::TestThenRank);
            let position = |entry| table.iter().find(|row| row.entry == entry).unwrap().position;
            prop_assert!(position(4) <= position(0));
        }

        #[test]
        fn a_teams_worse_submission_changes_nobody_under_best(
            mut all in some_cases(), scheme in some_scheme(), of: prop::sample::Index,
        ) {
            prop_assume!(!all.is_empty());
            let before = by(scheme, &entries_of(&all), Counting::Best);
            let (team, mut cases) = *of.get(&all);
            cases.iter_mut().for_each(|case| *case = [case[0] / 2.0, case[1] + 0.5]);
            all.push((team, cases));
            prop_assert_eq!(before, by(scheme, &entries_of(&all), Counting::Best));
        }

        #[test]
        fn under_best_every_team_has_one_row(all in some_cases(), scheme in some_scheme()) {
            let table = by(scheme, &entries_of(&all), Counting::Best);
            let teams: HashSet<u8> = all.iter().map(|one| one.0).collect();
            let rows: HashSet<u8> = table.iter().map(|row| row.0).collect();
            prop_assert_eq!((table.len(), rows), (teams.len(), teams));
        }
    }
}
