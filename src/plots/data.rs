//! What is drawn: plain numbers and names.

use super::scale::{Scale, Span};

/// Of more entries the first ones are drawn; more rows nobody can read.
pub const MOST_DRAWN: usize = 30;

/// The same of both metrics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Both<T> {
    pub dice: T,
    /// In mm, where it is a value.
    pub hd95: T,
}

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
    pub better: Both<Vec<Vec<bool>>>,
    /// How often the cases were drawn.
    pub draws: usize,
    pub reference: Option<Reference>,
}

#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub name: String,
    pub values: Both<Five>,
    pub spread: Spread,
    /// Of each case; none where single cases may not be seen.
    pub cases: Vec<Both<f64>>,
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
    /// From the lowest to the highest of the middle 95 % of the means.
    pub means: Both<[f64; 2]>,
    /// The same of the positions.
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
    pub levels: Both<Option<Level>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    pub mean: f64,
    pub std: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Metric {
    Dice,
    Hd95,
}

impl<T> Both<T> {
    pub(super) fn of(&self, metric: Metric) -> &T {
        match metric {
            Metric::Dice => &self.dice,
            Metric::Hd95 => &self.hd95,
        }
    }
}

impl Reference {
    pub(super) fn level(&self, metric: Metric) -> Option<Level> {
        *self.levels.of(metric)
    }
}

impl Comparison {
    /// The entries that are drawn.
    pub(super) fn drawn(&self) -> &[Entry] {
        &self.entries[..self.entries.len().min(MOST_DRAWN)]
    }

    /// What is said where not all are.
    pub(super) fn cut(&self, most: usize) -> Option<String> {
        let all = self.entries.len();
        (all > most).then(|| format!("The first {most} of {all} entries are drawn."))
    }

    pub(super) fn level(&self, metric: Metric) -> Option<Level> {
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

impl Metric {
    pub const ALL: [Self; 2] = [Self::Dice, Self::Hd95];

    pub fn name(self) -> &'static str {
        match self {
            Self::Dice => "Dice",
            Self::Hd95 => "HD95",
        }
    }

    /// What stands beside an axis of it.
    pub fn axis(self) -> &'static str {
        match self {
            Self::Dice => "Dice, larger is better",
            Self::Hd95 => "HD95 in mm (log), smaller is better",
        }
    }

    pub fn say(self, value: f64) -> String {
        match self {
            Self::Dice => format!("{value:.4}"),
            Self::Hd95 => format!("{value:.2} mm"),
        }
    }

    /// As short as it can be compared by.
    pub fn say_briefly(self, value: f64) -> String {
        match self {
            Self::Dice => format!("{value:.3}"),
            Self::Hd95 => format!("{value:.2} mm"),
        }
    }

    pub fn is_better(self, value: f64, than: f64) -> bool {
        match self {
            Self::Dice => value > than,
            Self::Hd95 => value < than,
        }
    }

    /// Dice as it is. HD95 by log(1 + mm): one bad case of 60 mm leaves room for those of 3 to 6 mm, and 0 has a place.
    pub fn scale(self, values: impl Iterator<Item = f64>, span: Span) -> Scale {
        match self {
            Self::Dice => Scale::linear(values, [0.0, 1.0], span),
            Self::Hd95 => Scale::logarithmic(values, span),
        }
    }
}
