//! The layout of the published evaluator's `metrics.json`.

use serde::Serialize;
use serde_json::{Value, json};

use super::scores::{CaseScores, ScoredCase, SecondarySummaries};
use crate::domain::PerMetric;

/// The aggregates over all cases, and beside them, under `case`, each case's values.
///
/// What the published evaluator does not have stands apart, under `secondary`, where single cases are shown.
pub fn published_metrics<S: Serialize>(
    all: &PerMetric<S>,
    secondary: Option<&SecondarySummaries>,
    cases: Option<&CaseScores>,
) -> Value {
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
        let of_cases = cases.iter().map(|case| (case.id.clone(), json!(case.secondary)));
        let of_cases: Value = of_cases.collect();
        metrics["secondary"] = json!({ "aggregates": secondary, "case": of_cases });
    }
    metrics
}

/// The published evaluator writes every number of a summary as a float, the count too.
fn summary(summary: &impl Serialize) -> Value {
    let mut published = json!(summary);
    let count = published["count"].as_f64();
    published["count"] = json!(count);
    published
}
