//! One metric of two masks, for those who don't want all of them.

use segmentation::Mask;

use super::grid::Grid;
use super::surface::{Reach, Surface};
use super::{NotComputed, counted, element_areas, share, skeleton};

/// clDice of two masks of the same shape, from 0 to 1 (Shit et al. 2021).
///
/// The harmonic mean of topology precision, the share of the prediction's [`skeleton`](super::skeleton()) that lies in the
/// truth, and topology sensitivity, the share of the truth's skeleton that lies in the prediction; 0 where both are 0.
///
/// ```
/// use ndarray::Array3;
/// use segmentation::Mask;
/// use segmentation_metrics::secondary::cl_dice;
///
/// let rod = |end| Array3::from_shape_fn((20, 9, 9), |(x, y, z)| x < end && y / 3 == 1 && z / 3 == 1);
/// let (truth, prediction) = (Mask::from_array(rod(20).view()), Mask::from_array(rod(20).view()));
/// assert_eq!(cl_dice(&prediction, &truth)?, 1.0);
/// # Ok::<(), segmentation_metrics::secondary::NotComputed>(())
/// ```
///
/// # Errors
/// See [`NotComputed`].
pub fn cl_dice(prediction: &Mask, truth: &Mask) -> Result<f64, NotComputed> {
    check_shapes(prediction, truth)?;
    let inside = |mask: &Mask, other: &Mask| -> Result<f64, NotComputed> {
        let skeleton = skeleton(mask)?;
        let [nx, ny, _] = mask.shape();
        let voxels = skeleton.ones().map(|at| [at % nx, at / nx % ny, at / nx / ny]);
        Ok(share(voxels, other))
    };
    let (precision, sensitivity) = (inside(prediction, truth)?, inside(truth, prediction)?);
    Ok(harmonic_mean(precision, sensitivity))
}

/// Surface Dice of two masks of the same shape, from 0 to 1 (Nikolov et al. 2021, as DeepMind's `surface-distance`
/// computes it): the area of both surfaces that lies at most `tolerance_mm` from the other one, over the area of both.
///
/// `spacing_mm` is the spacing along (x, y, z).
///
/// ```
/// use ndarray::Array3;
/// use segmentation::Mask;
/// use segmentation_metrics::secondary::surface_dice;
///
/// let rod = |end| Array3::from_shape_fn((20, 9, 9), |(x, y, z)| x < end && y / 3 == 1 && z / 3 == 1);
/// let (a, b) = (Mask::from_array(rod(20).view()), Mask::from_array(rod(10).view()));
/// assert_eq!(surface_dice(&a, &a, [0.4; 3], 0.5)?, 1.0);
/// assert!(surface_dice(&a, &b, [0.4; 3], 0.5)? < 0.8);
/// # Ok::<(), segmentation_metrics::secondary::NotComputed>(())
/// ```
///
/// # Errors
/// See [`NotComputed`].
pub fn surface_dice(
    a: &Mask,
    b: &Mask,
    spacing_mm: [f64; 3],
    tolerance_mm: f64,
) -> Result<f64, NotComputed> {
    let SurfaceAgreement { area_mm2, near_mm2 } =
        surface_agreement(a, b, spacing_mm, &[tolerance_mm])?;
    Ok(near_mm2.iter().sum::<f64>() / area_mm2)
}

/// How much of two surfaces lies within some tolerances of the other one.
#[derive(Clone, Debug, PartialEq)]
pub struct SurfaceAgreement {
    /// The area of both surfaces in mm².
    pub area_mm2: f64,
    /// For each tolerance the area of both that is at most so far from the other one, in mm².
    pub near_mm2: Vec<f64>,
}

/// What [`surface_dice`] is made of, for several tolerances in mm, the smallest first.
///
/// # Errors
/// See [`NotComputed`].
pub fn surface_agreement(
    a: &Mask,
    b: &Mask,
    spacing_mm: [f64; 3],
    tolerances_mm: &[f64],
) -> Result<SurfaceAgreement, NotComputed> {
    check_shapes(a, b)?;
    counted(a)?;
    counted(b)?;
    if !tolerances_mm.is_sorted() {
        return Err(NotComputed::Tolerance);
    }
    let reaches: Vec<Reach> = tolerances_mm
        .iter()
        .map(|&tolerance_mm| Reach::new(tolerance_mm, spacing_mm))
        .collect::<Result<_, _>>()?;
    let areas = element_areas(spacing_mm.map(f64::abs));
    let area = |counts: &[u64; 256]| -> f64 {
        counts.iter().zip(areas).map(|(&count, area)| count as f64 * area).sum()
    };
    let (a, b) = (Surface::of(&Grid::new(a)?), Surface::of(&Grid::new(b)?));
    let reaches: Vec<&Reach> = reaches.iter().collect();
    let near = a.counts_near(&b, &reaches).into_iter().zip(b.counts_near(&a, &reaches));
    let near_mm2 = near.map(|(of_a, of_b)| area(&of_a) + area(&of_b)).collect();
    Ok(SurfaceAgreement { area_mm2: area(&a.counts()) + area(&b.counts()), near_mm2 })
}

fn check_shapes(a: &Mask, b: &Mask) -> Result<(), NotComputed> {
    if a.shape() == b.shape() { Ok(()) } else { Err(NotComputed::Shape) }
}

/// 0 where both are 0.
pub(super) fn harmonic_mean(a: f64, b: f64) -> f64 {
    if a + b == 0.0 { 0.0 } else { 2.0 * a * b / (a + b) }
}
