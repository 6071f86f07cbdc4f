use serde::{Deserialize, Serialize};

use super::Group;
use crate::string_enum::string_enum;

string_enum! {
    /// Whose agreement it is.
    ObserverSource {
        /// Of those who annotated the published training set.
        Paper = "dataset_paper",
        /// Of those who annotated the challenge's own truth.
        Own = "own_annotators",
    }
}

/// How far people agree with the truth that was made of their masks: what a method that is as good as a human reaches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observers {
    pub source: ObserverSource,
    /// How many annotators there were.
    pub annotators: usize,
    pub all: Agreement,
    /// Nothing where a half has no case.
    pub normal: Option<Agreement>,
    pub diseased: Option<Agreement>,
}

/// Over every case and annotator.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    pub dice: MeanStd,
    /// mm
    pub hd95: MeanStd,
    /// How many values there are of each, if that is known.
    pub count: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanStd {
    pub mean: f64,
    /// Of a sample (n−1), if it is known.
    pub std: Option<f64>,
}

impl Observers {
    /// Three annotators against their majority, as the paper about the ASOCA data set states it (Gharleghi et al.,
    /// Scientific Data 2023). The halves come without standard deviations there.
    pub const PAPER: Self = Self {
        source: ObserverSource::Paper,
        annotators: 3,
        all: stated((0.856, Some(0.077)), (5.92, Some(7.3))),
        normal: Some(stated((0.874, None), (4.45, None))),
        diseased: Some(stated((0.839, None), (7.38, None))),
    };

    /// Of one group, or of all cases.
    pub fn of_group(&self, group: Option<Group>) -> Option<&Agreement> {
        match group {
            None => Some(&self.all),
            Some(Group::Normal) => self.normal.as_ref(),
            Some(Group::Diseased) => self.diseased.as_ref(),
        }
    }

    /// The groups that have something, by name.
    pub fn named(&self) -> Vec<(&'static str, Agreement)> {
        let named = [("all", Some(self.all)), ("normal", self.normal), ("diseased", self.diseased)];
        named.into_iter().filter_map(|(name, of)| Some((name, of?))).collect()
    }
}

const fn stated(dice: (f64, Option<f64>), hd95: (f64, Option<f64>)) -> Agreement {
    Agreement {
        dice: MeanStd { mean: dice.0, std: dice.1 },
        hd95: MeanStd { mean: hd95.0, std: hd95.1 },
        count: None,
    }
}

impl MeanStd {
    /// Mean and, if it is known, standard deviation, for a table.
    pub fn rounded(&self, digits: usize) -> String {
        let std = self.std.map_or_else(String::new, |std| format!(" ± {std:.digits$}"));
        format!("{:.digits$}{std}", self.mean)
    }
}

impl ObserverSource {
    /// Where the numbers come from, to stand behind "of the".
    pub fn words(self) -> &'static str {
        match self {
            Self::Paper => {
                "training set of the dataset paper (three annotators against their majority)"
            }
            Self::Own => {
                "challenge's own annotators (each against the truth made from their masks)"
            }
        }
    }
}
