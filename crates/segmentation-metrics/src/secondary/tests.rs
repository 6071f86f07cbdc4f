use proptest::prelude::*;

use super::*;

pub(super) type Voxel = [usize; 3];

pub(super) fn mask(shape: Voxel, inside: impl Fn(Voxel) -> bool) -> Mask {
    let [nx, ny, _] = shape;
    let mut mask = Mask::empty(shape).unwrap();
    let voxels = (0..mask.voxels()).filter(|at| inside([at % nx, at / nx % ny, at / nx / ny]));
    voxels.for_each(|at| mask.set(at));
    mask
}

fn scored(truth: &Mask, prediction: &Mask, spacing: [f64; 3]) -> SecondaryMetrics {
    let all =
        secondary_metrics(truth, &PreparedTruth::new(truth, spacing).unwrap(), prediction).unwrap();
    // Each by itself is the same.
    assert_eq!(cl_dice(prediction, truth), Ok(all.cl_dice));
    let surface_dice = single::surface_dice(prediction, truth, spacing, TOLERANCE_MM).unwrap();
    assert!((surface_dice - all.surface_dice).abs() <= 1e-15, "{surface_dice} {all:?}");
    all
}

pub(super) fn has(mask: &Mask, at: [isize; 3]) -> bool {
    let shape = mask.shape();
    let inside = (0..3).all(|axis| (0..shape[axis] as isize).contains(&at[axis]));
    inside && mask.get(mask.index(at.map(|at| at as usize)))
}

pub(super) fn filled(mask: &Mask) -> Vec<[isize; 3]> {
    let [nx, ny, _] = mask.shape();
    let place = |at: usize| [at % nx, at / nx % ny, at / nx / ny].map(|at| at as isize);
    mask.ones().map(place).collect()
}

/// Components by flooding each in turn.
fn flooded(mask: &Mask) -> usize {
    let mut rest = filled(mask);
    let mut count = 0;
    while let Some(seed) = rest.pop() {
        count += 1;
        let mut edge = vec![seed];
        while let Some(at) = edge.pop() {
            let near = |other: &[isize; 3]| (0..3).all(|axis| other[axis].abs_diff(at[axis]) <= 1);
            edge.extend(rest.extract_if(.., |other| near(other)));
        }
    }
    count
}

/// Surface Dice by looking at every element of one mask for every one of the other.
pub(super) fn surface_dice(masks: [&Mask; 2], spacing: [f64; 3], tolerance: f64) -> f64 {
    let areas = element_areas(spacing);
    let elements = masks.map(|mask| {
        let [nx, ny, nz] = mask.shape().map(|size| size as isize);
        let mut elements = Vec::new();
        for (x, y, z) in
            (0..=nx).flat_map(|x| (0..=ny).flat_map(move |y| (0..=nz).map(move |z| (x, y, z))))
        {
            let corner =
                |at: isize| has(mask, [x - 1 + (at >> 2), y - 1 + (at >> 1 & 1), z - 1 + (at & 1)]);
            let code = (0..8).filter(|&at| corner(at)).map(|at| 1usize << at).sum::<usize>();
            if code != 0 && code != 255 {
                elements.push(([x, y, z].map(|at| at as f64), areas[code]));
            }
        }
        elements
    });
    let (mut near, mut all) = (0.0, 0.0);
    for (own, other) in [(&elements[0], &elements[1]), (&elements[1], &elements[0])] {
        for (at, area) in own {
            let squared = |to: &[f64; 3]| {
                (0..3).map(|axis| ((at[axis] - to[axis]) * spacing[axis]).powi(2)).sum::<f64>()
            };
            all += area;
            if other.iter().any(|(to, _)| squared(to).sqrt() <= tolerance) {
                near += area;
            }
        }
    }
    near / all
}

