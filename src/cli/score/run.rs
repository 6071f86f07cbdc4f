//! From paths to scores: every submission against truths that are read once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::cli::error::CliError;
use crate::cli::names::distinct_names;
use crate::cli::progress::on_threads;
use crate::domain::Problem;
use crate::scoring::{
    CaseScores, CaseTruth, EvaluateError, FolderError, Metrics, Outcome, PreflightError, Progress,
    ScoredCase, TruthCache, TruthCase, TruthFile, TruthIssue, VesselLabels, evaluate, truth_files,
};
use segmentation::archive::{self, ExpectedCase, Limits, Location, Upload};

/// A submission under a name of its own.
pub struct Scored {
    pub name: String,
    pub outcome: Result<CaseScores, PreflightError>,
}

/// A truth and what its header says.
struct Case {
    file: TruthFile,
    shape: [usize; 3],
}

/// Scores each submission; one that can't be scored keeps none of the others from it.
pub fn score_all(
    truth: &Path,
    labels: &VesselLabels,
    metrics: Metrics,
    submissions: &[PathBuf],
    threads: Option<usize>,
) -> Result<Vec<Scored>, CliError> {
    let cases = read_cases(truth)?;
    let opened: Vec<Result<Upload, PreflightError>> =
        submissions.iter().map(|path| open(path, &cases)).collect();
    let uploads: Vec<&Upload> = opened.iter().flatten().collect();
    let files = uploads.len() * cases.len();
    let work = |progress: &Progress| evaluate_all(&uploads, &cases, (labels, metrics), progress);
    let outcomes = on_threads(threads, files, work)?.map_err(|error| match error {
        EvaluateError::Truth { .. } => CliError::input("scoring stopped", error),
        _ => CliError::server("scoring stopped", error),
    })?;
    // One for each that was opened, in their order.
    let mut outcomes = outcomes.into_iter();
    let mut outcome = |_| outcomes.next().unwrap_or_else(|| Ok(CaseScores::default()));
    let named = distinct_names(submissions).into_iter().zip(opened);
    let scored =
        named.map(|(name, opened)| Scored { name, outcome: opened.and_then(&mut outcome) });
    Ok(scored.collect())
}

fn read_cases(truth: &Path) -> Result<Vec<Case>, CliError> {
    let files = truth_files(location(truth)).map_err(|error| match error {
        FolderError::Invalid(problems) => CliError::invalid(truth.display(), &problems),
        error => CliError::input(format!("the truth in {}", truth.display()), error),
    })?;
    let case = |file: TruthFile| Ok(Case { shape: file.shape()?, file });
    let cases = files.into_iter().map(case).collect::<Result<_, _>>();
    cases.map_err(|error: FolderError| CliError::input("the truth", error))
}

/// A folder's or a zip's files.
pub fn location(path: &Path) -> Location<'_> {
    if path.is_dir() { Location::Folder(path) } else { Location::Zip(path) }
}

fn open(path: &Path, cases: &[Case]) -> Result<Upload, PreflightError> {
    let expected: Vec<ExpectedCase<'_>> = cases
        .iter()
        .map(|case| ExpectedCase { id: &case.file.id, shape: Some(case.shape) })
        .collect();
    Ok(archive::preflight(location(path), &expected, Limits::default())?)
}

/// What comes of each upload. Case by case, so that a truth is read once for all of them and
/// gone before the next: memory grows with neither cases nor uploads.
fn evaluate_all(
    uploads: &[&Upload],
    cases: &[Case],
    (labels, metrics): (&VesselLabels, Metrics),
    progress: &Progress,
) -> Result<Vec<Result<CaseScores, PreflightError>>, EvaluateError> {
    let by_case: Vec<Vec<Outcome>> = cases
        .par_iter()
        .enumerate()
        .map(|(at, case)| {
            let truths = TruthCache::new(usize::MAX);
            let truth = || truths.get(&case.file.id, || case.file.read(labels, metrics));
            uploads.iter().map(|upload| evaluate_one(upload, at, case, &truth, progress)).collect()
        })
        .collect::<Result<_, _>>()?;
    let mut of_uploads: Vec<(Vec<ScoredCase>, Vec<Problem>)> =
        uploads.iter().map(|_| Default::default()).collect();
    for outcomes in by_case {
        for ((scores, problems), outcome) in of_uploads.iter_mut().zip(outcomes) {
            match outcome {
                Outcome::Scored(scored) => scores.extend(scored.iter().cloned()),
                Outcome::Invalid(more) => problems.extend(more),
            }
        }
    }
    let outcome = |(scores, problems): (_, Vec<_>)| match problems.is_empty() {
        true => Ok(CaseScores::new(scores)),
        false => Err(PreflightError::Invalid(problems)),
    };
    Ok(of_uploads.into_iter().map(outcome).collect())
}

fn evaluate_one(
    upload: &Upload,
    at: usize,
    Case { file, shape }: &Case,
    truth: &(dyn Fn() -> Result<Arc<CaseTruth>, TruthIssue> + Sync),
    progress: &Progress,
) -> Result<Outcome, EvaluateError> {
    let only = Upload { files: upload.files.get(at).cloned().into_iter().collect() };
    let case = TruthCase { id: &file.id, group: file.group, shape: *shape };
    evaluate(&only, &[case], |_| truth(), |_, _, _| (), progress)
}
