use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use rayon::prelude::*;

use super::fingerprint::fingerprint;
use super::scores::{CaseScores, ScoredCase};
use super::truth::{CaseTruth, Detail};
use super::vessels::vessel_values;
use super::warnings::warnings;
use crate::domain::{CaseWarning, Group, Problem, VesselValues, explain};
use segmentation::archive::{ArchiveIssue, ArchiveProblem, CaseFile, Upload};
use segmentation::{Mask, VolumeError, read_mask};
use segmentation_metrics::secondary::{SecondaryMetrics, secondary_metrics, vessel_metrics};
use segmentation_metrics::{ScoreError, score};

/// A case to score, and where its truth comes from.
pub struct TruthCase<'a> {
    pub id: &'a str,
    pub group: Option<Group>,
    pub shape: [usize; 3],
}

/// What came of an upload.
#[derive(Debug)]
pub enum Outcome {
    Scored(CaseScores),
    /// All problems of all cases.
    Invalid(Vec<Problem>),
}

/// Why there is neither a score nor a problem to tell: our fault, or nobody waits any more.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    #[error("the truth of case {case}: {reason}")]
    Truth { case: String, reason: String },
    #[error("case {case}: the upload can't be read: {reason}")]
    Io { case: String, reason: String },
    #[error("case {case}: the scorer panicked")]
    Panicked { case: String },
    #[error("stopped")]
    Stopped,
}

/// How far an evaluation is, and whether it shall go on; shared with whoever watches.
#[derive(Debug, Default)]
pub struct Progress {
    pub done: AtomicI64,
    pub stop: AtomicBool,
}

enum Case {
    Scored(ScoredCase),
    Wrong(Problem),
}

