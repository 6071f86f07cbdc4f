use crate::domain::{Problem, explain};
use crate::store::Case;
use segmentation::archive::{ArchiveError, Contents, ExpectedCase, Limits, Location, Upload};

/// Finds each case's file and checks what can be said without the voxels.
pub fn preflight(location: Location<'_>, cases: &[Case]) -> Result<Upload, PreflightError> {
    preflight_accepted(location, cases, &[])
}

/// The same for an upload that was accepted for these cases, of which some are wanted no more: their files are not
/// looked at.
pub fn preflight_accepted(
    location: Location<'_>,
    cases: &[Case],
    accepted: &[Case],
) -> Result<Upload, PreflightError> {
    let is_wanted = |id: &str| cases.iter().any(|case| case.case_id == id);
    let unwanted: Vec<&str> =
        accepted.iter().map(|case| case.case_id.as_str()).filter(|id| !is_wanted(id)).collect();
    let expected: Vec<ExpectedCase<'_>> = cases
        .iter()
        .map(|case| ExpectedCase { id: &case.case_id, shape: Some(case.shape()) })
        .collect();
    let limits = Limits::default();
    let contents = Contents::list(location, limits)?.leave_out(&unwanted);
    let (files, problems) = contents.preflight(&expected, limits)?;
    if problems.is_empty() {
        return Ok(Upload { files: files.into_iter().flatten().collect() });
    }
    Err(ArchiveError::Invalid(problems).into())
}

/// Why an upload goes no further.
#[derive(Debug, thiserror::Error)]
pub enum PreflightError {
    #[error("{} problems", .0.len())]
    Invalid(Vec<Problem>),
    /// Our storage failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<ArchiveError> for PreflightError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Io(error) => Self::Io(error),
            ArchiveError::Invalid(problems) => {
                Self::Invalid(problems.iter().map(explain::archive).collect())
            }
        }
    }
}
