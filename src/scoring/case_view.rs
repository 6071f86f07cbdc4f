//! What is drawn of a case of a submission when somebody asks: the mesh of its prediction for the view in 3-D, and for organisers
//! the mesh and the picture of its agreement with the truth, and slices of the CT that the truth was drawn in.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::ct::ct_slice;
use super::preflight::{PreflightError, preflight_accepted};
use super::truth::{CaseTruth, Metrics, read_truth};
use crate::store::Case;
use coronary_phantom::{Phantom, Size};
use mask_preview::{
    AGREEMENT, Axes, FALSE_NEGATIVE, FALSE_POSITIVE, IVORY, Layer, PreviewError, Slice, preview,
};
use segmentation::archive::Location;
use segmentation::{FileSource, Format, Geometry, LoadedMask, Mask, Placement, inspect, read_mask};
use segmentation_mesh::compact::{self, PartKind};
use segmentation_mesh::{Mesh, MeshError, Smoothing, Window, surface};

/// As browsers are sent it.
const LEVEL: Compression = Compression::new(6);

/// Why there is no mesh, for the log.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    #[error("there is no such case")]
    NoCase,
    #[error("the upload can't be read: {0}")]
    Upload(#[from] PreflightError),
    #[error("the case can't be read: {0}")]
    Unreadable(String),
    #[error("it can't be shown: {0}")]
    Mesh(#[from] MeshError),
    #[error("it can't be shown: {0}")]
    Picture(#[from] PreviewError),
    #[error("it can't be shown: {0}")]
    Compact(#[from] compact::CompactError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// A case of an upload that was accepted for `accepted` and is scored against `cases`, and the file of its truth.
pub struct CaseView<'a> {
    pub upload: &'a Path,
    pub accepted: &'a [Case],
    pub cases: &'a [Case],
    pub case: &'a str,
    pub truth: &'a Path,
}

impl CaseView<'_> {
    /// The prediction alone, as a compact file compressed with gzip. Of the truth's file it takes where the volume lies.
    pub fn prediction(&self) -> Result<Vec<u8>, ViewError> {
        let mask = self.read()?;
        packed(&[(&mask, PartKind::Prediction)], &self.placement()?)
    }

    /// The same of what both have, and of what only one of them has farther than a voxel from the other one.
    pub fn agreement(&self) -> Result<Vec<u8>, ViewError> {
        let (mask, truth) = (self.read()?, self.read_truth()?);
        let (added, lost) = (apart(&mask, truth.truth.mask()), apart(truth.truth.mask(), &mask));
        let mut both = mask;
        both.retain(|at| !added.get(at));
        let parts = [
            (&both, PartKind::Agreement),
            (&added, PartKind::FalsePositive),
            (&lost, PartKind::FalseNegative),
        ];
        packed(&parts, &self.placement()?)
    }

    /// A picture of the same, PNG.
    pub fn picture(&self) -> Result<Vec<u8>, ViewError> {
        let (mask, truth) = (self.read()?, self.read_truth()?);
        let reference = truth.truth.mask();
        let (added, lost) = (apart(&mask, reference), apart(reference, &mask));
        // Of equally near voxels the later layer is seen.
        let layers = [
            Layer { mask: &mask, colour: AGREEMENT },
            Layer { mask: reference, colour: AGREEMENT },
            Layer { mask: &added, colour: FALSE_POSITIVE },
            Layer { mask: &lost, colour: FALSE_NEGATIVE },
        ];
        Ok(preview(&layers, truth.truth.spacing(), Axes::nearest(&truth.geometry))?.png)
    }

    /// A slice of the case's CT, stored at `ct`, with the outlines of the prediction and of the truth, PNG.
    pub fn slice(&self, ct: &Path, z: usize, outlined: bool) -> Result<Vec<u8>, ViewError> {
        let truth = self.read_reference()?;
        let shape = truth.mask.shape();
        let greys = ct_slice(ct, shape, z)?;
        let slice = Slice { shape, greys: &greys, z, axes: Axes::nearest(&truth.geometry) };
        if !outlined {
            return Ok(slice.png(None, AGREEMENT)?);
        }
        let mask = self.read()?;
        let outlines = [(&mask, FALSE_POSITIVE), (&truth.mask, FALSE_NEGATIVE)];
        Ok(slice.png(Some(outlines), AGREEMENT)?)
    }

    /// Of each slice in how many voxels the prediction and the truth differ.
    pub fn differing(&self) -> Result<Vec<usize>, ViewError> {
        let (mask, truth) = (self.read()?, self.read_reference()?.mask);
        let [nx, ny, nz] = truth.shape();
        let mut differing = vec![0; nz];
        let (one, other) = (mask.ones(), truth.ones());
        let differ = one.filter(|at| !truth.get(*at)).chain(other.filter(|at| !mask.get(*at)));
        for at in differ {
            if let Some(count) = differing.get_mut(at / (nx * ny)) {
                *count += 1;
            }
        }
        Ok(differing)
    }

    fn read_truth(&self) -> Result<CaseTruth, ViewError> {
        let truth = FileSource(self.truth.to_owned());
        read_truth(&truth, Format::Nrrd, Metrics::Usual)
            .map_err(|issue| ViewError::Unreadable(issue.to_string()))
    }

    /// The truth as it lies in its file, with nothing prepared for metrics.
    fn read_reference(&self) -> Result<LoadedMask, ViewError> {
        let truth = FileSource(self.truth.to_owned());
        read_mask(&truth, Format::Nrrd, None)
            .map_err(|error| ViewError::Unreadable(error.to_string()))
    }

    fn read(&self) -> Result<Mask, ViewError> {
        let at = self.cases.iter().position(|case| case.case_id == self.case);
        let at = at.ok_or(ViewError::NoCase)?;
        let opened = preflight_accepted(Location::Zip(self.upload), self.cases, self.accepted)?;
        let (file, case) = opened.files.get(at).zip(self.cases.get(at)).ok_or(ViewError::NoCase)?;
        let read = read_mask(file.source.as_ref(), file.format, Some(case.shape()));
        Ok(read.map_err(|error| ViewError::Unreadable(error.to_string()))?.mask)
    }

    fn placement(&self) -> Result<Placement, ViewError> {
        let unreadable = |error: &dyn std::fmt::Display| ViewError::Unreadable(error.to_string());
        let geometry = inspect(&FileSource(self.truth.to_owned()), Format::Nrrd, None)
            .map_err(|error| unreadable(&error))?;
        Placement::of(&geometry).map_err(|error| unreadable(&error))
    }
}

/// From so many voxels that only one mask has, each counts: these are no two drawings of the same vessels.
const MANY: usize = 1 << 20;

/// What of a mask is farther than a voxel from the other one. The voxels of a wall, which no two drawings share, would cover the
/// whole tree.
fn apart(mask: &Mask, other: &Mask) -> Mask {
    let [nx, ny, nz] = mask.shape();
    let around = |at: usize, size: usize| at.saturating_sub(1)..(at + 2).min(size);
    let is_near = |at: usize| {
        let (x, y, z) = (at % nx, at / nx % ny, at / nx / ny);
        around(z, nz).any(|z| {
            around(y, ny).any(|y| around(x, nx).any(|x| other.get(other.index([x, y, z]))))
        })
    };
    let mut apart = mask.clone();
    apart.retain(|at| !other.get(at));
    if apart.count() <= MANY {
        apart.retain(|at| !is_near(at));
    }
    apart
}

/// Synthetic coronary trees, so that a visitor sees what a challenge is about: a picture and a mesh compressed with gzip.
pub struct Example {
    pub picture: Vec<u8>,
    pub mesh: Vec<u8>,
}

impl Example {
    /// Nobody's case: drawn from a fixed seed that no challenge's phantoms are drawn from.
    pub fn new() -> Result<Self, ViewError> {
        let unreadable = |error: &dyn std::fmt::Display| ViewError::Unreadable(error.to_string());
        let size = Size::fixed([320, 320, 160]).map_err(|error| unreadable(&error))?;
        let phantom = Phantom::new(20_261_201, 0, 1, size);
        let mask = phantom.truth();
        let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
        let layer = Layer { mask: &mask, colour: IVORY };
        let picture =
            preview(&[layer], phantom.spacing, Axes::LPS).map_err(|error| unreadable(&error))?.png;
        let placement = Placement::of(&geometry).map_err(|error| unreadable(&error))?;
        Ok(Self { picture, mesh: packed(&[(&mask, PartKind::Reference)], &placement)? })
    }
}

fn packed(parts: &[(&Mask, PartKind)], placement: &Placement) -> Result<Vec<u8>, ViewError> {
    let smoothing = Smoothing::of_the_dataset(Window::Hamming);
    let mut meshes: Vec<(Mesh, PartKind)> = Vec::new();
    for &(mask, kind) in parts.iter().filter(|(mask, _)| mask.count() > 0) {
        let raw = surface(mask)?.placed(placement);
        // What a viewer is not given, as the surface of noise, is not smoothed.
        if raw.vertices.len() > compact::MAX_VERTICES {
            return Err(compact::CompactError::TooManyVertices(raw.vertices.len()).into());
        }
        // Smoothing takes thin shells, which is what differs, down to nothing.
        let differs = matches!(kind, PartKind::FalsePositive | PartKind::FalseNegative);
        meshes.push((if differs { raw } else { smoothing.smoothed(&raw) }, kind));
    }
    let parts: Vec<(&Mesh, PartKind)> = meshes.iter().map(|(mesh, kind)| (mesh, *kind)).collect();
    let mut file = GzEncoder::new(Vec::new(), LEVEL);
    compact::write(&mut file, &parts)?;
    file.flush()?;
    Ok(file.finish()?)
}