/// Scores every case of an upload on the rayon pool this is called in.
///
/// `upload` has one file for each of `cases`, in their order, as the archive room makes sure.
/// A case that panics ends the evaluation, not the process. `seen` is shown the masks of each case that is scored.
pub fn evaluate<E: std::fmt::Display>(
    upload: &Upload,
    cases: &[TruthCase<'_>],
    truth: impl Fn(&str) -> Result<Arc<CaseTruth>, E> + Sync,
    seen: impl Fn(&str, &Mask, &CaseTruth) + Sync,
    progress: &Progress,
) -> Result<Outcome, EvaluateError> {
    let evaluated: Vec<Case> = upload
        .files
        .par_iter()
        .zip(cases)
        .map(|(file, case)| {
            if progress.stop.load(Ordering::Relaxed) {
                return Err(EvaluateError::Stopped);
            }
            let evaluated = catch_unwind(AssertUnwindSafe(|| one(file, case, &truth, &seen)))
                .map_err(|_| EvaluateError::Panicked { case: case.id.to_owned() })?;
            progress.done.fetch_add(1, Ordering::Relaxed);
            evaluated
        })
        .collect::<Result<_, _>>()?;

    let (mut scores, mut problems) = (Vec::new(), Vec::new());
    for case in evaluated {
        match case {
            Case::Scored(scored) => scores.push(scored),
            Case::Wrong(problem) => problems.push(problem),
        }
    }
    Ok(if problems.is_empty() {
        Outcome::Scored(CaseScores::new(scores))
    } else {
        Outcome::Invalid(problems)
    })
}

fn one<E: std::fmt::Display>(
    file: &CaseFile,
    case: &TruthCase<'_>,
    truth: &(impl Fn(&str) -> Result<Arc<CaseTruth>, E> + Sync),
    seen: &(impl Fn(&str, &Mask, &CaseTruth) + Sync),
) -> Result<Case, EvaluateError> {
    let prediction = match read_mask(file.source.as_ref(), file.format, Some(case.shape)) {
        Ok(prediction) => prediction,
        Err(VolumeError::Io(error)) => {
            let reason = error.to_string();
            return Err(EvaluateError::Io { case: case.id.to_owned(), reason });
        }
        Err(VolumeError::Invalid(issue)) => {
            let issue = ArchiveIssue::Volume { format: file.format, issue };
            let problem = ArchiveProblem { file: Some(file.name.clone()), issue };
            return Ok(Case::Wrong(explain::archive(&problem)));
        }
    };
    let truth = truth(case.id).map_err(|reason| EvaluateError::Truth {
        case: case.id.to_owned(),
        reason: reason.to_string(),
    })?;
    match score(&truth.truth, &prediction.mask) {
        Ok(metrics) => {
            let mut warnings = warnings(&truth, &prediction, metrics.dice);
            let (secondary, vessels) = beside(&truth, &prediction.mask, &mut warnings).unzip();
            seen(case.id, &prediction.mask, &truth);
            Ok(Case::Scored(ScoredCase {
                id: case.id.to_owned(),
                group: case.group,
                dice: metrics.dice,
                hd95: metrics.hd95,
                secondary,
                vessels: vessels.flatten(),
                warnings,
                mask: Some(fingerprint(&prediction.mask)),
            }))
        }
        Err(ScoreError::Empty) => Ok(Case::Wrong(explain::empty(&file.name, &prediction.values))),
        Err(error @ ScoreError::Shape { .. }) => {
            Err(EvaluateError::Truth { case: case.id.to_owned(), reason: error.to_string() })
        }
    }
}

/// The secondary metrics and the vessel metrics, as far as the truth is prepared for them; a prediction without them is
/// told why.
pub(super) fn beside(
    truth: &CaseTruth,
    prediction: &Mask,
    warnings: &mut Vec<CaseWarning>,
) -> Option<(SecondaryMetrics, Option<VesselValues>)> {
    let mask = truth.truth.mask();
    let computed = match truth.detail.as_ref()? {
        Detail::Secondary(detail) => {
            secondary_metrics(mask, detail, prediction).map(|secondary| (secondary, None))
        }
        Detail::Vessels(vessels) => {
            vessel_metrics(mask, vessels, prediction).map(|(secondary, found)| {
                (secondary, Some(vessel_values(&found, vessels.tolerance_mm())))
            })
        }
    };
    match computed {
        Ok(computed) => Some(computed),
        Err(reason) => {
            let sentence = format!("The secondary metrics were not computed: {reason}.");
            warnings.push(sentence.into());
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmentation::Geometry;
    use segmentation_metrics::Truth;
    use segmentation_metrics::secondary::{PreparedTruth, PreparedVessels};

    #[test]
    fn an_absurd_prediction_is_told_why_it_has_no_secondary_metrics() {
        let shape = [128, 128, 64];
        let (mut one, mut all) = (Mask::empty(shape).unwrap(), Mask::empty(shape).unwrap());
        one.set(7);
        (0..all.voxels()).for_each(|at| all.set(at));
        let truth = CaseTruth {
            detail: Some(Detail::Vessels(
                PreparedVessels::new(&one, [1.0; 3], None).unwrap().into(),
            )),
            truth: Truth::new(one.clone(), [1.0; 3]).unwrap(),
            geometry: Geometry::of_shape(shape),
        };
        let mut warnings = Vec::new();
        assert!(beside(&truth, &one, &mut warnings).is_some());
        assert_eq!(warnings, Vec::new());
        assert_eq!(beside(&truth, &all, &mut warnings), None);
        let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
        assert!(
            warning.to_string().contains("not computed: 1048576 foreground voxels"),
            "{warning}"
        );
    }

    #[test]
    fn a_truth_for_official_metrics_only_gives_no_others_and_no_warning() {
        let mut one = Mask::empty([3; 3]).unwrap();
        one.set(7);
        let truth = CaseTruth {
            detail: Some(Detail::Secondary(PreparedTruth::new(&one, [1.0; 3]).unwrap().into())),
            truth: Truth::new(one.clone(), [1.0; 3]).unwrap(),
            geometry: Geometry::of_shape([3; 3]),
        };
        let mut warnings = Vec::new();
        assert_eq!(beside(&truth.official_only(), &one, &mut warnings), None);
        assert_eq!(warnings, Vec::new());
    }
}
