use crate::domain::metric::{
    ABSOLUTE_COMPONENT_DIFFERENCE, CL_DICE, COMPONENT_DIFFERENCE, DICE, HD95, PRECISION, RECALL,
    SURFACE_DICE,
};
use crate::domain::{
    CaseWarning, Group, Metric, OF_VESSELS, PerMetric, RankedMetric, VesselValues,
};
use crate::store::{CaseResult, SentMask};
use segmentation_metrics::Summary;
use segmentation_metrics::secondary::SecondaryMetrics;

/// The official metrics of one case, and the secondary ones beside them.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ScoredCase {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    pub dice: f64,
    /// mm
    pub hd95: f64,
    /// `None`, in JSON `null`, where they were not computed.
    pub secondary: Option<SecondaryMetrics>,
    /// The vessel metrics, where they were computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vessels: Option<VesselValues>,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "CaseWarning::as_sentences")]
    pub warnings: Vec<CaseWarning>,
    /// What was scored; never shown.
    #[serde(skip)]
    pub mask: Option<SentMask>,
}

/// All cases of a submission, in the order of the truth set.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub struct CaseScores(Vec<ScoredCase>);

/// The secondary metrics over the same cases: those for which they were computed.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct SecondarySummaries {
    pub cl_dice: Summary,
    pub surface_dice: Summary,
    pub precision: Summary,
    pub recall: Summary,
    pub component_difference: Summary,
    pub absolute_component_difference: Summary,
}

/// The vessel metrics over the same cases, each over those that have it: an object by key in JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct VesselSummaries(Vec<(&'static Metric, Summary)>);

/// Over all cases and each half of them; nothing where a half has no case.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Grouped<T> {
    pub all: Option<T>,
    pub normal: Option<T>,
    pub diseased: Option<T>,
}

/// The official metrics by group.
pub type Aggregates = Grouped<PerMetric<Summary>>;

/// The secondary metrics by group, never a part of the official ones.
pub type SecondaryAggregates = Grouped<SecondarySummaries>;

/// The vessel metrics by group.
pub type VesselAggregates = Grouped<VesselSummaries>;

impl VesselSummaries {
    pub fn iter(&self) -> impl Iterator<Item = (&'static Metric, Summary)> + '_ {
        self.0.iter().copied()
    }

    /// Of one of them, if a case has it.
    pub fn of(&self, metric: &Metric) -> Option<Summary> {
        self.iter().find(|(of, _)| of.key == metric.key).map(|(_, summary)| summary)
    }
}

impl serde::Serialize for VesselSummaries {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(metric, summary)| (metric.key, summary)))
    }
}

impl ScoredCase {
    /// The metrics that are ranked.
    pub fn ranked(&self) -> PerMetric<f64> {
        PerMetric { dice: self.dice, hd95: self.hd95 }
    }

    /// Every metric that was computed.
    pub fn values(&self) -> Vec<(&'static Metric, f64)> {
        let mut values = vec![(&DICE, self.dice), (&HD95, self.hd95)];
        if let Some(secondary) = &self.secondary {
            values.extend([
                (&CL_DICE, secondary.cl_dice),
                (&SURFACE_DICE, secondary.surface_dice),
                (&PRECISION, secondary.precision),
                (&RECALL, secondary.recall),
                (&COMPONENT_DIFFERENCE, secondary.component_difference as f64),
            ]);
        }
        values.extend(self.vessels.iter().flat_map(VesselValues::iter));
        values
    }

    /// The value of one metric, where it was computed.
    pub fn value(&self, metric: &Metric) -> Option<f64> {
        if metric.key == ABSOLUTE_COMPONENT_DIFFERENCE.key {
            return self.value(&COMPONENT_DIFFERENCE).map(f64::abs);
        }
        let mut values = self.values().into_iter();
        values.find(|(of, _)| of.key == metric.key).map(|(_, value)| value)
    }
}

impl CaseScores {
    pub fn new(cases: Vec<ScoredCase>) -> Self {
        Self(cases)
    }

    /// Stored results with the groups of their cases, in the order of `groups`.
    pub fn of(results: &[CaseResult], groups: &[(String, Group)]) -> Self {
        let scored = |result: &CaseResult| ScoredCase {
            id: result.case_id.clone(),
            group: groups.iter().find(|(id, _)| *id == result.case_id).map(|(_, group)| *group),
            dice: result.dice,
            hd95: result.hd95,
            secondary: result.secondary,
            vessels: result.vessels.clone(),
            warnings: result.warnings.clone(),
            mask: None,
        };
        Self(results.iter().map(scored).collect())
    }

