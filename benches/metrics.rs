//! How long a case takes to score: `cargo bench --bench metrics`.
//!
//! Volumes of 512×512×280 voxels with vessels of about 80 000, and what people upload
//! for them: good ones, bad ones, and ones gone wrong.

use std::{hint::black_box, time::Instant};

use segmentation::Mask;
use segmentation_metrics::{ScoreError, Truth, score};

const SHAPE: [usize; 3] = [512, 512, 280];
const SPACING: [f64; 3] = [0.35, 0.35, 0.5];

/// Eight winding vessels of this radius in voxels, moved along x, of which only z < `end` is kept.
fn vessels(radius: f64, moved: f64, end: usize) -> Mask {
    let mut mask = Mask::empty(SHAPE).expect("a volume that can be counted");
    for branch in 0..8 {
        let phase = f64::from(branch) * 0.8;
        let first = 20 + 8 * branch as usize;
        for z in first..end.min(260) {
            let t = z as f64 / 40.0;
            let x = 256.0 + moved + 110.0 * (t * 0.7 + phase).sin();
            let y = 256.0 + 110.0 * (t * 0.5 + 1.7 * phase).cos();
            disc(&mut mask, [x, y], z, radius);
        }
    }
    mask
}

fn disc(mask: &mut Mask, [cx, cy]: [f64; 2], z: usize, radius: f64) {
    for y in (cy - radius) as usize..=(cy + radius) as usize {
        for x in (cx - radius) as usize..=(cx + radius) as usize {
            if (x as f64 - cx).hypot(y as f64 - cy) <= radius {
                mask.set(mask.index([x, y, z]));
            }
        }
    }
}

/// A mask of what `change` makes of every linear index and whether it was foreground.
fn changed(of: &Mask, change: impl Fn(usize, bool) -> bool) -> Mask {
    let mut mask = Mask::empty(of.shape()).expect("a volume that can be counted");
    (0..of.voxels()).filter(|&at| change(at, of.get(at))).for_each(|at| mask.set(at));
    mask
}

fn noise(at: usize) -> u64 {
    (at as u64 ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40
}

fn main() {
    let truth = vessels(4.0, 0.0, 280);
    let none = changed(&truth, |_, _| false);
    let predictions = [
        ("identical", truth.clone()),
        ("one voxel too thin", vessels(3.0, 0.0, 280)),
        ("one voxel too thick", vessels(5.0, 0.0, 280)),
        ("moved by 3 voxels", vessels(4.0, 3.0, 280)),
        ("distal quarter lost", vessels(4.0, 0.0, 200)),
        ("moved by 60 voxels", vessels(4.0, 60.0, 280)),
        (
            "sparse salt noise beside",
            changed(&truth, |at, is| is || noise(at).is_multiple_of(10_000)),
        ),
        (
            "ten million false voxels",
            changed(&truth, |at, is| is || (at % SHAPE[0] < 70 && at % 512 != 33)),
        ),
        ("dense salt noise alone", changed(&none, |at, _| noise(at).is_multiple_of(3))),
        ("one far voxel", changed(&none, |at, _| at == 0)),
        ("lower half filled", changed(&none, |at, _| at < none.voxels() / 2)),
        ("labels inverted", changed(&truth, |_, is| !is)),
        ("border plane", changed(&none, |at, _| at.is_multiple_of(SHAPE[0]))),
    ];

    let start = Instant::now();
    let truth = Truth::new(truth, SPACING).expect("a truth with foreground");
    println!("truth of {} voxels prepared in {:.1} ms", truth.count(), millis(start));
    for (name, prediction) in predictions {
        let (mut fastest, mut found) = (f64::INFINITY, Err(ScoreError::Empty));
        for _ in 0..3 {
            let start = Instant::now();
            found = black_box(score(&truth, black_box(&prediction)));
            fastest = fastest.min(millis(start));
        }
        let found = found.expect("a score");
        println!("{fastest:9.2} ms  {name}: Dice {:.4}, HD95 {:.2} mm", found.dice, found.hd95);
    }

    println!("growth with the foreground, salt noise all over:");
    for one_in in [1024, 512, 256, 128, 64, 32, 16, 8, 4] {
        let prediction = changed(&none, |at, _| noise(at).is_multiple_of(one_in));
        let start = Instant::now();
        black_box(score(&truth, black_box(&prediction))).expect("a score");
        let (took, count) = (millis(start), prediction.count());
        println!("{count:9} voxels {took:9.1} ms {:7.1} ns a voxel", 1e6 * took / count as f64);
    }
}

fn millis(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}
