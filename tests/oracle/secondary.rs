//! The secondary metrics against those of `secondary.py`: scikit-image, surface-distance and scipy.

use std::process::Command;

use coronary_phantom::{Method, Phantom, Size};
use segmentation::Mask;
use segmentation_metrics::secondary::{
    PreparedTruth, SecondaryMetrics, element_areas, secondary_metrics, skeleton,
};
use serde_json::Value;

use super::{Cases, json_of, python, same, script};

/// A mask of the voxels (x, y, z) that `inside` says.
pub(super) fn mask(shape: [usize; 3], inside: impl Fn([usize; 3]) -> bool) -> Mask {
    let [nx, ny, _] = shape;
    let mut mask = Mask::empty(shape).unwrap();
    let place = |at: usize| [at % nx, at / nx % ny, at / nx / ny];
    (0..mask.voxels()).filter(|&at| inside(place(at))).for_each(|at| mask.set(at));
    mask
}

/// A box from one corner up to before the other.
pub(super) fn block(shape: [usize; 3], from: [usize; 3], to: [usize; 3]) -> Mask {
    mask(shape, |at| (0..3).all(|axis| (from[axis]..to[axis]).contains(&at[axis])))
}

pub(super) fn noise(shape: [usize; 3], seed: u64, permille: u64) -> Mask {
    let hash = |[x, y, z]: [usize; 3]| {
        let at = (x + 1000 * (y + 1000 * z)) as u64 ^ seed << 40;
        let mixed = at.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33
    };
    mask(shape, |at| hash(at) % 1000 < permille)
}

/// Squared distance of a voxel from the middle of a volume, in voxels.
pub(super) fn squared(at: [usize; 3], middle: [f64; 3]) -> f64 {
    (0..3).map(|axis| (at[axis] as f64 - middle[axis]).powi(2)).sum()
}

/// Pairs of truth and prediction, and the library's own results beside them.
struct Pairs(Vec<(Mask, Mask, [f64; 3])>);

impl Pairs {
    /// Compares everything, and says how many components the reference's skeletons have lost.
    fn agree(self, python: &str) -> u64 {
        let (mut masks, mut skeletons) = (Cases::none(), Cases::none());
        for (truth, prediction, spacing) in &self.0 {
            masks.add(truth, prediction, *spacing, false);
            let [truth, prediction] = [truth, prediction].map(|mask| skeleton(mask).unwrap());
            skeletons.add(&truth, &prediction, *spacing, false);
        }
        let mut oracle = Command::new(python);
        oracle.arg(script("secondary.py")).arg("--masks").arg(masks.path(""));
        let expected = json_of(oracle.arg("--skeletons").arg(skeletons.path("")));
        let mut lost = 0;
        for (at, (truth, prediction, spacing)) in self.0.iter().enumerate() {
            let expected = &expected[at.to_string()];
            let detail = PreparedTruth::new(truth, *spacing).unwrap();
            let found = secondary_metrics(truth, &detail, prediction).unwrap();
            same_metrics(&format!("pair {at}"), found, expected);
            lost += expected["lost"].as_u64().unwrap();
        }
        lost
    }
}

/// Ratios agree to 1e-12, counts exactly.
fn same_metrics(of: &str, found: SecondaryMetrics, expected: &Value) {
    assert_eq!(Value::from(found.component_difference), expected["component_difference"], "{of}");
    for (name, found) in [
        ("cl_dice", found.cl_dice),
        ("surface_dice", found.surface_dice),
        ("precision", found.precision),
        ("recall", found.recall),
    ] {
        same(&format!("{of}, {name}"), &Value::from(found), &expected[name], 1e-12);
    }
}

#[test]
fn phantoms_agree_in_every_method_and_spacing() {
    let Some(python) = python() else { return };
    let pair = |at: usize| {
        let shape = [48 + at, 70 - at, 48 + at * 5 % 37];
        let phantom = Phantom::new(78, at as u32, 20, Size::fixed(shape).unwrap());
        let [x, y, z] = phantom.spacing;
        let spacing = match at % 5 {
            0 => phantom.spacing,
            1 => [-x, -y, z],
            2 => [x, y, 3.0],
            3 => [0.1, 1.3, 0.7],
            _ => [0.05, 0.12, 0.04],
        };
        (phantom.truth(), phantom.predict(Method::ALL[at % Method::ALL.len()]), spacing)
    };
    Pairs((0..20).map(pair).collect()).agree(&python);
}