    pub fn iter(&self) -> std::slice::Iter<'_, ScoredCase> {
        self.0.iter()
    }

    /// Of each metric the so many cases with the worst values, the worst first.
    pub fn worst(&self, count: usize) -> PerMetric<Vec<&ScoredCase>> {
        PerMetric::from_fn(|metric| {
            let loss = |case: &ScoredCase| metric.direction.loss(*case.ranked().of(metric));
            let mut cases: Vec<&ScoredCase> = self.0.iter().collect();
            cases.sort_by(|a, b| loss(b).total_cmp(&loss(a)));
            cases.truncate(count);
            cases
        })
    }

    pub fn into_results(self) -> Vec<CaseResult> {
        let result = |case: ScoredCase| CaseResult {
            case_id: case.id,
            dice: case.dice,
            hd95: case.hd95,
            secondary: case.secondary,
            vessels: case.vessels,
            warnings: case.warnings,
            mask: case.mask,
        };
        self.0.into_iter().map(result).collect()
    }
}

impl<T> Grouped<T> {
    pub(super) fn by(scores: &CaseScores, of: impl Fn(&[&ScoredCase]) -> Option<T>) -> Self {
        let group = |group: Option<Group>| {
            let chosen = scores.iter().filter(|case| group.is_none() || case.group == group);
            of(&chosen.collect::<Vec<_>>())
        };
        Self {
            all: group(None),
            normal: group(Some(Group::Normal)),
            diseased: group(Some(Group::Diseased)),
        }
    }

    pub fn map<U>(self, of: impl Fn(T) -> U) -> Grouped<U> {
        let Self { all, normal, diseased } = self;
        Grouped { all: all.map(&of), normal: normal.map(&of), diseased: diseased.map(&of) }
    }

    /// The groups that have something, by name.
    pub fn named(self) -> Vec<(&'static str, T)> {
        let named = [("all", self.all), ("normal", self.normal), ("diseased", self.diseased)];
        named.into_iter().filter_map(|(name, of)| Some((name, of?))).collect()
    }

    /// Of one group, or of all cases.
    pub fn of_group(&self, group: Option<Group>) -> Option<&T> {
        match group {
            None => self.all.as_ref(),
            Some(Group::Normal) => self.normal.as_ref(),
            Some(Group::Diseased) => self.diseased.as_ref(),
        }
    }
}

impl Grouped<PerMetric<Summary>> {
    /// For who may not see single cases: no summary that is of one, nor one from which it would follow.
    pub fn without_single_cases(self, groups: &[(String, Group)]) -> Self {
        // With the summary over all cases a group's single value would also follow from the other group's.
        let single =
            Group::ALL.iter().any(|of| groups.iter().filter(|(_, group)| group == of).count() == 1);
        if single { Self { normal: None, diseased: None, ..self } } else { self }
    }

    pub fn of(scores: &CaseScores) -> Self {
        Self::of_values(scores.iter().map(|case| (case.group, case.ranked())))
    }

    /// Of the values of every case, in the order of the truth set, each with the case's group.
    pub fn of_values(
        values: impl Iterator<Item = (Option<Group>, PerMetric<f64>)> + Clone,
    ) -> Self {
        let of = |group: Option<Group>| {
            let chosen = values.clone().filter(|(of, _)| group.is_none() || *of == group);
            let chosen: Vec<PerMetric<f64>> = chosen.map(|(_, values)| values).collect();
            let summary = |metric: RankedMetric| {
                Summary::of(&chosen.iter().map(|case| *case.of(metric)).collect::<Vec<_>>())
            };
            PerMetric::from_fn(summary).whole()
        };
        Self { all: of(None), normal: of(Some(Group::Normal)), diseased: of(Some(Group::Diseased)) }
    }
}

impl Grouped<SecondarySummaries> {
    pub fn of(scores: &CaseScores) -> Self {
        Self::by(scores, |cases| {
            let summary = |of: fn(&SecondaryMetrics) -> f64| {
                let computed = cases.iter().filter_map(|case| case.secondary.as_ref());
                Summary::of(&computed.map(of).collect::<Vec<_>>())
            };
            Some(SecondarySummaries {
                cl_dice: summary(|case| case.cl_dice)?,
                surface_dice: summary(|case| case.surface_dice)?,
                precision: summary(|case| case.precision)?,
                recall: summary(|case| case.recall)?,
                component_difference: summary(|case| case.component_difference as f64)?,
                absolute_component_difference: summary(|case| {
                    (case.component_difference as f64).abs()
                })?,
            })
        })
    }
}

