//! Scores as a reader sees them: rounded, or as they are, by the level that the reader has.
//!
//! Whoever sends a submission can know nine of ten cases (a corner voxel scores 0), so that a mean is a question about
//! the tenth. Means are therefore rounded such that no single answer gives the Dice of a case to better than ±0.005 or
//! its HD95 to better than ±0.5 mm: to 3 decimals and 1 decimal over ten cases or more, to one less over fewer. The mean
//! over all cases is computed from the rounded ones of the groups, since two grids together would tell more than either.

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::scores::{Aggregates, Grouped, Pair};
use crate::domain::{Disclosure, Group, Withheld};
use segmentation_metrics::{Summary, mean};

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
pub struct ShownAggregates(Grouped<Pair<ShownSummary>>);

/// Mean Dice and HD95 (mm) over some cases, as they are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownMeans {
    pub dice: f64,
    pub hd95: f64,
}

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

    /// The mean as text: an exact one with so many decimals, a rounded one with those it has.
    pub fn text(&self, decimals: usize) -> String {
        match self {
            Self::Exact(summary) => format!("{:.decimals$}", summary.mean),
            Self::Rounded(rounded) => format!("{:.*}", rounded.decimals, rounded.mean),
        }
    }
}

impl ShownAggregates {
    /// What a level shows of a submission; nothing at `hidden`. At `improved` it is what is shown of one that is
    /// better than its team's best.
    ///
    /// `values` are Dice and HD95 (mm) of every case, `groups` the cases' groups, in the same order.
    pub fn of<V: AsRef<[[f64; 2]]>>(
        values: &Withheld<V>,
        groups: &[(String, Group)],
        level: Disclosure,
    ) -> Option<Self> {
        let values = values.to_round().as_ref();
        let of_group = |group: Group| -> Vec<[f64; 2]> {
            let cases = groups.iter().zip(values);
            cases.filter(|((_, of), _)| *of == group).map(|(_, value)| *value).collect()
        };
        match level {
            Disclosure::Hidden => None,
            Disclosure::Improved => {
                let step = |metric: Metric, means: f64| {
                    let (step, decimals) = metric.step(values.len());
                    round_to_step(means, step, decimals)
                };
                let all = rounded_pair(values, step)?;
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
                Some(Self(exact.map(|pair| Pair {
                    dice: ShownSummary::Exact(pair.dice),
                    hd95: ShownSummary::Exact(pair.hd95),
                })))
            }
        }
    }

    /// Of one group, or of all cases.
    pub fn of_group(&self, group: Option<Group>) -> Option<&Pair<ShownSummary>> {
        self.0.of_group(group)
    }

    /// The groups that are shown, by name.
    pub fn named(self) -> Vec<(&'static str, Pair<ShownSummary>)> {
        self.0.named()
    }

    /// The means over all cases.
    pub fn means(&self) -> Option<ShownMeans> {
        let all = self.0.all.as_ref()?;
        Some(ShownMeans { dice: all.dice.mean(), hd95: all.hd95.mean() })
    }
}

impl ShownMeans {
    /// The means over one group or all cases that [`ShownAggregates::of`] would show, without all the rest of it.
    pub fn of<V: AsRef<[[f64; 2]]>>(
        values: &Withheld<V>,
        groups: &[(String, Group)],
        level: Disclosure,
        group: Option<Group>,
    ) -> Option<Self> {
        let single = || Group::ALL.iter().any(|&of| count_of(groups, of) == 1);
        match level {
            Disclosure::Exact if group.is_some() && single() => None,
            Disclosure::Exact | Disclosure::EveryCase => {
                let of_group = |of: &Group| group.is_none_or(|group| group == *of);
                let cases = groups.iter().zip(values.to_round().as_ref());
                let of: Vec<[f64; 2]> =
                    cases.filter(|((_, of), _)| of_group(of)).map(|(_, value)| *value).collect();
                let [dice, hd95] = [0, 1].map(|metric| mean(of.iter().map(|case| case[metric])));
                (!of.is_empty()).then_some(Self { dice, hd95 })
            }
            _ => {
                let shown = ShownAggregates::of(values, groups, level)?;
                let pair = shown.of_group(group)?;
                Some(Self { dice: pair.dice.mean(), hd95: pair.hd95.mean() })
            }
        }
    }
}

fn count_of(groups: &[(String, Group)], of: Group) -> usize {
    groups.iter().filter(|(_, group)| *group == of).count()
}

