//! What the rest of the program may rely on.

use super::course::Side;
use super::*;
use std::collections::HashSet;

fn small() -> Size {
    Size::fixed([96, 96, 72]).expect("large enough")
}

fn dice(a: &Mask, b: &Mask) -> f64 {
    let both: u32 = a.words().iter().zip(b.words()).map(|(a, b)| (a & b).count_ones()).sum();
    2.0 * f64::from(both) / (a.count() + b.count()) as f64
}

/// Sizes of the 26-connected components, ascending.
fn components(mask: &Mask) -> Vec<usize> {
    let [nx, ny, _] = mask.shape();
    let mut left: HashSet<[usize; 3]> =
        mask.ones().map(|i| [i % nx, i / nx % ny, i / nx / ny]).collect();
    let mut sizes = Vec::new();
    while let Some(&seed) = left.iter().next() {
        left.remove(&seed);
        let (mut open, mut size) = (vec![seed], 0);
        while let Some([x, y, z]) = open.pop() {
            size += 1;
            for near in 0..27 {
                let (dx, dy, dz) = (near % 3, near / 3 % 3, near / 9);
                let next =
                    [(x + dx).wrapping_sub(1), (y + dy).wrapping_sub(1), (z + dz).wrapping_sub(1)];
                if left.remove(&next) {
                    open.push(next);
                }
            }
        }
        sizes.push(size);
    }
    sizes.sort_unstable();
    sizes
}

#[test]
fn the_same_seed_gives_the_same_voxels() {
    let (one, other) = (Phantom::new(5, 3, 20, small()), Phantom::new(5, 3, 20, small()));
    assert_eq!(one.truth(), other.truth());
    assert_eq!((one.spacing, one.origin, one.shape), (other.spacing, other.origin, other.shape));
    for method in Method::ALL {
        assert_eq!(one.predict(method), other.predict(method), "{}", method.name());
    }
}

#[test]
fn another_seed_or_another_case_gives_other_voxels() {
    let truth = |seed, case| Phantom::new(seed, case, 20, small()).truth();
    assert_ne!(truth(5, 3), truth(6, 3));
    assert_ne!(truth(5, 3), truth(5, 4));
}

#[test]
fn voxels_do_not_change_from_release_to_release() {
    // FNV-1a over the words: a changed value is a changed data set, to be made on purpose.
    let digest = |mask: &Mask| {
        mask.words().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, word| {
            (hash ^ word).wrapping_mul(0x0100_0000_01b3)
        })
    };
    let case = Phantom::new(1, 19, 20, small());
    assert_eq!(digest(&case.truth()), 10_074_014_271_397_596_219);
    assert_eq!(digest(&case.predict(Method::Leaky)), 9_078_735_236_159_399_145);
}

