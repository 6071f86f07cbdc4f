//! Holds centrelines against the axes of full-size phantoms, and prints a table.
//!
//! ```sh
//! cargo run --release -p vessel-centreline --example phantoms -- 101 110
//! ```
//!
//! takes the seeds 101 to 110, of each a normal case and a diseased one. With a folder as third argument, it
//! writes centrelines and axes into it as VTP.

#[path = "../tests/measure/mod.rs"]
mod measure;

use coronary_phantom::{Phantom, Size};
use measure::{Measured, axes, measure};
use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: phantoms FIRST_SEED LAST_SEED [FOLDER]";
    let [first, last] = [arguments.next(), arguments.next()].map(|seed| seed.ok_or(usage));
    let (first, last): (u64, u64) = (first?.parse()?, last?.parse()?);
    let folder = arguments.next();

    println!(
        "| case | found → truth: mean / p95 / max, mm | truth → found: mean / p95 / max, mm | OV | OT | AI, mm | radius: bias / sd, mm | inscribed: bias / sd, mm | root, mm | components | ends: false / missed / true | points | s |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    let mut all = Vec::new();
    for seed in first..=last {
        for case in 0..2 {
            let phantom = Phantom::new(seed, case, 2, Size::FULL);
            let name = format!("{seed}{}", if phantom.diseased { "d" } else { "n" });
            let (measured, found) = measure(&phantom);
            row(&name, &measured);
            if let Some(folder) = &folder {
                for (kind, lines) in [("found", &found), ("truth", &axes(phantom.vessels()))] {
                    let path = Path::new(folder).join(format!("{name}-{kind}.vtp"));
                    lines.write_vtp(BufWriter::new(File::create(path)?))?;
                }
            }
            all.push(measured);
        }
    }
    row("mean", &combined(&all, |values| values.iter().sum::<f64>() / values.len() as f64));
    row("largest", &combined(&all, |values| values.iter().copied().fold(f64::MIN, f64::max)));
    row("smallest", &combined(&all, |values| values.iter().copied().fold(f64::MAX, f64::min)));
    Ok(())
}

/// Each number of all cases made one.
fn combined(all: &[Measured], combine: impl Fn(&[f64]) -> f64) -> Measured {
    let one = |pick: &dyn Fn(&Measured) -> f64| combine(&all.iter().map(pick).collect::<Vec<_>>());
    let whole = |pick: &dyn Fn(&Measured) -> usize| one(&|case| pick(case) as f64).round() as usize;
    Measured {
        to_truth: [0, 1, 2].map(|at| one(&|case| case.to_truth[at])),
        to_found: [0, 1, 2].map(|at| one(&|case| case.to_found[at])),
        ov: one(&|case| case.ov),
        ot: one(&|case| case.ot),
        ai: one(&|case| case.ai),
        radius: [0, 1].map(|at| one(&|case| case.radius[at])),
        inscribed: [0, 1].map(|at| one(&|case| case.inscribed[at])),
        root: one(&|case| case.root),
        components: whole(&|case| case.components),
        false_ends: whole(&|case| case.false_ends),
        missed_ends: whole(&|case| case.missed_ends),
        true_ends: whole(&|case| case.true_ends),
        points: whole(&|case| case.points),
        seconds: one(&|case| case.seconds),
    }
}

fn row(name: &str, measured: &Measured) {
    let three = |[mean, p95, max]: [f64; 3]| format!("{mean:.3} / {p95:.2} / {max:.2}");
    let two = |[bias, deviation]: [f64; 2]| format!("{bias:+.3} / {deviation:.2}");
    let Measured { ov, ot, ai, root, components, points, seconds, .. } = measured;
    println!(
        "| {name} | {} | {} | {ov:.3} | {ot:.3} | {ai:.3} | {} | {} | {root:.2} | {components} | {} / {} / {} | {points} | {seconds:.3} |",
        three(measured.to_truth),
        three(measured.to_found),
        two(measured.radius),
        two(measured.inscribed),
        measured.false_ends,
        measured.missed_ends,
        measured.true_ends,
    );
}
