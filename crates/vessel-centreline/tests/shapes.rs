//! Shapes whose centrelines are known.

mod paint;

use paint::{SPACING, distance, from_segment, painted};
use segmentation::Mask;
use vessel_centreline::{Branch, CentrelineError, Centrelines, Options, Point, centrelines};

const SHAPE: [usize; 3] = [90, 90, 50];

fn lines(mask: &Mask, spacing: [f64; 3]) -> Centrelines {
    centrelines(mask, spacing, &Options::default()).unwrap()
}

fn ends(branch: &Branch) -> [Point; 2] {
    [branch.points[0], branch.points[branch.points.len() - 1]]
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// Which of two places the ends of a line are near, mm from them.
fn ends_off(branch: &Branch, places: [[f64; 3]; 2]) -> f64 {
    let [one, other] = ends(branch).map(|end| end.position);
    let off = |a, b| f64::max(distance(one, a), distance(other, b));
    off(places[0], places[1]).min(off(places[1], places[0]))
}

#[test]
fn a_straight_tube_is_its_axis_with_its_radius() {
    let (a, b) = ([6.0, 5.0, 6.0], [25.0, 22.0, 24.0]);
    for radius in [0.6, 1.2, 2.0] {
        let mask = painted(SHAPE, SPACING, |point| from_segment(point, a, b) <= radius);
        let found = lines(&mask, SPACING);
        let [branch] = &found.branches[..] else { panic!("{} branches", found.branches.len()) };
        assert_eq!((branch.parent, branch.component), (None, 0));
        assert!(ends_off(branch, [a, b]) < 0.8, "{:?}", ends(branch));
        let inner = &branch.points[8..branch.points.len() - 8];
        for point in inner {
            assert!(from_segment(point.position, a, b) < 0.2, "radius {radius}: {point:?}");
        }
        let bias = mean(inner.iter().map(|point| point.radius)) - radius;
        assert!(bias.abs() < 0.04, "radius {radius}: {bias}");
        let bias = mean(inner.iter().map(|point| point.inscribed_radius)) - radius;
        assert!((-0.05..0.2).contains(&bias), "inscribed radius {radius}: {bias}");
    }
}

#[test]
fn points_are_as_far_apart_as_the_options_say() {
    let mask = painted(SHAPE, SPACING, |point| {
        from_segment(point, [6.0, 5.0, 6.0], [25.0, 22.0, 24.0]) <= 1.2
    });
    for step_mm in [0.25, 0.5, 1.0] {
        let options = Options { step_mm, ..Options::default() };
        let found = centrelines(&mask, SPACING, &options).unwrap();
        for pair in found.branches[0].points.windows(2) {
            let apart = distance(pair[0].position, pair[1].position);
            assert!((apart / step_mm - 1.0).abs() < 0.1, "{apart} for {step_mm}");
        }
    }
}

#[test]
fn radii_are_the_same_along_and_across_thick_slices() {
    let (spacing, shape) = ([0.3, 0.3, 1.0], [100, 100, 30]);
    for b in [[25.0, 6.0, 5.5], [6.0, 25.0, 5.5], [6.0, 5.5, 25.0], [20.0, 20.0, 25.0]] {
        let a = [5.0, 5.0, 5.0];
        let mask = painted(shape, spacing, |point| from_segment(point, a, b) <= 1.5);
        let found = lines(&mask, spacing);
        assert_eq!(found.branches.len(), 1);
        let points = &found.branches[0].points;
        let bias = mean(points[12..points.len() - 12].iter().map(|point| point.radius)) - 1.5;
        assert!(bias.abs() < 0.05, "to {b:?}: {bias}");
    }
}

#[test]
fn a_loop_is_cut_at_its_thinnest_place() {
    let centre = [15.0, 15.0, 15.0];
    for thinnest in [0.3f64, 1.9, 4.0] {
        let ring = |point: [f64; 3]| {
            let [x, y, z] = [0, 1, 2].map(|i| point[i] - centre[i]);
            let radius = 1.3 - 0.7 * (y.atan2(x) - thinnest).cos();
            (x.hypot(y) - 9.0).hypot(z) <= radius
        };
        let found = lines(&painted(SHAPE, SPACING, ring), SPACING);
        let [branch] = &found.branches[..] else { panic!("{} branches", found.branches.len()) };
        let (sin, cos) = thinnest.sin_cos();
        let place = [centre[0] + 9.0 * cos, centre[1] + 9.0 * sin, centre[2]];
        assert!(ends_off(branch, [place, place]) < 2.5, "{thinnest}: {:?}", ends(branch));
        let length = branch.distances().pop().unwrap();
        assert!((length - 18.0 * std::f64::consts::PI).abs() < 2.5, "{length} mm");
    }
}

#[test]
fn at_a_junction_the_wider_vessel_goes_on_and_the_other_one_begins() {
    let (root, fork) = ([15.0, 3.0, 12.0], [15.0, 14.0, 12.0]);
    for (left, right) in [(1.3, 0.8), (0.8, 1.3)] {
        let arms = [([6.0, 26.0, 12.0], left), ([24.0, 26.0, 12.0], right)];
        let mask = painted(SHAPE, SPACING, |point| {
            let arm = |&(to, radius)| from_segment(point, fork, to) <= radius;
            from_segment(point, root, fork) <= 1.6 || arms.iter().any(arm)
        });
        let found = lines(&mask, SPACING);
        let [main, side] = &found.branches[..] else { panic!("{} branches", found.branches.len()) };
        let (wide, thin) = if left > right { (arms[0], arms[1]) } else { (arms[1], arms[0]) };
        let [start, end] = ends(main);
        assert!(distance(start.position, root) < 1.0 && distance(end.position, wide.0) < 1.0);
        let Some((0, at)) = side.parent else { panic!("{:?}", side.parent) };
        assert_eq!(side.points[0].position, main.points[at].position);
        assert!(distance(main.points[at].position, fork) < 2.0, "{:?}", main.points[at]);
        assert!(distance(ends(side)[1].position, thin.0) < 1.0);
        // Where the branch still lies in the trunk it has the radius that it has beyond.
        let start = mean(side.points[1..6].iter().map(|point| point.radius));
        assert!((start - thin.1).abs() < 0.35, "{start} for {}", thin.1);
    }
}

#[test]
fn the_tip_of_a_vessel_that_touches_another_one_is_cut_off_there() {
    // Neither runs along an axis: thinning can eat up a rod that does.
    let (root, end) = ([12.0, 2.0, 9.0], [18.0, 29.0, 16.0]);
    let course = [[14.0, 11.0, 11.3], [22.0, 12.0, 12.0], [24.0, 18.0, 13.0], [17.8, 23.0, 14.5]];
    let mask = painted(SHAPE, SPACING, |point| {
        let mut pieces = course.windows(2).zip([0.9, 0.8, 0.6]);
        from_segment(point, root, end) <= 1.3
            || pieces.any(|(pair, radius)| from_segment(point, pair[0], pair[1]) <= radius)
    });
    let found = lines(&mask, SPACING);
    let [main, side] = &found.branches[..] else { panic!("{} branches", found.branches.len()) };
    assert!(ends_off(main, [root, end]) < 1.0, "{:?}", ends(main));
    let [start, tip] = ends(side).map(|end| end.position);
    assert!(distance(start, course[0]) < 2.0, "{start:?}");
    assert!(distance(tip, course[3]) < 2.0, "{tip:?}");
}

#[test]
fn vessels_side_by_side_are_two_lines() {
    let ends_of =
        [([12.0, 3.0, 12.0], [12.0, 28.0, 12.0]), ([14.2, 3.0, 12.0], [14.2, 28.0, 12.0])];
    let mask = painted(SHAPE, SPACING, |point| {
        from_segment(point, ends_of[0].0, ends_of[0].1) <= 1.2
            || from_segment(point, ends_of[1].0, ends_of[1].1) <= 0.8
    });
    let found = lines(&mask, SPACING);
    let long = found.branches.iter().filter(|branch| branch.points.len() > 80).count();
    assert!(long <= 2 && found.branches.len() <= 3, "{} branches", found.branches.len());
    for point in found.points() {
        let off = ends_of.map(|(a, b)| from_segment(point.position, a, b));
        assert!(off[0].min(off[1]) < 1.2, "{point:?}");
    }
}

#[test]
fn a_short_bump_is_no_branch_and_a_longer_one_is() {
    let branches = |length: f64| {
        let mask = painted(SHAPE, SPACING, |point| {
            from_segment(point, [15.0, 3.0, 12.0], [15.0, 27.0, 12.0]) <= 1.2
                || from_segment(point, [15.0, 15.0, 12.0], [15.0 + length, 15.0, 12.0]) <= 0.6
        });
        lines(&mask, SPACING).branches.len()
    };
    assert_eq!((branches(2.2), branches(7.0)), (1, 2));
}

#[test]
fn one_voxel_is_one_point() {
    let mut mask = Mask::empty([5, 6, 7]).unwrap();
    mask.set(mask.index([2, 3, 4]));
    let found = lines(&mask, SPACING);
    let [branch] = &found.branches[..] else { panic!("{} branches", found.branches.len()) };
    let [point] = branch.points[..] else { panic!("{} points", branch.points.len()) };
    assert!(distance(point.position, [0.7, 1.05, 2.5]) < 1e-9, "{point:?}");
    assert!((point.inscribed_radius - 0.35).abs() < 1e-9, "{point:?}");
    assert!((0.1..0.3).contains(&point.radius), "{point:?}");
}

#[test]
fn a_line_of_voxels_is_a_line() {
    let mut mask = Mask::empty([40, 3, 3]).unwrap();
    (4..36).for_each(|x| mask.set(mask.index([x, 1, 1])));
    let found = lines(&mask, SPACING);
    let [branch] = &found.branches[..] else { panic!("{} branches", found.branches.len()) };
    let [start, end] = ends(branch);
    let length = (end.position[0] - start.position[0]).abs();
    assert!((length - 31.0 * 0.35).abs() < 0.5, "{length} mm");
    for point in &branch.points {
        assert!(distance(point.position, [point.position[0], 0.35, 0.625]) < 1e-9, "{point:?}");
    }
}

#[test]
fn a_vessel_that_leaves_the_volume_runs_nearly_to_its_border() {
    let mask = painted(SHAPE, SPACING, |[_, y, z]| (y - 15.0).hypot(z - 12.0) <= 1.2);
    let found = lines(&mask, SPACING);
    let [branch] = &found.branches[..] else { panic!("{} branches", found.branches.len()) };
    let border = 89.0 * 0.35;
    assert!(ends_off(branch, [[0.0, 15.0, 12.0], [border, 15.0, 12.0]]) < 1.5);
}

#[test]
fn a_ball_is_a_short_line_in_its_middle() {
    let centre = [15.0, 15.0, 15.0];
    let mask = painted(SHAPE, SPACING, |point| distance(point, centre) <= 4.0);
    let found = lines(&mask, SPACING);
    let [branch] = &found.branches[..] else { panic!("{} branches", found.branches.len()) };
    assert!(branch.points.iter().all(|point| distance(point.position, centre) < 2.0));
    let widest = branch.points.iter().map(|point| point.inscribed_radius).fold(0.0, f64::max);
    assert!((3.5..4.5).contains(&widest), "{widest} mm");
}

#[test]
fn each_component_has_a_root_and_the_longest_is_first() {
    let mask = painted(SHAPE, SPACING, |point| {
        from_segment(point, [4.0, 4.0, 4.0], [12.0, 4.0, 4.0]) <= 1.0
            || from_segment(point, [4.0, 15.0, 15.0], [26.0, 15.0, 15.0]) <= 1.0
            || from_segment(point, [4.0, 25.0, 25.0], [18.0, 25.0, 25.0]) <= 1.0
    });
    let found = lines(&mask, SPACING);
    let of =
        |branch: &Branch| (branch.component, branch.parent, branch.points[0].position[1].round());
    let components: Vec<_> = found.branches.iter().map(of).collect();
    assert_eq!(components, [(0, None, 15.0), (1, None, 25.0), (2, None, 4.0)]);
}

#[test]
fn the_wider_end_is_the_root() {
    let (a, b) = ([5.0, 15.0, 12.0], [26.0, 15.0, 12.0]);
    for (wide, thin) in [(a, b), (b, a)] {
        let mask = painted(SHAPE, SPACING, |point| {
            let along = distance(point, wide).min(21.0) / 21.0;
            from_segment(point, a, b) <= 1.6 - 0.9 * along
        });
        let [start, end] = ends(&lines(&mask, SPACING).branches[0]).map(|end| end.position);
        assert!(distance(start, wide) < 1.0 && distance(end, thin) < 1.0);
    }
}

#[test]
fn a_spacing_that_no_scan_has_is_refused() {
    let mut mask = Mask::empty([5, 5, 5]).unwrap();
    mask.set(62);
    for edge in [f64::NAN, f64::INFINITY, 0.0, -0.35, 0.149, 10.1] {
        for axis in 0..3 {
            let mut spacing = SPACING;
            spacing[axis] = edge;
            let error = centrelines(&mask, spacing, &Options::default()).unwrap_err();
            assert!(matches!(error, CentrelineError::Spacing(_)), "{edge}: {error}");
        }
    }
}

#[test]
fn an_option_outside_of_its_range_is_refused_by_name() {
    let mut mask = Mask::empty([5, 5, 5]).unwrap();
    mask.set(62);
    let default = Options::default();
    let refused = |options: Options| match centrelines(&mask, SPACING, &options).unwrap_err() {
        CentrelineError::Option(name) => name,
        other => panic!("{other}"),
    };
    assert_eq!(refused(Options { step_mm: 0.0, ..default }), "step_mm");
    assert_eq!(refused(Options { smoothing_mm: f64::NAN, ..default }), "smoothing_mm");
    assert_eq!(refused(Options { spur_radii: -1.0, ..default }), "spur_radii");
    assert_eq!(refused(Options { spur_mm: f64::INFINITY, ..default }), "spur_mm");
}

#[test]
fn a_mask_with_nothing_or_too_much_in_it_is_refused() {
    let refused = |mask: &Mask| centrelines(mask, SPACING, &Options::default()).unwrap_err();
    let empty = Mask::empty([5, 5, 5]).unwrap();
    assert_eq!(refused(&empty).to_string(), "a mask has no foreground");
    let full = painted([101, 100, 100], SPACING, |_| true);
    assert!(refused(&full).to_string().starts_with("1010000 foreground voxels are more than"));
}
