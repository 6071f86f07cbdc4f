use segmentation::{Geometry, Mask};

use super::{BLUE, Image, RED, decoded, mask};
use crate::{Axes, Colour, GREYS, Picture, PreviewError, Slice};

const GREEN: Colour = [0, 255, 0];

/// Of a prediction in red and a reference in blue.
fn drawn(greys: &[u8], z: usize, axes: Axes, prediction: &Mask, reference: &Mask) -> Image {
    let shape = prediction.shape();
    let slice = Slice { shape, greys, z, axes };
    let png = slice.png(Some([(prediction, RED), (reference, BLUE)]), GREEN).unwrap();
    let [width, height, _] = shape.map(|size| 2 * size as u32);
    decoded(&Picture { png, width, height })
}

/// Every pixel by a letter: its outline's colour, or a dot.
fn outlines(image: &Image) -> Vec<String> {
    let letter = |colour: &Colour| match *colour {
        RED => 'p',
        BLUE => 'r',
        GREEN => 'b',
        _ => '.',
    };
    image.pixels.chunks(image.width).map(|row| row.iter().map(letter).collect()).collect()
}

#[test]
fn outlines_lie_inside_of_each_mask_and_say_what_they_share() {
    let block = |xs: std::ops::Range<usize>| {
        let voxels = xs.flat_map(|x| (1..4).map(move |y| [x, y, 1]));
        mask([6, 5, 2], voxels)
    };
    let image = drawn(&[0; 30], 1, Axes::LPS, &block(1..4), &block(2..5));
    assert_eq!(
        outlines(&image),
        [
            "............",
            "............",
            "..ppbbbbrr..",
            "..p.r..p.r..",
            "..p.r..p.r..",
            "..p.r..p.r..",
            "..p.r..p.r..",
            "..ppbbbbrr..",
            "............",
            "............",
        ]
    );
    // In the other slice there is neither.
    let other = drawn(&[0; 30], 0, Axes::LPS, &block(1..4), &block(2..5));
    assert!(outlines(&other).concat().chars().all(|letter| letter == '.'));
}

#[test]
fn a_slice_is_turned_as_radiologists_look_at_it() {
    let nothing = Mask::empty([2, 2, 1]).unwrap();
    let greys = [0, GREYS - 1, GREYS - 1, GREYS - 1];
    let black = |axes: Axes| {
        let image = drawn(&greys, 0, axes, &nothing, &nothing);
        let at = image.pixels.iter().position(|colour| *colour == [0; 3]).unwrap();
        (at % image.width, at / image.width)
    };
    let mut geometry = Geometry::diagonal([2, 2, 1], [1.0; 3], [0.0; 3]);
    assert_eq!(black(Axes::nearest(&geometry)), (0, 0));
    geometry.space = Some("right-anterior-superior".into());
    assert_eq!(black(Axes::nearest(&geometry)), (2, 2));
    geometry.space = Some("left-anterior-superior".into());
    assert_eq!(black(Axes::nearest(&geometry)), (0, 2));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (one, other) = (Mask::empty([2, 2, 1]).unwrap(), Mask::empty([2, 2, 2]).unwrap());
    let slice = Slice { shape: [2, 2, 1], greys: &[0; 4], z: 0, axes: Axes::LPS };
    let refused = |slice: Slice<'_>, mask| slice.png(Some([(mask, RED), (mask, BLUE)]), GREEN);
    assert_eq!(refused(slice, &other), Err(PreviewError::Shapes([2, 2, 1], [2, 2, 2])));
    assert_eq!(refused(Slice { z: 1, ..slice }, &one), Err(PreviewError::NoSlice(1)));
    assert_eq!(refused(Slice { greys: &[0; 3], ..slice }, &one), Err(PreviewError::NoSlice(0)));
}
