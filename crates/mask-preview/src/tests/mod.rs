//! Pictures, decoded by the crate `png`.

mod bounds;
mod lines;
mod slice;
mod views;

use std::io::Cursor;

use segmentation::Mask;

use crate::view::{GAP, MARGIN};
use crate::{Axes, BACKGROUND, Colour, Layer, Picture, preview};

const RED: Colour = [255, 0, 0];
const BLUE: Colour = [0, 0, 255];

/// A decoded picture.
struct Image {
    width: usize,
    height: usize,
    pixels: Vec<Colour>,
}

/// Where a view lies in a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Frame {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

fn mask(shape: [usize; 3], voxels: impl IntoIterator<Item = [usize; 3]>) -> Mask {
    let mut mask = Mask::empty(shape).unwrap();
    for voxel in voxels {
        mask.set(mask.index(voxel));
    }
    mask
}

fn decoded(picture: &Picture) -> Image {
    let mut decoder = ::png::Decoder::new(Cursor::new(&picture.png));
    decoder.set_transformations(::png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    assert_eq!((info.width, info.height), (picture.width, picture.height));
    assert_eq!(info.color_type, ::png::ColorType::Rgb);
    let pixels = bytes.as_chunks().0.to_vec();
    Image { width: info.width as usize, height: info.height as usize, pixels }
}

/// The picture of layers in voxels of 1 mm.
fn drawn(layers: &[(&Mask, Colour)]) -> Image {
    let layers: Vec<_> = layers.iter().map(|&(mask, colour)| Layer { mask, colour }).collect();
    decoded(&preview(&layers, [1.0; 3], Axes::LPS).unwrap())
}

impl Image {
    fn at(&self, x: usize, y: usize) -> Colour {
        self.pixels[y * self.width + x]
    }

    /// The views of a picture of full size whose foreground fills its box, from the pixels of that box along (left, back, up).
    fn frames(&self, [left, back, up]: [usize; 3]) -> [Frame; 3] {
        let tallest = up.max(back);
        assert_eq!(self.width, 2 * (MARGIN + GAP) + 2 * left + back);
        assert_eq!(self.height, 2 * MARGIN + tallest);
        let frame = |from: usize, width: usize, height: usize| Frame {
            left: from,
            top: MARGIN + (tallest - height) / 2,
            width,
            height,
        };
        let second = MARGIN + left + GAP;
        [frame(MARGIN, left, up), frame(second, back, up), frame(second + back + GAP, left, back)]
    }

    fn is_foreground(&self, x: usize, y: usize) -> bool {
        self.at(x, y) != BACKGROUND
    }

    /// Whether a pixel of the view is of this colour, whatever its brightness.
    fn shows(&self, frame: Frame, x: usize, y: usize, colour: Colour) -> bool {
        assert!(x < frame.width && y < frame.height);
        let pixel = self.at(frame.left + x, frame.top + y);
        pixel != BACKGROUND && (0..3).all(|part| (pixel[part] == 0) == (colour[part] == 0))
    }
}
