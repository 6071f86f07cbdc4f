//! How long the mesh of a mask takes, on one thread; a line for each file and round.
//!
//!     cargo run --release -p segmentation-mesh --example time_meshes -- 5 masks/*.nrrd

use std::error::Error;
use std::time::Instant;

use segmentation::{FileSource, Format, Placement, read_mask};
use segmentation_mesh::{Smoothing, Window, distances, surface};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rounds, paths @ ..] = arguments.as_slice() else {
        return Err("expected a number of rounds, and masks".into());
    };
    println!("file,surface_ms,smoothing_ms,distances_ms");
    for path in paths {
        let read = read_mask(&FileSource(path.into()), Format::Nrrd, None)?;
        let placement = Placement::of(&read.geometry)?;
        for _ in 0..rounds.parse()? {
            let mut last = Instant::now();
            let mut lap = || {
                let now = Instant::now();
                (now - std::mem::replace(&mut last, now)).as_secs_f64() * 1e3
            };
            let raw = surface(&read.mask)?.placed(&placement);
            let surface_ms = lap();
            let smooth = Smoothing::of_the_dataset(Window::Hamming).smoothed(&raw);
            let smoothing_ms = lap();
            distances(&read.mask, &placement, &smooth)?;
            println!("{path},{surface_ms:.2},{smoothing_ms:.2},{:.2}", lap());
        }
    }
    Ok(())
}
