use segmentation::Mask;

use crate::hd95::{NeighbourOffsets, Octree};

/// The truth of a case in the form scoring needs: made once, then only read.
#[derive(Clone, Debug)]
pub struct Truth {
    mask: Mask,
    spacing: [f64; 3],
    count: usize,
    octree: Octree,
    neighbours: NeighbourOffsets,
}

/// Why a mask and a spacing can't be a truth.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum TruthError {
    /// Neither metric is defined without foreground.
    #[error("the truth has no foreground")]
    Empty,
    /// A spacing is zero, not finite, or so small or large that squared distances can't be told apart.
    #[error("the spacing {0:?} mm is not finite and different from zero")]
    Spacing([f64; 3]),
}

impl Truth {
    /// From a mask of shape (x, y, z) and the spacing along its axes in mm.
    ///
    /// The sign of a spacing is of no consequence, as a distance has none.
    ///
    /// # Errors
    /// [`TruthError`]: a mask without foreground, or a spacing with which there are no distances.
    pub fn new(mask: Mask, spacing_mm: [f64; 3]) -> Result<Self, TruthError> {
        let count = mask.count();
        if count == 0 {
            return Err(TruthError::Empty);
        }
        let shape = mask.shape();
        let diagonal: f64 =
            (0..3).map(|axis| (shape[axis] as f64 * spacing_mm[axis]).powi(2)).sum();
        if !diagonal.is_finite() || spacing_mm.iter().any(|spacing| !spacing.powi(2).is_normal()) {
            return Err(TruthError::Spacing(spacing_mm));
        }
        let octree = Octree::of(&mask);
        Ok(Self {
            mask,
            spacing: spacing_mm,
            count,
            octree,
            neighbours: NeighbourOffsets::new(spacing_mm),
        })
    }

    /// The foreground, of shape (x, y, z).
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// Spacing along (x, y, z) in mm, as it was given.
    pub fn spacing(&self) -> [f64; 3] {
        self.spacing
    }

    /// Number of foreground voxels, at least one.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Bytes this truth holds on the heap, for a cache that keeps to a limit.
    pub fn heap_bytes(&self) -> usize {
        self.mask.heap_bytes() + self.octree.heap_bytes() + self.neighbours.heap_bytes()
    }

    /// The neighbours of a voxel at this truth's spacing.
    pub(super) fn neighbours(&self) -> &NeighbourOffsets {
        &self.neighbours
    }

    /// The mask's foreground, for a search.
    pub(super) fn octree(&self) -> &Octree {
        &self.octree
    }
}
