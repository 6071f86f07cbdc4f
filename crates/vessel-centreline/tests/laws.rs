//! What holds for any mask.

mod paint;

use paint::distance;
use proptest::prelude::*;
use segmentation::Mask;
use vessel_centreline::{Centrelines, Options, centrelines, overlap};

/// Balls and tubes of any kind, which touch and form cycles, and single voxels.
fn mask() -> impl Strategy<Value = Mask> {
    let place = || [0.0..18.0, 0.0..16.0, 0.0..14.0];
    let tube = (place(), place(), 0.3..2.5);
    (prop::collection::vec(tube, 0..7), prop::collection::vec(0..18 * 16 * 14usize, 1..20))
        .prop_map(|(tubes, voxels)| {
            let mut mask = paint::painted([18, 16, 14], [1.0; 3], |point| {
                tubes.iter().any(|&(a, b, radius)| paint::from_segment(point, a, b) <= radius)
            });
            voxels.into_iter().for_each(|at| mask.set(at));
            mask
        })
}

/// How many 26-connected components a mask has.
fn components(mask: &Mask) -> usize {
    let [nx, ny, _] = mask.shape();
    let place = |at: usize| [at % nx, at / nx % ny, at / nx / ny];
    let mut left: Vec<usize> = mask.ones().collect();
    let mut count = 0;
    while let Some(seed) = left.pop() {
        count += 1;
        let mut open = vec![seed];
        while let Some(at) = open.pop() {
            let near =
                |&&other: &&usize| (0..3).all(|i| place(at)[i].abs_diff(place(other)[i]) < 2);
            let next: Vec<usize> = left.iter().filter(near).copied().collect();
            left.retain(|other| !next.contains(other));
            open.extend(next);
        }
    }
    count
}

fn found(mask: &Mask, spacing: [f64; 3]) -> Centrelines {
    centrelines(mask, spacing, &Options::default()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_component_is_a_tree_with_one_root(
        mask in mask(),
        spacing in [0.3..1.2, 0.3..1.2, 0.3..1.2],
    ) {
        let found = found(&mask, spacing);
        let roots = found.branches.iter().filter(|branch| branch.parent.is_none());
        prop_assert_eq!(roots.count(), components(&mask));
        for (at, branch) in found.branches.iter().enumerate() {
            prop_assert!(!branch.points.is_empty());
            if let Some((parent, point)) = branch.parent {
                prop_assert!(parent < at);
                let parent = &found.branches[parent];
                prop_assert_eq!(parent.component, branch.component);
                prop_assert_eq!(parent.points[point].position, branch.points[0].position);
            }
        }
    }

    #[test]
    fn every_point_lies_in_the_box_of_the_foreground_and_has_a_radius(
        mask in mask(),
        spacing in [0.3..1.2, 0.3..1.2, 0.3..1.2],
    ) {
        let [nx, ny, _] = mask.shape();
        let places: Vec<[usize; 3]> =
            mask.ones().map(|at| [at % nx, at / nx % ny, at / nx / ny]).collect();
        for point in found(&mask, spacing).points() {
            prop_assert!(point.radius > 0.0 && point.radius.is_finite(), "{:?}", point);
            prop_assert!(point.inscribed_radius > 0.0 && point.inscribed_radius.is_finite());
            for axis in 0..3 {
                let low = places.iter().map(|place| place[axis]).min().unwrap() as f64;
                let high = places.iter().map(|place| place[axis]).max().unwrap() as f64;
                let at = point.position[axis] / spacing[axis];
                prop_assert!((low - 1.0..=high + 1.0).contains(&at), "{:?}", point);
            }
        }
    }

    #[test]
    fn centrelines_overlap_fully_with_themselves(mask in mask()) {
        let found = found(&mask, [0.5; 3]);
        let overlap = overlap(&found, &found).unwrap();
        prop_assert_eq!((overlap.ov, overlap.ai_mm), (1.0, Some(0.0)));
    }

    #[test]
    fn the_same_mask_has_the_same_centrelines_to_the_bit(mask in mask()) {
        prop_assert_eq!(found(&mask, [0.5; 3]), found(&mask, [0.5; 3]));
    }

    #[test]
    fn a_mask_moved_within_its_volume_has_its_centrelines_moved(
        mask in mask(),
        by in [0..3usize, 0..3usize, 0..3usize],
    ) {
        let [nx, ny, nz] = mask.shape();
        let place = |at: usize| [at % nx, at / nx % ny, at / nx / ny];
        let inside = |step: usize| {
            let mut wide = Mask::empty([nx + 4, ny + 4, nz + 4]).unwrap();
            for at in mask.ones() {
                let [x, y, z] = place(at);
                let [dx, dy, dz] = by.map(|by| 1 + step * by);
                wide.set(wide.index([x + dx, y + dy, z + dz]));
            }
            found(&wide, [0.5; 3])
        };
        let (one, other) = (inside(0), inside(1));
        prop_assert_eq!(one.branches.len(), other.branches.len());
        for (one, other) in one.points().zip(other.points()) {
            let moved = [0, 1, 2].map(|axis| one.position[axis] + 0.5 * by[axis] as f64);
            prop_assert!(distance(moved, other.position) < 1e-6, "{:?} {:?}", one, other);
        }
    }
}
