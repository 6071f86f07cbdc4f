//! Against the definition, carried out word for word in O(n·m).

use proptest::{prelude::*, test_runner::RngSeed};

use super::*;
use crate::hd95::{
    Direction, NearestSearch as Search, NeighbourOffsets, Octree, all_blocks, extent,
    far_directed as directed, voxel, within,
};
use crate::scan::Difference;
use segmentation::bits;

/// Dice and HD95 by their definitions.
fn by_definition(a: &Mask, b: &Mask, spacing: [f64; 3]) -> CaseScore {
    let points = |mask: &Mask| -> Vec<[f64; 3]> {
        let [nx, ny, _] = mask.shape();
        let voxel = |at: usize| [at % nx, at / nx % ny, at / nx / ny];
        let point = |at| [0, 1, 2].map(|axis| voxel(at)[axis] as f64 * spacing[axis]);
        mask.ones().map(point).collect()
    };
    let (a, b) = (points(a), points(b));
    let distance = |p: &[f64; 3], q: &[f64; 3]| {
        p.iter().zip(q).map(|(p, q)| (p - q) * (p - q)).sum::<f64>().sqrt()
    };
    let nearest = |p: &[f64; 3], to: &[[f64; 3]]| {
        to.iter().map(|q| distance(p, q)).fold(f64::INFINITY, f64::min)
    };
    let directed = |from: &[[f64; 3]], to: &[[f64; 3]]| {
        let mut distances: Vec<f64> = from.iter().map(|p| nearest(p, to)).collect();
        distances.sort_by(f64::total_cmp);
        let position = 0.95 * (distances.len() - 1) as f64;
        let low = distances[position.floor() as usize];
        low + (distances[position.ceil() as usize] - low) * position.fract()
    };
    let shared = a.iter().filter(|p| b.contains(p)).count();
    CaseScore {
        dice: 2.0 * shared as f64 / (a.len() + b.len()) as f64,
        hd95: directed(&a, &b).max(directed(&b, &a)),
    }
}

fn spacing() -> impl Strategy<Value = [f64; 3]> {
    let length = prop_oneof![Just(1.0), 0.1..5.0, -2.0..-0.1, 1e-3..1e3];
    [length.clone(), length.clone(), length]
}

/// What segmentations are made of: boxes, salt noise, and lone voxels.
fn part(shape: [usize; 3]) -> BoxedStrategy<Mask> {
    let corner = (0..shape[0], 0..shape[1], 0..shape[2]).prop_map(|(x, y, z)| [x, y, z]);
    let lone = corner.clone().prop_map(move |at| mask(shape, |voxel| voxel == at));
    let cuboid = [corner.clone(), corner].prop_map(move |[a, b]| {
        mask(shape, |at| (0..3).all(|k| (a[k].min(b[k])..=a[k].max(b[k])).contains(&at[k])))
    });
    let salt = (any::<u64>(), 1u64..20).prop_map(move |(seed, percent)| {
        mask(shape, |[x, y, z]| {
            let mixed =
                (seed ^ (x + 1000 * (y + 1000 * z)) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed >> 32) % 100 < percent
        })
    });
    prop_oneof![2 => cuboid, 1 => lone, 1 => salt].boxed()
}

fn union(shape: [usize; 3]) -> impl Strategy<Value = Mask> {
    let parts = prop::collection::vec(part(shape), 1..4);
    parts
        .prop_map(move |parts| mask(shape, |at| parts.iter().any(|part| part.get(part.index(at)))))
        .prop_filter("some foreground", |mask| mask.count() > 0)
}

fn pair() -> impl Strategy<Value = (Mask, Mask, [f64; 3])> {
    let shape = prop_oneof![
        3 => (1usize..14, 1usize..12, 1usize..10),
        1 => (60usize..140, 1usize..4, 1usize..4),
        1 => (1usize..3, 1usize..50, 10usize..40),
    ];
    shape.prop_flat_map(|(x, y, z)| (union([x, y, z]), union([x, y, z]), spacing()))
}

