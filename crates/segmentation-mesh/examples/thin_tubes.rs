//! What smoothing leaves of straight tubes: the radius of a circle with the area of the cross-section, before and after.
//!
//!     cargo run --release -p segmentation-mesh --example thin_tubes

use std::error::Error;
use std::f64::consts::PI;

use ndarray::Array3;
use segmentation::{Geometry, Mask, Placement};
use segmentation_mesh::{Smoothing, Window, surface};

const SPACING: [f64; 3] = [0.35, 0.35, 0.625];

/// The volumes of a tube along z around the point (`middle`, `middle`) in voxels: raw, and smoothed with either window.
fn volumes(middle: f64, radius: f64, slices: usize) -> Result<[f64; 3], Box<dyn Error>> {
    let mask = Mask::from_array(
        Array3::from_shape_fn((24, 24, slices), |(x, y, _)| {
            let [x, y] = [x, y].map(|at| (at as f64 - middle) * SPACING[0]);
            x.hypot(y) <= radius
        })
        .view(),
    );
    let placement = Placement::of(&Geometry::diagonal(mask.shape(), SPACING, [0.0; 3]))?;
    let raw = surface(&mask)?.placed(&placement);
    let smooth = |window| Smoothing::of_the_dataset(window).smoothed(&raw).volume();
    Ok([raw.volume(), smooth(Window::Hamming), smooth(Window::Nuttall)])
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("| raw mesh, mm | Hamming | Nuttall |\n|---|---|---|");
    let tubes = [
        (11.0, 0.2),
        (11.5, 0.3),
        (11.0, 0.4),
        (11.0, 0.5),
        (11.5, 0.6),
        (11.0, 0.75),
        (11.0, 1.0),
        (11.5, 1.6),
    ];
    for (middle, radius) in tubes {
        // Of two lengths, so that the ends cancel out.
        let (short, long) = (volumes(middle, radius, 100)?, volumes(middle, radius, 200)?);
        let length = 100.0 * SPACING[2];
        let radii = [0, 1, 2].map(|at| ((long[at] - short[at]).max(0.0) / length / PI).sqrt());
        println!("| {} |", radii.map(|radius| format!("{radius:.3}")).join(" | "));
    }
    Ok(())
}
