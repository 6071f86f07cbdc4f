//! Entries to a ranking: which of a team's entries count, and in what order.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use ndarray::{ArrayView1, Axis};

use crate::ScoreTable;
use crate::positions::positions;
use crate::significance::wins;

/// Which of a team's entries the ranking takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counting {
    /// The one that stands best.
    Best,
    /// The last one.
    Latest,
    /// All of them.
    All,
}

/// What the final position is by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// The mean of the positions in the mean of each metric.
    MeanOfPositions,
    /// The position in the mean of the first metric alone.
    FirstMetric,
    /// The mean of the positions in every case and metric.
    RankThenAggregate,
    /// The mean over the metrics of the positions by how many entries one is significantly better than (test-then-rank
    /// in Wiesenfarth et al. 2021).
    TestThenRank,
}

/// Where an entry stands.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedEntry {
    /// Its index in the table of scores.
    pub entry: usize,
    /// By the mean of each metric.
    pub metric_positions: Vec<usize>,
    /// What the scheme makes of each metric, smaller is better: the mean position in its cases, or the position by wins
    /// or by the mean.
    pub metric_scores: Vec<f64>,
    /// What the final position is by, smaller is better: the mean of the metrics' scores, or the first of them.
    pub score: f64,
    /// From 1 on; equal entries share one (1, 2, 2, 4).
    pub position: usize,
}

impl ScoreTable {
    /// Ranks by a scheme. `teams` says whose each entry is.
    ///
    /// Entries come oldest first: among equals the older is listed first, but does not rank higher. Entries with a value
    /// that is not finite take no part. `counting` says which of a team's entries do: the best (all are ranked, each team
    /// keeps the one that stands best, and the survivors are ranked anew), the latest, or all. The result is in the
    /// order of the ranking.
    ///
    /// Under `best`, entries that another one of the same team is at least as good as in all that the scheme looks at are
    /// left out first: they could never be the best, but would move others around. Tests would say of thousands of
    /// entries that nothing differs, so there a team's best is the one that stands best by the mean of positions.
    ///
    /// # Panics
    ///
    /// Where there are fewer teams than entries.
    pub fn rank<T: Copy + Eq + Hash>(
        &self,
        teams: &[T],
        counting: Counting,
        scheme: Scheme,
    ) -> Vec<RankedEntry> {
        let all = self.finite();
        let mut seen = HashSet::new();
        let mut first_of_team = |entry: &usize| seen.insert(teams[*entry]);
        let mut chosen: Vec<usize> = match counting {
            Counting::All => all,
            Counting::Latest => all.into_iter().rev().filter(first_of_team).collect(),
            Counting::Best => {
                let among_own = match scheme {
                    Scheme::TestThenRank => Scheme::MeanOfPositions,
                    scheme => scheme,
                };
                let candidates = self.undominated(teams, &all, among_own);
                let ranking = self.place(&candidates, among_own).into_iter();
                ranking.map(|ranked| ranked.entry).filter(&mut first_of_team).collect()
            }
        };
        chosen.sort_unstable();
        self.place(&chosen, scheme)
    }

    /// The entries of which every value is finite.
    fn finite(&self) -> Vec<usize> {
        let mut finite = vec![true; self.entries()];
        let (scores, means) = (self.scores(), self.means());
        for row in scores.lanes(Axis(2)).into_iter().chain(means.lanes(Axis(1))) {
            finite.iter_mut().zip(row).for_each(|(finite, value)| *finite &= value.is_finite());
        }
        (0..self.entries()).filter(|&entry| finite[entry]).collect()
    }

    /// Whether an entry is at least as good as another one in all that the scheme looks at.
    fn covers(&self, entry: usize, other: usize, scheme: Scheme) -> bool {
        let means = self.means();
        let in_mean = |metric: usize| {
            let (a, b) = (means[[metric, entry]], means[[metric, other]]);
            !self.metrics()[metric].direction.is_better(b, a)
        };
        match scheme {
            Scheme::FirstMetric => self.metrics().is_empty() || in_mean(0),
            Scheme::MeanOfPositions | Scheme::TestThenRank => {
                (0..self.metrics().len()).all(in_mean)
            }
            Scheme::RankThenAggregate => {
                let scores = self.scores();
                let metrics = scores.outer_iter().zip(self.metrics());
                let mut of_cases = metrics.flat_map(|(scores, metric)| {
                    let covered = |case: ArrayView1<f64>| {
                        !metric.direction.is_better(case[other], case[entry])
                    };
                    scores.into_outer_iter().map(covered)
                });
                of_cases.all(|covered| covered)
            }
        }
    }

