//! A picture of a phantom, or of what a method makes of it: how long it takes and how large it is.
//!
//!     cargo run --release -p mask-preview --example preview -- SEED out.png [METHOD]
//!
//! Instead of a method `noise` stands for the worst: 512 x 512 x 300 voxels of which a part is foreground, one in 2^SEED.

use std::error::Error;
use std::time::Instant;

use coronary_phantom::{Method, Phantom, Size};
use mask_preview::{AGREEMENT, Axes, FALSE_NEGATIVE, FALSE_POSITIVE, IVORY, Layer, preview};
use reproducible::Rng;
use segmentation::Mask;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seed, out, method @ ..] = arguments.as_slice() else {
        return Err("expected a seed and a file".into());
    };
    let seed = seed.parse()?;
    let case = Phantom::new(seed, 0, 2, Size::FULL);
    let masks = match method {
        [] => vec![case.truth()],
        [name, ..] if name == "noise" => vec![noise(seed)?],
        [name, ..] => {
            let method = Method::ALL.into_iter().find(|method| method.name() == name);
            compared(&case.truth(), &case.predict(method.ok_or("no such method")?))
        }
    };
    let colours = match masks.len() {
        1 => vec![IVORY],
        _ => vec![AGREEMENT, FALSE_POSITIVE, FALSE_NEGATIVE],
    };
    let layers: Vec<_> =
        masks.iter().zip(colours).map(|(mask, colour)| Layer { mask, colour }).collect();

    let start = Instant::now();
    let picture = preview(&layers, case.spacing, Axes::LPS)?;
    let ms = start.elapsed().as_secs_f64() * 1e3;
    let [voxels, bytes] = [masks.iter().map(Mask::count).sum(), picture.png.len()];
    println!("{voxels} voxels: {}x{}, {bytes} bytes, {ms:.2} ms", picture.width, picture.height);
    std::fs::write(out, picture.png)?;
    Ok(())
}

/// What both have, what only the prediction has, what only the truth has.
fn compared(truth: &Mask, prediction: &Mask) -> Vec<Mask> {
    let part = |of: &Mask, other: &Mask, shared: bool| {
        let mut part = of.clone();
        part.retain(|at| other.get(at) == shared);
        part
    };
    let only = |of: &Mask, other: &Mask| part(of, other, false);
    vec![part(truth, prediction, true), only(prediction, truth), only(truth, prediction)]
}

fn noise(rarity: u64) -> Result<Mask, Box<dyn Error>> {
    let mut mask = Mask::empty([512, 512, 300]).ok_or("too large")?;
    let mut rng = Rng::new(rarity);
    let one_in = 1 << rarity;
    (0..mask.voxels()).filter(|_| rng.below(one_in) == 0).for_each(|at| mask.set(at));
    Ok(mask)
}
