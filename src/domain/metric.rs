//! The numbers that tell how good a segmentation is: how each is called, shown and compared, everywhere.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

pub use challenge_ranking::Direction;

/// A number for each case of a submission.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// As it is called in JSON and CSV.
    pub key: &'static str,
    /// As people call it.
    pub title: &'static str,
    /// What its values are measured in; nothing for shares and counts.
    pub unit: Option<&'static str>,
    /// Which of two values is the better one.
    pub direction: Direction,
    /// Digits after the point in a table of means.
    pub digits: usize,
}

/// Twice the common voxels over the voxels of both masks.
pub static DICE: Metric = share("dice", "Dice");

/// The 95th percentile of the distances between the masks, over all foreground voxels.
pub static HD95: Metric =
    Metric { key: "hd95", title: "HD95", unit: Some("mm"), direction: Direction::Lower, digits: 2 };

/// Overlap of each mask with the other one's centreline (Shit et al. 2021).
pub static CL_DICE: Metric = share("cl_dice", "clDice");

/// The share of the surfaces that is within 0.5 mm of the other one (Nikolov et al. 2021).
pub static SURFACE_DICE: Metric = share("surface_dice", "Surface Dice");

pub static PRECISION: Metric = share("precision", "Precision");

pub static RECALL: Metric = share("recall", "Recall");

/// How many connected components (26 neighbours) more than in the truth.
pub static COMPONENT_DIFFERENCE: Metric = Metric {
    key: "component_difference",
    title: "Component difference",
    unit: None,
    direction: Direction::NearZero,
    digits: 1,
};

/// Every metric that a single case has.
pub static OF_CASES: [&Metric; 7] =
    [&DICE, &HD95, &CL_DICE, &SURFACE_DICE, &PRECISION, &RECALL, &COMPONENT_DIFFERENCE];

/// The same without its sign: in a mean, components too many in one case don't make up for those missing in another.
pub static ABSOLUTE_COMPONENT_DIFFERENCE: Metric = Metric {
    key: "absolute_component_difference",
    title: "Absolute component difference",
    unit: None,
    direction: Direction::Lower,
    digits: 1,
};

/// A share, of which more is better.
const fn share(key: &'static str, title: &'static str) -> Metric {
    Metric { key, title, unit: None, direction: Direction::Higher, digits: 4 }
}

impl Metric {
    /// The title with the unit, as above a column: `HD95 (mm)`.
    pub fn heading(&self) -> String {
        match self.unit {
            Some(unit) => format!("{} ({unit})", self.title),
            None => self.title.to_owned(),
        }
    }

    /// A mean as a table shows it, without the unit.
    pub fn text(&self, value: f64) -> String {
        format!("{value:.*}", self.digits)
    }
}

/// A metric that is ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RankedMetric {
    Dice,
    Hd95,
}

impl RankedMetric {
    /// In the order they stand in everywhere.
    pub const ALL: [Self; 2] = [Self::Dice, Self::Hd95];

    /// What the ranking has to know of it.
    pub fn ranking(self) -> challenge_ranking::Metric {
        match self {
            Self::Dice => challenge_ranking::Metric::SHARE,
            Self::Hd95 => challenge_ranking::Metric::DISTANCE,
        }
    }
}

impl Deref for RankedMetric {
    type Target = Metric;

    fn deref(&self) -> &Metric {
        match self {
            Self::Dice => &DICE,
            Self::Hd95 => &HD95,
        }
    }
}

/// The same of each official metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PerMetric<T> {
    pub dice: T,
    /// In mm, where it is a value.
    pub hd95: T,
}

impl<T> PerMetric<T> {
    /// What `of` makes of each metric.
    pub fn from_fn(mut of: impl FnMut(RankedMetric) -> T) -> Self {
        Self { dice: of(RankedMetric::Dice), hd95: of(RankedMetric::Hd95) }
    }

    pub fn of(&self, metric: RankedMetric) -> &T {
        match metric {
            RankedMetric::Dice => &self.dice,
            RankedMetric::Hd95 => &self.hd95,
        }
    }

    pub fn map<U>(self, mut of: impl FnMut(T) -> U) -> PerMetric<U> {
        PerMetric { dice: of(self.dice), hd95: of(self.hd95) }
    }
}

impl<T> PerMetric<Option<T>> {
    /// All or nothing.
    pub fn whole(self) -> Option<PerMetric<T>> {
        Some(PerMetric { dice: self.dice?, hd95: self.hd95? })
    }
}