impl Grouped<VesselSummaries> {
    /// Nothing of a group in which no case has them.
    pub fn of(scores: &CaseScores) -> Self {
        Self::by(scores, |cases| {
            let summary = |metric: &&'static Metric| {
                let values: Vec<f64> = cases.iter().filter_map(|case| case.value(metric)).collect();
                Some((*metric, Summary::of(&values)?))
            };
            let summaries: Vec<_> = OF_VESSELS.iter().filter_map(summary).collect();
            (!summaries.is_empty()).then_some(VesselSummaries(summaries))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(id: &str, group: Group, dice: f64) -> ScoredCase {
        let secondary = None;
        ScoredCase {
            id: id.into(),
            group: Some(group),
            dice,
            hd95: 2.0,
            secondary,
            vessels: None,
            warnings: Vec::new(),
            mask: None,
        }
    }

    #[test]
    fn groups_are_summed_up_apart() {
        let scores = CaseScores::new(vec![
            case("0", Group::Normal, 0.5),
            case("1", Group::Normal, 0.7),
            case("2", Group::Diseased, 0.9),
        ]);
        let aggregates = Aggregates::of(&scores);
        assert_eq!(aggregates.all.unwrap().dice.count, 3);
        assert_eq!(aggregates.normal.unwrap().dice.mean, 0.6);
        assert_eq!(aggregates.diseased.unwrap().dice.mean, 0.9);
    }

    #[test]
    fn secondary_metrics_are_summed_up_over_the_cases_that_have_them() {
        let secondary = |cl_dice, component_difference| SecondaryMetrics {
            cl_dice,
            surface_dice: 0.5,
            precision: 0.25,
            recall: 1.0,
            component_difference,
        };
        let computed = [Some(secondary(0.5, -3)), None, Some(secondary(0.75, 2))];
        let cases =
            computed.map(|secondary| ScoredCase { secondary, ..case("0", Group::Normal, 0.5) });
        let found = SecondaryAggregates::of(&CaseScores::new(cases.to_vec()));
        let normal = found.normal.unwrap();
        assert_eq!((normal.cl_dice.mean, normal.cl_dice.count), (0.625, 2));
        assert_eq!(
            (normal.component_difference.mean, normal.component_difference.min),
            (-0.5, -3.0)
        );
        let absolute = normal.absolute_component_difference;
        assert_eq!((absolute.mean, absolute.min, absolute.max), (2.5, 2.0, 3.0));
        assert_eq!((found.all, found.diseased), (found.normal, None));
    }

    #[test]
    fn vessel_metrics_are_summed_up_over_the_cases_that_have_them() {
        use crate::domain::metric::{LEAKAGE, TREE_LENGTH, TREE_LENGTH_FROM_2};
        let of = |length, thick, leakage| {
            let values = [
                (&TREE_LENGTH, Some(length)),
                (&TREE_LENGTH_FROM_2, thick),
                (&LEAKAGE, Some(leakage)),
            ];
            let vessels = Some(VesselValues::new(values));
            ScoredCase { vessels, ..case("0", Group::Normal, 0.5) }
        };
        let cases =
            vec![of(0.5, None, 2.0), of(0.75, Some(1.0), 4.0), case("2", Group::Diseased, 0.5)];
        let found = VesselAggregates::of(&CaseScores::new(cases));
        let normal = found.normal.clone().unwrap();
        assert_eq!(normal.of(&TREE_LENGTH).map(|all| (all.mean, all.count)), Some((0.625, 2)));
        assert_eq!(normal.of(&TREE_LENGTH_FROM_2).map(|all| (all.mean, all.count)), Some((1.0, 1)));
        assert_eq!(found.diseased, None);
        assert_eq!(
            found.all.unwrap().of(&LEAKAGE).map(|all| (all.mean, all.count)),
            Some((3.0, 2))
        );
        let json = serde_json::to_value(&normal).unwrap();
        assert_eq!(json["leakage"]["mean"], 3.0);
    }

    #[test]
    fn a_summary_of_one_case_is_not_told_nor_what_it_follows_from() {
        let of = |groups: &[Group]| {
            let cases =
                groups.iter().zip('0'..).map(|(&group, id)| case(&id.to_string(), group, 0.5));
            let scores = CaseScores::new(cases.collect());
            let groups: Vec<_> =
                scores.iter().map(|case| (case.id.clone(), case.group.unwrap())).collect();
            let shown = Aggregates::of(&scores).without_single_cases(&groups);
            [shown.all.is_some(), shown.normal.is_some(), shown.diseased.is_some()]
        };
        use Group::{Diseased, Normal};
        assert_eq!(of(&[Normal, Normal, Diseased, Diseased]), [true; 3]);
        assert_eq!(of(&[Normal, Normal, Diseased]), [true, false, false]);
        assert_eq!(of(&[Normal, Normal]), [true, true, false]);
    }

    #[test]
    fn a_group_without_cases_has_no_summary() {
        let scores = CaseScores::new(vec![case("0", Group::Normal, 0.5)]);
        assert_eq!(Aggregates::of(&scores).diseased, None);
    }

    #[test]
    fn the_worst_cases_come_worst_first() {
        let case = |id, dice, hd95| ScoredCase { hd95, ..case(id, Group::Normal, dice) };
        let cases = vec![case("a", 0.9, 9.0), case("b", 0.5, 1.0), case("c", 0.7, 5.0)];
        let scores = CaseScores::new(cases);
        let ids =
            scores.worst(2).map(|cases| cases.iter().map(|case| &*case.id).collect::<String>());
        assert_eq!(ids, PerMetric { dice: "bc".to_owned(), hd95: "ac".to_owned() });
    }

    #[test]
    fn cases_keep_their_order_in_json() {
        let scores =
            CaseScores::new(vec![case("10", Group::Normal, 0.5), case("9", Group::Normal, 0.5)]);
        let json = serde_json::to_string(&scores).unwrap();
        assert!(json.find("\"10\"") < json.find("\"9\""), "{json}");
    }
}
