//! How far annotators agree with the truth that was made of their masks, and with each other.

use serde_json::{Value, json};

use crate::domain::{OF_CASES, OF_VESSELS};
use crate::scoring::scores::{CaseScores, Grouped, ScoredCase};
use segmentation_metrics::Summary;

/// One annotator's masks as predictions.
#[derive(Debug)]
pub struct Agreement {
    /// The annotator, by place.
    pub annotator: usize,
    /// The annotator, by place, whose masks are taken for the truth; `None` for the majority.
    pub against: Option<usize>,
    pub scores: CaseScores,
}

/// Every annotator against every other one.
///
/// Dice and HD95 are the same both ways; how much of a tree was found is not.
pub struct Pairs;

impl Pairs {
    /// (prediction, truth), by truth and then by prediction.
    pub fn of(annotators: usize) -> impl Iterator<Item = (usize, usize)> {
        let all = (0..annotators).flat_map(move |truth| (0..annotators).map(move |of| (of, truth)));
        all.filter(|(of, truth)| of != truth)
    }
}

/// Of each annotator's scores against the majority, then of those of [`Pairs`].
pub fn agreements(annotators: usize, scored: Vec<Vec<ScoredCase>>) -> Vec<Agreement> {
    let against_majority = (0..annotators).map(|annotator| (annotator, None));
    let pairs = Pairs::of(annotators).map(|(annotator, truth)| (annotator, Some(truth)));
    let all = against_majority.chain(pairs).zip(scored);
    let agreement = |((annotator, against), cases)| Agreement {
        annotator,
        against,
        scores: CaseScores::new(cases),
    };
    all.map(agreement).collect()
}

/// The mean of each metric by group, over the cases that have it.
pub fn in_json(agreements: &[Agreement], names: &[&str]) -> Value {
    let name = |at: usize| names.get(at).copied().unwrap_or_default();
    let one = |agreement: &Agreement| {
        let means = Grouped::by(&agreement.scores, |cases| {
            let mean = |metric| {
                let values: Vec<f64> = cases.iter().filter_map(|case| case.value(metric)).collect();
                Summary::of(&values).map(|summary| summary.mean)
            };
            let metrics = OF_CASES.into_iter().chain(OF_VESSELS);
            let means =
                metrics.filter_map(|metric| Some((metric.key.to_owned(), mean(metric)?.into())));
            (!cases.is_empty()).then(|| means.collect::<serde_json::Map<String, Value>>())
        });
        json!({
            "annotator": name(agreement.annotator),
            "against": agreement.against.map_or("majority", name),
            "means": means,
        })
    };
    agreements.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_come_by_truth_then_by_prediction() {
        let pairs: Vec<_> = Pairs::of(3).collect();
        assert_eq!(pairs, [(1, 0), (2, 0), (0, 1), (2, 1), (0, 2), (1, 2)]);
        assert_eq!(Pairs::of(1).count(), 0);
    }
}
