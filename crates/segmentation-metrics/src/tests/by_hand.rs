//! Cases small enough to work out on paper.

use super::*;
use crate::hd95::{NearestSearch as Search, Octree};
use crate::{ScoreError, TruthError};

const UNIT: [f64; 3] = [1.0; 3];

/// A row along x in which the voxels of `range` are foreground.
fn row(nx: usize, range: std::ops::Range<usize>) -> Mask {
    mask([nx, 1, 1], |[x, _, _]| range.contains(&x))
}

fn voxel(shape: [usize; 3], at: [usize; 3]) -> Mask {
    mask(shape, |voxel| voxel == at)
}

#[test]
fn a_perfect_prediction_scores_one_and_zero() {
    let tube = mask([9, 8, 7], |[x, y, _]| x.abs_diff(4) + y.abs_diff(4) < 3);
    assert_eq!(scored(&tube, &tube, [0.4, 0.4, 0.6]), CaseScore { dice: 1.0, hd95: 0.0 });
}

#[test]
fn one_voxel_each_is_as_far_as_the_voxels_are_apart() {
    let shape = [6, 7, 8];
    let far = scored(&voxel(shape, [1, 1, 1]), &voxel(shape, [3, 4, 7]), UNIT);
    assert_eq!(far, CaseScore { dice: 0.0, hd95: 7.0 });
}

#[test]
fn each_axis_has_its_own_spacing() {
    let spacing = [0.25, 0.5, 4.0];
    let shape = [5, 5, 5];
    let origin = voxel(shape, [0, 0, 0]);
    let along = |at| scored(&origin, &voxel(shape, at), spacing).hd95;
    assert_eq!(along([4, 0, 0]), 1.0);
    assert_eq!(along([0, 4, 0]), 2.0);
    assert_eq!(along([0, 0, 4]), 16.0);
    assert_eq!(along([3, 2, 0]), 1.25);
}

#[test]
fn the_nearest_voxel_in_mm_wins_over_the_nearest_in_voxels() {
    let truth = mask([8, 1, 8], |at| at == [7, 0, 0] || at == [0, 0, 3]);
    let prediction = voxel([8, 1, 8], [0, 0, 0]);
    // 7 voxels of 0.25 mm are 1.75 mm, 3 of 2 mm are 6 mm; the truth's two voxels
    // lie at 1.75 and 6 mm, their 0.95 quantile 95 % of the way between.
    let hd95 = scored(&truth, &prediction, [0.25, 1.0, 2.0]).hd95;
    assert!((hd95 - (1.75 + 0.95 * 4.25)).abs() < 1e-12);
    assert_eq!(scored(&prediction, &truth, [0.25, 1.0, 2.0]).hd95, hd95);
}

#[test]
fn many_voxels_can_be_a_short_way() {
    // 53 voxels of 0.1 mm to one end, 47 to the other, neither in sight along the row.
    let (ends, between) =
        (mask([101, 1, 1], |[x, _, _]| x % 100 == 0), voxel([101, 1, 1], [53, 0, 0]));
    let nodes = Octree::of(&ends);
    let search = Search::new(&nodes, [0.1, 1.0, 1.0]);
    assert_eq!(search.nearest([53, 0, 0], Some([0, 0, 0])).voxel, [100, 0, 0]);
    let hd95 = scored(&ends, &between, [0.1, 1.0, 1.0]).hd95;
    assert!((hd95 - (4.7 + 0.95 * 0.6)).abs() < 1e-12, "{hd95}");
}

#[test]
fn a_negative_spacing_is_as_good_as_a_positive_one() {
    let shape = [6, 7, 8];
    let (a, b) = (voxel(shape, [1, 1, 1]), voxel(shape, [3, 4, 7]));
    assert_eq!(scored(&a, &b, [-0.4, 0.5, -0.6]), scored(&a, &b, [0.4, 0.5, 0.6]));
}

#[test]
fn just_five_percent_outside_is_zero_and_one_voxel_more_is_not() {
    // 21 voxels: position 0.95 * 20 = 19, the twentieth smallest, a shared voxel.
    let truth = row(60, 0..20);
    assert_eq!(scored(&truth, &row(60, 0..21), UNIT).hd95, 0.0);
    // 22 voxels, 2 outside at 1 and 2 mm: position 19.95, so 95 % of the way from
    // the last shared voxel (0 mm) to the nearer of the two.
    let hd95 = scored(&truth, &row(60, 0..22), UNIT).hd95;
    assert!((hd95 - 0.95).abs() < 1e-12, "{hd95}");
}

#[test]
fn a_few_outliers_are_forgiven_however_far_they_are() {
    let truth = row(1000, 0..100);
    let outliers = |far: usize| mask([1000, 1, 1], |[x, _, _]| x < 100 || x >= 1000 - far);
    assert_eq!(scored(&truth, &outliers(5), UNIT).hd95, 0.0);
    // 106 voxels: position 99.75, three quarters of the way from 0 to the nearest outlier.
    let hd95 = scored(&truth, &outliers(6), UNIT).hd95;
    assert!((hd95 - 0.75 * 895.0).abs() < 1e-9, "{hd95}");
}

