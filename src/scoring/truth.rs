use segmentation::{Format, Geometry, Source, VolumeError, VolumeIssue, read_mask};
use segmentation_metrics::secondary::PreparedTruth;
use segmentation_metrics::{Truth, TruthError};

/// A case's truth, ready to score against, and where it lies in space.
#[derive(Debug)]
pub struct CaseTruth {
    pub truth: Truth,
    pub geometry: Geometry,
    /// What the secondary metrics need. Without it only the official ones are computed.
    pub detail: Option<PreparedTruth>,
}

impl CaseTruth {
    /// The same truth, against which only the official metrics are computed.
    pub fn official_only(self) -> Self {
        Self { detail: None, ..self }
    }

    /// Bytes on the heap, for a cache that keeps to a limit.
    pub fn heap_bytes(&self) -> usize {
        self.truth.heap_bytes() + self.detail.as_ref().map_or(0, PreparedTruth::heap_bytes)
    }
}

/// Why a file can't be a ground truth. For organisers and their own data only.
#[derive(Debug, thiserror::Error)]
pub enum TruthIssue {
    #[error("can't be read: {0}")]
    Io(std::io::Error),
    #[error("is no volume: {0}")]
    Volume(VolumeIssue),
    #[error("has neither space directions nor spacings, so that distances would have no unit")]
    NoSpacing,
    /// The published evaluator takes the diagonal and would use wrong distances without a word.
    #[error("lies oblique or with swapped axes in space; resample it along the axes")]
    NotDiagonal,
    #[error("can't be scored against: {0}")]
    Truth(#[from] TruthError),
}

impl From<VolumeError> for TruthIssue {
    fn from(error: VolumeError) -> Self {
        match error {
            VolumeError::Io(error) => Self::Io(error),
            VolumeError::Invalid(issue) => Self::Volume(issue),
        }
    }
}

/// Off the diagonal, no more of a step than this is taken for rounding.
const ROUNDING: f64 = 1e-6;

/// Reads and checks a ground truth. The spacing (x, y, z) in mm is the diagonal of its
/// `space directions`. A truth that is no vessel tree at all has official metrics only.
pub fn read_truth(source: &dyn Source, format: Format) -> Result<CaseTruth, TruthIssue> {
    let volume = read_mask(source, format, None)?;
    let spacing = spacing(&volume.geometry)?;
    let truth = Truth::new(volume.mask, spacing)?;
    let detail = PreparedTruth::new(truth.mask(), spacing).ok();
    Ok(CaseTruth { truth, geometry: volume.geometry, detail })
}

/// The spacing (x, y, z) in mm, as the published evaluator takes it.
pub(super) fn spacing(geometry: &Geometry) -> Result<[f64; 3], TruthIssue> {
    let Some(directions) = geometry.directions else {
        return geometry.spacing.ok_or(TruthIssue::NoSpacing);
    };
    let diagonal = [0, 1, 2].map(|axis| directions[axis][axis]);
    for (axis, vector) in directions.iter().enumerate() {
        for (component, &value) in vector.iter().enumerate() {
            // Negated, so that NaN is refused as well.
            let negligible = value.abs() <= ROUNDING * diagonal[axis].abs();
            if component != axis && !negligible {
                return Err(TruthIssue::NotDiagonal);
            }
        }
    }
    Ok(diagonal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_directions(directions: [[f64; 3]; 3]) -> Geometry {
        Geometry { directions: Some(directions), ..Geometry::of_shape([1, 1, 1]) }
    }

    #[test]
    fn the_spacing_is_the_diagonal_of_the_directions() {
        let geometry = with_directions([[-0.4, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.6]]);
        assert_eq!(spacing(&geometry).unwrap(), [-0.4, 0.5, 0.6]);
    }

    #[test]
    fn permuted_oblique_and_undefined_directions_are_refused() {
        for directions in [
            [[0.0, 0.4, 0.0], [0.4, 0.0, 0.0], [0.0, 0.0, 0.6]],
            [[0.39, 0.1, 0.0], [-0.1, 0.39, 0.0], [0.0, 0.0, 0.6]],
            [[0.4, f64::NAN, 0.0], [0.0, 0.4, 0.0], [0.0, 0.0, 0.6]],
        ] {
            let refused = spacing(&with_directions(directions));
            assert!(matches!(refused, Err(TruthIssue::NotDiagonal)), "{directions:?}");
        }
    }

    #[test]
    fn a_truth_without_any_spacing_is_refused() {
        let refused = spacing(&Geometry::of_shape([1, 1, 1]));
        assert!(matches!(refused, Err(TruthIssue::NoSpacing)));
    }
}
