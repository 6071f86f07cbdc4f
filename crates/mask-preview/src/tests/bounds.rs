use proptest::prelude::*;
use reproducible::Rng;

use super::*;
use crate::{EMPTY_SIZE, MAX_BYTES, MAX_HEIGHT, MAX_LAYERS, MAX_WIDTH, PreviewError};

/// Each voxel is foreground with the chance of one in `rarity`.
fn noise(shape: [usize; 3], rarity: usize, seed: u64) -> Mask {
    let mut mask = Mask::empty(shape).unwrap();
    let mut rng = Rng::new(seed);
    (0..mask.voxels()).filter(|_| rng.below(rarity) == 0).for_each(|at| mask.set(at));
    mask
}

fn checked(layers: &[(&Mask, Colour)], spacing: [f64; 3]) -> Image {
    let layers: Vec<_> = layers.iter().map(|&(mask, colour)| Layer { mask, colour }).collect();
    let picture = preview(&layers, spacing, Axes::LPS).unwrap();
    assert!(picture.png.len() <= MAX_BYTES, "{} bytes", picture.png.len());
    assert!(picture.width <= MAX_WIDTH && picture.height <= MAX_HEIGHT);
    assert!(picture == preview(&layers, spacing, Axes::LPS).unwrap());
    decoded(&picture)
}

#[test]
fn noise_of_any_density_fits_and_is_seen() {
    for rarity in [1, 2, 5, 30, 200, 1000, 10_000, 100_000] {
        let noise = [1, 2, 3].map(|seed| noise([200, 200, 160], rarity, seed));
        let [a, b, c] = &noise;
        for layers in [&[(a, RED)][..], &[(a, RED), (b, BLUE), (c, [0, 255, 0])]] {
            let image = checked(layers, [0.4, 0.4, 0.6]);
            assert!(image.pixels.iter().any(|pixel| *pixel != BACKGROUND), "{rarity}");
        }
    }
}

#[test]
fn as_many_layers_as_a_palette_has_colours_fit() {
    let masks: Vec<Mask> =
        (0..MAX_LAYERS).map(|seed| noise([60, 60, 60], 3000, seed as u64)).collect();
    let layers: Vec<_> = masks
        .iter()
        .enumerate()
        .map(|(at, mask)| (mask, [at as u8, 255 - at as u8, 255]))
        .collect();
    checked(&layers, [1.0; 3]);
}

#[test]
fn a_volume_of_a_single_row_takes_no_more_than_its_foreground() {
    let length = 1 << 28;
    let mut row = Mask::empty([length, 1, 1]).unwrap();
    [0, length / 2, length - 1].into_iter().for_each(|at| row.set(at));
    let image = checked(&[(&row, RED)], [1.0; 3]);
    assert!(image.pixels.iter().filter(|pixel| **pixel != BACKGROUND).count() >= 7);
}

#[test]
fn empty_masks_have_a_small_dark_picture() {
    let empty = Mask::empty([9, 8, 7]).unwrap();
    let image = checked(&[(&empty, RED), (&empty, BLUE)], [1.0; 3]);
    assert_eq!([image.width as u32, image.height as u32], EMPTY_SIZE);
    assert!(image.pixels.iter().all(|pixel| *pixel == BACKGROUND));
    checked(&[(&Mask::empty([0, 8, 7]).unwrap(), RED)], [1.0; 3]);
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let [a, b] = [[4, 4, 4], [4, 4, 5]].map(|shape| mask(shape, [[1, 1, 1]]));
    let [a, b] = [&a, &b].map(|mask| Layer { mask, colour: RED });
    let refused = |layers: &[Layer<'_>], spacing| preview(layers, spacing, Axes::LPS).unwrap_err();
    assert_eq!(refused(&[], [1.0; 3]), PreviewError::NoLayer);
    assert_eq!(refused(&[a; 256], [1.0; 3]), PreviewError::TooManyLayers(256));
    assert_eq!(refused(&[a, a, b], [1.0; 3]), PreviewError::Shapes([4; 3], [4, 4, 5]));
    for odd in [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for axis in 0..3 {
            let mut spacing = [1.0; 3];
            spacing[axis] = odd;
            assert!(matches!(refused(&[a], spacing), PreviewError::Spacing(_)), "{spacing:?}");
        }
    }
}

#[test]
fn the_same_masks_give_the_same_pixels_on_every_machine() {
    let tree = mask([90, 80, 70], (0..70).flat_map(|z| [[z, z * z % 80, z], [89 - z, z, z / 2]]));
    let image = checked(&[(&tree, RED), (&noise([90, 80, 70], 5000, 1), BLUE)], [0.4, 0.4, 0.5]);
    let checksum = crc32fast::hash(image.pixels.as_flattened());
    assert_eq!((image.width, image.height, checksum), (718, 245, 3_603_135_678));
}

fn spacing() -> impl Strategy<Value = f64> {
    prop_oneof![0.2..2.0, -2.0..-0.2, Just(f64::MIN_POSITIVE), Just(f64::MAX), Just(1e-320)]
}

proptest! {
    #[test]
    fn every_voxel_of_any_small_mask_is_seen(
        shape in prop::array::uniform3(1usize..40),
        chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..60),
        spacing in prop::array::uniform3(spacing()),
    ) {
        let mut mask = Mask::empty(shape).unwrap();
        chosen.iter().for_each(|index| mask.set(index.index(mask.voxels())));
        let image = checked(&[(&mask, RED)], spacing);

        let [nx, ny, _] = shape;
        let voxels: Vec<_> = mask.ones().map(|at| [at % nx, at / nx % ny, at / nx / ny]).collect();
        let low = [0, 1, 2].map(|axis| voxels.iter().map(|voxel| voxel[axis]).min().unwrap());
        let high = [0, 1, 2].map(|axis| voxels.iter().map(|voxel| voxel[axis]).max().unwrap());
        let layers = [Layer { mask: &mask, colour: RED }];
        let pixels = crate::extent::Extent::of(&layers, spacing.map(f64::abs), Axes::LPS).unwrap().pixels;
        let frames = image.frames(pixels);
        for voxel in voxels {
            // The pixel of its centre, or one beside it where a voxel has less than two.
            let centre = [0, 1, 2].map(|axis| {
                let [inside, len] = [voxel[axis] - low[axis], high[axis] - low[axis] + 1];
                (2 * inside + 1) * pixels[axis] / (2 * len)
            });
            let [left, back, up] = centre;
            let down = pixels[2] - 1 - up;
            for (frame, [x, y]) in frames.into_iter().zip([[left, down], [back, down], [left, back]]) {
                let [x, y] = [frame.left + x, frame.top + y];
                let near = |y: usize| (x - 1..=x + 1).any(|x| image.is_foreground(x, y));
                prop_assert!((y - 1..=y + 1).any(near), "{voxel:?} in {frame:?}");
            }
        }
    }
}
