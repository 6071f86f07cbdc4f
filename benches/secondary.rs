//! What the secondary metrics cost on top of the official ones, five of them alone and all with the vessel metrics:
//! `cargo bench --bench secondary`.
//!
//! First full-size phantoms, the official side with reading the file; then the worst masks that are
//! still computed. Prints ratios from one run: the median of the pairs, and the smallest and largest.
#![expect(clippy::expect_used, reason = "a bench stops at the first surprise")]

use std::hint::black_box;
use std::time::Instant;

use coronary_phantom::{Method, Phantom, Size};
use segmentation::nrrd::{Encoding, write_mask};
use segmentation::{Format, Geometry, Mask, read_mask};
use segmentation_metrics::secondary::{
    PreparedTruth, PreparedVessels, secondary_metrics, vessel_metrics,
};
use segmentation_metrics::{Truth, score};

const PAIRS: usize = 9;

fn millis<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64() * 1e3
}

/// Median, smallest and largest.
fn spread(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [values[values.len() / 2], values[0], values[values.len() - 1]]
}

fn show([median, least, most]: [f64; 3]) -> String {
    format!("{median:.2} ({least:.2}..{most:.2})")
}

/// A mask of the linear indices that `inside` says.
fn mask(shape: [usize; 3], inside: impl Fn(usize) -> bool) -> Mask {
    let mut mask = Mask::empty(shape).expect("a volume that can be counted");
    (0..mask.voxels()).filter(|&at| inside(at)).for_each(|at| mask.set(at));
    mask
}

fn main() {
    let phantom = Phantom::new(42, 0, 20, Size::FULL);
    let mask_of_truth = phantom.truth();
    let own = Some(0.7);
    let (mut plain, mut vessels) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        plain.push(millis(|| PreparedTruth::new(&mask_of_truth, phantom.spacing)));
        vessels.push(millis(|| PreparedVessels::new(&mask_of_truth, phantom.spacing, own)));
    }
    let more = plain.iter().zip(&vessels).map(|(plain, vessels)| vessels / plain).collect();
    let prepared = PreparedVessels::new(&mask_of_truth, phantom.spacing, own);
    let prepared = prepared.expect("a truth with foreground");
    let detail = prepared.detail();
    let truth = Truth::new(mask_of_truth, phantom.spacing).expect("a truth with foreground");
    println!(
        "truth of {} voxels in {:?}: prepared in {:.1} ms, {} KiB; for the vessel metrics in {:.1} ms, ratio {}, {} KiB",
        truth.count(),
        phantom.shape,
        spread(plain)[0],
        detail.heap_bytes() >> 10,
        spread(vessels)[0],
        show(spread(more)),
        prepared.heap_bytes() >> 10
    );

    println!(
        "{:<17} {:>9} {:>12} {:>21} {:>9} {:>21}",
        "prediction", "official", "secondary", "ratio", "all", "ratio"
    );
    let mut means = [0.0; 2];
    for method in Method::ALL {
        let prediction = phantom.predict(method);
        let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
        let mut file = Vec::new();
        write_mask(&mut file, &prediction, &geometry, Encoding::Gzip(6)).expect("a file");
        let official = || {
            let read = read_mask(&file.as_slice(), Format::Nrrd, Some(phantom.shape));
            score(&truth, &read.expect("a mask").mask).expect("a score")
        };
        let mut times = [const { Vec::new() }; 3];
        let mut ratios = [const { Vec::new() }; 2];
        for _ in 0..PAIRS {
            let first = millis(official);
            let five = millis(|| secondary_metrics(truth.mask(), detail, &prediction));
            let all = millis(|| vessel_metrics(truth.mask(), &prepared, &prediction));
            times.iter_mut().zip([first, five, all]).for_each(|(times, time)| times.push(time));
            ratios.iter_mut().zip([five, all]).for_each(|(ratios, time)| ratios.push(time / first));
        }
        let [first, five, all] = times.map(|times| spread(times)[0]);
        let ratios = ratios.map(spread);
        println!(
            "{:<17} {first:>6.1} ms {five:>9.1} ms {:>21} {all:>6.1} ms {:>21}",
            method.name(),
            show(ratios[0]),
            show(ratios[1])
        );
        means.iter_mut().zip(ratios).for_each(|(mean, [ratio, ..])| *mean += ratio / 10.0);
    }
    println!("{:<17} {:>43.2} {:>31.2}", "mean", means[0], means[1]);

    let shape = phantom.shape;
    let [nx, ny, _] = shape;
    let noise = |at: usize| (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let cube = |at: usize| at % nx < 100 && at / nx % ny < 100 && at / nx / ny < 100;
    for (name, prediction) in [
        ("cube", mask(shape, cube)),
        ("plates", mask(shape, |at| at % nx % 160 == 3)),
        ("slices", mask(shape, |at| at / nx / ny % 70 == 7)),
        ("sparse noise", mask(shape, |at| noise(at).is_multiple_of(64))),
        ("dense noise", mask(shape, |at| at / nx / ny < 7 && noise(at).is_multiple_of(2))),
        ("sponge", mask(shape, |at| at / nx / ny < 4 && !noise(at).is_multiple_of(10))),
        ("filled", mask(shape, |_| true)),
    ] {
        let five = millis(|| secondary_metrics(truth.mask(), detail, &prediction));
        let mut outcome = None;
        let all = millis(|| outcome = Some(vessel_metrics(truth.mask(), &prepared, &prediction)));
        let refused =
            if let Some(Err(reason)) = outcome { reason.to_string() } else { String::new() };
        let voxels = prediction.count();
        println!("{name:<17} {five:>19.1} ms {all:>28.1} ms, {voxels} voxels. {refused}");
    }
}
