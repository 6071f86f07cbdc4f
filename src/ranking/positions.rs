use std::cmp::Ordering;
use std::collections::HashSet;
use std::hash::Hash;

use crate::terms::terms;

terms! {
    /// Which of a team's entries the ranking takes.
    Counting { Best = "best", Latest = "latest", All = "all" }

    /// What the final position is by.
    Scheme {
        /// The mean of the positions in mean Dice and in mean HD95, as grand-challenge does by default.
        MeanOfPositions = "mean_of_positions",
        /// The position in mean Dice alone.
        DiceOnly = "dice_only",
        /// The mean of the positions in every case and metric.
        RankThenAggregate = "rank_then_aggregate",
    }
}

impl Scheme {
    /// What [`Placed::score`] is.
    pub fn score_name(self) -> &'static str {
        match self {
            Self::MeanOfPositions => "Mean position",
            Self::DiceOnly => "Position in Dice",
            Self::RankThenAggregate => "Mean position in cases",
        }
    }

    /// The rule in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::MeanOfPositions => {
                "Ranked by the mean of two positions: in mean Dice (larger is better) and in mean HD95 (ASOCA, all voxels; \
                 smaller is better) over all cases."
            }
            Self::DiceOnly => {
                "Ranked by mean Dice over all cases (larger is better); HD95 (ASOCA, all voxels) stands beside it and \
                 doesn’t count."
            }
            Self::RankThenAggregate => {
                "In each case there is a position by Dice (larger is better) and one by HD95 (ASOCA, all voxels; smaller \
                 is better); ranked by the mean of all of them."
            }
        }
    }
}

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

/// Standard competition ranks (1, 2, 2, 4): one more than the number of better values.
/// Values are compared exactly; `better` says which of two comes first.
pub fn positions(values: &[f64], better: impl Fn(&f64, &f64) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| better(&values[a], &values[b]));
    let mut positions = vec![0; values.len()];
    let mut first_of_equals = 0;
    for (at, &index) in order.iter().enumerate() {
        if at == 0 || better(&values[order[at - 1]], &values[index]) != Ordering::Equal {
            first_of_equals = at;
        }
        positions[index] = first_of_equals + 1;
    }
    positions
}

/// Ranks by a scheme.
///
/// Entries come oldest first: among equals the older is listed first, but does not rank
/// higher. Entries with a value that is not finite take no part. `counting` says which of a
/// team's entries do: the best (all are ranked, each team keeps the one that stands best, and
/// the survivors are ranked anew), the latest, or all. The result is in the order of the table.
pub fn rank<T: Copy + Eq + Hash>(
    entries: &[Entry<T>],
    counting: Counting,
    scheme: Scheme,
) -> Vec<Placed> {
    let finite = |entry: &Entry<T>| entry.dice.is_finite() && entry.hd95.is_finite();
    let all: Vec<usize> = (0..entries.len()).filter(|&at| finite(&entries[at])).collect();
    let mut seen = HashSet::new();
    let mut first_of_team = |at: &usize| seen.insert(entries[*at].team);
    let mut chosen: Vec<usize> = match counting {
        Counting::All => all,
        Counting::Latest => all.into_iter().rev().filter(first_of_team).collect(),
        Counting::Best => place(entries, &all, scheme)
            .iter()
            .map(|placed| placed.entry)
            .filter(&mut first_of_team)
            .collect(),
    };
    chosen.sort_unstable();
    place(entries, &chosen, scheme)
}

fn ascending(a: &f64, b: &f64) -> Ordering {
    a.partial_cmp(b).unwrap_or(Ordering::Equal)
}

/// Positions by values of Dice and of HD95.
fn of_metrics(values: impl Iterator<Item = [f64; 2]>) -> [Vec<usize>; 2] {
    let (dice, hd95): (Vec<f64>, Vec<f64>) = values.map(|[dice, hd95]| (dice, hd95)).unzip();
    [positions(&dice, |a, b| ascending(b, a)), positions(&hd95, ascending)]
}

fn place<T>(entries: &[Entry<T>], chosen: &[usize], scheme: Scheme) -> Vec<Placed> {
    let entries_of = || chosen.iter().map(|&at| &entries[at]);
    let [dice, hd95] = of_metrics(entries_of().map(|entry| [entry.dice, entry.hd95]));
    let score: Vec<f64> = match scheme {
        Scheme::MeanOfPositions => {
            dice.iter().zip(&hd95).map(|(&d, &h)| (d + h) as f64 / 2.0).collect()
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
    fn equals_share_a_position_and_the_next_one_is_skipped() {
        let ascending = |a: &f64, b: &f64| a.total_cmp(b);
        assert_eq!(positions(&[0.2, 0.1, 0.2, 0.3], ascending), [2, 1, 2, 4]);
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
        let of = |team, cases: &'static [[f64; 2]]| {
            let mean = |metric: usize| cases.iter().map(|case| case[metric]).sum::<f64>() / 3.0;
            Entry { team, dice: mean(0), hd95: mean(1), cases }
        };
        let entries = [of(0, OFTEN), of(1, NEVER_FAR)];
        assert_eq!(finals(&entries, Counting::All), [(1, 1), (0, 2)]);
        let scheme = Scheme::RankThenAggregate;
        assert_eq!(by(scheme, &entries, Counting::All), [(0, 1), (1, 2)]);
        // Positions 1, 1, 1, 1, 2, 2.
        assert_eq!(rank(&entries, Counting::All, scheme)[0].score, 8.0 / 6.0);
    }

    fn some_entries() -> impl Strategy<Value = Vec<Entry<'static, u8>>> {
        // Few different values, so that ties are common.
        proptest::collection::vec((0u8..5, 0u8..6, 0u8..6), 0..12).prop_map(|rows| {
            rows.iter().map(|&(t, d, h)| entry(t, f64::from(d) / 8.0, f64::from(h))).collect()
        })
    }

    proptest! {
        #[test]
        fn the_order_of_submission_changes_no_position(entries in some_entries()) {
            let mut turned = entries.clone();
            turned.reverse();
            let sorted = |entries: &[Entry<u8>]| {
                let mut all = finals(entries, Counting::All);
                all.sort_unstable();
                all
            };
            prop_assert_eq!(sorted(&entries), sorted(&turned));
        }

        #[test]
        fn a_dominated_entry_never_stands_higher(entries in some_entries()) {
            let table = rank(&entries, Counting::All, Scheme::MeanOfPositions);
            for a in &table {
                for b in &table {
                    let (x, y) = (entries[a.entry], entries[b.entry]);
                    if x.dice >= y.dice && x.hd95 <= y.hd95 {
                        prop_assert!(a.position <= b.position);
                    }
                }
            }
        }

        #[test]
        fn under_best_every_team_has_one_row(entries in some_entries()) {
            let mut teams: Vec<u8> =
                finals(&entries, Counting::Best).iter().map(|row| row.0).collect();
            let rows = teams.len();
            teams.sort_unstable();
            teams.dedup();
            prop_assert_eq!(teams.len(), rows);
        }
    }
}
