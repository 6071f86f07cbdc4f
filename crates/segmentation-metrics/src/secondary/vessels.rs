//! Metrics that name a failure: what of the tree was found, in how many pieces, and what was added to it.

use segmentation::Mask;
use serde::{Deserialize, Serialize};

use super::length::{Weight, Weights};
use super::surface::Reach;
use super::tree::Tree;
use super::{NotComputed, Parts, PreparedTruth, SecondaryMetrics, TOLERANCE_MM};

/// The tolerances of the surface Dice in [`SurfaceDice`], in mm; a caller may add one.
const TOLERANCES_MM: [f64; 3] = [0.25, TOLERANCE_MM, 1.0];

/// The metrics of one case that name a failure.
///
/// Lengths are of centrelines: the voxels of the [`skeleton`](super::skeleton()), each of which weighs half the length in mm of
/// the steps to its neighbours on the skeleton (26-neighbourhood), and half the smallest spacing where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct VesselMetrics {
    /// Tree length detected, from 0 to 1: the share of the truth's centreline that lies in the prediction (as in
    /// ATM'22: Zhang et al. 2023).
    pub tree_length: ByCalibre,
    /// Connected tree length, from 0 to 1: for each 26-connected component of the truth the most of its centreline that lies in
    /// one 26-connected component of the prediction; their sum over the whole length of the truth's centreline.
    ///
    /// By calibre it counts the same components of the prediction; of two with equally much the one whose first
    /// voxel is first by x, then y, then z.
    pub connected_tree_length: ByCalibre,
    /// Centreline overlap, from 0 to 1: the length of the truth's centreline that was found and of the prediction's that is
    /// true, over the length of both (after the overlap OV of Schaap et al. 2009).
    ///
    /// A voxel of the truth's centreline is found if the nearest voxel of the prediction's is within the radius at the
    /// former. A voxel of the prediction's centreline is true if it is within the radius at the nearest voxel of the truth's;
    /// of several that are equally near, at the one with the largest radius. The radius is the distance from a voxel's centre to
    /// that of the nearest background voxel, the volume being surrounded by background, and
    /// [`MAX_RADIUS_MM`](super::MAX_RADIUS_MM) at most. What is nearer than 1e-9 mm to a radius is within it, and distances
    /// that differ by no more are equal.
    pub centreline_overlap: f64,
    /// Centreline accuracy in mm: the mean distance of all that is found or true to the nearest voxel of the other
    /// centreline, weighted by length (after the accuracy inside, AI, of Schaap et al. 2009). `None` where nothing is.
    pub centreline_accuracy_mm: Option<f64>,
    /// How much of the prediction's centreline lies outside of the truth, in mm.
    pub leakage_mm: f64,
    /// By how much the number of 26-connected components differs from the truth's.
    pub betti_0_error: u64,
    /// By how much the number of tunnels, loops that can't be drawn tight, differs from the truth's.
    pub betti_1_error: u64,
    /// Surface Dice at several tolerances.
    pub surface_dice: SurfaceDice,
}

/// A share of a truth's centreline, of all and of its vessels by diameter.
///
/// A voxel's diameter is twice the distance from its centre to the centre of the nearest background voxel, the volume
/// being surrounded by background; what is nearer than 1e-9 mm to a limit counts as on it. `None` where the truth has
/// no such vessel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ByCalibre {
    /// Of all vessels.
    pub all: f64,
    /// Of vessels with a diameter below 1.5 mm.
    pub below_1_5_mm: Option<f64>,
    /// Of vessels with a diameter of at least 1.5 and below 2 mm.
    pub from_1_5_to_2_mm: Option<f64>,
    /// Of vessels with a diameter of at least 2 mm.
    pub from_2_mm: Option<f64>,
}

/// Surface Dice (Nikolov et al. 2021), from 0 to 1: the area of both surfaces that lies within a tolerance of the other one,
/// over the area of both.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurfaceDice {
    /// At 0.25 mm.
    pub at_0_25_mm: f64,
    /// At 0.5 mm, as in [`SecondaryMetrics`].
    pub at_0_5_mm: f64,
    /// At 1 mm.
    pub at_1_mm: f64,
    /// At the tolerance that the truth was prepared with, if any.
    pub at_given: Option<f64>,
}

