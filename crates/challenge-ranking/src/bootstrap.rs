//! How much a ranking depends on which cases there happen to be.

mod studentized;

use std::collections::BTreeSet;

use ndarray::{Array1, Array3, ArrayView2, Axis, Zip};
use reproducible::{Position, Rng, Sum};
use sha2::{Digest, Sha256};

use super::kendall::tau_b;
use super::positions::positions;
use crate::{Scheme, ScoreTable};
use studentized::Studentized;

/// How often the cases are drawn.
pub const DRAWS: usize = 1000;

/// Tests cost by the pair: with more entries than 25, fewer of the draws are ranked, but never fewer than this.
const MIN_DRAWS: usize = 50;

fn draws_for(scheme: Scheme, entries: usize) -> usize {
    match scheme {
        Scheme::TestThenRank => (DRAWS * 25 * 25 / (entries * entries)).clamp(MIN_DRAWS, DRAWS),
        _ => DRAWS,
    }
}

/// The middle 95 % of what the draws say, and their median; by linear interpolation (R's type 7).
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
    /// Where the mean of each metric would be with other cases, with a confidence of 95 % (bootstrap-t). None where a stratum
    /// has a single case, or the values vary too little to tell.
    pub means: Vec<Option<Interval>>,
    /// Of the position; the percentiles of the draws.
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
    /// How many of the draws were ranked, the first ones. Intervals of means are of all [`DRAWS`].
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
    ///
    /// The draws can be repeated elsewhere. The seed is the first 8 bytes, read as a big-endian number, of the SHA-256 of
    /// each case's stratum as 8 bytes followed by the sorted SHA-256 digests of the entries, each of the entry's scores as
    /// f64, case by case and of each case the metrics; numbers are little-endian. The generator is SplitMix64. A draw goes
    /// through the strata in ascending order and draws as many cases as each has: of `n` cases, in the order of the table, the
    /// one at ⌊u·n⌋, where u is the upper 53 bits of the generator's next number divided by 2⁵³.
    pub fn bootstrap(&self, strata: &[usize], scheme: Scheme) -> Option<Stability> {
        let (cases, entries) = (self.cases(), self.entries());
        if entries == 0 || cases == 0 || strata.len() != cases {
            return None;
        }
        let seed = self.seed(strata);
        let members = members_of(strata);
        let resampling = Resampling::of(self, scheme);
        let ranking = resampling.ranked(&vec![1; cases]);

        let mut rng = Rng::new(seed);
        let draws = draws_for(scheme, entries);
        let mut means: Vec<Studentized> = (self.scores().outer_iter())
            .map(|of_metric| Studentized::of(of_metric, &members))
            .collect();
        let mut standings = vec![Vec::with_capacity(draws); entries];
        let mut taus = Vec::with_capacity(draws);
        let mut weights = vec![0; cases];
        for draw in 0..DRAWS {
            weights.fill(0);
            for stratum in &members {
                stratum.iter().for_each(|_| weights[stratum[rng.below(stratum.len())]] += 1);
            }
            means.iter_mut().for_each(|means| means.draw(&weights));
            if draw < draws {
                let positions = resampling.ranked(&weights);
                taus.extend(tau_b(&ranking, &positions));
                for (standings, position) in standings.iter_mut().zip(positions) {
                    standings.push(position as f64);
                }
            }
        }
        let means: Vec<Vec<Option<Interval>>> = (means.into_iter().zip(self.metrics()))
            .map(|(means, metric)| means.intervals(metric.range))
            .collect();
        let uncertainty = |(entry, ranked): (usize, usize)| {
            let means = means.iter().map(|of_metric| of_metric[entry]).collect();
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
    fn of(ranked: usize, means: Vec<Option<Interval>>, standings: &mut [f64]) -> Self {
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
    /// Of each metric: means that were summed up in any order and differ by no more than this may be equal or the other way
    /// round.
    doubt: Vec<f64>,
    /// For rank-then-aggregate, the sum of each entry's positions in each case.
    per_case: Vec<Vec<usize>>,
    scheme: Scheme,
}

impl<'a> Resampling<'a> {
    fn of(table: &'a ScoreTable, scheme: Scheme) -> Self {
        let per_case = match scheme {
            Scheme::RankThenAggregate => table.sums_of_positions_in_cases(),
            Scheme::MeanOfPositions | Scheme::FirstMetric | Scheme::TestThenRank => Vec::new(),
        };
        // Each product and each sum is off by half an epsilon of what it is at most, and so is the mean.
        let roundings = (2 * table.cases() + 2) as f64;
        let largest = |scores: ArrayView2<f64>| scores.iter().map(|x| x.abs()).fold(0.0, f64::max);
        let doubt =
            table.scores().outer_iter().map(|of| largest(of) * roundings * f64::EPSILON).collect();
        Self { table, doubt, per_case, scheme }
    }

    /// The means of one metric, the nearest f64 there is of all those that others are too near to.
    fn means(&self, metric: usize, weights: &[u32]) -> Vec<f64> {
        let scores = self.table.scores().index_axis_move(Axis(0), metric);
        let total: u32 = weights.iter().sum();
        let mut means = Array1::<f64>::zeros(self.table.entries());
        for (case, &weight) in scores.outer_iter().zip(weights) {
            let weight = f64::from(weight);
            Zip::from(&mut means).and(&case).for_each(|sum, &score| *sum += score * weight);
        }
        let mut means = (means / f64::from(total)).to_vec();
        let mut order: Vec<usize> = (0..means.len()).collect();
        order.sort_unstable_by(|&a, &b| means[a].total_cmp(&means[b]));
        let near = |pair: &&[usize]| means[pair[1]] - means[pair[0]] <= self.doubt[metric];
        let near: BTreeSet<usize> = order.windows(2).filter(near).flatten().copied().collect();
        for entry in near {
            let mut sum = Sum::default();
            scores.column(entry).iter().zip(weights).for_each(|(&x, &times)| sum.add(x, times));
            means[entry] = sum.over(total);
        }
        means
    }

    /// The positions of all entries, where each case counts as often as it weighs.
    fn ranked(&self, weights: &[u32]) -> Vec<usize> {
        let table = self.table;
        let by = |metric: usize| {
            table.metrics()[metric].positions_of_means(&self.means(metric, weights))
        };
        match self.scheme {
            Scheme::FirstMetric => by(0),
            Scheme::MeanOfPositions => last((0..table.metrics().len()).map(by), table.entries()),
            Scheme::TestThenRank => {
                last(self.drawn(weights).positions_by_wins().into_iter(), table.entries())
            }
            Scheme::RankThenAggregate => {
                let weighted = self.per_case.iter().zip(weights).map(|(positions, &weight)| {
                    positions.iter().map(|position| position * weight as usize).collect()
                });
                last(weighted, table.entries())
            }
        }
    }

    /// The table of the cases that were drawn, each as often as it weighs.
    fn drawn(&self, weights: &[u32]) -> ScoreTable {
        let cases: Vec<usize> = (weights.iter().enumerate())
            .flat_map(|(case, &weight)| std::iter::repeat_n(case, weight as usize))
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
    positions(&sums, 0.0)
}

#[cfg(test)]
mod tests;
