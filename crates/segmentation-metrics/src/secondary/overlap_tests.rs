use proptest::prelude::*;

use super::tests::{Voxel, filled, has, mask, masks};
use super::vessel_tests::{Place, measured, places, step, weighed};
use super::*;

const NEAR: f64 = 1e-9;

fn radius(truth: &Mask, at: Place, spacing: [f64; 3]) -> f64 {
    let background = places(truth.shape()).filter(|&other| !has(truth, other));
    background.map(|other| step(at, other, spacing)).fold(MAX_RADIUS_MM, f64::min)
}

/// Overlap and accuracy by looking at every voxel of one skeleton for every one of the other.
fn by_pairs(truth: &Mask, prediction: &Mask, spacing: [f64; 3]) -> (f64, Option<f64>) {
    let [of_truth, of_prediction] = [truth, prediction].map(|mask| weighed(mask, spacing));
    let least = |at: Place, of: &[(Place, f64)]| {
        of.iter().map(|&(other, _)| step(at, other, spacing)).fold(f64::INFINITY, f64::min)
    };
    let mut near = Vec::new();
    for &(at, weight) in &of_truth {
        let distance = least(at, &of_prediction);
        if distance <= radius(truth, at, spacing) + NEAR {
            near.push((weight, distance));
        }
    }
    for &(at, weight) in &of_prediction {
        let distance = least(at, &of_truth);
        let mut nearest = of_truth.iter().filter(|of| step(at, of.0, spacing) <= distance + NEAR);
        if nearest.any(|of| distance <= radius(truth, of.0, spacing) + NEAR) {
            near.push((weight, distance));
        }
    }
    let all: f64 = of_truth.iter().chain(&of_prediction).map(|(_, weight)| weight).sum();
    let length: f64 = near.iter().map(|(weight, _)| weight).sum();
    let moment: f64 = near.iter().map(|(weight, distance)| weight * distance).sum();
    (length / all, (length > 0.0).then(|| moment / length))
}

fn found(truth: &Mask, prediction: &Mask, spacing: [f64; 3]) -> (f64, Option<f64>) {
    let found = measured(truth, prediction, spacing);
    (found.centreline_overlap, found.centreline_accuracy_mm)
}

fn nearly_equal(a: (f64, Option<f64>), b: (f64, Option<f64>)) -> bool {
    let same = |a: f64, b: f64| (a - b).abs() < 1e-12;
    let accuracy = match (a.1, b.1) {
        (Some(a), Some(b)) => same(a, b),
        (a, b) => a.is_none() && b.is_none(),
    };
    same(a.0, b.0) && accuracy
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn overlap_and_accuracy_are_what_every_pair_of_voxels_says((truth, prediction) in masks(), spacing in 0..4usize) {
        let spacing = [[0.5; 3], [0.5, 1.0, 0.75], [0.3, 0.4, 0.5], [2.0, -1.0, 5.0]][spacing];
        let expected = by_pairs(&truth, &prediction, spacing.map(f64::abs));
        let found = found(&truth, &prediction, spacing);
        prop_assert!(nearly_equal(found, expected), "{found:?} {expected:?}");
    }

    #[test]
    fn a_mask_overlaps_itself_in_full_and_exactly((mask, _) in masks()) {
        prop_assert_eq!(found(&mask, &mask, [0.3, 0.7, 0.1]), (1.0, Some(0.0)));
    }
}

const ROOM: Voxel = [15, 15, 41];

/// Along z through (x, 7), so many voxels to each side.
fn rod(x: usize, half_width: usize, part: impl Fn(usize) -> bool) -> Mask {
    mask(ROOM, |at| at[0].abs_diff(x).max(at[1].abs_diff(7)) <= half_width && part(at[2]))
}

#[test]
fn a_line_beside_is_found_as_far_as_the_radius() {
    let truth = rod(7, 0, |_| true);
    for (x, expected) in [(7, (1.0, Some(0.0))), (8, (1.0, Some(0.5))), (9, (0.0, None))] {
        assert_eq!(found(&truth, &rod(x, 0, |_| true), [0.5; 3]), expected);
    }
    // A step along x is longer than the radius, which is that along y.
    assert_eq!(found(&truth, &rod(8, 0, |_| true), [0.6, 0.5, 0.5]), (0.0, None));
    // Nearer by less than 1e-9 mm it is within.
    assert_eq!(found(&truth, &rod(8, 0, |_| true), [0.5 + 1e-10, 0.5, 0.5]).0, 1.0);
}

#[test]
fn a_line_off_the_centre_of_a_wide_vessel_is_true() {
    let truth = rod(7, 2, |_| true);
    let line = rod(9, 0, |_| true);
    let metrics = measured(&truth, &line, [0.25; 3]);
    assert_eq!(metrics.centreline_overlap, 1.0);
    // Two steps aside; at the ends, where the skeleton of the rod is shorter, more.
    let accuracy = metrics.centreline_accuracy_mm.unwrap();
    assert!((0.5..0.53).contains(&accuracy), "{accuracy}");
    // The other way round the radius is that of the line.
    assert_eq!(found(&line, &truth, [0.25; 3]), (0.0, None));
}

#[test]
fn what_is_missed_and_what_is_added_count_by_their_length() {
    // 20 steps of 40 found, the 20 predicted true; where it ends the truth goes on for one within the radius.
    let (whole, half) = (rod(7, 0, |_| true), rod(7, 0, |z| z <= 20));
    let expected = (20.5 + 1.0 + 20.0) / 60.0;
    let (overlap, accuracy) = found(&whole, &half, [0.5; 3]);
    assert_eq!(overlap, expected);
    assert!((accuracy.unwrap() - 0.5 / 41.5).abs() < 1e-12);
    assert_eq!(found(&half, &whole, [0.5; 3]).0, expected);
}

#[test]
fn of_two_equally_near_voxels_the_one_in_the_wider_vessel_counts() {
    // A line between a wide vessel and a narrow one, three steps from the axes of both, whichever comes first.
    for (wide, narrow) in [(4, 10), (10, 4)] {
        let truth = mask(ROOM, |[x, y, _]| {
            x.abs_diff(wide).max(y.abs_diff(7)) <= 2 || [x, y] == [narrow, 7]
        });
        let between = rod(7, 0, |z| (10..31).contains(&z));
        // 21 voxels of the wide one's axis are found, and all 20 steps of the line are true.
        let all = PreparedVessels::new(&truth, [0.25; 3], None).unwrap().lengths_mm().0 + 5.0;
        assert_eq!(found(&truth, &between, [0.25; 3]), ((5.25 + 5.0) / all, Some(0.75)));
    }
}

#[test]
fn a_radius_counts_up_to_its_limit() {
    // A ball with a radius of 5 mm, thinned to its centre and the voxel before it.
    let squared = |at: Voxel| at.iter().map(|at| at.abs_diff(11).pow(2)).sum::<usize>();
    let ball = mask([23; 3], |at| squared(at) <= 100);
    assert_eq!(filled(&skeleton(&ball).unwrap()), [[11, 11, 10], [11; 3]]);
    let beside = |steps: usize| mask([23; 3], |at| at == [11 + steps, 11, 11]);
    assert_eq!(found(&ball, &beside(7), [0.5; 3]).1, Some(3.5));
    assert_eq!(found(&ball, &beside(8), [0.5; 3]), (0.0, None));
}
