//! What all metrics start from.

use segmentation::Mask;

use super::betti::betti_numbers;
use super::components::Components;
use super::grid::Grid;
use super::surface::Surface;
use super::{MAX_VOXELS, NotComputed};

/// What is made of every mask, truth or prediction, before it is thinned.
#[derive(Debug)]
pub(super) struct Parts {
    pub count: usize,
    pub grid: Grid,
    pub components: Components,
    pub surface: Surface,
}

impl Parts {
    pub fn of(mask: &Mask) -> Result<Self, NotComputed> {
        let count = counted(mask)?;
        let grid = Grid::new(mask)?;
        let (components, surface) = (Components::of(&grid), Surface::of(&grid));
        Ok(Self { count, grid, components, surface })
    }

    /// Components, tunnels and cavities.
    pub fn betti_numbers(&self) -> [u64; 3] {
        betti_numbers(&self.grid, &self.components, &self.surface.counts())
    }
}

/// How many foreground voxels a mask has, if it can be dealt with.
pub(super) fn counted(mask: &Mask) -> Result<usize, NotComputed> {
    match mask.count() {
        0 => Err(NotComputed::Empty),
        count if count > MAX_VOXELS => Err(NotComputed::TooMany(count)),
        count => Ok(count),
    }
}