#[test]
fn edge_cases_agree() {
    let Some(python) = python() else { return };
    let room = [12, 13, 14];
    let middle = [5.5, 6.0, 6.5];
    let ball = |radius: f64| mask(room, |at| squared(at, middle) <= radius * radius);
    let shell = mask(room, |at| (9.0..=25.0).contains(&squared(at, middle)));
    let ring = mask(room, |at| {
        (9.0..=25.0).contains(&squared([at[0], at[1], 6], middle)) && at[2].abs_diff(6) < 2
    });
    let all = block(room, [0; 3], room);
    let one = |at: [usize; 3]| block(room, at, at.map(|at| at + 1));
    let rod = |axis: usize, thick: usize, from: usize| {
        let (mut low, mut high) = ([from; 3], [from + thick; 3]);
        (low[axis], high[axis]) = (1, 11);
        block(room, low, high)
    };
    let half = [0.5; 3];
    // 0.3, 0.4 and 0.5 mm: an element at (1, 1, 0) lies exactly on the tolerance.
    let exact = [0.3, 0.4, 0.5];
    let mut pairs = vec![
        (one([0, 0, 0]), one([0, 0, 0]), half),
        (one([0, 0, 0]), one([11, 12, 13]), half),
        (one([5, 5, 5]), one([6, 6, 5]), exact),
        (one([5, 5, 5]), one([6, 6, 6]), exact),
        (all.clone(), all.clone(), half),
        (all.clone(), one([3, 4, 5]), [0.35, 0.35, 0.5]),
        (all.clone(), ball(4.0), exact),
        (ball(4.0), ball(4.0), exact),
        (ball(4.0), ball(4.6), [0.25, 0.25, 0.25]),
        (ball(3.0), shell.clone(), [0.4, 0.3, 0.5]),
        (shell, ring.clone(), half),
        (ring, ball(5.0), [1.0, 0.2, 0.3]),
        (block(room, [0; 3], [1, 13, 14]), block(room, [11, 0, 0], room), half),
        (block(room, [0, 5, 5], [12, 8, 8]), block(room, [0, 5, 0], [12, 7, 14]), exact),
        (block(room, [2, 2, 2], [4, 4, 4]), block(room, [2, 2, 2], [3, 4, 4]), half),
        (noise(room, 1, 100), noise(room, 2, 100), half),
        (noise(room, 3, 300), noise(room, 4, 500), exact),
        (noise(room, 5, 700), noise(room, 6, 900), [0.7, 0.3, 0.2]),
        (noise([70, 5, 130], 7, 200), noise([70, 5, 130], 7, 400), [0.2, 0.3, 0.1]),
        (noise([9, 9, 63], 8, 600), noise([9, 9, 63], 9, 600), exact),
        (noise([9, 9, 62], 8, 600), noise([9, 9, 62], 9, 600), exact),
        (noise([9, 9, 126], 8, 600), noise([9, 9, 126], 9, 800), exact),
        (noise([1, 20, 20], 1, 800), noise([1, 20, 20], 2, 900), half),
        (noise([20, 1, 20], 1, 800), noise([20, 1, 20], 2, 900), half),
        (noise([20, 20, 1], 1, 800), noise([20, 20, 1], 2, 900), half),
    ];
    for axis in 0..3 {
        for thick in [1, 2, 3, 4] {
            pairs.push((rod(axis, thick, 4), rod(axis, thick, 5), [0.4, 0.35, 0.3]));
        }
    }
    // Rods of 2 and 4 voxels are among them.
    assert!(Pairs(pairs).agree(&python) > 10);
}

#[test]
fn the_areas_of_all_256_codes_agree() {
    let Some(python) = python() else { return };
    for spacing in [[1.0, 1.0, 1.0], [0.35, 0.4, 0.625], [3.0, 0.1, 0.7]] {
        let mut oracle = Command::new(&python);
        oracle.arg(script("secondary.py")).arg("--areas");
        let expected = json_of(oracle.args(spacing.map(|mm| mm.to_string())));
        let areas = element_areas(spacing);
        for (code, found) in areas.into_iter().enumerate() {
            same(&format!("code {code:#010b}"), &Value::from(found), &expected[code], 1e-12);
        }
    }
}
