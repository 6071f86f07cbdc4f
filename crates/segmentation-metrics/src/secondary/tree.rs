//! The centreline of a truth, and how much of it a prediction has.

use super::components::Components;
use super::grid::Grid;
use super::length::{HalfSteps, Weight, Weights};
use super::surface::Reach;
use super::vessels::ByCalibre;
use super::{LIMITS_MM, NotComputed};

/// Two lengths that differ by less than this share, or are this near in mm, are the same.
const SAME: f64 = 1e-9;

/// Vessels are told apart by their diameter: below the first limit, between both, and from the second on.
const CALIBRES: usize = LIMITS_MM.len() + 1;

type PerCalibre = [Weights; CALIBRES];

/// The centreline of a truth, by the voxels of its skeleton.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    /// In the order of the skeleton's bits.
    voxels: Vec<TreeVoxel>,
    all: PerCalibre,
    half_steps: HalfSteps,
}

#[derive(Clone, Copy, Debug)]
struct TreeVoxel {
    weight: Weight,
    /// The truth's component it belongs to, by the number of its first run.
    component: u32,
    calibre: u8,
}

impl Tree {
    /// Of a mask and its skeleton, with the spacing (x, y, z) in mm.
    pub fn new(
        mask: &Grid,
        components: &mut Components,
        skeleton: &Grid,
        spacing: [f64; 3],
    ) -> Result<Self, NotComputed> {
        let mut balls = Vec::new();
        for limit in LIMITS_MM {
            // As wide as this is a vessel with no background nearer than half of it.
            balls.push(Reach::new(limit / 2.0 - SAME, spacing)?);
        }
        let mut all = PerCalibre::default();
        let mut voxels = Vec::new();
        for (bit, weight) in skeleton.bits().zip(Weight::all(skeleton)) {
            let calibre = balls.iter().take_while(|ball| ball.is_filled(mask, bit)).count();
            all[calibre].add(weight);
            let component = components.holding(bit).unwrap_or_default() as u32;
            voxels.push(TreeVoxel { weight, component, calibre: calibre as u8 });
        }
        Ok(Self { voxels, all, half_steps: HalfSteps::new(spacing) })
    }

    /// The length of all in mm, and of what is of each calibre.
    pub fn lengths(&self) -> (f64, [f64; CALIBRES]) {
        (self.length(&self.all), self.all.map(|weights| self.half_steps.length(&weights)))
    }

    /// What each kind of step weighs.
    pub fn half_steps(&self) -> &HalfSteps {
        &self.half_steps
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.voxels.capacity() * size_of::<TreeVoxel>()
    }

    /// Tree length detected, and connected tree length: see [`VesselMetrics`](super::VesselMetrics).
    ///
    /// `pieces` says for each voxel, in order, in which component of the prediction it lies.
    pub fn detected(&self, pieces: impl Iterator<Item = Option<usize>>) -> [ByCalibre; 2] {
        let mut inside = PerCalibre::default();
        let mut found = Vec::new();
        for (voxel, piece) in self.voxels.iter().zip(pieces) {
            if let Some(piece) = piece {
                inside[usize::from(voxel.calibre)].add(voxel.weight);
                found.push((voxel.component, piece as u32, *voxel));
            }
        }
        // Stable, though sums do not depend on the order within a piece.
        found.sort_by_key(|&(component, piece, _)| (component, piece));
        let mut connected = PerCalibre::default();
        for component in found.chunk_by(|a, b| a.0 == b.0) {
            let (mut longest, mut best) = (0.0, PerCalibre::default());
            for piece in component.chunk_by(|a, b| a.1 == b.1) {
                let mut weights = PerCalibre::default();
                for (_, _, voxel) in piece {
                    weights[usize::from(voxel.calibre)].add(voxel.weight);
                }
                let length = self.length(&weights);
                if length > longest * (1.0 + SAME) {
                    (longest, best) = (length, weights);
                }
            }
            connected.iter_mut().zip(best).for_each(|(sum, best)| sum.add_all(&best));
        }
        [self.shares(&inside), self.shares(&connected)]
    }

    fn shares(&self, of: &PerCalibre) -> ByCalibre {
        let length = |weights| self.half_steps.length(weights);
        let share = |calibre: usize| {
            let all = length(&self.all[calibre]);
            (all > 0.0).then(|| length(&of[calibre]) / all)
        };
        ByCalibre {
            all: self.length(of) / self.length(&self.all),
            below_1_5_mm: share(0),
            from_1_5_to_2_mm: share(1),
            from_2_mm: share(2),
        }
    }

    /// The length in mm of all calibres together.
    fn length(&self, weights: &PerCalibre) -> f64 {
        let mut sum = Weights::default();
        weights.iter().for_each(|weights| sum.add_all(weights));
        self.half_steps.length(&sum)
    }
}
