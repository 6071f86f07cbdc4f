//! How much a ranking depends on which cases there happen to be.

use ndarray::{Array2, Array3, Axis, Zip};
use reproducible::{Position, Rng};
use sha2::{Digest, Sha256};

use super::kendall::tau_b;
use super::positions::positions;
use crate::{Scheme, ScoreTable};

/// How often the cases are drawn.
const DRAWS: usize = 1000;

/// Tests cost by the pair: with more entries than 25, cases are drawn less often for them, but never less often
/// than this.
const MIN_DRAWS: usize = 50;

fn draws_for(scheme: Scheme, entries: usize) -> usize {
    match scheme {
        Scheme::TestThenRank => (DRAWS * 25 * 25 / (entries * entries)).clamp(MIN_DRAWS, DRAWS),
        _ => DRAWS,
    }
}

/// The middle 95 % of what the draws gave, and their median; by linear interpolation (R's type 7).
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Interval {
    /// The 2.5 % quantile.
    pub low: f64,
    /// Half of the draws are below.
    pub median: f64,
    /// The 97.5 % quantile.
    pub high: f64,
}

/// What the draws say of one entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Uncertainty {
    /// Where it stands with every case counted once.
    pub ranked: usize,
    /// Of the mean of each metric.
    pub means: Vec<Interval>,
    /// Of the position.
    pub position: Interval,
    /// In what share of the draws it comes first.
    pub wins: f64,
    /// Positions it comes to, ascending, each with its share of the draws.
    pub positions: Vec<(usize, f64)>,
}

/// What the draws say of a ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// Made of the data alone: who has the data can repeat the draws.
    pub seed: u64,
    /// How often the cases were drawn.
    pub draws: usize,
    /// In the order of the table.
    pub entries: Vec<Uncertainty>,
    /// Kendall's tau-b between the ranking and those of the draws; none if all entries are equal.
    pub tau: Option<Interval>,
}

impl ScoreTable {
    /// Draws the cases again and again, with replacement and as many of each stratum as there are, the same for all
    /// entries, and ranks anew each time (Wiesenfarth et al. 2021). All entries take part.
    ///
    /// `strata` says which group each case is of. Positions in single cases, which one scheme is about, are found once
    /// and then drawn: a case that is drawn twice weighs twice. `None` without entries or cases, or where there is not a
    /// stratum for each case.
    pub fn bootstrap(&self, strata: &[usize], scheme: Scheme) -> Option<Stability> {
        let (cases, entries) = (self.cases(), self.entries());
        if entries == 0 || cases == 0 || strata.len() != cases {
            return None;
        }
        let seed = self.seed(strata);
        let per_case = match scheme {
            Scheme::RankThenAggregate => self.sums_of_positions_in_cases(),
            Scheme::MeanOfPositions | Scheme::FirstMetric | Scheme::TestThenRank => Vec::new(),
        };
        let resampling = Resampling { table: self, per_case, scheme };
        let (_, ranking) = resampling.ranked(&vec![1; cases]);

        let mut rng = Rng::new(seed);
        let members = members_of(strata);
        let draws = draws_for(scheme, entries);
        // Of each metric and entry the means, and of each entry the positions.
        let mut means = vec![vec![Vec::with_capacity(draws); entries]; self.metrics()];
        let mut standings = vec![Vec::with_capacity(draws); entries];
        let mut taus = Vec::with_capacity(draws);
        let mut weights = vec![0; cases];
        for _ in 0..draws {
            weights.fill(0);
            for stratum in &members {
                stratum.iter().for_each(|_| weights[stratum[rng.below(stratum.len())]] += 1);
            }
            let (drawn, positions) = resampling.ranked(&weights);
            taus.extend(tau_b(&ranking, &positions));
            for (means, drawn) in means.iter_mut().zip(drawn.outer_iter()) {
                means.iter_mut().zip(drawn).for_each(|(means, &mean)| means.push(mean));
            }
            for (standings, position) in standings.iter_mut().zip(positions) {
                standings.push(position as f64);
            }
        }
        let uncertainty = |(entry, ranked): (usize, usize)| {
            let of_metrics = means.iter_mut().map(|means| Interval::or_none(&mut means[entry]));
            let means = of_metrics.collect();
            Uncertainty::of(ranked, means, &mut standings[entry])
        };
        let entries = ranking.iter().copied().enumerate().map(uncertainty).collect();
        Some(Stability { seed, draws, entries, tau: Interval::of(&mut taus) })
    }

