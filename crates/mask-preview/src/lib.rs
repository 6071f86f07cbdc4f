//! Pictures of coronary trees, to see at once what a segmentation holds.
//!
//! [`preview`] projects one or more bit masks from the front, from the patient's left and from the feet, beside each other in one
//! small PNG. The voxel nearest to the viewer is seen, brighter the nearer it is.
//!
//! The time it takes grows with the words of the masks that are not 0 (with all words, where the volume lies so that they are to be
//! read backwards) and with the pixels that they meet; memory is a few MiB, whatever the volume. The same masks give the same
//! bytes on every machine. Everything takes one core.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![deny(missing_docs)]
#![warn(clippy::missing_errors_doc)]
#![warn(clippy::dbg_macro, clippy::expect_used, clippy::panic, clippy::todo, clippy::unwrap_used)]

mod axes;
mod canvas;
mod colour;
mod encode;
mod error;
mod extent;
mod paint;
mod projection;
mod segments;
mod shade;
mod slice;
#[cfg(test)]
mod tests;
mod view;

pub use axes::Axes;
pub use colour::{AGREEMENT, BACKGROUND, Colour, FALSE_NEGATIVE, FALSE_POSITIVE, IVORY};
pub use error::PreviewError;
pub use slice::{GREYS, Outlines, Slice};

use extent::Extent;
use paint::{Detail, paint};
use projection::Projection;
use segmentation::Mask;
use view::VIEWS;

/// The most bytes a picture has, whatever the masks hold.
pub const MAX_BYTES: usize = 25_000;

/// The most layers a picture may have: a palette has 256 colours.
pub const MAX_LAYERS: usize = 255;

/// The width that pictures have at most, pixels.
pub const MAX_WIDTH: u32 = 720;

/// The height that pictures have at most, pixels.
pub const MAX_HEIGHT: u32 = 300;

/// The width and height of the picture of empty masks, pixels.
pub const EMPTY_SIZE: [u32; 2] = [240, 100];

/// What is shown in one colour.
#[derive(Clone, Copy, Debug)]
pub struct Layer<'a> {
    /// The foreground.
    pub mask: &'a Mask,
    /// The colour of its nearest voxels; those farther away are darker.
    pub colour: Colour,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The bytes of a PNG file, at most [`MAX_BYTES`].
    pub png: Vec<u8>,
    /// Pixels, at most [`MAX_WIDTH`].
    pub width: u32,
    /// Pixels, at most [`MAX_HEIGHT`].
    pub height: u32,
}

/// Shows the layers from the front (the patient's right on the left, head up), from the patient's left (front on the left, head up)
/// and from the feet (the patient's right on the left, front up), from left to right.
///
/// All masks have one shape (x, y, z), voxels are `spacing` mm apart along (x, y, z), of which the sign is ignored, and `axes` says
/// how the volume lies in the patient. The three views have the same scale, pixels are square in mm, and the picture is cut to
/// the foreground of all layers. Where voxels of several layers meet in a pixel, the nearest is seen; of equally near ones that of the
/// later layer. No foreground voxel is skipped: each colours a pixel, or lies behind one that does.
///
/// A picture too large for [`MAX_BYTES`], as of noise, gets fewer shades, then a half or a quarter of the size.
///
/// # Errors
/// [`PreviewError`]: no layer or too many, masks of different shapes, a spacing that is 0 or not finite.
pub fn preview(
    layers: &[Layer<'_>],
    spacing: [f64; 3],
    axes: Axes,
) -> Result<Picture, PreviewError> {
    let [first, ..] = layers else { return Err(PreviewError::NoLayer) };
    if layers.len() > MAX_LAYERS {
        return Err(PreviewError::TooManyLayers(layers.len()));
    }
    let shape = first.mask.shape();
    if let Some(other) = layers.iter().find(|layer| layer.mask.shape() != shape) {
        return Err(PreviewError::Shapes(shape, other.mask.shape()));
    }
    if !spacing.iter().all(|mm| mm.is_finite() && *mm != 0.0) {
        return Err(PreviewError::Spacing(spacing));
    }
    let colours: Vec<Colour> = layers.iter().map(|layer| layer.colour).collect();
    let Some(extent) = Extent::of(layers, spacing.map(f64::abs), axes) else {
        return Ok(paint::empty());
    };
    let projections = VIEWS.each_ref().map(|view| Projection::new(layers, &extent, view));
    let picture = |detail: &Detail| paint(&projections, &extent, &colours, detail);
    let fitting = Detail::LADDER.iter().map(picture).find(|found| found.png.len() <= MAX_BYTES);
    Ok(fitting.unwrap_or_else(|| picture(&Detail::COARSEST)))
}
