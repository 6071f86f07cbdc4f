//! Masks of simple shapes.

#![allow(dead_code, reason = "each test uses some of it")]

use segmentation::Mask;

pub const SPACING: [f64; 3] = [0.35, 0.35, 0.625];

/// The voxels whose centres, index × spacing, lie inside.
pub fn painted(shape: [usize; 3], spacing: [f64; 3], inside: impl Fn([f64; 3]) -> bool) -> Mask {
    let mut mask = Mask::empty(shape).unwrap();
    for z in 0..shape[2] {
        for y in 0..shape[1] {
            for x in 0..shape[0] {
                let centre = [x, y, z].map(|at| at as f64);
                if inside([0, 1, 2].map(|axis| centre[axis] * spacing[axis])) {
                    mask.set(mask.index([x, y, z]));
                }
            }
        }
    }
    mask
}

pub fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f64>().sqrt()
}

/// The distance of a point to the segment from `a` to `b`.
pub fn from_segment(point: [f64; 3], a: [f64; 3], b: [f64; 3]) -> f64 {
    let along: f64 = (0..3).map(|i| (point[i] - a[i]) * (b[i] - a[i])).sum();
    let part = (along / distance(a, b).powi(2)).clamp(0.0, 1.0);
    distance(point, [0, 1, 2].map(|i| a[i] + part * (b[i] - a[i])))
}
