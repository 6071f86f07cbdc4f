use crate::challenge::Group;
use crate::metrics::Summary;
use crate::scoring::{CaseScores, ScoredCase};

/// A metric as the tables and the CSV show it.
pub struct Metric {
    /// As it is called in JSON and CSV.
    pub key: &'static str,
    pub title: &'static str,
    /// Digits after the point in a table.
    pub decimals: usize,
    pub better: Better,
    /// A case's value, if it has one.
    pub of: fn(&ScoredCase) -> Option<f64>,
}

/// Which of two values is the better one.
#[derive(Clone, Copy)]
pub enum Better {
    Higher,
    Lower,
}

/// Every metric, in the order it is shown in.
pub const METRICS: &[Metric] = &[
    Metric {
        key: "dice",
        title: "Dice",
        decimals: 4,
        better: Better::Higher,
        of: |case| Some(case.dice),
    },
    Metric {
        key: "hd95",
        title: "HD95 (mm)",
        decimals: 3,
        better: Better::Lower,
        of: |case| Some(case.hd95),
    },
];

/// All cases, then each half of them.
pub const GROUPS: [(&str, Option<Group>); 3] =
    [("all", None), ("normal", Some(Group::Normal)), ("diseased", Some(Group::Diseased))];

impl Metric {
    /// Over the cases of a group, or all; nothing where it has no values.
    pub fn summary(&self, cases: &CaseScores, group: Option<Group>) -> Option<Summary> {
        let chosen = cases.iter().filter(|case| group.is_none() || case.group == group);
        Summary::of(&chosen.filter_map(self.of).collect::<Vec<_>>())
    }

    /// The best of several values.
    pub fn best(&self, values: impl Iterator<Item = f64>) -> Option<f64> {
        values.reduce(match self.better {
            Better::Higher => f64::max,
            Better::Lower => f64::min,
        })
    }

    /// A value as a table shows it; what is not a number is a dash.
    pub fn show(&self, value: f64) -> String {
        let decimals = self.decimals;
        if value.is_nan() { "-".to_owned() } else { format!("{value:.decimals$}") }
    }
}
