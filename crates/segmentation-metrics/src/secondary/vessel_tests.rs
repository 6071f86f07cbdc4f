use proptest::prelude::*;

use super::tests::{Voxel, filled, has, mask, masks, surface_dice};
use super::*;

pub(super) type Place = [isize; 3];

pub(super) fn measured(truth: &Mask, prediction: &Mask, spacing: [f64; 3]) -> VesselMetrics {
    let prepared = PreparedVessels::new(truth, spacing, Some(0.7)).unwrap();
    let (secondary, vessels) = vessel_metrics(truth, &prepared, prediction).unwrap();
    assert_eq!(Ok(secondary), secondary_metrics(truth, prepared.detail(), prediction));
    assert_eq!(secondary.surface_dice, vessels.surface_dice.at_0_5_mm);
    vessels
}

/// Places in groups, by flooding from the first that is left.
pub(super) fn flooded(
    mut rest: Vec<Place>,
    near: impl Fn(Place, Place) -> bool,
) -> Vec<Vec<Place>> {
    let mut groups = Vec::new();
    rest.sort();
    while !rest.is_empty() {
        let mut group = vec![rest.remove(0)];
        let mut next = 0;
        while let Some(&at) = group.get(next) {
            group.extend(rest.extract_if(.., |other| near(at, *other)));
            next += 1;
        }
        groups.push(group);
    }
    groups
}

pub(super) fn touch(a: Place, b: Place) -> bool {
    (0..3).all(|axis| a[axis].abs_diff(b[axis]) <= 1)
}

pub(super) fn step(a: Place, b: Place, spacing: [f64; 3]) -> f64 {
    (0..3).map(|axis| ((a[axis] - b[axis]) as f64 * spacing[axis]).powi(2)).sum::<f64>().sqrt()
}

/// Every place of the volume and of a margin around it.
pub(super) fn places(shape: Voxel) -> impl Iterator<Item = Place> {
    let [nx, ny, nz] = shape.map(|size| -1..size as isize + 1);
    nx.flat_map(move |x| {
        let nz = nz.clone();
        ny.clone().flat_map(move |y| nz.clone().map(move |z| [x, y, z]))
    })
}

/// The skeleton's voxels and what they weigh.
pub(super) fn weighed(mask: &Mask, spacing: [f64; 3]) -> Vec<(Place, f64)> {
    let thin = filled(&skeleton(mask).unwrap());
    let least = spacing.into_iter().fold(f64::INFINITY, f64::min) / 2.0;
    let weight = |&at: &Place| {
        let near = thin.iter().filter(|&&other| other != at && touch(at, other));
        let half: f64 = near.map(|&other| step(at, other, spacing) / 2.0).sum();
        (at, half.max(least))
    };
    thin.iter().map(weight).collect()
}

/// 0, 1 or 2 for a diameter below 1.5, below 2, and from 2 mm on.
fn calibre(mask: &Mask, at: Place, spacing: [f64; 3]) -> usize {
    let background = places(mask.shape()).filter(|&other| !has(mask, other));
    let nearest = background.map(|other| step(at, other, spacing)).fold(f64::INFINITY, f64::min);
    LIMITS_MM.iter().filter(|&limit| 2.0 * nearest > limit - 1e-9).count()
}

/// (TL, TLc), each of all and by calibre.
fn detected(truth: &Mask, prediction: &Mask, spacing: [f64; 3]) -> [[Option<f64>; 4]; 2] {
    let tree: Vec<_> = weighed(truth, spacing)
        .into_iter()
        .map(|(at, weight)| (at, weight, calibre(truth, at, spacing)))
        .collect();
    let sums = |inside: &dyn Fn(Place) -> bool| {
        let mut sums = [0.0; 4];
        for &(_, weight, calibre) in tree.iter().filter(|(at, ..)| inside(*at)) {
            sums[0] += weight;
            sums[calibre + 1] += weight;
        }
        sums
    };
    let all = sums(&|_| true);
    let inside = sums(&|at| has(prediction, at));
    let pieces = flooded(filled(prediction), touch);
    let mut connected = [0.0; 4];
    for component in flooded(filled(truth), touch) {
        let mut best = [0.0; 4];
        for piece in &pieces {
            let found = sums(&|at| component.contains(&at) && piece.contains(&at));
            if found[0] > best[0] + 1e-9 {
                best = found;
            }
        }
        connected.iter_mut().zip(best).for_each(|(sum, best)| *sum += best);
    }
    [inside, connected]
        .map(|of| std::array::from_fn(|at| (all[at] > 0.0).then(|| of[at] / all[at])))
}

