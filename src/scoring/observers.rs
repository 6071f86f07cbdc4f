//! How far annotators agree with the truth that was made of their masks: the table `asoca consensus` prints,
//! and the document an organiser imports.

mod read;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::SCORER_VERSION;
use super::import::ImportError;
use super::scores::{Aggregates, CaseScores, ScoredCase};
use crate::domain::{
    Agreement, Group, MeanStd, ObserverSource, Observers, PerMetric, Problem, TruthSetId, UserId,
};
use crate::store::{AnnotatorValues, Case, NewObservers, Store, Timestamp};
use challenge_ranking::{Untestable, Welch};
use segmentation_metrics::Summary;

/// What a document says it is.
pub const OBSERVERS_KIND: &str = "asoca observers";

/// Which layout a document has.
pub const OBSERVERS_VERSION: u64 = 1;

/// The most bytes of a document; a thousand cases of a few annotators fit well, and what is told of them beside their values.
pub const MAX_OBSERVERS_BYTES: usize = 8 << 20;

/// Annotators and what each of their masks scores.
#[derive(Clone, Debug, PartialEq)]
pub struct ObserverTable {
    pub cases: Vec<AnnotatedCase>,
    /// Values in the order of the cases.
    pub annotators: Vec<AnnotatorValues>,
    /// How precisely they draw the surface of a vessel, in mm, where it was measured.
    pub tolerance_mm: Option<f64>,
}

/// A case that annotators drew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnnotatedCase {
    pub id: String,
    pub group: Option<Group>,
    /// Voxels of the truth, where they were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreground: Option<i64>,
}

impl From<&Case> for AnnotatedCase {
    fn from(case: &Case) -> Self {
        let (id, group) = (case.case_id.clone(), Some(case.case_group));
        Self { id, group, foreground: case.foreground }
    }
}

/// Reads a document about a truth set's annotators and keeps it with that, in place of what may have been there.
pub async fn import_observers(
    store: &Store,
    truth_set: TruthSetId,
    document: &[u8],
    actor: Option<UserId>,
    now: Timestamp,
) -> Result<Observers, ImportError> {
    let cases = store.cases(truth_set).await.map_err(ImportError::Store)?;
    let table = ObserverTable::read(document, &cases).map_err(ImportError::Invalid)?;
    let nothing = || ImportError::Invalid(vec![read::nothing()]);
    let summary = table.observers().ok_or_else(nothing)?;
    let new = NewObservers { annotators: &table.annotators, summary: &summary };
    store.set_observers(truth_set, Some(new), actor, now).await.map_err(ImportError::Store)?;
    Ok(summary)
}

impl Serialize for ObserverTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document().serialize(serializer)
    }
}

impl ObserverTable {
    /// Of a truth set with these cases.
    pub fn new(
        cases: &[Case],
        annotators: Vec<AnnotatorValues>,
        tolerance_mm: Option<f64>,
    ) -> Self {
        Self { cases: cases.iter().map(AnnotatedCase::from).collect(), annotators, tolerance_mm }
    }

    /// Reads a document about the truth set with these cases, or tells all that is wrong with it. Of what it says
    /// only names, the values of single cases and the tolerance are taken; everything else follows from these.
    pub fn read(document: &[u8], cases: &[Case]) -> Result<Self, Vec<Problem>> {
        let (annotators, tolerance_mm) = read::read(document, cases)?;
        Ok(Self::new(cases, annotators, tolerance_mm))
    }

    /// What one annotator's masks score.
    pub fn scores(&self, annotator: &AnnotatorValues) -> CaseScores {
        let scored =
            |(case, &PerMetric { dice, hd95 }): (&AnnotatedCase, &PerMetric<f64>)| ScoredCase {
                id: case.id.clone(),
                group: case.group,
                dice,
                hd95,
                secondary: None,
                vessels: None,
                warnings: Vec::new(),
                mask: None,
            };
        CaseScores::new(self.cases.iter().zip(&annotator.values).map(scored).collect())
    }

    /// The scores of all, annotator by annotator.
    pub fn all_scores(&self) -> CaseScores {
        let scores = self.annotators.iter().map(|annotator| self.scores(annotator));
        let cases = scores.flat_map(|scores| scores.iter().cloned().collect::<Vec<_>>());
        CaseScores::new(cases.collect())
    }

    /// Welch's t-test of normal against diseased cases, over every case and annotator as in the dataset paper.
    ///
    /// Values of one case are not independent of each other, so that p comes out too small.
    pub fn group_tests(&self) -> PerMetric<Result<Welch, Untestable>> {
        let scores = self.all_scores();
        PerMetric::from_fn(|metric| {
            let values = |group| {
                let chosen = scores.iter().filter(|case| case.group == Some(group));
                chosen.map(|case| *case.ranked().of(metric)).collect::<Vec<f64>>()
            };
            Welch::of(&values(Group::Normal), &values(Group::Diseased))
        })
    }

