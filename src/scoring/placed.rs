//! A mask by itself and where it lies, for what is made of it beside a score: meshes, centrelines.

use super::preflight::PreflightError;
use super::truth::VesselLabels;
use super::warnings::value_warnings;
use crate::domain::explain;
use segmentation::{Format, Mask, Placement, Source, VolumeError, read_labels};

/// A mask with some foreground, and where it lies.
#[derive(Debug)]
pub struct PlacedMask {
    pub mask: Mask,
    pub placement: Placement,
    /// What may not be meant, in sentences.
    pub warnings: Vec<String>,
}

/// Reads a mask that came as `file`.
pub fn read_placed(
    file: &str,
    source: &dyn Source,
    format: Format,
    labels: &VesselLabels,
) -> Result<PlacedMask, PreflightError> {
    let invalid = |problem| PreflightError::Invalid(vec![problem]);
    let read = read_labels(source, format, None, labels.values()).map_err(|error| match error {
        VolumeError::Io(error) => PreflightError::Io(error),
        VolumeError::Invalid(issue) => invalid(explain::volume(file, format, &issue)),
    })?;
    let placement = Placement::of(&read.geometry)
        .map_err(|error| invalid(explain::no_placement(file, error)))?;
    if read.mask.count() == 0 {
        return Err(invalid(explain::empty(file, &read.values)));
    }
    let mut warnings = value_warnings(&read.values);
    if !placement.is_anatomical {
        warnings.push(
            "The file names no space of a patient, such as left-posterior-superior; its axes are taken for that.".into(),
        );
    }
    Ok(PlacedMask { mask: read.mask, placement, warnings })
}
