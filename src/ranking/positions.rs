use std::cmp::Ordering;
use std::collections::HashSet;
use std::hash::Hash;

use crate::terms::terms;

terms! {
    /// Which of a team's entries the ranking takes.
    Counting { Best = "best", Latest = "latest", All = "all" }
}

/// A result that wants a position. `team` tells whose it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry<T> {
    pub team: T,
    /// Mean Dice over the cases; larger is better.
    pub dice: f64,
    /// Mean HD95 over the cases, mm; smaller is better.
    pub hd95: f64,
}

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Index of the entry in what was given to [`rank`].
    pub entry: usize,
    pub dice_position: usize,
    pub hd95_position: usize,
    /// Mean of the two positions; what the final position is by.
    pub mean_position: f64,
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

/// Ranks by the mean of the positions in Dice (descending) and HD95 (ascending), as
/// grand-challenge does by default.
///
/// Entries come oldest first: among equals the older is listed first, but does not rank
/// higher. Entries with a value that is not finite take no part. `counting` says which of a
/// team's entries do: the best (all are ranked, each team keeps the one that stands best, and
/// the survivors are ranked anew), the latest, or all. The result is in the order of the table.
pub fn rank<T: Copy + Eq + Hash>(entries: &[Entry<T>], counting: Counting) -> Vec<Placed> {
    let finite = |entry: &Entry<T>| entry.dice.is_finite() && entry.hd95.is_finite();
    let all: Vec<usize> = (0..entries.len()).filter(|&at| finite(&entries[at])).collect();
    let mut seen = HashSet::new();
    let mut first_of_team = |at: &usize| seen.insert(entries[*at].team);
    let mut chosen: Vec<usize> = match counting {
        Counting::All => all,
        Counting::Latest => all.into_iter().rev().filter(first_of_team).collect(),
        Counting::Best => place(entries, &all)
            .iter()
            .map(|placed| placed.entry)
            .filter(&mut first_of_team)
            .collect(),
    };
    chosen.sort_unstable();
    place(entries, &chosen)
}

fn place<T>(entries: &[Entry<T>], chosen: &[usize]) -> Vec<Placed> {
    let values = |of: fn(&Entry<T>) -> f64| -> Vec<f64> {
        chosen.iter().map(|&at| of(&entries[at])).collect()
    };
    let ascending = |a: &f64, b: &f64| a.partial_cmp(b).unwrap_or(Ordering::Equal);
    let dice = positions(&values(|entry| entry.dice), |a, b| ascending(b, a));
    let hd95 = positions(&values(|entry| entry.hd95), ascending);
    let mean: Vec<f64> = dice.iter().zip(&hd95).map(|(&d, &h)| (d + h) as f64 / 2.0).collect();
    let last = positions(&mean, ascending);

    let mut table: Vec<Placed> = (0..chosen.len())
        .map(|at| Placed {
            entry: chosen[at],
            dice_position: dice[at],
            hd95_position: hd95[at],
            mean_position: mean[at],
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

    fn entry(team: u8, dice: f64, hd95: f64) -> Entry<u8> {
        Entry { team, dice, hd95 }
    }

    fn finals(entries: &[Entry<u8>], counting: Counting) -> Vec<(u8, usize)> {
        rank(entries, counting).iter().map(|at| (entries[at.entry].team, at.position)).collect()
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
        assert_eq!(rank(&entries, Counting::Best)[0].mean_position, 1.5);
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
        assert!(rank::<u8>(&[], Counting::Best).is_empty());
    }

    fn some_entries() -> impl Strategy<Value = Vec<Entry<u8>>> {
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
            let table = rank(&entries, Counting::All);
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
