//! The numbers that tell how good a segmentation is: how each is called, shown and compared, everywhere.

use std::collections::HashMap;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

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

/// Dice, HD95 and the secondary metrics.
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

/// The share of the truth's centreline that lies in the prediction (ATM'22: Zhang et al. 2023).
pub static TREE_LENGTH: Metric = share("tree_length", "Tree length");

/// Of vessels below 1.5 mm in diameter.
pub static TREE_LENGTH_BELOW_1_5: Metric =
    share("tree_length_below_1_5_mm", "Tree length, below 1.5 mm");

/// Of vessels from 1.5 to 2 mm in diameter.
pub static TREE_LENGTH_1_5_TO_2: Metric =
    share("tree_length_1_5_to_2_mm", "Tree length, 1.5 to 2 mm");

/// Of vessels from 2 mm in diameter on.
pub static TREE_LENGTH_FROM_2: Metric = share("tree_length_from_2_mm", "Tree length, from 2 mm");

/// The same of what hangs together: for each component of the truth what one component of the prediction covers.
pub static CONNECTED_TREE_LENGTH: Metric = share("connected_tree_length", "Connected tree length");

/// Of vessels below 1.5 mm in diameter.
pub static CONNECTED_TREE_LENGTH_BELOW_1_5: Metric =
    share("connected_tree_length_below_1_5_mm", "Connected tree length, below 1.5 mm");

/// Of vessels from 1.5 to 2 mm in diameter.
pub static CONNECTED_TREE_LENGTH_1_5_TO_2: Metric =
    share("connected_tree_length_1_5_to_2_mm", "Connected tree length, 1.5 to 2 mm");

/// Of vessels from 2 mm in diameter on.
pub static CONNECTED_TREE_LENGTH_FROM_2: Metric =
    share("connected_tree_length_from_2_mm", "Connected tree length, from 2 mm");

/// Overlap of both centrelines, a point being true within the truth's radius of the other one (Schaap et al. 2009).
pub static CENTRELINE_OVERLAP: Metric = share("centreline_overlap", "Centreline overlap");

/// The mean distance of what is true of both centrelines.
pub static CENTRELINE_ACCURACY: Metric = Metric {
    key: "centreline_accuracy",
    title: "Centreline accuracy",
    unit: Some("mm"),
    direction: Direction::Lower,
    digits: 2,
};

/// The length of the prediction's centreline outside of the truth.
pub static LEAKAGE: Metric = Metric {
    key: "leakage",
    title: "Leakage",
    unit: Some("mm"),
    direction: Direction::Lower,
    digits: 1,
};

/// By how much the number of connected components differs from the truth's.
pub static BETTI_0_ERROR: Metric = count("betti_0_error", "β0 error");

/// By how much the number of tunnels differs from the truth's.
pub static BETTI_1_ERROR: Metric = count("betti_1_error", "β1 error");

/// As [`SURFACE_DICE`], within 0.25 mm.
pub static SURFACE_DICE_0_25: Metric = share("surface_dice_0_25_mm", "Surface Dice, 0.25 mm");

/// As [`SURFACE_DICE`], within 1 mm.
pub static SURFACE_DICE_1: Metric = share("surface_dice_1_mm", "Surface Dice, 1 mm");

/// As [`SURFACE_DICE`], within [`ANNOTATORS_TOLERANCE`].
pub static SURFACE_DICE_ANNOTATORS: Metric =
    share("surface_dice_annotators", "Surface Dice, annotators' tolerance");

/// How precisely annotators draw the surface of a vessel that several of them have. It says nothing of the prediction, but what the
/// number before it was measured with.
pub static ANNOTATORS_TOLERANCE: Metric = Metric {
    key: "annotators_tolerance",
    title: "Annotators' tolerance",
    unit: Some("mm"),
    direction: Direction::Lower,
    digits: 2,
};

/// What names a failure of a vessel tree, in the order it is shown in. Not every case has all of them.
pub static OF_VESSELS: [&Metric; 17] = [
    &TREE_LENGTH,
    &TREE_LENGTH_BELOW_1_5,
    &TREE_LENGTH_1_5_TO_2,
    &TREE_LENGTH_FROM_2,
    &CONNECTED_TREE_LENGTH,
    &CONNECTED_TREE_LENGTH_BELOW_1_5,
    &CONNECTED_TREE_LENGTH_1_5_TO_2,
    &CONNECTED_TREE_LENGTH_FROM_2,
    &CENTRELINE_OVERLAP,
    &CENTRELINE_ACCURACY,
    &LEAKAGE,
    &BETTI_0_ERROR,
    &BETTI_1_ERROR,
    &SURFACE_DICE_0_25,
    &SURFACE_DICE_1,
    &SURFACE_DICE_ANNOTATORS,
    &ANNOTATORS_TOLERANCE,
];

/// A count of errors, of which fewer is better.
const fn count(key: &'static str, title: &'static str) -> Metric {
    Metric { key, title, unit: None, direction: Direction::Lower, digits: 1 }
}

/// The vessel metrics of a case, those that it has: an object by key in JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VesselValues(Vec<(&'static Metric, f64)>);

impl VesselValues {
    /// Of each metric its value, if it has one.
    pub fn new(values: impl IntoIterator<Item = (&'static Metric, Option<f64>)>) -> Self {
        let known = values.into_iter().filter_map(|(metric, value)| Some((metric, value?)));
        Self(known.collect())
    }

    /// The same with the values of further metrics, which come last in [`OF_VESSELS`].
    pub fn with(mut self, values: impl IntoIterator<Item = (&'static Metric, f64)>) -> Self {
        self.0.extend(values);
        self
    }

    /// In the order of [`OF_VESSELS`].
    pub fn iter(&self) -> impl Iterator<Item = (&'static Metric, f64)> + '_ {
        self.0.iter().copied()
    }
}

impl Serialize for VesselValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(metric, value)| (metric.key, value)))
    }
}

impl<'de> Deserialize<'de> for VesselValues {
    /// What an older or a newer version of the program wrote may have other metrics; those known today are taken.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = HashMap::<String, f64>::deserialize(deserializer)?;
        let value = |metric: &&'static Metric| (*metric, values.get(metric.key).copied());
        Ok(Self::new(OF_VESSELS.iter().map(value)))
    }
}

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