/// The mask inside a larger volume, `before` voxels from its origin and `after` from its end.
fn moved(of: &Mask, before: [usize; 3], after: [usize; 3]) -> Mask {
    let [nx, ny, nz] = of.shape();
    let [x, y, z] = before;
    let mut larger =
        Mask::empty([x + nx + after[0], y + ny + after[1], z + nz + after[2]]).unwrap();
    for at in of.ones() {
        larger.set(larger.index([x + at % nx, y + at / nx % ny, z + at / nx / ny]));
    }
    larger
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs().max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: RngSeed::Fixed(95), ..Default::default() })]

    #[test]
    fn it_agrees_with_the_definition((a, b, spacing) in pair()) {
        let (found, expected) = (scored(&a, &b, spacing), by_definition(&a, &b, spacing));
        prop_assert_eq!(found.dice, expected.dice);
        prop_assert!(close(found.hd95, expected.hd95), "{} is not {}", found.hd95, expected.hd95);
    }

    #[test]
    fn far_apart_it_agrees_with_the_definition(
        (a, b, spacing) in pair(),
        before in [0usize..60, 0..40, 0..40],
        after in [0usize..60, 0..40, 0..40],
    ) {
        // Both in one volume, each in a corner of its own.
        let a = moved(&a, before, after);
        let b = moved(&b, after, before);
        let (found, expected) = (scored(&a, &b, spacing), by_definition(&a, &b, spacing));
        prop_assert_eq!(found.dice, expected.dice);
        prop_assert!(close(found.hd95, expected.hd95), "{} is not {}", found.hd95, expected.hd95);
    }

    #[test]
    fn near_and_far_searches_find_the_same_quantile((a, b, spacing) in pair()) {
        let shared = a.ones().filter(|&at| b.get(at)).count();
        let missed = Difference { of: &a, without: &b };
        if let Some(direction) = Direction::of(a.count(), shared)
            && let Some(near) = NeighbourOffsets::new(spacing).quantile(direction, missed)
        {
            let nodes = Octree::of(&b);
            prop_assert_eq!(near, directed(direction, missed, &Search::new(&nodes, spacing)));
        }
    }

    #[test]
    fn a_search_finds_the_nearest_voxel_whatever_the_hint(
        (a, _, spacing) in pair(),
        from in any::<prop::sample::Index>(),
        hint in any::<prop::sample::Index>(),
    ) {
        let [nx, ny, _] = a.shape();
        let voxel = |at: usize| [at % nx, at / nx % ny, at / nx / ny];
        let from = voxel(from.index(a.voxels()));
        let ones: Vec<_> = a.ones().map(voxel).collect();
        let nodes = Octree::of(&a);
        let search = Search::new(&nodes, spacing);
        let distance = |to: [usize; 3]| search.length([0, 1, 2].map(|k| from[k].abs_diff(to[k])));
        let nearest = ones.iter().map(|&to| distance(to)).fold(f64::INFINITY, f64::min);
        for hint in [None, Some(ones[hint.index(ones.len())])] {
            let found = search.nearest(from, hint);
            prop_assert_eq!(found.squared.sqrt(), nearest);
            prop_assert!(ones.contains(&found.voxel));
            prop_assert_eq!(distance(found.voxel), nearest);
        }
    }

    #[test]
    fn a_bricks_voxels_find_together_what_each_finds_alone(
        (from, to, spacing) in pair(),
        before in [0usize..60, 0..40, 0..40],
        after in [0usize..60, 0..40, 0..40],
        rival in any::<prop::sample::Index>(),
    ) {
        let (from, to) = (moved(&from, before, after), moved(&to, after, before));
        let [nx, ny, _] = to.shape();
        let ones: Vec<_> = to.ones().map(|at| [at % nx, at / nx % ny, at / nx / ny]).collect();
        let (from, to) = (Octree::of(&from), Octree::of(&to));
        let search = Search::new(&to, spacing);
        for block in all_blocks(&from, 0) {
            let at = block.at();
            let set = from.node(at).bits;
            let nearest = search.nearest(block.middle(), None).voxel;
            for rival in [nearest, ones[rival.index(ones.len())]] {
                let squared = search.batch_nearest(at.place, set, rival);
                for bit in bits(set) {
                    prop_assert_eq!(squared[bit], search.nearest(voxel(at.place, bit), None).squared);
                }
            }
        }
    }

    #[test]
    fn the_extent_of_bits_is_the_box_around_them(words in any::<[u64; 3]>()) {
        let set = words.into_iter().fold(u64::MAX, |set, word| set & word).max(1);
        let along = |axis: usize| bits(set).map(move |bit| within(bit)[axis]);
        let [low, high] = extent(set).map(within);
        for axis in 0..3 {
            prop_assert_eq!(Some(low[axis]), along(axis).min());
            prop_assert_eq!(Some(high[axis]), along(axis).max());
        }
    }

    #[test]
    fn it_does_not_matter_which_mask_is_the_truth((a, b, spacing) in pair()) {
        prop_assert_eq!(scored(&a, &b, spacing), scored(&b, &a, spacing));
    }

    #[test]
    fn empty_space_around_the_masks_changes_nothing(
        (a, b, spacing) in pair(),
        before in [0usize..20, 0..5, 0..5],
        after in [0usize..20, 0..5, 0..5],
    ) {
        let farther = scored(&moved(&a, before, after), &moved(&b, before, after), spacing);
        prop_assert_eq!(farther, scored(&a, &b, spacing));
    }

    #[test]
    fn flipping_both_masks_changes_nothing((a, b, spacing) in pair(), axis in 0usize..3) {
        let flip = |of: &Mask| mask(of.shape(), |mut at| {
            at[axis] = of.shape()[axis] - 1 - at[axis];
            of.get(of.index(at))
        });
        prop_assert_eq!(scored(&flip(&a), &flip(&b), spacing), scored(&a, &b, spacing));
    }

    #[test]
    fn dice_is_one_for_equal_masks_alone((a, b, spacing) in pair()) {
        let dice = scored(&a, &b, spacing).dice;
        prop_assert!((0.0..=1.0).contains(&dice));
        prop_assert_eq!(dice == 1.0, a == b);
        prop_assert_eq!(dice == 0.0, a.ones().all(|at| !b.get(at)));
    }

    #[test]
    fn hd95_grows_with_the_spacing((a, b, spacing) in pair()) {
        let doubled = scored(&a, &b, spacing.map(|length| 2.0 * length)).hd95;
        prop_assert_eq!(doubled, 2.0 * scored(&a, &b, spacing).hd95);
    }
}