fn listed(of: ByCalibre) -> [Option<f64>; 4] {
    [Some(of.all), of.below_1_5_mm, of.from_1_5_to_2_mm, of.from_2_mm]
}

fn nearly_equal(a: [Option<f64>; 4], b: [Option<f64>; 4]) -> bool {
    a.iter().zip(b).all(|(a, b)| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-12,
        (a, b) => a.is_none() && b.is_none(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn tree_lengths_are_what_every_pair_of_voxels_says((truth, prediction) in masks(), coarse in any::<bool>()) {
        let spacing = if coarse { [0.5, 1.0, 0.75] } else { [0.3, 0.4, 0.5] };
        let found = measured(&truth, &prediction, spacing);
        let [tree, connected] = detected(&truth, &prediction, spacing);
        prop_assert!(nearly_equal(listed(found.tree_length), tree), "{found:?} {tree:?}");
        prop_assert!(nearly_equal(listed(found.connected_tree_length), connected), "{found:?} {connected:?}");
        prop_assert!(found.connected_tree_length.all <= found.tree_length.all);
    }

    #[test]
    fn leakage_is_the_length_of_the_skeleton_outside((truth, prediction) in masks()) {
        let spacing = [0.3, 0.4, 0.5];
        let outside = weighed(&prediction, spacing).into_iter().filter(|&(at, _)| !has(&truth, at));
        let expected: f64 = outside.map(|(_, weight)| weight).sum();
        prop_assert!((measured(&truth, &prediction, spacing).leakage_mm - expected).abs() < 1e-9);
    }

    #[test]
    fn surface_dice_at_every_tolerance_is_what_all_pairs_of_elements_say((truth, prediction) in masks()) {
        let spacing = [0.25, 0.2, 0.125];
        let SurfaceDice { at_0_25_mm, at_0_5_mm, at_1_mm, at_given } = measured(&truth, &prediction, spacing).surface_dice;
        for (tolerance, found) in [(0.25, at_0_25_mm), (0.5, at_0_5_mm), (1.0, at_1_mm), (0.7, at_given.unwrap())] {
            let expected = surface_dice([&truth, &prediction], spacing, tolerance);
            prop_assert!((found - expected).abs() < 1e-12, "{tolerance}: {found} {expected}");
        }
    }

    #[test]
    fn a_mask_finds_itself_to_the_last_bit((mask, _) in masks()) {
        let found = measured(&mask, &mask, [0.3, 0.7, 0.1]);
        for of in [found.tree_length, found.connected_tree_length] {
            prop_assert!(listed(of).into_iter().flatten().all(|share| share == 1.0), "{of:?}");
        }
        prop_assert_eq!((found.leakage_mm, found.betti_0_error, found.betti_1_error), (0.0, 0, 0));
    }

    #[test]
    fn a_wider_volume_changes_no_vessel_metric((truth, prediction) in masks()) {
        // A volume of one voxel along x is thinned from fewer sides.
        prop_assume!(truth.shape()[0] > 1);
        let wider = |of: &Mask| {
            mask(of.shape().map(|size| size + 5), |at| has(of, at.map(|at| at as isize - 3)))
        };
        let spacing = [0.3, 0.4, 0.5];
        let found = measured(&wider(&truth), &wider(&prediction), spacing);
        prop_assert_eq!(found, measured(&truth, &prediction, spacing));
    }
}

/// A line along z, one voxel wide, of which a part is there.
fn line(shape: Voxel, part: impl Fn(usize) -> bool) -> Mask {
    mask(shape, |[x, y, z]| [x, y] == [2, 2] && part(z))
}

#[test]
fn a_line_is_as_long_as_its_steps_and_a_single_voxel_has_half_the_smallest_spacing() {
    let shape = [5, 5, 20];
    let length =
        |mask: &Mask| PreparedVessels::new(mask, [0.4, 0.3, 0.5], None).unwrap().lengths_mm();
    assert_eq!(length(&line(shape, |z| z < 11)), (5.0, [5.0, 0.0, 0.0]));
    assert_eq!(length(&line(shape, |z| z == 3)).0, 0.15);
    let slanted = mask(shape, |[x, y, z]| x == y && y == z);
    assert!((length(&slanted).0 - 4.0 * 0.5f64.sqrt()).abs() < 1e-12);
}

#[test]
fn each_component_of_the_truth_counts_its_best_piece_and_one_piece_may_serve_two() {
    let shape = [5, 5, 40];
    // 10 and 20 steps.
    let truth = line(shape, |z| z < 11 || (15..36).contains(&z));
    let share = |part: &dyn Fn(usize) -> bool| {
        let found = measured(&truth, &line(shape, part), [0.5; 3]);
        [found.tree_length.all, found.connected_tree_length.all].map(|share| (share * 30.0).round())
    };
    assert_eq!(share(&|_| true), [30.0, 30.0]);
    // Ends lie in voxels that weigh half a step, the others a whole one.
    assert_eq!(share(&|z| z < 5 || (20..36).contains(&z)), [20.0, 20.0]);
    assert_eq!(share(&|z| z != 5 && z != 25), [28.0, 14.0]);
    assert_eq!(share(&|z| z == 13), [0.0, 0.0]);
}

#[test]
fn calibre_is_twice_the_distance_to_the_nearest_background() {
    // Along z, ten slices each: 1, 3 and 5 voxels wide, the nearest background 0.375, 0.75 and 1.125 mm away.
    let truth = mask([9, 9, 30], |[x, y, z]| x.abs_diff(4).max(y.abs_diff(4)) <= z / 10);
    let prepared = PreparedVessels::new(&truth, [0.375, 0.375, 0.5], None).unwrap();
    // 1.5 mm is not below 1.5 mm.
    let (_, [fine, middle, wide]) = prepared.lengths_mm();
    assert!(fine > 4.0 && middle > 3.0 && wide > 2.0, "{fine} {middle} {wide}");
    let distal = mask([9, 9, 30], |[x, y, z]| [x, y] == [4, 4] && z > 14);
    let (_, found) = vessel_metrics(&truth, &prepared, &distal).unwrap();
    assert_eq!(
        (found.tree_length.below_1_5_mm, found.tree_length.from_2_mm),
        (Some(0.0), Some(1.0))
    );
    // What surrounds the volume is background, above and below a plate as thick as the volume too.
    let plate = mask([40, 40, 1], |_| true);
    let (all, by_calibre) = PreparedVessels::new(&plate, [0.5; 3], None).unwrap().lengths_mm();
    assert_eq!(by_calibre, [all, 0.0, 0.0]);
    assert_eq!(measured(&plate, &plate, [0.5; 3]).tree_length.from_2_mm, None);
}

#[test]
fn of_two_pieces_of_the_same_length_the_first_counts() {
    for (wide, share) in [(10, 1.0), (30, 0.0)] {
        let axis = |[x, y, _]: Voxel| [x, y] == [4, 4];
        let near = |at: Voxel| (0..3).all(|of| at[of].abs_diff([4, 4, wide][of]) <= 2);
        let truth = mask([9, 9, 41], |at| axis(at) || near(at));
        let halves = mask([9, 9, 41], |at| axis(at) && at[2] != 20);
        let found = measured(&truth, &halves, [0.5; 3]);
        assert_eq!(found.connected_tree_length.all, 19.5 / 40.0);
        assert_eq!(
            (found.tree_length.from_2_mm, found.connected_tree_length.from_2_mm),
            (Some(1.0), Some(share))
        );
    }
}

#[test]
fn what_is_beside_the_truth_leaks() {
    let shape = [5, 5, 40];
    let truth = line(shape, |z| z < 20);
    let prediction = mask(shape, |[x, y, z]| [x, y] == [2, 2] && z < 31 || [x, y, z] == [0, 0, 39]);
    // 10 steps and half a one from the border, and a single voxel.
    assert_eq!(measured(&truth, &prediction, [0.5; 3]).leakage_mm, 10.5 * 0.5 + 0.25);
}

#[test]
fn json_brings_every_number_back() {
    let truth = line([5, 5, 20], |z| z < 11);
    let found = measured(&truth, &line([5, 5, 20], |z| z > 3 && z != 7), [0.35, 0.35, 0.625]);
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<VesselMetrics>(&text).unwrap(), found);
    assert!(text.contains(r#""from_2_mm":null"#), "{text}");
}

#[test]
fn spacings_and_tolerances_that_are_none_are_refused() {
    let truth = line([5, 5, 20], |z| z < 11);
    let refused =
        |spacing, tolerance| PreparedVessels::new(&truth, spacing, tolerance).unwrap_err();
    for wrong in [0.0, f64::NAN, f64::INFINITY, 1e-200, 1e200] {
        assert_eq!(refused([0.3, wrong, 0.3], None), NotComputed::Spacing);
    }
    for wrong in [-0.1, f64::NAN, f64::INFINITY] {
        assert_eq!(refused([0.3; 3], Some(wrong)), NotComputed::Tolerance);
    }
    assert_eq!(refused([0.3; 3], Some(5.0)), NotComputed::FineSpacing);
    assert_eq!(refused([0.06; 3], None), NotComputed::FineSpacing);
    assert!(PreparedVessels::new(&truth, [0.3; 3], Some(0.0)).is_ok());
}
