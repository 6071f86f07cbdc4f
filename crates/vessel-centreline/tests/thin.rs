//! Branches that are too thin, and masks without them.

use coronary_phantom::{Phantom, Size};
use segmentation::Mask;
use vessel_centreline::{Options, centrelines};

const SPACING: [f64; 3] = [0.35, 0.35, 0.625];

/// A vessel of 1.2 mm radius along y, with a branch of this radius along x, and a thick end on it or not.
fn tree(radius: f64, thick_end: bool) -> Mask {
    let mut mask = Mask::empty([90, 80, 40]).unwrap();
    for at in 0..mask.voxels() {
        let voxel = [at % 90, at / 90 % 80, at / 90 / 80];
        let [x, y, z] = [0, 1, 2].map(|axis| voxel[axis] as f64 * SPACING[axis]);
        let vessel = (x - 6.0 - 0.1 * y).hypot(z - 12.0) <= 1.2 && (2.0..26.0).contains(&y);
        let wide = if thick_end && x > 18.0 { 1.0 } else { radius };
        let branch = (y - 8.0 - 0.3 * x).hypot(z - 12.0) <= wide && (7.0..29.0).contains(&x);
        if vessel || branch {
            mask.set(at);
        }
    }
    mask
}

#[test]
fn a_thin_branch_goes_and_its_parent_stays_as_it_is() {
    let (mask, vessel) = (tree(0.4, false), tree(0.0, false));
    let lines = centrelines(&mask, SPACING, &Options::default()).unwrap();
    assert_eq!(lines.branches.len(), 2);
    assert!((lines.branches[0].median_diameter() - 2.4).abs() < 0.2);
    assert!((lines.branches[1].median_diameter() - 0.8).abs() < 0.15);
    assert_eq!(lines.thin(1.0), [false, true]);
    assert_eq!(lines.thin(0.5), [false, false]);
    let rest = lines.without(&mask, SPACING, &lines.thin(1.0));
    let lost = vessel.ones().filter(|&at| !rest.get(at)).count();
    let left = rest.ones().filter(|&at| !vessel.get(at)).count();
    // A few voxels where the branch leaves.
    assert!(lost <= vessel.count() / 500 && left <= 12, "{lost} lost, {left} left");
    assert_eq!(lines.without(&mask, SPACING, &[false, false]), mask);
    assert_eq!(lines.without(&mask, SPACING, &[true, true]).count(), 0);
}

#[test]
fn a_branch_in_the_middle_stays_if_what_springs_from_it_is_thick() {
    let mask = tree(0.6, true);
    let lines = centrelines(&mask, SPACING, &Options::default()).unwrap();
    // Whether the thick end is a part of the branch or springs from it, nothing is cut off.
    assert!(!lines.thin(1.5).contains(&true), "{:?}", lines.thin(1.5));
}

#[test]
fn without_its_thin_branches_a_phantom_keeps_its_components_and_thick_vessels() {
    let phantom = Phantom::new(5, 0, 2, Size::fixed([160, 160, 96]).unwrap());
    let mask = phantom.truth();
    let lines = centrelines(&mask, phantom.spacing, &Options::default()).unwrap();
    let thin = lines.thin(1.2);
    assert!(thin.contains(&true) && thin.contains(&false));
    for (at, branch) in lines.branches.iter().enumerate() {
        assert!(thin[at] || !branch.parent.is_some_and(|(parent, _)| thin[parent]));
    }
    let rest = lines.without(&mask, phantom.spacing, &thin);
    assert!(rest.count() < mask.count() && rest.ones().all(|at| mask.get(at)));
    for (branch, thin) in lines.branches.iter().zip(&thin) {
        if !thin {
            let inside = branch.points.iter().filter(|point| {
                let voxel = [0, 1, 2]
                    .map(|axis| (point.position[axis] / phantom.spacing[axis]).round() as usize);
                rest.get(rest.index(voxel))
            });
            assert!(inside.count() * 100 >= branch.points.len() * 98);
        }
    }
}
