use crate::domain::Group;
use crate::scoring::{CaseScores, ScoredCase};
use segmentation_metrics::Summary;

/// A metric as the tables and the CSV show it.
pub struct Metric {
    /// Official metrics are compared case by case, too; the others stand beside them.
    pub official: bool,
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
    NearZero,
}

/// Every metric, in the order it is shown in.
pub const METRICS: &[Metric] = &[
    Metric {
        official: true,
        key: "dice",
        title: "Dice",
        decimals: 4,
        better: Better::Higher,
        of: |case| Some(case.dice),
    },
    Metric {
        official: true,
        key: "hd95",
        title: "HD95 (mm)",
        decimals: 3,
        better: Better::Lower,
        of: |case| Some(case.hd95),
    },
    secondary("cl_dice", "clDice", |case| Some(case.secondary?.cl_dice)),
    secondary("surface_dice", "surf. Dice", |case| Some(case.secondary?.surface_dice)),
    secondary("precision", "prec.", |case| Some(case.secondary?.precision)),
    secondary("recall", "recall", |case| Some(case.secondary?.recall)),
    Metric {
        decimals: 1,
        better: Better::NearZero,
        ..secondary("component_difference", "comps ±", |case| {
            Some(case.secondary?.component_difference as f64)
        })
    },
];

/// What the short titles of the secondary metrics stand for.
pub const SECONDARY_NOTE: &str = "Not ranked: clDice, surface Dice at 0.5 mm, voxel precision and recall, and how\n\
     many 26-connected components more or fewer than in the truth.";

/// A share, of which more is better.
const fn secondary(
    key: &'static str,
    title: &'static str,
    of: fn(&ScoredCase) -> Option<f64>,
) -> Metric {
    Metric { official: false, key, title, decimals: 4, better: Better::Higher, of }
}

/// All cases, then each half of them.
pub const GROUPS: [(&str, Option<Group>); 3] =
    [("all", None), ("normal", Some(Group::Normal)), ("diseased", Some(Group::Diseased))];

impl Metric {
    /// Over the cases of a group, or all; nothing where it has no values.
    pub fn summary(&self, cases: &CaseScores, group: Option<Group>) -> Option<Summary> {
        let chosen = cases.iter().filter(|case| group.is_none() || case.group == group);
        Summary::of(&chosen.filter_map(self.of).collect::<Vec<_>>())
    }

    /// How far a value is from the best there could be, in an order of its own: less is better.
    pub fn loss(&self, value: f64) -> f64 {
        match self.better {
            Better::Higher => -value,
            Better::Lower => value,
            Better::NearZero => value.abs(),
        }
    }

    /// Mean and standard deviation as a table shows them.
    pub fn show_mean(&self, Summary { mean, std, .. }: Summary) -> String {
        let std = if std.is_nan() { String::new() } else { format!("±{}", self.show(std)) };
        self.show(mean) + &std
    }

    /// A value as a table shows it; what is not a number is a dash.
    pub fn show(&self, value: f64) -> String {
        let decimals = self.decimals;
        if value.is_nan() { "-".to_owned() } else { format!("{value:.decimals$}") }
    }
}