/// What the vessel metrics need to know of a truth, prepared once.
#[derive(Clone, Debug)]
pub struct PreparedVessels {
    detail: PreparedTruth,
    tree: Tree,
    betti: [u64; 3],
    /// The tolerances, and where each stands among [`TOLERANCES_MM`] and the one given after them; smallest first.
    tolerances: Vec<(usize, Reach)>,
    given_mm: Option<f64>,
}

impl PreparedVessels {
    /// Of a truth's mask of shape (x, y, z) and its spacing along these axes in mm, with a further tolerance of the surface
    /// Dice in mm: that of the annotators among themselves, say.
    ///
    /// # Errors
    /// See [`NotComputed`].
    pub fn new(
        truth: &Mask,
        spacing_mm: [f64; 3],
        tolerance_mm: Option<f64>,
    ) -> Result<Self, NotComputed> {
        let shape = truth.shape();
        let diagonal: f64 =
            (0..3).map(|axis| (shape[axis] as f64 * spacing_mm[axis]).powi(2)).sum();
        if !diagonal.is_finite() || spacing_mm.iter().any(|spacing| !spacing.powi(2).is_normal()) {
            return Err(NotComputed::Spacing);
        }
        if tolerance_mm.is_some_and(|mm| !mm.is_finite() || mm < 0.0) {
            return Err(NotComputed::Tolerance);
        }
        let mut ascending: Vec<(usize, f64)> =
            TOLERANCES_MM.into_iter().chain(tolerance_mm).enumerate().collect();
        ascending.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        let mut tolerances = Vec::new();
        for (place, mm) in ascending {
            tolerances.push((place, Reach::new(mm, spacing_mm)?));
        }

        let parts = Parts::of(truth)?;
        let (mask, betti) = (parts.grid.clone(), parts.betti_numbers());
        let (detail, mut components, skeleton) = PreparedTruth::of_parts(parts, shape, spacing_mm)?;
        let tree = Tree::new(&mask, &mut components, skeleton, spacing_mm)?;
        Ok(Self { detail, tree, betti, tolerances, given_mm: tolerance_mm })
    }

    /// What the other secondary metrics need, which is a part of it.
    pub fn detail(&self) -> &PreparedTruth {
        &self.detail
    }

    /// The further tolerance of the surface Dice in mm, if one was given.
    pub fn tolerance_mm(&self) -> Option<f64> {
        self.given_mm
    }

    /// The length of the truth's centreline in mm, and that of its vessels below 1.5 mm, below 2 mm and from 2 mm on.
    pub fn lengths_mm(&self) -> (f64, [f64; 3]) {
        self.tree.lengths()
    }

    /// The truth's [`betti_numbers`].
    pub fn betti_numbers(&self) -> [u64; 3] {
        self.betti
    }

    /// Bytes this holds on the heap, for a cache that keeps to a limit.
    pub fn heap_bytes(&self) -> usize {
        let reaches = self.tolerances.iter().map(|(_, reach)| reach.heap_bytes()).sum::<usize>();
        self.detail.heap_bytes() + self.tree.heap_bytes() + reaches
    }
}

