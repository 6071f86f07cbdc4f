use crate::domain::metric::{
    CL_DICE, COMPONENT_DIFFERENCE, DICE, HD95, Metric, PRECISION, RECALL, SURFACE_DICE,
};
use crate::domain::{Group, Official};
use crate::scoring::{CaseScores, ScoredCase};
use segmentation_metrics::Summary;

/// A metric as the tables and the CSV show it.
pub struct Column {
    pub metric: &'static Metric,
    /// Above the column, as short as it can be.
    pub title: &'static str,
    /// Digits after the point.
    digits: usize,
    /// A case's value, if it has one.
    pub of: fn(&ScoredCase) -> Option<f64>,
}

/// Every metric, in the order it is shown in.
pub static COLUMNS: &[Column] = &[
    Column { metric: &DICE, title: "Dice", digits: 4, of: |case| Some(case.dice) },
    Column { metric: &HD95, title: "HD95 (mm)", digits: 3, of: |case| Some(case.hd95) },
    share(&CL_DICE, "clDice", |case| Some(case.secondary?.cl_dice)),
    share(&SURFACE_DICE, "surf. Dice", |case| Some(case.secondary?.surface_dice)),
    share(&PRECISION, "prec.", |case| Some(case.secondary?.precision)),
    share(&RECALL, "recall", |case| Some(case.secondary?.recall)),
    Column {
        metric: &COMPONENT_DIFFERENCE,
        title: "comps ±",
        digits: 1,
        of: |case| Some(case.secondary?.component_difference as f64),
    },
];

/// What the short titles of the secondary metrics stand for.
pub const SECONDARY_NOTE: &str = "Not ranked: clDice, surface Dice at 0.5 mm, voxel precision and recall, and how\n\
     many 26-connected components more or fewer than in the truth.";

const fn share(
    metric: &'static Metric,
    title: &'static str,
    of: fn(&ScoredCase) -> Option<f64>,
) -> Column {
    Column { metric, title, digits: 4, of }
}

/// All cases, then each half of them.
pub const GROUPS: [(&str, Option<Group>); 3] =
    [("all", None), ("normal", Some(Group::Normal)), ("diseased", Some(Group::Diseased))];

impl Column {
    /// Official metrics are compared case by case, too; the others stand beside them.
    pub fn is_official(&self) -> bool {
        Official::ALL.iter().any(|official| std::ptr::eq(&**official, self.metric))
    }

    /// Over the cases of a group, or all; nothing where it has no values.
    pub fn summary(&self, cases: &CaseScores, group: Option<Group>) -> Option<Summary> {
        let chosen = cases.iter().filter(|case| group.is_none() || case.group == group);
        Summary::of(&chosen.filter_map(self.of).collect::<Vec<_>>())
    }

    /// How far a value is from the best there could be, in an order of its own: less is better.
    pub fn loss(&self, value: f64) -> f64 {
        self.metric.direction.loss(value)
    }

    /// Mean and standard deviation as a table shows them.
    pub fn show_mean(&self, Summary { mean, std, .. }: Summary) -> String {
        let std = if std.is_nan() { String::new() } else { format!("±{}", self.show(std)) };
        self.show(mean) + &std
    }

    /// A value as a table shows it; what is not a number is a dash.
    pub fn show(&self, value: f64) -> String {
        let digits = self.digits;
        if value.is_nan() { "-".to_owned() } else { format!("{value:.digits$}") }
    }

    /// A difference as a table shows it, with its sign.
    pub fn show_difference(&self, value: f64) -> String {
        let digits = self.digits;
        format!("{value:+.digits$}")
    }
}