    /// The same for the same data, in whatever order the entries come and whoever they belong to.
    fn seed(&self, strata: &[usize]) -> u64 {
        let digest = |entry: usize| {
            let mut digest = Sha256::new();
            // Case by case, and of each case the metrics.
            let scores = self.scores();
            let of_entry = scores.index_axis(Axis(2), entry);
            of_entry.t().iter().for_each(|value| digest.update(value.to_le_bytes()));
            digest.finalize()
        };
        let mut digests: Vec<_> = (0..self.entries()).map(digest).collect();
        digests.sort_unstable();
        let mut all = Sha256::new();
        strata.iter().for_each(|&stratum| all.update((stratum as u64).to_le_bytes()));
        digests.iter().for_each(|digest| all.update(digest));
        all.finalize().iter().take(8).fold(0, |seed, &byte| seed << 8 | u64::from(byte))
    }

    /// For each case, the sum of each entry's positions in it over the metrics.
    fn sums_of_positions_in_cases(&self) -> Vec<Vec<usize>> {
        let mut sums = vec![vec![0; self.entries()]; self.cases()];
        for of_metric in self.positions_in_cases() {
            for (sums, positions) in sums.iter_mut().zip(of_metric) {
                sums.iter_mut().zip(positions).for_each(|(sum, position)| *sum += position);
            }
        }
        sums
    }
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

    fn or_none(values: &mut [f64]) -> Self {
        Self::of(values).unwrap_or(Self { low: f64::NAN, median: f64::NAN, high: f64::NAN })
    }
}

impl Uncertainty {
    fn of(ranked: usize, means: Vec<Interval>, standings: &mut [f64]) -> Self {
        let position = Interval::or_none(standings);
        let draws = standings.len() as f64;
        let share = |of: &[f64]| of.len() as f64 / draws;
        // Sorted by now.
        let positions: Vec<(usize, f64)> = standings
            .chunk_by(|a, b| a == b)
            .map(|equal| (equal[0] as usize, share(equal)))
            .collect();
        let wins = positions.first().filter(|first| first.0 == 1).map_or(0.0, |first| first.1);
        Self { ranked, means, position, wins, positions }
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

struct Resampling<'a> {
    table: &'a ScoreTable,
    /// For rank-then-aggregate, the sum of each entry's positions in each case.
    per_case: Vec<Vec<usize>>,
    scheme: Scheme,
}

impl Resampling<'_> {
    /// The means of all entries, metrics × entries, and their positions, where each case counts as often as it weighs.
    fn ranked(&self, weights: &[usize]) -> (Array2<f64>, Vec<usize>) {
        let table = self.table;
        let means = self.means(weights);
        let by = |metric: usize| table.positions(metric, means.row(metric));
        let ranking = match self.scheme {
            Scheme::FirstMetric => by(0),
            Scheme::MeanOfPositions => last((0..table.metrics()).map(by), table.entries()),
            Scheme::TestThenRank => {
                last(self.drawn(weights).positions_by_wins().into_iter(), table.entries())
            }
            Scheme::RankThenAggregate => {
                let weighted = self.per_case.iter().zip(weights).map(|(positions, &weight)| {
                    positions.iter().map(|position| position * weight).collect()
                });
                last(weighted, table.entries())
            }
        };
        (means, ranking)
    }

    fn means(&self, weights: &[usize]) -> Array2<f64> {
        let total: usize = weights.iter().sum();
        let mut means = Array2::zeros((self.table.metrics(), self.table.entries()));
        for (mut sums, scores) in means.outer_iter_mut().zip(self.table.scores().outer_iter()) {
            for (case, &weight) in scores.outer_iter().zip(weights) {
                let weight = weight as f64;
                Zip::from(&mut sums).and(&case).for_each(|sum, &score| *sum += score * weight);
            }
        }
        means.mapv_inplace(|sum| sum / total as f64);
        means
    }

    /// The table of the cases that were drawn, each as often as it weighs.
    fn drawn(&self, weights: &[usize]) -> ScoreTable {
        let cases: Vec<usize> = (weights.iter().enumerate())
            .flat_map(|(case, &weight)| std::iter::repeat_n(case, weight))
            .collect();
        let scores: Array3<f64> = self.table.scores().select(Axis(1), &cases);
        self.table.with_scores(scores)
    }
}

/// Positions by the sum of several positions of each entry.
fn last(several: impl Iterator<Item = Vec<usize>>, entries: usize) -> Vec<usize> {
    let mut sums = vec![0; entries];
    for positions in several {
        sums.iter_mut().zip(positions).for_each(|(sum, position)| *sum += position);
    }
    let sums: Vec<f64> = sums.into_iter().map(|sum| sum as f64).collect();
    positions(&sums)
}

#[cfg(test)]
mod tests;