#[test]
fn the_first_half_of_the_cases_is_normal_and_the_second_diseased() {
    let diseased = |of| (0..of).filter(move |&case| Phantom::new(1, case, of, small()).diseased);
    assert_eq!(diseased(20).collect::<Vec<_>>(), (10..20).collect::<Vec<_>>());
    assert_eq!(diseased(3).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_full_volume_is_shaped_like_the_challenges_scans() {
    let mut slices = HashSet::new();
    for case in 0..20 {
        let phantom = Phantom::new(2, case, 20, Size::FULL);
        let ([nx, ny, nz], [sx, sy, sz]) = (phantom.shape, phantom.spacing);
        assert!((nx, ny) == (512, 512) && (168..=280).contains(&nz), "{nz} slices");
        assert!(sx == sy && (0.3..=0.4).contains(&sx) && sz == 0.625, "{sx} mm");
        slices.insert(nz);
    }
    assert!(slices.len() > 10);
}

#[test]
fn vessels_fill_a_twentieth_to_three_tenths_of_a_percent_of_a_full_volume() {
    for seed in 0..24 {
        let truth = Phantom::new(seed, seed as u32 % 2, 2, Size::FULL).truth();
        let part = truth.count() as f64 / truth.voxels() as f64;
        assert!((0.0005..=0.003).contains(&part), "seed {seed}: {part}");
    }
}

#[test]
fn a_truth_is_two_connected_trees() {
    for seed in 0..16 {
        let truth = Phantom::new(seed, seed as u32 % 2, 2, small()).truth();
        let sizes = components(&truth);
        assert_eq!(sizes.len(), 2, "seed {seed}: {sizes:?}");
        assert!(5 * sizes[0] > truth.count(), "seed {seed}: {sizes:?}");
    }
}

#[test]
fn no_voxel_of_a_truth_is_cut_off_by_the_volume() {
    for seed in 0..16 {
        let phantom = Phantom::new(seed, 0, 2, small());
        let extent = extent(phantom.shape, phantom.spacing);
        for node in phantom.tree.vessels.iter().flat_map(|vessel| &vessel.nodes) {
            for (at, extent) in node.centre.iter().zip(extent) {
                assert!(node.radius + 0.4 < *at && *at < extent - node.radius - 1.3, "{node:?}");
            }
        }
    }
}

#[test]
fn ostia_are_two_to_four_millimetres_wide_and_ends_below_one() {
    for seed in 0..40 {
        let tree = Phantom::new(seed, 0, 2, Size::FULL).tree;
        let ostia: Vec<_> = tree.vessels.iter().filter(|vessel| vessel.parent.is_none()).collect();
        assert_eq!(ostia.iter().map(|v| v.side).collect::<Vec<_>>(), [Side::Left, Side::Right]);
        for ostium in ostia {
            let diameter = 2.0 * ostium.nodes[0].radius;
            assert!((2.0..=4.0).contains(&diameter), "seed {seed}: {diameter} mm");
        }
        for vessel in &tree.vessels {
            let diameter = 2.0 * vessel.nodes[vessel.nodes.len() - 1].radius;
            assert!((0.5..1.0).contains(&diameter), "seed {seed}: {diameter} mm");
        }
    }
}

#[test]
fn disease_narrows_vessels_and_moves_none() {
    for seed in 0..10 {
        let healthy = Phantom::new(seed, 0, 2, small()).tree;
        let diseased = Phantom::new(seed, 0, 0, small());
        assert!(diseased.diseased);
        let pairs = || {
            let nodes = |tree: &Tree| -> Vec<Ball> {
                tree.vessels.iter().flat_map(|vessel| vessel.nodes.clone()).collect()
            };
            nodes(&healthy).into_iter().zip(nodes(&diseased.tree))
        };
        assert!(pairs().all(|(a, b)| a.centre == b.centre && b.radius <= a.radius));
        let worst = pairs().map(|(a, b)| b.radius / a.radius).fold(1.0, f64::min);
        assert!((0.05..0.6).contains(&worst), "seed {seed}: {worst} of the radius left");
    }
}

#[test]
fn methods_stand_in_their_documented_order_of_dice() {
    let cases: Vec<_> = (0..20).map(|case| Phantom::new(11, case, 20, small())).collect();
    let truths: Vec<_> = cases.iter().map(Phantom::truth).collect();
    let mut means = Vec::new();
    for method in Method::ALL {
        let scores: Vec<f64> =
            cases.iter().zip(&truths).map(|(case, t)| dice(t, &case.predict(method))).collect();
        let different: HashSet<u64> = scores.iter().map(|score| score.to_bits()).collect();
        assert_eq!(different.len(), scores.len(), "{}: {scores:?}", method.name());
        assert!(scores.iter().all(|score| (0.3..1.0).contains(score)), "{scores:?}");
        means.push(scores.iter().sum::<f64>() / scores.len() as f64);
    }
    assert!(means.is_sorted_by(|better, worse| better > worse), "{means:?}");
    assert!((0.94..0.98).contains(&means[0]) && (0.4..0.6).contains(&means[9]), "{means:?}");
}

#[test]
fn no_prediction_is_empty_even_in_the_smallest_volume() {
    let least = Size::fixed([Size::LEAST; 3]).expect("the least size is a size");
    for case in 0..6 {
        let phantom = Phantom::new(3, case, 6, least);
        for method in Method::ALL {
            let share = phantom.predict(method).count() as f64 / phantom.truth().count() as f64;
            assert!((0.2..3.0).contains(&share), "{} of case {case}: {share}", method.name());
        }
    }
}

#[test]
fn more_than_a_twentieth_of_a_speckled_prediction_lies_in_far_islands() {
    for case in 0..6 {
        let phantom = Phantom::new(4, case, 6, small());
        let prediction = phantom.predict(Method::Speckled);
        let sizes = components(&prediction);
        let islands: usize = sizes.iter().rev().skip(2).sum();
        assert!(sizes.len() > 10 && 20 * islands > prediction.count(), "{sizes:?}");
    }
}

#[test]
fn a_fragmented_prediction_falls_into_pieces_and_a_leaky_one_does_not() {
    let phantom = Phantom::new(4, 0, 6, small());
    assert!(components(&phantom.predict(Method::Fragmented)).len() > 10);
    assert!(components(&phantom.predict(Method::Leaky)).len() <= 2);
}

#[test]
fn method_names_are_all_different() {
    let names: HashSet<_> = Method::ALL.iter().map(|method| method.name()).collect();
    assert_eq!(names.len(), Method::ALL.len());
    assert!(Method::ALL.iter().enumerate().all(|(at, &method)| method as usize == at));
}

#[test]
fn a_shape_too_small_or_too_large_is_refused_by_name() {
    let error = Size::fixed([96, 47, 96]).expect_err("47 voxels are too few");
    assert_eq!(
        error.to_string(),
        "a phantom needs 48 to 1024 voxels along each axis, not 96x47x96"
    );
    assert!(Size::fixed([96, 96, 1025]).is_err());
}