#[test]
fn all_voxels_count_and_not_only_the_surface() {
    // A block of 10×10×10 with a rod of 40 voxels: 3.8 % of the voxels, but
    // 7.4 % of those on the surface.
    let shape = [60, 10, 10];
    let block = mask(shape, |[x, _, _]| x < 10);
    let with_rod = mask(shape, |[x, y, z]| x < 10 || (x < 50 && y == 0 && z == 0));
    assert_eq!(scored(&block, &with_rod, UNIT).hd95, 0.0);
}

#[test]
fn the_worse_direction_decides() {
    // All of the prediction lies in the truth; half of the truth is missed.
    let (whole, half) = (row(41, 0..41), row(41, 0..21));
    // The truth's distances are 21 zeros and 1..=20; position 38 is 18 mm.
    assert_eq!(scored(&whole, &half, UNIT).hd95, 18.0);
    assert_eq!(scored(&half, &whole, UNIT).hd95, 18.0);
}

#[test]
fn directions_are_not_pooled() {
    // 100 voxels of the prediction fit, the truth has 10 more at 1..=10 mm. Alone its
    // position is 0.95 * 109 = 103.55; pooled with the 100 zeros it would be 199.5, a zero.
    let hd95 = scored(&row(200, 0..110), &row(200, 0..100), UNIT).hd95;
    assert!((hd95 - 4.55).abs() < 1e-12, "{hd95}");
}

#[test]
fn a_filled_volume_is_scored_like_any_other() {
    let shape = [21, 1, 1];
    let all = mask(shape, |_| true);
    assert_eq!(scored(&all, &all, UNIT), CaseScore { dice: 1.0, hd95: 0.0 });
    let corner = scored(&voxel(shape, [0, 0, 0]), &all, UNIT);
    assert_eq!(corner, CaseScore { dice: 2.0 / 22.0, hd95: 19.0 });
}

#[test]
fn rows_do_not_wrap_around_at_the_border() {
    // Neighbours in memory: the end of one row and the beginning of the next.
    let shape = [70, 2, 1];
    let hd95 = scored(&voxel(shape, [69, 0, 0]), &voxel(shape, [0, 1, 0]), UNIT).hd95;
    assert_eq!(hd95, (69.0f64 * 69.0 + 1.0).sqrt());
}

#[test]
fn every_corner_of_the_volume_is_reached_from_every_other() {
    let shape = [65, 33, 18];
    let corners: Vec<[usize; 3]> =
        (0..8).map(|at| [0, 1, 2].map(|axis| (at >> axis & 1) * (shape[axis] - 1))).collect();
    for a in &corners {
        for b in &corners {
            let squared: usize = (0..3).map(|axis| a[axis].abs_diff(b[axis]).pow(2)).sum();
            let hd95 = scored(&voxel(shape, *a), &voxel(shape, *b), UNIT).hd95;
            assert_eq!(hd95, (squared as f64).sqrt(), "from {a:?} to {b:?}");
        }
    }
}

#[test]
fn an_empty_prediction_has_no_score() {
    let truth = Truth::new(row(4, 0..2), UNIT).unwrap();
    assert_eq!(score(&truth, &row(4, 0..0)), Err(ScoreError::Empty));
}

#[test]
fn another_shape_has_no_score_even_with_as_many_voxels() {
    let truth = Truth::new(mask([4, 2, 1], |_| true), UNIT).unwrap();
    let error = score(&truth, &mask([2, 4, 1], |_| true)).unwrap_err();
    assert_eq!(error, ScoreError::Shape { expected: [4, 2, 1], found: [2, 4, 1] });
}

#[test]
fn an_empty_truth_is_refused() {
    assert_eq!(Truth::new(row(4, 0..0), UNIT).unwrap_err(), TruthError::Empty);
    assert_eq!(Truth::new(mask([0, 4, 4], |_| true), UNIT).unwrap_err(), TruthError::Empty);
}

#[test]
fn a_spacing_that_is_no_length_is_refused() {
    for bad in [0.0, -0.0, f64::NAN, f64::INFINITY, 1e-200, 1e200] {
        for axis in 0..3 {
            let mut spacing = UNIT;
            spacing[axis] = bad;
            let refused = Truth::new(row(4, 0..2), spacing);
            assert!(matches!(refused, Err(TruthError::Spacing(_))), "{spacing:?}");
        }
    }
}

#[test]
fn a_truth_keeps_what_it_was_made_of_and_knows_its_weight() {
    let foreground = mask([100, 100, 100], |[x, y, z]| x == y && y == z);
    let truth = Truth::new(foreground.clone(), [0.4, -0.4, 0.6]).unwrap();
    assert_eq!(truth.mask(), &foreground);
    assert_eq!((truth.spacing(), truth.count()), ([0.4, -0.4, 0.6], 100));
    let alone = foreground.words().len() * 8;
    assert!((alone..2 * alone).contains(&truth.heap_bytes()), "{}", truth.heap_bytes());
}
