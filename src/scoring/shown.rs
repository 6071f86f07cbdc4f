//! Scores as a reader sees them: rounded, or as they are, by the level that the reader has.
//!
//! Whoever sends a submission can know nine of ten cases (a corner voxel scores 0), so that a mean is a question about
//! the tenth. Means are therefore rounded such that no single answer gives the Dice of a case to better than ±0.005 or
//! its HD95 to better than ±0.5 mm: to 3 decimals and 1 decimal over ten cases or more, to one less over fewer. The mean
//! over all cases is computed from the rounded ones of the groups, since two grids together would tell more than either.

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::scores::{Aggregates, Grouped};
use crate::domain::metric::Direction;
use crate::domain::{Disclosure, Group, PerMetric, RankedMetric, Withheld};
use reproducible::mean;
use segmentation_metrics::Summary;

/// What is shown of one metric over some cases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ShownSummary {
    Exact(Summary),
    Rounded(RoundedMean),
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RoundedMean {
    pub mean: f64,
    #[serde(skip)]
    decimals: usize,
    pub count: usize,
}

/// What is shown of the official metrics, by group. What is not shown is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownAggregates(Grouped<PerMetric<ShownSummary>>);

impl ShownSummary {
    pub fn mean(&self) -> f64 {
        match self {
            Self::Exact(summary) => summary.mean,
            Self::Rounded(rounded) => rounded.mean,
        }
    }

    pub fn count(&self) -> usize {
        match self {
            Self::Exact(summary) => summary.count,
            Self::Rounded(rounded) => rounded.count,
        }
    }

    /// The whole summary, where it is shown.
    pub fn exact(&self) -> Option<&Summary> {
        match self {
            Self::Exact(summary) => Some(summary),
            Self::Rounded(_) => None,
        }
    }

    /// How many decimals it is shown with: a rounded one with those it has, an exact one with these.
    pub fn decimals(&self, exact: usize) -> usize {
        match self {
            Self::Exact(_) => exact,
            Self::Rounded(rounded) => rounded.decimals,
        }
    }

    /// The mean as text: an exact one with so many decimals, a rounded one with those it has.
    pub fn text(&self, decimals: usize) -> String {
        format!("{:.*}", self.decimals(decimals), self.mean())
    }
}

impl ShownAggregates {
    /// What a level shows of a submission; nothing at `hidden`. At `improved` it is what is shown of one that is
    /// better than its team's best.
    ///
    /// `values` are those of every case, `groups` the cases' groups, in the same order.
    pub fn of<V: AsRef<[PerMetric<f64>]>>(
        values: &Withheld<V>,
        groups: &[(String, Group)],
        level: Disclosure,
    ) -> Option<Self> {
        let values = values.to_round().as_ref();
        let of_group = |group: Group| -> Vec<PerMetric<f64>> {
            let cases = groups.iter().zip(values);
            cases.filter(|((_, of), _)| *of == group).map(|(_, value)| *value).collect()
        };
        match level {
            Disclosure::Hidden => None,
            Disclosure::Improved => {
                let rounded = |metric, mean| Step::of(metric, values.len()).round(mean);
                let all = rounded_means(values, rounded)?;
                Some(Self(Grouped { all: Some(all), normal: None, diseased: None }))
            }
            Disclosure::Rounded => {
                let halves = [of_group(Group::Normal), of_group(Group::Diseased)];
                Some(Self(rounded_groups(values, &halves)?))
            }
            Disclosure::Exact | Disclosure::EveryCase => {
                let cases =
                    groups.iter().map(|(_, group)| Some(*group)).zip(values.iter().copied());
                let mut exact = Aggregates::of_values(cases);
                if level == Disclosure::Exact {
                    exact = exact.without_single_cases(groups);
                }
                Some(Self(exact.map(|of_metrics| of_metrics.map(ShownSummary::Exact))))
            }
        }
    }

    /// Of one group, or of all cases.
    pub fn of_group(&self, group: Option<Group>) -> Option<&PerMetric<ShownSummary>> {
        self.0.of_group(group)
    }

    /// The groups that are shown, by name.
    pub fn named(self) -> Vec<(&'static str, PerMetric<ShownSummary>)> {
        self.0.named()
    }

    /// The means over all cases.
    pub fn means(&self) -> Option<PerMetric<f64>> {
        Some(self.0.all?.map(|summary| summary.mean()))
    }
}

/// The means over one group or all cases that [`ShownAggregates::of`] would show, without all the rest of it.
pub fn shown_means<V: AsRef<[PerMetric<f64>]>>(
    values: &Withheld<V>,
    groups: &[(String, Group)],
    level: Disclosure,
    group: Option<Group>,
) -> Option<PerMetric<f64>> {
    let single = || Group::ALL.iter().any(|&of| count_of(groups, of) == 1);
    match level {
        Disclosure::Exact if group.is_some() && single() => None,
        Disclosure::Exact | Disclosure::EveryCase => {
            let of_group = |of: &Group| group.is_none_or(|group| group == *of);
            let cases = groups.iter().zip(values.to_round().as_ref());
            let chosen: Vec<PerMetric<f64>> =
                cases.filter(|((_, of), _)| of_group(of)).map(|(_, value)| *value).collect();
            (!chosen.is_empty()).then(|| means(&chosen))
        }
        _ => {
            let shown = ShownAggregates::of(values, groups, level)?;
            Some(shown.of_group(group)?.map(|summary| summary.mean()))
        }
    }
}

