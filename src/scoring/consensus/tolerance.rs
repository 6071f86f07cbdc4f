//! How precisely annotators draw the surface of a vessel: the tolerance at which a surface Dice measures a method by them.

use super::agreement::Pairs;
use crate::domain::metric::{ANNOTATORS_TOLERANCE, SURFACE_DICE_ANNOTATORS};
use crate::domain::{MAX_TOLERANCE_MM, Metric};
use segmentation::Mask;
use segmentation_metrics::secondary::{SurfaceAgreement, surface_agreement};

/// Tolerances are multiples of 1/20 mm, a sixth of a usual voxel.
const A_MM: usize = 20;

/// The share of the surface that lies within the tolerance (Nikolov et al. 2021 take the 95th percentile of distances).
const SHARE: f64 = 0.95;

/// The smallest tolerance that holds for 95 % of the surfaces of any two annotators in all cases together, of what is within
/// [`MAX_TOLERANCE_MM`] of the other one's: farther away is no other drawing of the same vessel, but a vessel that only one has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurfaceTolerance {
    pub mm: f64,
    /// The share of the surfaces that is farther away than [`MAX_TOLERANCE_MM`], from 0 to 1.
    pub apart: f64,
    /// Its place among those tried.
    at: usize,
}

fn tried() -> Vec<f64> {
    let steps = 1..=(MAX_TOLERANCE_MM * A_MM as f64) as usize;
    steps.map(|step| step as f64 / A_MM as f64).collect()
}

/// Within every tolerance that is tried; `None` where the voxels are too fine for that.
pub fn surfaces(a: &Mask, b: &Mask, spacing: [f64; 3]) -> Option<SurfaceAgreement> {
    surface_agreement(a, b, spacing, &tried()).ok()
}

impl SurfaceTolerance {
    /// Of each case's surfaces, the annotators against the majority and then in the order of `Pairs`. `None` where a case's are
    /// not known.
    pub fn of<'a>(
        annotators: usize,
        cases: impl IntoIterator<Item = &'a Vec<Option<SurfaceAgreement>>>,
    ) -> Option<Self> {
        let mut area = 0.0;
        let mut near = vec![0.0; tried().len()];
        for case in cases {
            for ((of, truth), surfaces) in Pairs::of(annotators).zip(case.get(annotators..)?) {
                let surfaces = surfaces.as_ref()?;
                // Both ways they are the same.
                if of < truth {
                    area += surfaces.area_mm2;
                    near.iter_mut().zip(&surfaces.near_mm2).for_each(|(sum, more)| *sum += more);
                }
            }
        }
        let together = near.last().copied().filter(|&together| together > 0.0)?;
        let at = near.iter().position(|&near| near >= SHARE * together)?;
        Some(Self { mm: tried().get(at).copied()?, apart: 1.0 - together / area, at })
    }

    /// The surface Dice at this tolerance, and the tolerance.
    pub fn values(
        self,
        surfaces: &SurfaceAgreement,
    ) -> impl IntoIterator<Item = (&'static Metric, f64)> + use<> {
        let near = surfaces.near_mm2.get(self.at).copied().unwrap_or_default();
        let dice = near / surfaces.area_mm2;
        [(&SURFACE_DICE_ANNOTATORS, dice), (&ANNOTATORS_TOLERANCE, self.mm)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tube of this many voxels across along the whole of x, and a second one far away.
    fn tubes(across: usize, second: bool) -> Mask {
        let [nx, ny, nz] = [40, 60, 12];
        let mut mask = Mask::empty([nx, ny, nz]).unwrap();
        let one = |x: usize, y: usize, z: usize| x + nx * (y + ny * z);
        for x in 0..nx {
            for (y, z) in (0..across).flat_map(|y| (0..across).map(move |z| (y, z))) {
                mask.set(one(x, 4 + y, 4 + z));
                if second {
                    mask.set(one(x, 44 + y, 4 + z));
                }
            }
        }
        mask
    }

    fn tolerance(masks: &[Mask]) -> Option<SurfaceTolerance> {
        let count = masks.len();
        let majority = (0..count).map(|_| None);
        let pairs = Pairs::of(count).map(|(of, truth)| {
            surfaces(masks.get(of).unwrap(), masks.get(truth).unwrap(), [0.3; 3])
        });
        SurfaceTolerance::of(count, [&majority.chain(pairs).collect()])
    }

    #[test]
    fn annotators_who_drew_the_same_need_the_smallest_tolerance() {
        let found = tolerance(&[tubes(4, true), tubes(4, true)]).unwrap();
        assert_eq!((found.mm, found.apart), (0.05, 0.0));
    }

    #[test]
    fn a_vessel_that_only_one_has_says_nothing_of_how_precisely_they_draw() {
        let found = tolerance(&[tubes(4, false), tubes(5, false)]).unwrap();
        // One voxel of 0.3 mm on two of four sides; its corner is farther away, but less than a twentieth.
        assert_eq!(found.mm, 0.3);
        assert!(found.apart.abs() < 1e-12);
        let with_another = tolerance(&[tubes(4, false), tubes(5, true)]).unwrap();
        assert_eq!(with_another.mm, 0.3);
        assert!((0.3..0.4).contains(&with_another.apart), "{with_another:?}");
    }

    #[test]
    fn annotators_without_a_common_vessel_have_no_tolerance() {
        let mut other = tubes(4, true);
        other.retain(|at| at / 40 % 60 > 40);
        assert_eq!(tolerance(&[tubes(4, false), other]), None);
    }
}
