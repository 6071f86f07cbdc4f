use std::sync::atomic::Ordering;

use rayon::prelude::*;
use serde::Serialize;

use super::evaluate::Progress;
use super::folder::ListedCase;
use super::preflight::PreflightError;
use super::warnings::{other_spacing, value_warnings};
use crate::domain::{Group, Problem, explain};
use segmentation::archive::{self, CaseFile, ExpectedCase, Limits, Location};
use segmentation::{Geometry, VolumeError, read_mask};

/// What can be told of a case's file without its truth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckedCase {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    pub file: String,
    /// (x, y, z) in voxels
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<[usize; 3]>,
    /// Voxels above 0.5, if the voxels were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreground: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Checks an upload as far as that goes without truth, on the rayon pool this is called in: as
/// the server does while its client waits and, unless `quick`, the voxels as when it scores.
pub fn validate(
    location: Location<'_>,
    cases: &[ListedCase],
    quick: bool,
    progress: &Progress,
) -> Result<Vec<CheckedCase>, PreflightError> {
    let expected: Vec<ExpectedCase<'_>> =
        cases.iter().map(|case| ExpectedCase { id: &case.id, shape: case.shape }).collect();
    let upload = archive::preflight(location, &expected, Limits::default())?;
    let check = |(file, case): (&CaseFile, &ListedCase)| {
        let checked = if quick { Ok(of_header(file, case)) } else { of_voxels(file, case) };
        progress.done.fetch_add(1, Ordering::Relaxed);
        checked
    };
    let checked: Vec<_> = upload.files.par_iter().zip(cases).map(check).collect();
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for case in checked {
        match case {
            Ok(case) => right.push(case),
            Err(CheckError::Problem(problem)) => wrong.push(problem),
            Err(CheckError::Io(error)) => return Err(error.into()),
        }
    }
    if wrong.is_empty() { Ok(right) } else { Err(PreflightError::Invalid(wrong)) }
}

enum CheckError {
    Problem(Problem),
    Io(std::io::Error),
}

fn of_header(file: &CaseFile, case: &ListedCase) -> CheckedCase {
    CheckedCase {
        id: case.id.clone(),
        group: case.group,
        file: file.name.clone(),
        shape: file.geometry.as_ref().map(|geometry| geometry.shape),
        foreground: None,
        warnings: placement(file.geometry.as_ref(), case).into_iter().collect(),
    }
}

fn of_voxels(file: &CaseFile, case: &ListedCase) -> Result<CheckedCase, CheckError> {
    let read =
        read_mask(file.source.as_ref(), file.format, case.shape).map_err(|error| match error {
            VolumeError::Io(error) => CheckError::Io(error),
            VolumeError::Invalid(issue) => {
                CheckError::Problem(explain::volume(&file.name, file.format, &issue))
            }
        })?;
    let foreground = read.mask.count();
    if foreground == 0 {
        return Err(CheckError::Problem(explain::empty(&file.name, &read.values)));
    }
    let mut warnings = value_warnings(&read.values);
    warnings.extend(placement(Some(&read.geometry), case));
    Ok(CheckedCase { foreground: Some(foreground), warnings, ..of_header(file, case) })
}

fn placement(found: Option<&Geometry>, case: &ListedCase) -> Option<String> {
    other_spacing(found?, case.spacing?)
}
