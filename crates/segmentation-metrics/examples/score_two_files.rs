//! Scores a prediction against a truth, both NRRD or NPZ files.
//!
//!     cargo run --release -p segmentation-metrics --example score_two_files -- truth.nrrd prediction.nrrd

use std::error::Error;

use segmentation::{FileSource, Format, LoadedMask, read_mask};
use segmentation_metrics::secondary::{TOLERANCE_MM, cl_dice, surface_dice};
use segmentation_metrics::{dice, hd95};

fn read(path: &str) -> Result<LoadedMask, Box<dyn Error>> {
    let format = Format::of(path).ok_or("expected a file named .nrrd or .npz")?;
    Ok(read_mask(&FileSource(path.into()), format, None)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [truth, prediction] = paths.as_slice() else {
        return Err("expected a truth and a prediction".into());
    };
    let (truth, prediction) = (read(truth)?, read(prediction)?);
    // As in the challenge, distances are those of the truth's spacing; an NPZ has none.
    let spacing = truth.geometry.spacing.ok_or("the truth has no spacing")?;
    let (a, b) = (&truth.mask, &prediction.mask);
    println!("Dice: {:.4}", dice(a, b)?);
    println!("HD95 (ASOCA, all voxels): {:.3} mm", hd95(a, b, spacing)?);
    println!("clDice: {:.4}", cl_dice(b, a)?);
    println!(
        "Surface Dice at {TOLERANCE_MM} mm: {:.4}",
        surface_dice(b, a, spacing, TOLERANCE_MM)?
    );
    Ok(())
}
