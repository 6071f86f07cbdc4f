use crate::colour::{Colour, palette};
use crate::encode::png;
use crate::extent::Extent;
use crate::projection::Projection;
use crate::shade::Surface;
use crate::view::{GAP, MARGIN, VIEWS};
use crate::{EMPTY_SIZE, Picture};

/// How finely a picture is drawn.
pub struct Detail {
    /// Lengths are divided by this.
    shrink: usize,
    /// The most colours of the palette, unless there are more layers. With 16 a pixel takes four bits; more shades cannot be told
    /// apart on a vessel.
    colours: usize,
}

impl Detail {
    /// From the finest on.
    pub const LADDER: [Self; 4] = [
        Self { shrink: 1, colours: 16 },
        Self { shrink: 1, colours: 4 },
        Self { shrink: 2, colours: 16 },
        Self { shrink: 2, colours: 4 },
    ];

    /// It fits always: a sixteenth of the pixels take 14 000 bytes if nothing can be compressed.
    pub const COARSEST: Self = Self { shrink: 4, colours: 16 };
}

/// The picture without any foreground.
pub fn empty() -> Picture {
    let [width, height] = EMPTY_SIZE;
    let pixels = vec![0; (width * height) as usize];
    Picture { png: png(width as usize, &pixels, &palette(&[], 1)), width, height }
}

/// The views beside each other, each in the middle of the height.
pub fn paint(
    projections: &[Projection; 3],
    extent: &Extent,
    colours: &[Colour],
    detail: &Detail,
) -> Picture {
    let shrunk = |pixels: usize| pixels.div_ceil(detail.shrink);
    let [margin, gap] = [MARGIN, GAP].map(shrunk);
    let sizes = VIEWS
        .each_ref()
        .map(|view| [view.across, view.down].map(|patient| shrunk(extent.pixels[patient])));
    let width = 2 * (margin + gap) + sizes.iter().map(|[width, _]| width).sum::<usize>();
    let tallest = sizes.iter().map(|[_, height]| *height).max().unwrap_or_default();
    let height = 2 * margin + tallest;
    let shades = ((detail.colours - 1) / colours.len()).max(1);

    let mut pixels = vec![0; width * height];
    let mut left = margin;
    for ((view, projection), [columns, rows]) in VIEWS.iter().zip(projections).zip(sizes) {
        let track = &extent.tracks[extent.volume_axes[view.depth]];
        let edge = track.edge / detail.shrink as f64;
        let seen = projection.resized([columns, rows]);
        let depths = seen.iter().map(|seen| match seen.get() {
            Some((depth, _)) => (depth as f64 * edge) as f32,
            None => f32::INFINITY,
        });
        let surface = Surface::new(columns, depths.collect());
        let brightness = surface.brightness((track.len as f64 * edge) as f32);
        let top = margin + (tallest - rows) / 2;
        for (at, (seen, bright)) in seen.iter().zip(brightness).enumerate() {
            if let Some((_, layer)) = seen.get() {
                let shade = ((bright * shades as f32) as usize).min(shades - 1);
                let (x, y) = (left + at % columns, top + at / columns);
                pixels[y * width + x] = (1 + layer * shades + shade) as u8;
            }
        }
        left += columns + gap;
    }
    let png = png(width, &pixels, &palette(colours, shades));
    Picture { png, width: width as u32, height: height as u32 }
}
