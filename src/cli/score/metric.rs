use crate::domain::metric::{
    ABSOLUTE_COMPONENT_DIFFERENCE, CL_DICE, COMPONENT_DIFFERENCE, DICE, HD95, Metric, PRECISION,
    RECALL, SURFACE_DICE,
};
use crate::domain::{Group, OF_VESSELS, RankedMetric};
use crate::scoring::{CaseScores, ScoredCase};
use segmentation_metrics::Summary;

/// A metric as the tables and the CSV show it.
#[derive(Clone, Copy)]
pub struct Column {
    pub metric: &'static Metric,
    /// Above the column, as short as it can be.
    pub title: &'static str,
    /// Digits after the point.
    digits: usize,
}

const fn column(metric: &'static Metric, title: &'static str, digits: usize) -> Column {
    Column { metric, title, digits }
}

/// Every metric, in the order it is shown in.
pub static COLUMNS: &[Column] = &[
    column(&DICE, "Dice", 4),
    column(&HD95, "HD95 (mm)", 3),
    column(&CL_DICE, "clDice", 4),
    column(&SURFACE_DICE, "surf. Dice", 4),
    column(&PRECISION, "prec.", 4),
    column(&RECALL, "recall", 4),
    column(&COMPONENT_DIFFERENCE, "comps ±", 1),
];

/// Beside these where cases are summed up: what a single case says of it is in the column before.
static ABSOLUTE: Column = column(&ABSOLUTE_COMPONENT_DIFFERENCE, "|comps|", 1);

/// The vessel metrics that some case has.
pub fn vessels(cases: &CaseScores) -> impl Iterator<Item = Column> {
    let has = |metric: &&'static Metric| cases.iter().any(|case| case.value(metric).is_some());
    OF_VESSELS.into_iter().filter(has).map(|metric| column(metric, metric.title, metric.digits))
}

/// Every metric that is summed up.
pub fn summed_up(cases: &CaseScores) -> impl Iterator<Item = Column> {
    COLUMNS.iter().copied().chain([ABSOLUTE]).chain(vessels(cases))
}

/// What the short titles of the secondary metrics stand for.
pub const SECONDARY_NOTE: &str = "Not ranked: clDice, surface Dice at 0.5 mm, voxel precision and recall, and how\n\
     many 26-connected components more or fewer than in the truth (comps ±; |comps|\n\
     without its sign).";

/// What the vessel metrics are, where they are shown.
pub const VESSEL_NOTE: &str = "Tree length: the share of the truth's centreline inside the prediction; connected:\n\
     of each piece of the truth, inside one piece of the prediction; both by the truth's\n\
     diameter. Centreline overlap: of both, within the truth's radius; accuracy: the\n\
     distance there. Leakage: the prediction's centreline outside the truth. β0, β1: by\n\
     how many pieces and loops it differs.";

/// All cases, then each half of them.
pub const GROUPS: [(&str, Option<Group>); 3] =
    [("all", None), ("normal", Some(Group::Normal)), ("diseased", Some(Group::Diseased))];

impl Column {
    /// Ranked metrics are compared case by case, too; the others stand beside them.
    pub fn is_ranked(&self) -> bool {
        RankedMetric::ALL.iter().any(|ranked| ranked.key == self.metric.key)
    }

    /// A case's value, if it has one.
    pub fn of(&self, case: &ScoredCase) -> Option<f64> {
        case.value(self.metric)
    }

    /// Over the cases of a group, or all; nothing where it has no values.
    pub fn summary(&self, cases: &CaseScores, group: Option<Group>) -> Option<Summary> {
        let chosen = cases.iter().filter(|case| group.is_none() || case.group == group);
        Summary::of(&chosen.filter_map(|case| self.of(case)).collect::<Vec<_>>())
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
