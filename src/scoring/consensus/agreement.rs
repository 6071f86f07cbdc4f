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
    use crate::domain::{Group, VesselValues};
    use crate::scoring::MAX_OBSERVERS_BYTES;
    use segmentation_metrics::secondary::SecondaryMetrics;

    /// A case with every metric there is, as many digits each as a number can have.
    fn case(id: usize) -> ScoredCase {
        let value = 0.123_456_789_012_345_67 + id as f64;
        ScoredCase {
            id: id.to_string(),
            group: Some(Group::ALL[id % 2]),
            dice: value,
            hd95: value,
            secondary: Some(SecondaryMetrics {
                cl_dice: value,
                surface_dice: value,
                precision: value,
                recall: value,
                component_difference: 7,
            }),
            vessels: Some(VesselValues::new(OF_VESSELS.map(|metric| (metric, Some(value))))),
            warnings: Vec::new(),
            mask: None,
        }
    }

    #[test]
    fn what_is_told_of_many_annotators_leaves_room_for_their_values_in_the_document() {
        let annotators = 30;
        let scored = vec![(0..4).map(case).collect(); annotators * annotators];
        let agreements = agreements(annotators, scored);
        let told = in_json(&agreements, &vec!["one of many annotators"; annotators]);
        assert_eq!(told.as_array().unwrap().len(), annotators * annotators);
        assert_eq!(
            told[0]["means"]["all"].as_object().unwrap().len(),
            OF_CASES.len() + OF_VESSELS.len()
        );
        let bytes = serde_json::to_string_pretty(&told).unwrap().len();
        assert!(bytes < MAX_OBSERVERS_BYTES / 2, "{bytes}");
    }

    #[test]
    fn pairs_come_by_truth_then_by_prediction() {
        let pairs: Vec<_> = Pairs::of(3).collect();
        assert_eq!(pairs, [(1, 0), (2, 0), (0, 1), (2, 1), (0, 2), (1, 2)]);
        assert_eq!(Pairs::of(1).count(), 0);
    }
}
