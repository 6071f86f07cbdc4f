//! The layout of the published evaluator's `metrics.json`.

use serde_json::{Value, json};

use super::scores::{CaseScores, Pair, ScoredCase};
use crate::metrics::Summary;

/// The aggregates over all cases, and beside them, under `case`, each case's values.
pub fn published_metrics(all: &Pair, cases: Option<&CaseScores>) -> Value {
    let mut metrics = json!({
        "aggregates": { "DiceCoefficient": summary(&all.dice), "HD95": summary(&all.hd95) },
    });
    if let Some(cases) = cases {
        let column = |of: fn(&ScoredCase) -> f64| -> Value {
            cases.iter().map(|case| (case.id.clone(), json!(of(case)))).collect()
        };
        metrics["case"] = json!({
            "DiceCoefficient": column(|case| case.dice),
            "HD95": column(|case| case.hd95),
        });
    }
    metrics
}

/// The published evaluator writes every number of a summary as a float, the count too.
fn summary(summary: &Summary) -> Value {
    let mut published = json!(summary);
    published["count"] = json!(summary.count as f64);
    published
}
