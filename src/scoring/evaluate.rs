use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use rayon::prelude::*;

use super::scores::{CaseScores, ScoredCase};
use super::truth::CaseTruth;
use super::warnings::warnings;
use crate::challenge::{Group, Problem, explain};
use crate::metrics::{ScoreError, score};
use crate::volume::archive::{ArchiveProblem, CaseFile, Fault, Upload};
use crate::volume::{VolumeError, read_mask};

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
/// A case that panics ends the evaluation, not the process.
pub fn evaluate<E: std::fmt::Display>(
    upload: &Upload,
    cases: &[TruthCase<'_>],
    truth: impl Fn(&str) -> Result<Arc<CaseTruth>, E> + Sync,
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
            let evaluated = catch_unwind(AssertUnwindSafe(|| one(file, case, &truth)))
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
) -> Result<Case, EvaluateError> {
    let prediction = match read_mask(file.source.as_ref(), file.format, Some(case.shape)) {
        Ok(prediction) => prediction,
        Err(VolumeError::Io(error)) => {
            let reason = error.to_string();
            return Err(EvaluateError::Io { case: case.id.to_owned(), reason });
        }
        Err(VolumeError::Invalid(defect)) => {
            let fault = Fault::Volume { format: file.format, defect };
            let problem = ArchiveProblem { file: Some(file.name.clone()), fault };
            return Ok(Case::Wrong(explain::archive(&problem)));
        }
    };
    let truth = truth(case.id).map_err(|reason| EvaluateError::Truth {
        case: case.id.to_owned(),
        reason: reason.to_string(),
    })?;
    match score(&truth.truth, &prediction.mask) {
        Ok(metrics) => Ok(Case::Scored(ScoredCase {
            id: case.id.to_owned(),
            group: case.group,
            dice: metrics.dice,
            hd95: metrics.hd95,
            warnings: warnings(&truth, &prediction, metrics.dice),
        })),
        Err(ScoreError::Empty) => Ok(Case::Wrong(explain::empty(&file.name, &prediction.values))),
        Err(error @ ScoreError::Shape { .. }) => {
            Err(EvaluateError::Truth { case: case.id.to_owned(), reason: error.to_string() })
        }
    }
}
