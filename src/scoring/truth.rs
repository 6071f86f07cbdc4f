use segmentation::{
    Format, Geometry, LoadedMask, Source, VolumeError, VolumeIssue, read_labels, read_mask,
};
use segmentation_metrics::secondary::{NotComputed, PreparedTruth, PreparedVessels};
use segmentation_metrics::{Truth, TruthError};

/// A case's truth, ready to score against, and where it lies in space.
#[derive(Debug)]
pub struct CaseTruth {
    pub truth: Truth,
    pub geometry: Geometry,
    /// What the secondary metrics need. Without it only the official ones are computed.
    pub detail: Option<Detail>,
}

/// What a truth is prepared for beside the official metrics.
#[derive(Debug)]
pub enum Detail {
    Secondary(Box<PreparedTruth>),
    /// And for the vessel metrics.
    Vessels(Box<PreparedVessels>),
}

/// Which metrics are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Metrics {
    /// The official and the secondary ones.
    #[default]
    Usual,
    /// The vessel metrics as well, with the surface Dice at the annotators' tolerance in mm, if that is known.
    All { tolerance_mm: Option<f64> },
}

impl Detail {
    fn new(truth: &Truth, metrics: Metrics) -> Result<Self, NotComputed> {
        let (mask, spacing) = (truth.mask(), truth.spacing());
        Ok(match metrics {
            Metrics::Usual => Self::Secondary(Box::new(PreparedTruth::new(mask, spacing)?)),
            Metrics::All { tolerance_mm } => {
                // A tolerance of too many voxels takes the other metrics from nobody.
                let prepared = PreparedVessels::new(mask, spacing, tolerance_mm)
                    .or_else(|_| PreparedVessels::new(mask, spacing, None))?;
                Self::Vessels(Box::new(prepared))
            }
        })
    }

    /// The truth's 26-connected components.
    pub fn components(&self) -> usize {
        match self {
            Self::Secondary(detail) => detail.components(),
            Self::Vessels(vessels) => vessels.detail().components(),
        }
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::Secondary(detail) => size_of_val(detail.as_ref()) + detail.heap_bytes(),
            Self::Vessels(vessels) => size_of_val(vessels.as_ref()) + vessels.heap_bytes(),
        }
    }
}

impl CaseTruth {
    /// Prepared for these metrics, as far as it is a vessel tree.
    pub(super) fn prepared(truth: Truth, geometry: Geometry, metrics: Metrics) -> Self {
        Self { detail: Detail::new(&truth, metrics).ok(), truth, geometry }
    }

    /// The same truth, against which only the official metrics are computed.
    pub fn official_only(self) -> Self {
        Self { detail: None, ..self }
    }

    /// Bytes on the heap, for a cache that keeps to a limit.
    pub fn heap_bytes(&self) -> usize {
        self.truth.heap_bytes() + self.detail.as_ref().map_or(0, Detail::heap_bytes)
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
    /// Not a spacing (x, y, z) in mm that a CT can have.
    #[error("has a spacing of {spacing:?} mm{}, which no CT has; distances are in mm", unit_meant(*.spacing))]
    NotACt { spacing: [f64; 3] },
    /// A value other than 0 and 1, where nobody said which values are vessel.
    #[error(
        "has the value {0}; save 1 for vessel and 0 for everything else, or name the labels that are vessel"
    )]
    Labels(f64),
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

/// Spacings that a CT can have, in mm.
pub const CT_SPACING: std::ops::RangeInclusive<f64> = 0.05..=10.0;

/// The values that are vessel in masks an organiser brings; without any, masks hold 0 and 1 only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VesselLabels(Vec<f64>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("up to {MAX_LABELS} numbers other than 0, with commas between them")]
pub struct LabelsError;

/// More labels than this are no list that somebody wrote.
const MAX_LABELS: usize = 100;

impl std::str::FromStr for VesselLabels {
    type Err = LabelsError;

    fn from_str(text: &str) -> Result<Self, LabelsError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let label = |text: &str| {
            let label = text.trim().parse().ok();
            label.filter(|label: &f64| label.is_finite() && *label != 0.0)
        };
        let labels: Option<Vec<f64>> = text.split(',').map(label).collect();
        labels.filter(|labels| labels.len() <= MAX_LABELS).map(Self).ok_or(LabelsError)
    }
}

impl VesselLabels {
    /// Whether nobody said which values are vessel.
    pub fn are_unsaid(&self) -> bool {
        self.0.is_empty()
    }

    /// The values, none of them 0.
    pub(super) fn values(&self) -> &[f64] {
        &self.0
    }

