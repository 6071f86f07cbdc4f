//! A CT of the trees, as simple as one can be in which vessels are to be found.

use reproducible::Rng;
use segmentation::Mask;

use super::vector::{Vec3, sub};

/// Hounsfield units of what there is, as with contrast medium in the arteries.
const LUNG: f64 = -850.0;
const FAT: f64 = -90.0;
const MUSCLE: f64 = 90.0;
const BLOOD: f64 = 380.0;

/// How far a voxel's value is from its tissue's at most, by noise.
const NOISE: f64 = 90.0;

/// Half-axes of the heart's muscle, mm, with the vessels' surface a little outside.
const HEART: Vec3 = [58.0, 56.0, 57.0];

/// A slice of constant z in Hounsfield units, x fastest. `centre` is the heart's, mm.
pub fn slice(truth: &Mask, spacing: Vec3, centre: Vec3, z: usize, rng: &mut Rng) -> Vec<i16> {
    let [nx, ny, _] = truth.shape();
    let mut values = Vec::with_capacity(nx * ny);
    for y in 0..ny {
        for x in 0..nx {
            let at = [x as f64 * spacing[0], y as f64 * spacing[1], z as f64 * spacing[2]];
            let tissue = tissue(sub(at, centre));
            // A voxel at a wall holds some of both.
            let beside = [
                Some([x, y, z]),
                x.checked_sub(1).map(|x| [x, y, z]),
                y.checked_sub(1).map(|y| [x, y, z]),
                Some([x + 1, y, z]).filter(|[x, ..]| *x < nx),
                Some([x, y + 1, z]).filter(|[_, y, _]| *y < ny),
            ];
            let inside = beside.iter().flatten().filter(|at| truth.get(truth.index(**at))).count();
            let part = inside as f64 / beside.len() as f64;
            let noise = (rng.unit() + rng.unit() + rng.unit()) * (2.0 / 3.0) - 1.0;
            values.push((tissue + (BLOOD - tissue) * part + NOISE * noise).round() as i16);
        }
    }
    values
}

/// What there is without vessels, so far from the heart's centre, mm.
fn tissue(at: Vec3) -> f64 {
    let within = |of: &dyn Fn(usize) -> f64| (0..3).map(|axis| of(axis).powi(2)).sum::<f64>();
    let from_heart = within(&|axis| at[axis] / HEART[axis]);
    // The left ventricle, towards the apex.
    let from_chamber =
        within(&|axis| (at[axis] - [16.0, -10.0, -12.0][axis]) / (0.45 * HEART[axis]));
    match (from_chamber, from_heart) {
        (..1.0, _) => BLOOD,
        (_, ..0.75) => MUSCLE,
        (_, ..1.3) => FAT,
        _ => LUNG,
    }
}
