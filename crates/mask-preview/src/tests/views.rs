use segmentation::Geometry;

use super::*;

/// A cube of 20 voxels a side, 8 pixels each at most, with what is at the patient's left, front and head in red, and what is at their
/// right, back and feet in blue.
fn corners() -> (Mask, Mask) {
    let shape = [20; 3];
    (mask(shape, [[19, 0, 19]]), mask(shape, [[0, 19, 0]]))
}

/// The pixels of the cube's edge.
fn edge(image: &Image) -> usize {
    (image.width - 2 * (MARGIN + GAP)) / 3
}

#[test]
fn the_patient_s_head_is_up_and_their_right_on_the_left_and_in_the_axial_view_the_front_is_up() {
    let (red, blue) = corners();
    let image = drawn(&[(&red, RED), (&blue, BLUE)]);
    let last = edge(&image) - 1;
    let [coronal, sagittal, axial] = image.frames([last + 1; 3]);
    for (frame, [x, y]) in [(coronal, [last, 0]), (sagittal, [0, 0]), (axial, [last, 0])] {
        assert!(image.shows(frame, x, y, RED), "{frame:?}");
        assert!(image.shows(frame, last - x, last - y, BLUE), "{frame:?}");
    }
}

#[test]
fn the_viewer_stands_before_the_patient_at_their_left_and_at_their_feet() {
    // Red and blue have each other's places in the lines of sight.
    for (view, red, blue) in
        [(0, [0, 0, 0], [0, 19, 0]), (1, [19, 0, 0], [0, 0, 0]), (2, [0, 0, 0], [0, 0, 19])]
    {
        let frame_cube = || [[0, 0, 19], [19, 19, 0], [0, 19, 19], [19, 0, 19]];
        let shape = [20; 3];
        let green = mask(shape, frame_cube().into_iter().filter(|at| ![red, blue].contains(at)));
        let [near, far] = [red, blue].map(|voxel| mask(shape, [voxel]));
        let layers = [(&near, RED), (&far, BLUE), (&green, [0, 255, 0])];
        let image = drawn(&layers);
        let last = edge(&image) - 1;
        let frame = image.frames([last + 1; 3])[view];
        let [x, y] = [[0, last], [0, last], [0, 0]][view];
        assert!(image.shows(frame, x, y, RED), "view {view}");
    }
}

#[test]
fn of_equally_near_layers_the_later_is_seen_and_a_nearer_one_before_both() {
    let shape = [8; 3];
    let [front, back] = [mask(shape, [[3, 2, 3]]), mask(shape, [[3, 5, 3]])];
    let both = mask(shape, [[3, 2, 3], [3, 5, 3]]);
    let middle = |layers: &[(&Mask, Colour)], colour| {
        let image = drawn(layers);
        let [coronal, ..] = image.frames([8, 32, 8]);
        image.shows(coronal, 4, 4, colour)
    };
    assert!(middle(&[(&both, RED), (&front, BLUE)], BLUE));
    assert!(middle(&[(&front, BLUE), (&both, RED)], RED));
    assert!(middle(&[(&front, RED), (&back, BLUE)], RED));
    assert!(middle(&[(&back, BLUE), (&front, RED)], RED));
}

#[test]
fn what_is_near_is_brighter_than_what_is_far() {
    let shape = [21; 3];
    let bars = mask(shape, (0..21).flat_map(|z| [[0, 0, z], [20, 20, z]]));
    let image = drawn(&[(&bars, RED)]);
    let last = edge(&image) - 1;
    let [coronal, sagittal, _] = image.frames([last + 1; 3]);
    let red = |frame: Frame, x: usize| image.at(frame.left + x, frame.top + last / 2)[0];
    assert!(red(coronal, 0) > red(coronal, last) + 60);
    assert!(red(sagittal, last) > red(sagittal, 0) + 60);
}

#[test]
fn a_patient_looks_the_same_however_the_volume_lies() {
    // Odd sizes, of which some are reduced and some enlarged.
    let (size, spacing) = ([41, 30, 57], [0.4, 1.0, 0.3]);
    let tree = |at: usize| [at * 7 % 41, at * at % 30, at];
    let expected = mask(size, (0..57).map(tree));
    let drawn = |mask: &Mask, spacing, axes| {
        preview(&[Layer { mask, colour: RED }], spacing, axes).unwrap()
    };
    let expected = drawn(&expected, spacing, Axes::LPS);
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        for flips in 0..8 {
            let flipped = [0, 1, 2].map(|patient| flips >> patient & 1 == 1);
            let laid = |voxel: [usize; 3]| {
                order.map(|patient: usize| match flipped[patient] {
                    true => size[patient] - 1 - voxel[patient],
                    false => voxel[patient],
                })
            };
            let turned = mask(order.map(|patient| size[patient]), (0..57).map(tree).map(laid));
            let mut geometry = Geometry::of_shape(turned.shape());
            geometry.origin = Some([f64::NAN; 3]);
            geometry.directions = Some(order.map(|patient| {
                // Oblique by a sixth.
                let mut direction = [0.05; 3];
                direction[patient] = if flipped[patient] { -0.3 } else { 0.3 };
                direction
            }));
            let spacing = order.map(|patient| -spacing[patient]);
            let picture = drawn(&turned, spacing, Axes::nearest(&geometry));
            assert!(picture == expected, "{order:?} {flipped:?}");
        }
    }
}

#[test]
fn a_volume_without_directions_is_taken_as_it_is() {
    let mut geometry = Geometry::of_shape([4; 3]);
    geometry.spacing = Some([-0.4, 0.4, 0.5]);
    geometry.space = Some("right-anterior-superior".into());
    assert_eq!(Axes::nearest(&geometry), Axes::LPS);
    geometry.directions = Some([[-0.4, 0.0, 0.0], [0.0, -0.4, 0.0], [0.0, 0.0, 0.5]]);
    // Twice the other way round.
    assert_eq!(Axes::nearest(&geometry), Axes::LPS);
    for odd in [0.0, f64::NAN, f64::INFINITY, 1e300] {
        geometry.directions = Some([[odd; 3]; 3]);
        assert_eq!(Axes::nearest(&geometry), Axes::LPS, "{odd}");
    }
}

#[test]
fn pixels_are_square_in_mm_and_the_same_in_each_view() {
    // 60, 45 and 90 mm.
    let shape = [150, 45, 30];
    let corners = [[0, 0, 0], [149, 44, 29]];
    let mask = mask(shape, corners);
    let layers = [Layer { mask: &mask, colour: RED }];
    let image = decoded(&preview(&layers, [0.4, 1.0, 3.0], Axes::LPS).unwrap());
    let up = image.height - 2 * MARGIN;
    let scale = up as f64 / 90.0;
    assert!((2.6..=8.0).contains(&scale), "{scale}");
    let [left, back] = [60.0, 45.0].map(|mm: f64| (mm * scale).round() as usize);
    for frame in image.frames([left, back, up]) {
        let corners = [[0, 0], [frame.width - 1, 0], [0, frame.height - 1]];
        let seen = corners.map(|[x, y]| image.shows(frame, x, y, RED));
        assert!(seen.contains(&true), "{frame:?}");
        let outside = (0..image.height).map(|y| image.is_foreground(frame.left - 1, y));
        assert!(!outside.into_iter().any(|seen| seen), "{frame:?}");
    }
}
