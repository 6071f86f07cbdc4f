//! What is drawn: plain numbers and names.

use super::scale::{Scale, Span};
use crate::domain::{PerMetric, RankedMetric};

/// Of more entries the first ones are drawn; more rows nobody can read.
pub const MAX_DRAWN: usize = 30;

/// Some cases, and the entries by their ranking over these.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Which challenge and which cases, for a title.
    pub about: String,
    /// The best first.
    pub entries: Vec<Entry>,
    /// In the order of the entries' values; none where single cases may not be seen.
    pub cases: Vec<Case>,
    /// Whether the row's entry is better than the column's beyond chance, for the first entries.
    pub better: PerMetric<Vec<Vec<bool>>>,
    /// How often the cases were drawn.
    pub draws: usize,
    pub reference: Option<Reference>,
}

#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub name: String,
    /// Its position, with a letter where several entries share it: short, and no other entry has the same.
    pub label: String,
    pub values: PerMetric<Five>,
    pub spread: Spread,
    /// Of each case; none where single cases may not be seen.
    pub cases: Vec<PerMetric<f64>>,
}

/// A metric over the cases.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Five {
    pub min: f64,
    pub q25: f64,
    pub median: f64,
    pub q75: f64,
    pub max: f64,
    pub mean: f64,
}

/// What the draws of the bootstrap say of an entry.
#[derive(Clone, Debug, Default)]
pub struct Spread {
    /// The ends of the 95 % intervals of the means, where these can be told.
    pub means: PerMetric<Option<[f64; 2]>>,
    /// From the lowest to the highest of the middle 95 % of the positions.
    pub position: [f64; 2],
    pub median_position: f64,
    /// Positions it comes to, each with its share of the draws.
    pub positions: Vec<(usize, f64)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub id: String,
    /// Or normal.
    pub diseased: bool,
}

/// What others reached, drawn as lines to compare with.
#[derive(Clone, Debug)]
pub struct Reference {
    pub name: String,
    pub levels: PerMetric<Option<Level>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    pub mean: f64,
    pub std: Option<f64>,
}

impl Reference {
    pub(super) fn level(&self, metric: RankedMetric) -> Option<Level> {
        *self.levels.of(metric)
    }
}

impl Comparison {
    /// The entries that are drawn.
    pub(super) fn drawn(&self) -> &[Entry] {
        &self.entries[..self.entries.len().min(MAX_DRAWN)]
    }

    /// What is said where not all are.
    pub(super) fn cut(&self, max: usize) -> Option<String> {
        let all = self.entries.len();
        (all > max).then(|| match max {
            1 => format!("Only the first of {all} entries is drawn."),
            _ => format!("The first {max} of {all} entries are drawn."),
        })
    }

    pub(super) fn level(&self, metric: RankedMetric) -> Option<Level> {
        self.reference.as_ref().and_then(|reference| reference.level(metric))
    }

    pub(super) fn reference_name(&self) -> &str {
        self.reference.as_ref().map_or("", |reference| &reference.name)
    }
}

impl Case {
    pub(super) fn words(&self) -> String {
        format!("case {}, {}", self.id, if self.diseased { "diseased" } else { "normal" })
    }
}

/// What plots say of a metric besides its name.
pub(super) trait Plotted {
    /// What stands beside an axis of it.
    fn axis(self) -> &'static str;
    fn say(self, value: f64) -> String;
    /// As short as it can be compared by.
    fn say_briefly(self, value: f64) -> String;
    fn scale(self, values: impl Iterator<Item = f64>, span: Span) -> Scale;
}

impl Plotted for RankedMetric {
    fn axis(self) -> &'static str {
        match self {
            Self::Dice => "Dice, larger is better",
            Self::Hd95 => "HD95 in mm (log), smaller is better",
        }
    }

    fn say(self, value: f64) -> String {
        let unit = self.unit.map_or_else(String::new, |unit| format!(" {unit}"));
        self.text(value) + &unit
    }

    fn say_briefly(self, value: f64) -> String {
        match self {
            Self::Dice => format!("{value:.3}"),
            Self::Hd95 => self.say(value),
        }
    }

    /// Dice as it is. HD95 by log(1 + mm): one bad case of 60 mm leaves room for those of 3 to 6 mm, and 0 has a place.
    fn scale(self, values: impl Iterator<Item = f64>, span: Span) -> Scale {
        match self {
            Self::Dice => Scale::linear(values, [0.0, 1.0], span),
            Self::Hd95 => Scale::logarithmic(values, span),
        }
    }
}
