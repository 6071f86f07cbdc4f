use crate::colour::{Colour, palette};
use crate::extent::Extent;
use crate::png::encode;
use crate::projection::{Projection, Seen};
use crate::shade::Surface;
use crate::view::{GAP, MARGIN, VIEWS};
use crate::{EMPTY_SIZE, Picture};

/// A way to make a picture.
pub struct Attempt {
    /// Lengths are divided by this.
    shrink: usize,
    /// Shades a layer, unless the palette has no room for so many.
    shades: usize,
}

impl Attempt {
    /// The one that cannot be too large: without its header a picture takes a byte a pixel at most.
    pub const LAST: Self = Self { shrink: 4, shades: 16 };

    /// From the best to the smallest.
    pub const LADDER: [Self; 6] = [
        Self { shrink: 1, shades: 24 },
        Self { shrink: 1, shades: 8 },
        Self { shrink: 1, shades: 3 },
        Self { shrink: 2, shades: 8 },
        Self { shrink: 2, shades: 3 },
        Self::LAST,
    ];
}

/// The picture without any foreground.
pub fn empty(colours: &[Colour]) -> Picture {
    let [width, height] = EMPTY_SIZE;
    let pixels = vec![0; (width * height) as usize];
    let png = encode(width as usize, height as usize, &pixels, &palette(colours, 1));
    Picture { png, width, height }
}

/// The views beside each other, each in the middle of the height.
pub fn paint(
    projections: &[Projection; 3],
    extent: &Extent,
    colours: &[Colour],
    attempt: &Attempt,
) -> Picture {
    let shrunk = |pixels: usize| pixels.div_ceil(attempt.shrink);
    let [margin, gap] = [MARGIN, GAP].map(shrunk);
    let sizes = VIEWS.each_ref().map(|view| {
        [view.across, view.down].map(|patient| shrunk(extent.pixels[patient]))
    });
    let width = 2 * margin + 2 * gap + sizes.iter().map(|[width, _]| width).sum::<usize>();
    let tallest = sizes.iter().map(|[_, height]| *height).max().unwrap_or_default();
    let height = 2 * margin + tallest;
    let shades = attempt.shades.min(255 / colours.len()).max(1);

    let mut pixels = vec![0; width * height];
    let mut left = margin;
    for ((view, projection), [columns, rows]) in VIEWS.iter().zip(projections).zip(sizes) {
        let track = &extent.tracks[extent.volume_axes[view.depth]];
        let edge = track.edge / attempt.shrink as f64;
        let seen = resized(projection, [columns, rows]);
        let surface = Surface {
            width: columns,
            depths: seen.iter().map(|seen| Some(seen.get()?.0 as f64 * edge)).collect(),
            far: track.len as f64 * edge,
        };
        let top = margin + (tallest - rows) / 2;
        let bright = surface.brightness();
        for (at, (seen, bright)) in seen.iter().zip(bright).enumerate() {
            if let Some((_, layer)) = seen.get() {
                let shade = ((bright * shades as f64) as usize).min(shades - 1);
                let (x, y) = (at % columns, at / columns);
                pixels[(top + y) * width + left + x] = (1 + layer * shades + shade) as u8;
            }
        }
        left += columns + gap;
    }
    let png = encode(width, height, &pixels, &palette(colours, shades));
    Picture { png, width: width as u32, height: height as u32 }
}

/// The cells in a picture of this width and height: of several in a pixel the nearest, or one over several pixels.
fn resized(projection: &Projection, [width, height]: [usize; 2]) -> Vec<Seen> {
    let covered = |at: usize, cells: usize, pixels: usize| {
        let start = at * cells / pixels;
        start..((at + 1) * cells / pixels).max(start + 1)
    };
    let [columns, rows] = projection.size;
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let mut seen = Seen::NOTHING;
            for row in covered(y, rows, height) {
                for column in covered(x, columns, width) {
                    seen = seen.min(projection.cells[row * columns + column]);
                }
            }
            pixels.push(seen);
        }
    }
    pixels
}