    /// The reference lines; `None` without any value.
    pub fn observers(&self) -> Option<Observers> {
        let Aggregates { all, normal, diseased } = Aggregates::of(&self.all_scores());
        Some(Observers {
            source: ObserverSource::Own,
            annotators: self.annotators.len(),
            all: agreement(all?),
            normal: normal.map(agreement),
            diseased: diseased.map(agreement),
            tolerance_mm: self.tolerance_mm,
        })
    }

    /// The document an organiser imports.
    pub fn document(&self) -> Value {
        let annotator = |one: &AnnotatorValues| {
            let scores = self.scores(one);
            let case = |case: &ScoredCase| json!({ "id": case.id, "group": case.group, "dice": case.dice, "hd95": case.hd95 });
            json!({
                "name": one.name,
                "cases": scores.iter().map(case).collect::<Vec<_>>(),
                "aggregates": Aggregates::of(&scores),
            })
        };
        let mut document = json!({
            "kind": OBSERVERS_KIND,
            "version": OBSERVERS_VERSION,
            "scorer_version": SCORER_VERSION,
            "truth": self.cases,
            "annotators": self.annotators.iter().map(annotator).collect::<Vec<_>>(),
            "aggregates": Aggregates::of(&self.all_scores()),
            "welch": self.group_tests().map(Result::ok),
        });
        if let Some(tolerance_mm) = self.tolerance_mm {
            document["tolerance_mm"] = tolerance_mm.into();
        }
        document
    }
}

fn agreement(pair: PerMetric<Summary>) -> Agreement {
    let of = |Summary { mean, std, .. }: Summary| MeanStd {
        mean,
        std: Some(std).filter(|std| !std.is_nan()),
    };
    Agreement { dice: of(pair.dice), hd95: of(pair.hd95), count: Some(pair.dice.count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> ObserverTable {
        let case = |id: &str, group| AnnotatedCase { id: id.into(), group, foreground: None };
        let cases = vec![
            case("0", Some(Group::Normal)),
            case("1", Some(Group::Normal)),
            case("2", Some(Group::Diseased)),
            case("3", Some(Group::Diseased)),
        ];
        let annotator = |name: &str, dice: [f64; 4], hd95: [f64; 4]| {
            let values =
                dice.into_iter().zip(hd95).map(|(dice, hd95)| PerMetric { dice, hd95 }).collect();
            AnnotatorValues { name: name.into(), values }
        };
        let annotators = vec![
            annotator("a", [0.91, 0.88, 0.85, 0.79], [1.5, 3.25, 4.0, 9.5]),
            annotator("b", [0.93, 0.84, 0.80, 0.82], [1.0, 4.75, 6.5, 7.0]),
            annotator("c", [0.87, 0.90, 0.83, 0.76], [2.0, 2.25, 5.5, 11.0]),
        ];
        ObserverTable { cases, annotators, tolerance_mm: Some(0.45) }
    }

    #[track_caller]
    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} rather than {expected}");
    }

    #[test]
    fn every_case_of_every_annotator_counts_as_in_the_paper() {
        // numpy 2.4: np.mean and np.std(ddof=1) of the six values of each group and of all twelve.
        let observers = table().observers().unwrap();
        let normal = observers.normal.unwrap();
        assert_eq!((observers.source, observers.annotators), (ObserverSource::Own, 3));
        assert_eq!((observers.all.count, normal.count), (Some(12), Some(6)));
        close(observers.all.dice.mean, 0.8483333333333333);
        close(observers.all.dice.std.unwrap(), 0.05166911040164104);
        close(normal.hd95.mean, 2.4583333333333335);
        close(normal.hd95.std.unwrap(), 1.3547755041580383);
    }

    #[test]
    fn the_groups_are_compared_as_scipy_does() {
        // scipy 1.17: ttest_ind(normal, diseased, equal_var=False) of six values each.
        let PerMetric { dice, hd95 } = table().group_tests();
        for (found, [t, df, p]) in [
            (dice.unwrap(), [4.345715810040893, 9.999999999999998, 0.001453297020645058]),
            (hd95.unwrap(), [-4.023340714112587, 7.556403738275099, 0.0043008761269095405]),
        ] {
            close(found.t, t);
            close(found.degrees_of_freedom, df);
            close(found.p, p);
        }
    }

    #[test]
    fn a_half_without_cases_has_no_line() {
        let mut table = table();
        table.cases.iter_mut().for_each(|case| case.group = Some(Group::Normal));
        let observers = table.observers().unwrap();
        assert_eq!((observers.normal, observers.diseased), (Some(observers.all), None));
        assert_eq!(table.group_tests(), PerMetric::from_fn(|_| Err(Untestable::TooFew)));
    }

    #[test]
    fn a_document_read_again_is_the_same_table() {
        let table = table();
        let cases: Vec<Case> = table
            .cases
            .iter()
            .map(|case| {
                let group = case.group.unwrap();
                Case::new(case.id.clone(), group, [100; 3], [0.4; 3], String::new())
            })
            .collect();
        let document = table.document().to_string();
        assert_eq!(ObserverTable::read(document.as_bytes(), &cases), Ok(table));
    }
}
