//! How often a 95 % interval of a mean holds the true one: of bootstrap-t, which the analysis gives, and of the percentiles
//! of the drawn means, which it gave before.
//!
//!     cargo run --release -p challenge-ranking --example coverage -- 4000
//!
//! Samples are drawn from populations whose mean is known. As many as given, 4000 unless told otherwise, of each kind; the
//! same ones every time. A share is off by its standard error, √(p(1−p)/runs), give or take.

use challenge_ranking::{Metric, Scheme, ScoreTable};
use ndarray::Array3;
use reproducible::{Position, Rng, mean};

/// Samples that are put into one table, as entries: they are drawn from together, which changes nothing for each.
const TOGETHER: usize = 100;

struct Population {
    name: &'static str,
    metric: Metric,
    /// A value of a normal and of a diseased case.
    value: fn(&mut Rng, diseased: bool) -> f64,
    /// The mean of each group.
    means: [f64; 2],
}

/// A normal deviate (Box and Muller 1958).
fn normal(rng: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.unit()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.unit()).cos()
}

/// Lognormal with this mean and standard deviation.
fn lognormal(rng: &mut Rng, mean: f64, deviation: f64) -> f64 {
    let variance = (1.0 + (deviation / mean).powi(2)).ln();
    (mean.ln() - variance / 2.0 + variance.sqrt() * normal(rng)).exp()
}

/// The `a`-th smallest of `a + b − 1` uniform numbers is distributed as beta(a, b).
fn beta(rng: &mut Rng, a: usize, b: usize) -> f64 {
    let mut uniform: Vec<f64> = (1..a + b).map(|_| rng.unit()).collect();
    uniform.sort_unstable_by(f64::total_cmp);
    uniform[a - 1]
}

/// The paper about the data set has Dice 0.874 ± 0.093 and 0.839 ± 0.051, HD95 4.45 ± 5.7 and 7.38 ± 8.5 mm, 5.92 ± 7.3 mm
/// together.
const POPULATIONS: [Population; 5] = [
    Population {
        name: "Dice-like: beta(17, 3)",
        metric: Metric::SHARE,
        value: |rng, _| beta(rng, 17, 3),
        means: [0.85; 2],
    },
    Population {
        name: "Dice-like, skewed: beta(9, 1) and beta(21, 4)",
        metric: Metric::SHARE,
        value: |rng, diseased| if diseased { beta(rng, 21, 4) } else { beta(rng, 9, 1) },
        means: [0.9, 0.84],
    },
    Population {
        name: "Dice-like, 1 in 20 fails: beta(17, 3), or beta(3, 3)",
        metric: Metric::SHARE,
        value: |rng, _| if rng.chance(0.05) { beta(rng, 3, 3) } else { beta(rng, 17, 3) },
        means: [0.95 * 0.85 + 0.05 * 0.5; 2],
    },
    Population {
        name: "HD95-like: lognormal, 5.92 ± 7.3 mm",
        metric: Metric::DISTANCE,
        value: |rng, _| lognormal(rng, 5.92, 7.3),
        means: [5.92; 2],
    },
    Population {
        name: "HD95-like, groups apart: lognormal, 4.45 ± 5.7 and 7.38 ± 8.5 mm",
        metric: Metric::DISTANCE,
        value: |rng, diseased| match diseased {
            true => lognormal(rng, 7.38, 8.5),
            false => lognormal(rng, 4.45, 5.7),
        },
        means: [4.45, 7.38],
    },
];

/// Ten normal cases and, in the first, ten diseased ones.
const STRATA: [&[usize]; 2] =
    [&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], &[0; 10]];

#[derive(Default)]
struct Count {
    runs: usize,
    /// Intervals that hold the true mean, those below it, those above it, and those that can't be told.
    holds: usize,
    below: usize,
    above: usize,
    untold: usize,
    width: f64,
}

impl Count {
    fn add(&mut self, interval: Option<[f64; 2]>, truth: f64) {
        self.runs += 1;
        match interval {
            None => self.untold += 1,
            Some([_, high]) if high < truth => self.below += 1,
            Some([low, _]) if low > truth => self.above += 1,
            Some(_) => self.holds += 1,
        }
        self.width += interval.map_or(0.0, |[low, high]| high - low);
    }

    fn line(&self) -> String {
        let share = |count: usize| count as f64 / self.runs as f64;
        let holds = share(self.holds);
        format!(
            "{holds:.3} ± {:.3} | {:.3} | {:.3} | {:.3}",
            (holds * (1.0 - holds) / self.runs as f64).sqrt(),
            share(self.below),
            share(self.above),
            self.width / (self.runs - self.untold).max(1) as f64,
        )
    }
}

/// The middle 95 % of the means of 1000 draws within the strata, as the analysis had them before bootstrap-t.
fn percentiles(values: &[f64], strata: &[usize], rng: &mut Rng) -> Option<[f64; 2]> {
    let of = |stratum: usize| -> Vec<f64> {
        let all = values.iter().zip(strata);
        all.filter(|(_, of)| **of == stratum).map(|(value, _)| *value).collect()
    };
    let groups: Vec<Vec<f64>> = [of(0), of(1)].into_iter().filter(|all| !all.is_empty()).collect();
    let mut draw = |_| {
        let one =
            |group: &Vec<f64>| -> f64 { group.iter().map(|_| group[rng.below(group.len())]).sum() };
        groups.iter().map(one).sum::<f64>() / values.len() as f64
    };
    let mut means: Vec<f64> = (0..challenge_ranking::DRAWS).map(&mut draw).collect();
    means.sort_unstable_by(f64::total_cmp);
    let quantile = |q| {
        let at = Position::of(q, means.len())?;
        Some(at.between(means[at.low], means[at.high]))
    };
    Some([quantile(0.025)?, quantile(0.975)?])
}

fn main() {
    let runs: usize = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(4000);
    println!("| population | cases | interval | coverage ± SE | too low | too high | mean width |");
    println!("|---|---|---|---|---|---|---|");
    let seeds = Rng::new(2026);
    for (at, population) in POPULATIONS.iter().enumerate() {
        for strata in STRATA {
            let groups = strata.iter().map(|&stratum| population.means[stratum]);
            let truth = mean(groups);
            let mut rng = seeds.stream((at * 100 + strata.len()) as u64);
            let mut chance = rng.stream(1);
            let (mut studentized, mut percentile) = (Count::default(), Count::default());
            while studentized.runs < runs {
                let shape = (1, strata.len(), TOGETHER.min(runs - studentized.runs));
                let scores = Array3::from_shape_fn(shape, |(_, case, _)| {
                    (population.value)(&mut rng, strata[case] == 1)
                });
                for values in scores.lanes(ndarray::Axis(1)) {
                    let interval = percentiles(&values.to_vec(), strata, &mut chance);
                    percentile.add(interval, truth);
                }
                let Ok(table) = ScoreTable::new(scores, &[population.metric]) else { return };
                let Some(found) = table.bootstrap(strata, Scheme::FirstMetric) else { return };
                for entry in found.entries {
                    let interval = entry.means.first().copied().flatten();
                    studentized.add(interval.map(|of| [of.low, of.high]), truth);
                }
            }
            let cases = if strata.len() == 20 { "10 + 10" } else { "10" };
            for (name, count) in [("bootstrap-t", studentized), ("percentile", percentile)] {
                println!("| {} | {cases} | {name} | {} |", population.name, count.line());
            }
        }
    }
}
