//! A picture of a phantom, how long it takes and how large it is.
//!
//!     cargo run --release -p mask-preview --example preview -- SEED out.png [METHOD]

use std::error::Error;
use std::time::Instant;

use coronary_phantom::{Method, Phantom, Size};
use mask_preview::{
    AGREEMENT, Axes, FALSE_NEGATIVE, FALSE_POSITIVE, IVORY, Layer, preview,
};
use segmentation::Mask;

/// The foreground of `a` that `b` has, or has not.
fn part(a: &Mask, b: &Mask, shared: bool) -> Mask {
    let mut part = a.clone();
    part.retain(|at| b.get(at) == shared);
    part
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seed, out, method @ ..] = arguments.as_slice() else {
        return Err("expected a seed and a file".into());
    };
    let case = Phantom::new(seed.parse()?, 0, 2, Size::FULL);
    let truth = case.truth();
    let masks = match method {
        [] => vec![truth],
        [name, ..] => {
            let method = Method::ALL.into_iter().find(|method| method.name() == name);
            let predicted = case.predict(method.ok_or("no such method")?);
            vec![
                part(&truth, &predicted, true),
                part(&predicted, &truth, false),
                part(&truth, &predicted, false),
            ]
        }
    };
    let colours: &[_] =
        if method.is_empty() { &[IVORY] } else { &[AGREEMENT, FALSE_POSITIVE, FALSE_NEGATIVE] };
    let layers: Vec<_> =
        masks.iter().zip(colours).map(|(mask, &colour)| Layer { mask, colour }).collect();
    let start = Instant::now();
    let picture = preview(&layers, case.spacing, Axes::LPS)?;
    let ms = start.elapsed().as_secs_f64() * 1e3;
    let voxels: usize = masks.iter().map(Mask::count).sum();
    println!(
        "{:?} {voxels} voxels: {}x{}, {} bytes, {ms:.2} ms",
        case.shape,
        picture.width,
        picture.height,
        picture.png.len()
    );
    std::fs::write(out, picture.png)?;
    Ok(())
}