    /// Those of the chosen that no other one of the same team covers; of equal ones the oldest.
    fn undominated<T: Copy + Eq + Hash>(
        &self,
        teams: &[T],
        chosen: &[usize],
        scheme: Scheme,
    ) -> Vec<usize> {
        let mut of_team: HashMap<T, Vec<usize>> = HashMap::new();
        for &entry in chosen {
            of_team.entry(teams[entry]).or_default().push(entry);
        }
        let covers = |a: usize, b: usize| self.covers(a, b, scheme);
        let replaces = |other: usize, entry: usize| {
            other != entry && covers(other, entry) && (other < entry || !covers(entry, other))
        };
        let stays = |entry: &usize| {
            let own = &of_team[&teams[*entry]];
            !own.iter().any(|&other| replaces(other, *entry))
        };
        chosen.iter().copied().filter(stays).collect()
    }

    fn place(&self, chosen: &[usize], scheme: Scheme) -> Vec<RankedEntry> {
        let means = self.means();
        let of_metric = |metric: usize| {
            let means = means.row(metric);
            self.metrics()[metric].positions_of_means(chosen.iter().map(|&entry| &means[entry]))
        };
        let by_means: Vec<Vec<usize>> = (0..self.metrics().len()).map(of_metric).collect();
        // Positions are summed as whole numbers and divided once, so that equal sums are equal means.
        let (sums, count) = match scheme {
            Scheme::MeanOfPositions | Scheme::FirstMetric => (by_means.clone(), 1),
            Scheme::TestThenRank => (self.select(chosen).positions_by_wins(), 1),
            Scheme::RankThenAggregate => {
                let of_metrics = self.select(chosen).positions_in_cases().into_iter();
                let sum = |of_cases: Vec<Vec<usize>>| sums(&of_cases, chosen.len());
                (of_metrics.map(sum).collect(), self.cases())
            }
        };
        let taken = match scheme {
            Scheme::FirstMetric => sums.get(..1).unwrap_or_default(),
            _ => &sums,
        };
        let mean = |sum: usize, of: usize| if of == 0 { 0.0 } else { sum as f64 / of as f64 };
        let of_all = self::sums(taken, chosen.len()).into_iter();
        let scores: Vec<f64> = of_all.map(|sum| mean(sum, taken.len() * count)).collect();
        let last = positions(&scores, 0.0);

        let mut ranking: Vec<RankedEntry> = (0..chosen.len())
            .map(|at| RankedEntry {
                entry: chosen[at],
                metric_positions: by_means.iter().map(|positions| positions[at]).collect(),
                metric_scores: sums.iter().map(|sums| mean(sums[at], count)).collect(),
                score: scores[at],
                position: last[at],
            })
            .collect();
        ranking.sort_by_key(|ranked| (ranked.position, ranked.entry));
        ranking
    }

    /// For each metric, the positions by how many entries one is significantly better than.
    pub(crate) fn positions_by_wins(&self) -> Vec<Vec<usize>> {
        let by_wins = |metric: usize| {
            let wins = wins(&self.scores().index_axis(Axis(0), metric), self.metrics()[metric]);
            let losses: Vec<f64> = wins.iter().map(|&wins| -(wins as f64)).collect();
            positions(&losses, 0.0)
        };
        (0..self.metrics().len()).map(by_wins).collect()
    }

    /// For each metric and case, the positions of all entries; values that differ by rounding alone share one.
    pub(crate) fn positions_in_cases(&self) -> Vec<Vec<Vec<usize>>> {
        let of_metric = |metric: usize| {
            let scores = self.scores();
            let cases = scores.index_axis(Axis(0), metric);
            cases.outer_iter().map(|case| self.metrics()[metric].positions(case)).collect()
        };
        (0..self.metrics().len()).map(of_metric).collect()
    }
}

/// The sum of each entry's positions.
fn sums(positions: &[Vec<usize>], entries: usize) -> Vec<usize> {
    (0..entries).map(|entry| positions.iter().map(|positions| positions[entry]).sum()).collect()
}

#[cfg(test)]
mod tests;
