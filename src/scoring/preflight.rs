use crate::domain::{Problem, explain};
use crate::store::Case;
use segmentation::archive::{self, ArchiveError, ExpectedCase, Limits, Location, Upload};

/// Finds each case's file and checks what can be said without the voxels.
pub fn preflight(location: Location<'_>, cases: &[Case]) -> Result<Upload, PreflightError> {
    let expected: Vec<ExpectedCase<'_>> = cases
        .iter()
        .map(|case| ExpectedCase { id: &case.case_id, shape: Some(case.shape()) })
        .collect();
    archive::preflight(location, &expected, Limits::default()).map_err(PreflightError::from)
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
