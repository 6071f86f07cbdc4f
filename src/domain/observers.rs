use serde::{Deserialize, Serialize};

use super::Group;
use crate::string_enum::string_enum;

/// The largest tolerance that a surface Dice is measured with, in mm: the radius of a coronary artery where it is widest.
pub const MAX_TOLERANCE_MM: f64 = 2.0;

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
    /// How precisely they draw the surface of a vessel that several of them have, in mm, where it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance_mm: Option<f64>,
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
    /// Three annotators against their majority in the 40 cases of the training set, as the text of the paper about the
    /// ASOCA data set states it (Gharleghi et al., Scientific Data 2023). The standard deviations of the halves (n−1)
    /// are computed from its tables 1 and 2, and have as many digits as those it states.
    pub const PAPER: Self = Self {
        source: ObserverSource::Paper,
        annotators: 3,
        all: stated((0.856, 0.077), (5.92, 7.3), 120),
        normal: Some(stated((0.874, 0.093), (4.45, 5.7), 60)),
        diseased: Some(stated((0.839, 0.051), (7.38, 8.5), 60)),
        tolerance_mm: None,
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

const fn stated(dice: (f64, f64), hd95: (f64, f64), count: usize) -> Agreement {
    Agreement {
        dice: MeanStd { mean: dice.0, std: Some(dice.1) },
        hd95: MeanStd { mean: hd95.0, std: Some(hd95.1) },
        count: Some(count),
    }
}

impl MeanStd {
    /// Mean and, if it is known, standard deviation, for a table.
    pub fn rounded(&self, digits: usize) -> String {
        let std = self.rounded_std(digits).map_or_else(String::new, |std| format!(" ± {std}"));
        self.rounded_mean(digits) + &std
    }

    pub fn rounded_mean(&self, digits: usize) -> String {
        rounded(self.mean, digits)
    }

    pub fn rounded_std(&self, digits: usize) -> Option<String> {
        Some(rounded(self.std?, digits))
    }
}

/// With so many digits after the point, but none that the source of a number doesn't have.
fn rounded(value: f64, digits: usize) -> String {
    let (all, some) = (value.to_string(), format!("{value:.digits$}"));
    if all.len() < some.len() { all } else { some }
}

impl ObserverSource {
    /// Where the numbers come from, to stand behind "of the".
    pub fn words(self) -> &'static str {
        match self {
            Self::Paper => {
                "training set of the dataset paper (three annotators, each against a majority that includes them: \
                 optimistic)"
            }
            Self::Own => {
                "challenge's own annotators (each against the truth made from their masks: optimistic)"
            }
        }
    }

    /// Where that is published.
    pub fn url(self) -> Option<&'static str> {
        match self {
            Self::Paper => Some("https://doi.org/10.1038/s41597-023-02016-2"),
            Self::Own => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_paper_states_gets_no_digits_that_it_does_not_have() {
        let Observers { all, normal, .. } = Observers::PAPER;
        assert_eq!([all.dice.rounded(3), all.hd95.rounded(2)], ["0.856 ± 0.077", "5.92 ± 7.3"]);
        let [dice, hd95] = normal.map(|of| [of.dice, of.hd95]).unwrap();
        assert_eq!([dice.rounded(3), hd95.rounded(2)], ["0.874 ± 0.093", "4.45 ± 5.7"]);
        let computed = MeanStd { mean: 2.0 / 3.0, std: None };
        assert_eq!(computed.rounded(3), "0.667");
    }
}
