//! The centreline of a truth, how much of it a prediction has, and how near the prediction's own is.

use super::components::Components;
use super::grid::Grid;
use super::length::{HalfSteps, SAME, Weight, Weights};
use super::nearest::{Disc, Spot};
use super::vessels::ByCalibre;
use super::{LIMITS_MM, MAX_RADIUS_MM, NotComputed};

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
    skeleton: Grid,
    /// As wide as the widest vessel.
    disc: Disc,
    widest: f64,
}

#[derive(Clone, Copy, Debug)]
struct TreeVoxel {
    /// Of the skeleton, counted over all words.
    bit: usize,
    weight: Weight,
    /// The truth's component it belongs to, by the number of its first run.
    component: u32,
    /// The distance to the nearest background in mm, [`MAX_RADIUS_MM`] at most.
    radius: f64,
}

impl TreeVoxel {
    fn calibre(&self) -> usize {
        LIMITS_MM.iter().filter(|&limit| self.radius > limit / 2.0 - SAME).count()
    }
}

impl Tree {
    /// Of a mask and its skeleton, with the spacing (x, y, z) in mm.
    pub fn new(
        mask: &Grid,
        components: &mut Components,
        skeleton: Grid,
        spacing: [f64; 3],
    ) -> Result<Self, NotComputed> {
        let mut disc = Disc::new(spacing)?;
        let (mut all, mut voxels, mut widest) = (PerCalibre::default(), Vec::new(), 0.0f64);
        for (bit, weight) in skeleton.bits().zip(Weight::all(&skeleton)) {
            let component = components.holding(bit).unwrap_or_default() as u32;
            let radius = disc.to_background(mask, Spot::of(mask, bit), MAX_RADIUS_MM);
            let voxel = TreeVoxel { bit, weight, component, radius };
            all[voxel.calibre()].add(weight);
            widest = widest.max(radius);
            voxels.push(voxel);
        }
        disc.narrow(widest);
        Ok(Self { voxels, all, half_steps: HalfSteps::new(spacing), skeleton, disc, widest })
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
        let voxels = self.voxels.capacity() * size_of::<TreeVoxel>();
        voxels + self.skeleton.heap_bytes() + self.disc.heap_bytes()
    }

    /// Tree length detected, and connected tree length: see [`VesselMetrics`](super::VesselMetrics).
    ///
    /// `pieces` says for each voxel, in order, in which component of the prediction it lies.
    pub fn detected(&self, pieces: impl Iterator<Item = Option<usize>>) -> [ByCalibre; 2] {
        let mut inside = PerCalibre::default();
        let mut found = Vec::new();
        for (voxel, piece) in self.voxels.iter().zip(pieces) {
            if let Some(piece) = piece {
                inside[voxel.calibre()].add(voxel.weight);
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
                    weights[voxel.calibre()].add(voxel.weight);
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

    /// Centreline overlap and accuracy of a prediction's skeleton: see [`VesselMetrics`](super::VesselMetrics).
    pub fn overlap(&self, skeleton: &Grid) -> (f64, Option<f64>) {
        let (mut near, mut all) = (Weights::default(), Weights::default());
        let mut moment = 0.0;
        let mut add = |weight: Weight, distance: Option<f64>| {
            all.add(weight);
            if let Some(distance) = distance {
                near.add(weight);
                moment += self.half_steps.length(&Weights::of(weight)) * distance;
            }
        };
        for voxel in &self.voxels {
            let spot = Spot::of(&self.skeleton, voxel.bit);
            add(voxel.weight, self.disc.to_foreground(skeleton, spot, voxel.radius, |_, _| ()));
        }
        for (bit, weight) in skeleton.bits().zip(Weight::all(skeleton)) {
            let distance = self.distance(Spot::of(skeleton, bit));
            add(weight, distance);
        }
        let length = self.half_steps.length(&near);
        let accuracy = (length > 0.0).then(|| moment / length);
        (length / self.half_steps.length(&all), accuracy)
    }

    /// The distance in mm from a voxel to the nearest of this centreline, if that is within the vessel's radius there.
    fn distance(&self, spot: Spot) -> Option<f64> {
        let (mut nearest, mut radius) = (f64::INFINITY, 0.0f64);
        self.disc.to_foreground(&self.skeleton, spot, self.widest, |distance, bit| {
            let at = self.voxels.partition_point(|voxel| voxel.bit < bit);
            let own = self.voxels.get(at).map_or(0.0, |voxel| voxel.radius);
            // Of those that are equally near the widest counts.
            radius = if distance < nearest - SAME { own } else { radius.max(own) };
            nearest = nearest.min(distance);
        });
        (nearest <= radius + SAME).then_some(nearest)
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