/// The secondary metrics and the vessel metrics of a prediction of the truth's shape (x, y, z), in one pass.
///
/// `prepared` was made of `truth`. Takes one core, time linear in the foreground and in the volume's words, and a few bits
/// a voxel of the box around the prediction.
///
/// ```
/// use ndarray::Array3;
/// use segmentation::Mask;
/// use segmentation_metrics::secondary::{PreparedVessels, vessel_metrics};
///
/// // A vessel of 100 steps, and the same with a gap in its middle.
/// let vessel = Array3::from_shape_fn((3, 3, 101), |(x, y, _)| x == 1 && y == 1);
/// let broken = Array3::from_shape_fn((3, 3, 101), |(x, y, z)| x == 1 && y == 1 && z / 5 != 10);
/// let (truth, prediction) = (Mask::from_array(vessel.view()), Mask::from_array(broken.view()));
///
/// let prepared = PreparedVessels::new(&truth, [0.4; 3], None)?;
/// let (_, found) = vessel_metrics(&truth, &prepared, &prediction)?;
/// assert_eq!(found.tree_length.all, 0.95);
/// assert_eq!(found.connected_tree_length.all, 0.495);
/// assert_eq!((found.betti_0_error, found.betti_1_error, found.leakage_mm), (1, 0, 0.0));
/// # Ok::<(), segmentation_metrics::secondary::NotComputed>(())
/// ```
///
/// # Errors
/// See [`NotComputed`].
pub fn vessel_metrics(
    truth: &Mask,
    prepared: &PreparedVessels,
    prediction: &Mask,
) -> Result<(SecondaryMetrics, VesselMetrics), NotComputed> {
    let PreparedVessels { detail, tree, betti, tolerances, .. } = prepared;
    detail.check_shapes(truth, prediction)?;
    let mut parts = Parts::of(prediction)?;

    let reaches: Vec<&Reach> = tolerances.iter().map(|(_, reach)| reach).collect();
    let mut surface_dice = [None; TOLERANCES_MM.len() + 1];
    for ((place, _), found) in tolerances.iter().zip(detail.surface_dice(&parts.surface, &reaches))
    {
        surface_dice[*place] = Some(found);
    }
    let [at_0_25_mm, at_0_5_mm, at_1_mm, at_given] = surface_dice;
    let [at_0_25_mm, at_0_5_mm, at_1_mm] =
        [at_0_25_mm, at_0_5_mm, at_1_mm].map(Option::unwrap_or_default);

    let [pieces, tunnels, _] = parts.betti_numbers();
    let Parts { grid, components, .. } = &mut parts;
    let of_tree = detail.skeleton().map(|voxel| components.holding(grid.bit(voxel)?));
    let [tree_length, connected_tree_length] = tree.detected(of_tree);

    let (secondary, skeleton) = detail.compare(truth, prediction, parts, at_0_5_mm);
    let mut leakage = Weights::default();
    for (voxel, weight) in skeleton.voxels().zip(Weight::all(&skeleton)) {
        if !truth.get(truth.index(voxel)) {
            leakage.add(weight);
        }
    }
    let (centreline_overlap, centreline_accuracy_mm) = tree.overlap(&skeleton);
    let vessels = VesselMetrics {
        tree_length,
        connected_tree_length,
        centreline_overlap,
        centreline_accuracy_mm,
        leakage_mm: tree.half_steps().length(&leakage),
        betti_0_error: pieces.abs_diff(betti[0]),
        betti_1_error: tunnels.abs_diff(betti[1]),
        surface_dice: SurfaceDice { at_0_25_mm, at_0_5_mm, at_1_mm, at_given },
    };
    Ok((secondary, vessels))
}

/// The Betti numbers β0, β1 and β2 of a mask of shape (x, y, z): its components, tunnels and cavities.
///
/// The foreground is 26-connected, the background 6-connected, and the volume is surrounded by background.
/// β1 = β0 + β2 − χ, χ being the Euler characteristic of the union of the voxels as closed cubes.
///
/// ```
/// use ndarray::Array3;
/// use segmentation::Mask;
/// use segmentation_metrics::secondary::betti_numbers;
///
/// let ring = Array3::from_shape_fn((5, 5, 3), |(x, y, z)| z == 1 && x.abs_diff(2).max(y.abs_diff(2)) == 1);
/// assert_eq!(betti_numbers(&Mask::from_array(ring.view()))?, [1, 1, 0]);
/// # Ok::<(), segmentation_metrics::secondary::NotComputed>(())
/// ```
///
/// # Errors
/// See [`NotComputed`].
pub fn betti_numbers(mask: &Mask) -> Result<[u64; 3], NotComputed> {
    Ok(Parts::of(mask)?.betti_numbers())
}