impl Serialize for ShownAggregates {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, pair) in self.named() {
            map.serialize_entry(name, &pair)?;
        }
        map.end()
    }
}

/// Which of a team's submissions were better than what it had been shown, in the order in which they were scored
/// (the Ladder of Blum and Hardt, 2015). Each has its exact means of Dice and HD95 (mm) over so many cases.
///
/// The first is; another one is if it is better than the best shown so far by a step in Dice or in HD95.
pub fn improvements(
    means: impl IntoIterator<Item = Withheld<[f64; 2]>>,
    cases: usize,
) -> Vec<bool> {
    let (dice_step, dice_decimals) = Metric::Dice.step(cases);
    let (hd95_step, hd95_decimals) = Metric::Hd95.step(cases);
    let mut best: Option<[f64; 2]> = None;
    let improves = |means: Withheld<[f64; 2]>| {
        let &[dice, hd95] = means.to_round();
        let better = best.is_none_or(|[best_dice, best_hd95]| {
            dice >= best_dice + dice_step || hd95 <= best_hd95 - hd95_step
        });
        if better {
            let shown = [
                round_to_step(dice, dice_step, dice_decimals),
                round_to_step(hd95, hd95_step, hd95_decimals),
            ];
            let [best_dice, best_hd95] = best.unwrap_or(shown);
            best = Some([best_dice.max(shown[0]), best_hd95.min(shown[1])]);
        }
        better
    };
    means.into_iter().map(improves).collect()
}

/// The means of Dice and HD95 (mm) over all cases.
pub fn means_of<V: AsRef<[[f64; 2]]>>(values: &Withheld<V>) -> Withheld<[f64; 2]> {
    let values = values.to_round().as_ref();
    Withheld::new([0, 1].map(|metric| mean(values.iter().map(|case| case[metric]))))
}

#[derive(Clone, Copy)]
enum Metric {
    Dice,
    Hd95,
}

/// From so many cases on a mean over them is shown to the usual number of decimals.
const MANY_CASES: usize = 10;

impl Metric {
    /// How many decimals a mean over so many cases is shown to.
    fn decimals(self, cases: usize) -> usize {
        match self {
            Self::Dice if cases >= MANY_CASES => 3,
            Self::Dice => 2,
            Self::Hd95 if cases >= MANY_CASES => 1,
            Self::Hd95 => 0,
        }
    }

    /// By how much a mean over so many cases has to be better to be shown, and the decimals of it.
    fn step(self, cases: usize) -> (f64, usize) {
        let decimals = self.decimals(cases);
        (2.0 / 10f64.powi(decimals as i32), decimals)
    }
}

/// The nearest number with so many decimals; of two as near the even one.
fn round(value: f64, decimals: usize) -> f64 {
    // Formatting is exact where multiplying by a power of ten is not.
    format!("{value:.decimals$}").parse().unwrap_or(f64::NAN)
}

/// The nearest multiple of a step, which has so many decimals.
fn round_to_step(value: f64, step: f64, decimals: usize) -> f64 {
    round((value / step).round() * step, decimals)
}

fn rounded_pair(
    values: &[[f64; 2]],
    rounded: impl Fn(Metric, f64) -> f64,
) -> Option<Pair<ShownSummary>> {
    if values.is_empty() {
        return None;
    }
    let summary = |metric: Metric, index: usize| {
        ShownSummary::Rounded(RoundedMean {
            mean: rounded(metric, mean(values.iter().map(|case| case[index]))),
            decimals: metric.decimals(values.len()),
            count: values.len(),
        })
    };
    Some(Pair { dice: summary(Metric::Dice, 0), hd95: summary(Metric::Hd95, 1) })
}

/// A group of one case is not shown, nor the other one, from which it would follow.
fn rounded_groups(
    all: &[[f64; 2]],
    halves: &[Vec<[f64; 2]>; 2],
) -> Option<Grouped<Pair<ShownSummary>>> {
    let pair = |values: &[[f64; 2]]| {
        rounded_pair(values, |metric, mean| round(mean, metric.decimals(values.len())))
    };
    if halves.iter().any(|half| half.len() == 1) {
        return Some(Grouped { all: Some(pair(all)?), normal: None, diseased: None });
    }
    let [normal, diseased] = halves.each_ref().map(|half| pair(half));
    let whole = match (&normal, &diseased) {
        (Some(normal), Some(diseased)) => Pair {
            dice: together(&normal.dice, &diseased.dice),
            hd95: together(&normal.hd95, &diseased.hd95),
        },
        _ => pair(all)?,
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
