mod brute_force;
mod by_hand;
mod expected;

use super::{CaseScore, Truth, score};
use segmentation::Mask;

/// A mask of the voxels (x, y, z) for which `inside` holds.
fn mask(shape: [usize; 3], inside: impl Fn([usize; 3]) -> bool) -> Mask {
    let mut mask = Mask::empty(shape).unwrap();
    let [nx, ny, nz] = shape;
    for z in 0..nz {
        for y in 0..ny {
            for x in (0..nx).filter(|&x| inside([x, y, z])) {
                mask.set(mask.index([x, y, z]));
            }
        }
    }
    mask
}

fn scored(truth: &Mask, prediction: &Mask, spacing: [f64; 3]) -> CaseScore {
    score(&Truth::new(truth.clone(), spacing).unwrap(), prediction).unwrap()
}
