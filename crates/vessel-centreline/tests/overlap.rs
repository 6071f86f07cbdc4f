//! Overlaps of lines that are known.

use proptest::prelude::*;
use vessel_centreline::{Branch, Centrelines, Point, overlap};

/// A line along x at this y, from one x to another, of this radius; points 0.25 mm apart.
fn line(y: f64, [from, to]: [f64; 2], radius: f64) -> Branch {
    let points = (0..=((to - from) * 4.0) as usize).map(|at| Point {
        position: [from + 0.25 * at as f64, y, 0.0],
        radius,
        inscribed_radius: radius,
    });
    Branch { points: points.collect(), parent: None, component: 0 }
}

fn lines(branches: impl Into<Vec<Branch>>) -> Centrelines {
    Centrelines { branches: branches.into() }
}

#[test]
fn a_line_within_the_radius_overlaps_fully_and_its_distance_is_the_accuracy() {
    let reference = lines([line(0.0, [0.0, 20.0], 1.0)]);
    let found = overlap(&reference, &lines([line(0.5, [0.0, 20.0], 9.0)])).unwrap();
    assert_eq!((found.ov, found.ot, found.ai_mm), (1.0, Some(1.0), Some(0.5)));
    assert_eq!((found.sensitivity, found.precision), (1.0, Some(1.0)));
}

#[test]
fn a_line_beyond_the_radius_does_not_overlap() {
    let reference = lines([line(0.0, [0.0, 20.0], 1.0)]);
    let found = overlap(&reference, &lines([line(1.1, [0.0, 20.0], 9.0)])).unwrap();
    assert_eq!((found.ov, found.ot, found.ai_mm), (0.0, Some(0.0), None));
    assert_eq!((found.sensitivity, found.precision), (0.0, Some(0.0)));
}

#[test]
fn half_a_vessel_is_found_by_half_of_the_reference() {
    // 81 reference points, of which those up to 10.2 mm have a found one within 0.2 mm; all 41 found ones are true.
    let reference = lines([line(0.0, [0.0, 20.0], 0.2)]);
    let found = overlap(&reference, &lines([line(0.0, [0.0, 10.0], 0.2)])).unwrap();
    assert_eq!(found.ov, 82.0 / 122.0);
    assert_eq!((found.sensitivity, found.precision), (41.0 / 81.0, Some(1.0)));
    // Vessels of 0.2 mm are not clinically relevant.
    assert_eq!((found.ot, found.ai_mm), (None, Some(0.0)));
}

#[test]
fn a_false_branch_costs_its_points() {
    let reference = lines([line(0.0, [0.0, 20.0], 1.0)]);
    let both = [line(0.0, [0.0, 20.0], 1.0), line(7.0, [0.0, 10.0], 1.0)];
    let found = overlap(&reference, &lines(both)).unwrap();
    assert_eq!(found.ov, 162.0 / 203.0);
    assert_eq!((found.sensitivity, found.precision), (1.0, Some(81.0 / 122.0)));
}

#[test]
fn only_relevant_vessels_count_for_ot() {
    let reference = lines([line(0.0, [0.0, 20.0], 0.75), line(9.0, [0.0, 20.0], 0.74)]);
    let found = overlap(&reference, &lines([line(0.0, [0.0, 20.0], 1.0)])).unwrap();
    assert_eq!(found.ot, Some(1.0));
    assert_eq!(found.ov, 162.0 / 243.0);
}

#[test]
fn the_first_point_of_a_branch_is_counted_as_its_parents_only() {
    let branch = Branch { parent: Some((0, 40)), ..line(0.0, [10.0, 12.0], 1.0) };
    let tree = lines([line(0.0, [0.0, 20.0], 1.0), branch]);
    assert_eq!(tree.points().count(), 81 + 8);
}

#[test]
fn nothing_found_overlaps_nothing() {
    let reference = lines([line(0.0, [0.0, 20.0], 1.0)]);
    let found = overlap(&reference, &Centrelines::default()).unwrap();
    assert_eq!((found.ov, found.ot, found.ai_mm), (0.0, Some(0.0), None));
    assert_eq!((found.sensitivity, found.precision), (0.0, None));
}

#[test]
fn without_a_reference_there_is_no_overlap() {
    let found = lines([line(0.0, [0.0, 20.0], 1.0)]);
    assert!(overlap(&Centrelines::default(), &found).is_err());
}

#[test]
fn positions_that_are_no_numbers_are_never_true() {
    let reference = lines([line(0.0, [0.0, 20.0], 1.0)]);
    for odd in [f64::NAN, f64::INFINITY, f64::MAX] {
        let mut found = line(0.0, [0.0, 20.0], 1.0);
        found.points[7].position[1] = odd;
        let found = overlap(&reference, &lines([found])).unwrap();
        assert!(found.ov < 1.0 && found.precision < Some(1.0), "{odd}: {found:?}");
    }
}

proptest! {
    #[test]
    fn overlap_is_a_share_and_accuracy_within_the_radius(
        y in prop::collection::vec(-3.0..3.0, 1..4),
        radius in 0.2..2.0,
    ) {
        let reference = lines([line(0.0, [0.0, 9.0], radius)]);
        let found: Vec<Branch> = y.iter().map(|&y| line(y, [0.0, 9.0], 1.0)).collect();
        let found = overlap(&reference, &lines(found)).unwrap();
        let near = y.iter().filter(|y| y.abs() <= radius).count();
        let inside = if near > 0 { 37 * (near + 1) } else { 0 };
        prop_assert_eq!(found.ov, inside as f64 / (37 * (y.len() + 1)) as f64);
        prop_assert!(found.ai_mm.is_none_or(|ai| ai <= radius));
    }
}