/// The mean of each metric over some cases.
fn means(values: &[PerMetric<f64>]) -> PerMetric<f64> {
    PerMetric::from_fn(|metric| mean(values.iter().map(|case| *case.of(metric))))
}

fn count_of(groups: &[(String, Group)], of: Group) -> usize {
    groups.iter().filter(|(_, group)| *group == of).count()
}

impl Serialize for ShownAggregates {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, of_metrics) in self.named() {
            map.serialize_entry(name, &of_metrics)?;
        }
        map.end()
    }
}

/// Which of a team's submissions were better than what it had been shown, in the order in which they were scored
/// (the Ladder of Blum and Hardt, 2015). Each has its exact means over so many cases.
///
/// The first is; another one is if it is better than the best shown so far by a step in one of the metrics.
pub fn improvements(
    means: impl IntoIterator<Item = Withheld<PerMetric<f64>>>,
    cases: usize,
) -> Vec<bool> {
    let steps = PerMetric::from_fn(|metric| Step::of(metric, cases));
    let mut best: Option<PerMetric<f64>> = None;
    let improves = |means: Withheld<PerMetric<f64>>| {
        let means = means.to_round();
        let by_a_step = |metric: RankedMetric| {
            let step = steps.of(metric).size;
            best.is_none_or(|best| match metric.direction {
                Direction::Higher => *means.of(metric) >= best.of(metric) + step,
                _ => *means.of(metric) <= best.of(metric) - step,
            })
        };
        let better = RankedMetric::ALL.into_iter().any(by_a_step);
        if better {
            let shown = PerMetric::from_fn(|metric| steps.of(metric).round(*means.of(metric)));
            let before = best.unwrap_or(shown);
            best = Some(PerMetric::from_fn(|metric| match metric.direction {
                Direction::Higher => before.of(metric).max(*shown.of(metric)),
                _ => before.of(metric).min(*shown.of(metric)),
            }));
        }
        better
    };
    means.into_iter().map(improves).collect()
}

/// The means over all cases.
pub fn means_of<V: AsRef<[PerMetric<f64>]>>(values: &Withheld<V>) -> Withheld<PerMetric<f64>> {
    Withheld::new(means(values.to_round().as_ref()))
}

/// From so many cases on a mean over them is shown to the usual number of decimals.
const MANY_CASES: usize = 10;

/// How many decimals a mean over so many cases is shown to.
fn decimals_of(metric: RankedMetric, cases: usize) -> usize {
    let usual = match metric {
        RankedMetric::Dice => 3,
        RankedMetric::Hd95 => 1,
    };
    if cases >= MANY_CASES { usual } else { usual - 1 }
}

/// By how much a mean has to be better to be shown, and how it is shown then.
#[derive(Clone, Copy)]
struct Step {
    size: f64,
    decimals: usize,
}

impl Step {
    /// Of a mean over so many cases.
    fn of(metric: RankedMetric, cases: usize) -> Self {
        let decimals = decimals_of(metric, cases);
        Self { size: 2.0 / 10f64.powi(decimals as i32), decimals }
    }

    /// The nearest multiple of the step.
    fn round(self, value: f64) -> f64 {
        round((value / self.size).round() * self.size, self.decimals)
    }
}

/// The nearest number with so many decimals; of two as near the even one.
fn round(value: f64, decimals: usize) -> f64 {
    // Formatting is exact where multiplying by a power of ten is not.
    format!("{value:.decimals$}").parse().unwrap_or(f64::NAN)
}

fn rounded_means(
    values: &[PerMetric<f64>],
    rounded: impl Fn(RankedMetric, f64) -> f64,
) -> Option<PerMetric<ShownSummary>> {
    if values.is_empty() {
        return None;
    }
    let means = means(values);
    Some(PerMetric::from_fn(|metric| {
        ShownSummary::Rounded(RoundedMean {
            mean: rounded(metric, *means.of(metric)),
            decimals: decimals_of(metric, values.len()),
            count: values.len(),
        })
    }))
}

/// A group of one case is not shown, nor the other one, from which it would follow.
fn rounded_groups(
    all: &[PerMetric<f64>],
    halves: &[Vec<PerMetric<f64>>; 2],
) -> Option<Grouped<PerMetric<ShownSummary>>> {
    let of = |values: &[PerMetric<f64>]| {
        rounded_means(values, |metric, mean| round(mean, decimals_of(metric, values.len())))
    };
    if halves.iter().any(|half| half.len() == 1) {
        return Some(Grouped { all: Some(of(all)?), normal: None, diseased: None });
    }
    let [normal, diseased] = halves.each_ref().map(|half| of(half));
    let whole = match (&normal, &diseased) {
        (Some(normal), Some(diseased)) => {
            PerMetric::from_fn(|metric| together(normal.of(metric), diseased.of(metric)))
        }
        _ => of(all)?,
    };
    Some(Grouped { all: Some(whole), normal, diseased })
}

/// The mean over the cases of two groups, from what is shown of each.
fn together(a: &ShownSummary, b: &ShownSummary) -> ShownSummary {
    let (count_a, count_b) = (a.count(), b.count());
    let decimals = [a, b].map(|of| match of {
        ShownSummary::Rounded(rounded) => rounded.decimals,
        ShownSummary::Exact(_) => 0,
    });
    let decimals = decimals[0].min(decimals[1]);
    let count = count_a + count_b;
    let sum = a.mean() * count_a as f64 + b.mean() * count_b as f64;
    ShownSummary::Rounded(RoundedMean {
        mean: round(sum / count as f64, decimals),
        decimals,
        count,
    })
}

#[cfg(test)]
mod tests;