/// Masks of small odd shapes, from nearly empty to nearly full.
pub(super) fn masks() -> impl Strategy<Value = (Mask, Mask)> {
    let shape =
        (1..9usize, 1..9usize, prop_oneof![1..9usize, 60..70usize]).prop_map(<[usize; 3]>::from);
    let noise = (0..u64::MAX, 1..100u64);
    (shape, noise.clone(), noise).prop_map(|(shape, first, second)| {
        let noise = |(seed, percent): (u64, u64)| {
            let hash = |[x, y, z]: Voxel| {
                let at = seed ^ (x + 100 * (y + 100 * z)) as u64;
                let mixed = at.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                (mixed ^ mixed >> 31).wrapping_mul(0x94d0_49bb_1331_11eb) >> 40
            };
            // One voxel at least.
            mask(shape, |at| hash(at) % 100 < percent || at == [0; 3])
        };
        (noise(first), noise(second))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn components_are_those_a_flood_finds((truth, prediction) in masks()) {
        let difference = flooded(&prediction) as i64 - flooded(&truth) as i64;
        prop_assert_eq!(scored(&truth, &prediction, [1.0; 3]).component_difference, difference);
    }

    #[test]
    fn surface_dice_is_what_all_pairs_of_elements_say((truth, prediction) in masks(), fine in any::<bool>()) {
        let spacing = if fine { [0.25, 0.2, 0.125] } else { [0.3, 0.4, 0.5] };
        let found = scored(&truth, &prediction, spacing).surface_dice;
        prop_assert!((found - surface_dice([&truth, &prediction], spacing, TOLERANCE_MM)).abs() < 1e-12);
    }

    #[test]
    fn a_skeleton_has_a_piece_of_every_component_and_nothing_beside_the_mask((mask, _) in masks()) {
        let skeleton = skeleton(&mask).unwrap();
        prop_assert_eq!(flooded(&skeleton), flooded(&mask));
        prop_assert!(skeleton.words().iter().zip(mask.words()).all(|(thin, all)| thin & !all == 0));
    }

    #[test]
    fn a_margin_around_the_volume_changes_nothing((truth, prediction) in masks()) {
        // A volume of one voxel along x is thinned from fewer sides.
        prop_assume!(truth.shape()[0] > 1);
        let wider = |of: &Mask| {
            mask(of.shape().map(|size| size + 5), |at| has(of, at.map(|at| at as isize - 3)))
        };
        let spacing = [0.3, 0.4, 0.5];
        let found = scored(&wider(&truth), &wider(&prediction), spacing);
        prop_assert_eq!(found, scored(&truth, &prediction, spacing));
    }

    #[test]
    fn equal_masks_are_perfect((mask, _) in masks()) {
        let perfect = SecondaryMetrics { cl_dice: 1.0, surface_dice: 1.0, precision: 1.0, recall: 1.0, component_difference: 0 };
        prop_assert_eq!(scored(&mask, &mask, [0.35, 0.35, 0.5]), perfect);
    }
}

#[test]
fn rods_of_2x2_and_4x4_voxels_keep_a_centreline() {
    for (axis, thick) in [(0, 2), (1, 2), (2, 2), (0, 4), (1, 4), (2, 4)] {
        let rod = mask([12; 3], |at| {
            (0..3).all(|other| {
                if other == axis { at[other] > 0 && at[other] < 11 } else { at[other] / thick == 1 }
            })
        });
        assert!(skeleton(&rod).unwrap().count() >= 1, "{thick} along {axis}");
    }
}

#[test]
fn a_line_is_its_own_skeleton() {
    let line = mask([3, 3, 9], |[x, y, z]| [x, y] == [1, 1] && z > 0);
    assert_eq!(skeleton(&line).unwrap(), line);
}

#[test]
fn precision_recall_and_the_sign_of_the_component_difference_are_as_documented() {
    let truth = mask([9, 1, 1], |[x, ..]| x < 4);
    let prediction = mask([9, 1, 1], |[x, ..]| (3..5).contains(&x) || x == 7);
    let found = scored(&truth, &prediction, [1.0; 3]);
    assert_eq!((found.precision, found.recall), (1.0 / 3.0, 0.25));
    assert_eq!(found.component_difference, 1);
    assert_eq!(scored(&prediction, &truth, [1.0; 3]).component_difference, -1);
}

#[test]
fn cl_dice_of_masks_apart_is_0() {
    let truth = mask([9, 1, 1], |[x, ..]| x < 4);
    let prediction = mask([9, 1, 1], |[x, ..]| x > 4);
    let found = scored(&truth, &prediction, [1.0; 3]);
    assert_eq!((found.cl_dice, found.surface_dice), (0.0, 0.0));
}

#[test]
fn an_element_exactly_on_the_tolerance_is_within() {
    let [truth, prediction] = [0, 1].map(|at| mask([3, 1, 1], |[x, ..]| x == at));
    assert_eq!(scored(&truth, &prediction, [0.5, 9.0, 9.0]).surface_dice, 1.0);
    assert!(scored(&truth, &prediction, [0.500_000_1, 9.0, 9.0]).surface_dice < 1.0);
}

#[test]
fn what_is_absurd_is_refused_with_a_reason() {
    let full = mask([200, 200, 51], |_| true);
    let one = mask([200, 200, 51], |at| at == [7; 3]);
    let detail = PreparedTruth::new(&one, [1.0; 3]).unwrap();
    let refused = |prediction: &Mask| secondary_metrics(&one, &detail, prediction).unwrap_err();
    assert_eq!(refused(&full), NotComputed::TooMany(2_040_000));
    assert_eq!(refused(&mask([200, 200, 51], |_| false)), NotComputed::Empty);
    assert_eq!(refused(&mask([3; 3], |_| true)), NotComputed::Shape);
    assert_eq!(PreparedTruth::new(&full, [1.0; 3]).unwrap_err(), NotComputed::TooMany(2_040_000));
    let fine = PreparedTruth::new(&one, [1.0, 0.01, 1.0]);
    assert_eq!(fine.unwrap_err(), NotComputed::FineSpacing);
    let flat = mask([20_000, 20_000, 1], |at| at[0] == at[1]);
    assert_eq!(PreparedTruth::new(&flat, [1.0; 3]).unwrap_err(), NotComputed::Spread);
}
