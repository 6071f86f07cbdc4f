//! How large a case's volume is.

use reproducible::Rng;
use thiserror::Error;

/// The shapes cases are drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(Option<[usize; 3]>);

/// A shape no coronary tree can be drawn in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "a phantom needs {} to {} voxels along each axis, not {}x{}x{}",
    Size::LEAST, Size::MOST, shape[0], shape[1], shape[2]
)]
pub struct SizeError {
    /// The shape (x, y, z) that was asked for.
    pub shape: [usize; 3],
}

impl Size {
    /// As the challenge's scans: 512 x 512 voxels and 168 to 280 slices, by the case.
    pub const FULL: Self = Self(None);

    /// The fewest voxels along an axis that still show two trees.
    pub const LEAST: usize = 48;

    /// The most voxels along an axis.
    pub const MOST: usize = 1024;

    /// The same shape (x, y, z) for every case. Voxels keep their size, so a smaller volume holds
    /// a smaller heart.
    ///
    /// # Errors
    /// If an axis has fewer than [`Self::LEAST`] or more than [`Self::MOST`] voxels.
    pub fn fixed(shape: [usize; 3]) -> Result<Self, SizeError> {
        let fits = shape.iter().all(|size| (Self::LEAST..=Self::MOST).contains(size));
        if fits { Ok(Self(Some(shape))) } else { Err(SizeError { shape }) }
    }

    /// A case's shape, and its spacing in mm.
    pub(super) fn draw(self, rng: &mut Rng) -> ([usize; 3], [f64; 3]) {
        // Large people get more slices and a wider field of view, mostly.
        let build = rng.unit();
        let mut by_build = || 0.6 * build + 0.4 * rng.unit();
        let slices = 168 + (113.0 * by_build()) as usize;
        // Scanners are set to whole millimetres of field of view over 512 voxels.
        let field_of_view = (154.0 + 44.0 * by_build()).round();
        let in_plane = field_of_view / 512.0;
        (self.0.unwrap_or([512, 512, slices]), [in_plane, in_plane, 0.625])
    }
}