    /// Reads a mask with these labels as foreground; without any, it has to hold 0 and 1 only.
    pub(super) fn read(
        &self,
        source: &dyn Source,
        format: Format,
        shape: Option<[usize; 3]>,
    ) -> Result<LoadedMask, TruthIssue> {
        let read = read_labels(source, format, shape, &self.0)?;
        match read.values.non_binary {
            Some(value) => Err(TruthIssue::Labels(value)),
            None if read.values.nan => Err(TruthIssue::Labels(f64::NAN)),
            None => Ok(read),
        }
    }
}

/// Reads a ground truth that has been checked before. The spacing (x, y, z) in mm is the diagonal of its
/// `space directions`. A truth that is no vessel tree at all has official metrics only.
pub fn read_truth(
    source: &dyn Source,
    format: Format,
    metrics: Metrics,
) -> Result<CaseTruth, TruthIssue> {
    let volume = read_mask(source, format, None)?;
    let spacing = spacing(&volume.geometry)?;
    prepare(volume, spacing, metrics)
}

/// Reads a ground truth that somebody brings and checks all that is checked once: as [`read_truth`], and that its values
/// and its spacing are those of a CT's mask.
pub fn read_new_truth(
    source: &dyn Source,
    format: Format,
    labels: &VesselLabels,
    metrics: Metrics,
) -> Result<CaseTruth, TruthIssue> {
    let volume = labels.read(source, format, None)?;
    let spacing = new_spacing(&volume.geometry)?;
    prepare(volume, spacing, metrics)
}

fn prepare(
    volume: LoadedMask,
    spacing: [f64; 3],
    metrics: Metrics,
) -> Result<CaseTruth, TruthIssue> {
    let truth = Truth::new(volume.mask, spacing)?;
    Ok(CaseTruth::prepared(truth, volume.geometry, metrics))
}

/// The spacing (x, y, z) in mm, if a CT can have it.
pub(super) fn new_spacing(geometry: &Geometry) -> Result<[f64; 3], TruthIssue> {
    let spacing = spacing(geometry)?;
    // What is zero or no number is said in words of its own.
    let odd = |size: &f64| *size != 0.0 && size.is_finite() && !CT_SPACING.contains(&size.abs());
    match spacing.iter().any(odd) {
        true => Err(TruthIssue::NotACt { spacing }),
        false => Ok(spacing),
    }
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

/// The unit in which a spacing would be a CT's, as an aside.
pub(super) fn unit_meant(spacing: [f64; 3]) -> &'static str {
    let units = [(1e3, ", as if in metres"), (10.0, ", as if in cm"), (1e-3, ", as if in µm")];
    let fits = |factor: f64| spacing.iter().all(|size| CT_SPACING.contains(&(size.abs() * factor)));
    units.iter().find(|(factor, _)| fits(*factor)).map_or("", |(_, words)| words)
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

    #[test]
    fn only_spacings_that_a_ct_can_have_are_those_of_a_new_truth() {
        let of = |spacing| {
            let geometry = Geometry { spacing: Some(spacing), ..Geometry::of_shape([1, 1, 1]) };
            new_spacing(&geometry)
        };
        for spacing in [[0.3, 0.3, 0.5], [-0.4, 0.4, 10.0], [0.05, 0.05, 0.05]] {
            assert_eq!(of(spacing).unwrap(), spacing);
        }
        for spacing in [[3e-4, 3e-4, 5e-4], [0.3, 0.3, 10.1], [0.04, 0.3, 0.3], [300.0; 3]] {
            assert!(matches!(of(spacing), Err(TruthIssue::NotACt { .. })), "{spacing:?}");
        }
    }

    #[test]
    fn labels_are_numbers_other_than_0() {
        let labels = |text: &str| text.parse::<VesselLabels>();
        assert!(labels(" ").unwrap().are_unsaid());
        assert_eq!(labels("1, 2,255").unwrap(), VesselLabels(vec![1.0, 2.0, 255.0]));
        for text in ["0", "1,", "one", "nan", "inf", "1;2", &"1,".repeat(200)] {
            assert_eq!(labels(text), Err(LabelsError), "{text}");
        }
    }

    #[test]
    fn a_new_truth_holds_0_and_1_or_the_labels_that_are_vessel() {
        let file = b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 4 1 1\nspacings: 0.3 0.3 0.5\n\
            encoding: raw\n\n\0\x01\x02\x03";
        let read = |labels: &str| {
            read_new_truth(&file.as_slice(), Format::Nrrd, &labels.parse().unwrap(), Metrics::Usual)
        };
        assert!(matches!(read(""), Err(TruthIssue::Labels(2.0))));
        let ones = read("1,3").unwrap().truth.mask().ones().collect::<Vec<_>>();
        assert_eq!(ones, [1, 3]);
        assert!(matches!(read("7"), Err(TruthIssue::Truth(TruthError::Empty))));
    }
}
