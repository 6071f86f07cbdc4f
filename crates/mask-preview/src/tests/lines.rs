use proptest::prelude::*;

use super::*;

/// How many parts the foreground of a picture has, pixels hanging together by edges and corners.
fn parts(image: &Image) -> usize {
    let mut left: Vec<bool> = image.pixels.iter().map(|pixel| *pixel != BACKGROUND).collect();
    let mut parts = 0;
    while let Some(start) = left.iter().position(|left| *left) {
        parts += 1;
        left[start] = false;
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            // The margin keeps neighbours within the picture.
            for row in [at - image.width, at, at + image.width] {
                let beside = [row - 1, row, row + 1].into_iter();
                open.extend(beside.filter(|next| std::mem::take(&mut left[*next])));
            }
        }
    }
    parts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A step goes to one of the 26 neighbours.
    #[test]
    fn a_line_of_single_voxels_stays_unbroken_in_every_view(
        strokes in prop::collection::vec((prop::array::uniform3(-1i8..=1), 1usize..150), 1..40),
        spacing in prop::array::uniform3(0.1..2.0),
    ) {
        let shape = [640usize, 180, 400];
        let mut at = shape.map(|size| size / 2);
        let mut voxels = vec![at];
        for (step, times) in strokes {
            for _ in 0..times {
                for axis in 0..3 {
                    let next = at[axis].saturating_add_signed(step[axis].into());
                    at[axis] = next.min(shape[axis] - 1);
                }
                voxels.push(at);
            }
        }
        let mask = mask(shape, voxels);
        let layers = [Layer { mask: &mask, colour: RED }];
        let picture = preview(&layers, spacing, Axes::LPS).unwrap();
        prop_assert_eq!(parts(&decoded(&picture)), 3);
    }
}

#[test]
fn a_gap_of_a_few_pixels_is_seen() {
    let line = |gap: usize| mask([3, 3, 250], (0..250).filter(|z| z / 3 != gap).map(|z| [1, 1, z]));
    assert_eq!(parts(&drawn(&[(&line(99), RED)])), 3);
    assert_eq!(parts(&drawn(&[(&line(40), RED)])), 5);
}
