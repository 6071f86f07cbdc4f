//! What run-wise decoding of gzip brings, beside zlib-rs behind the same trait: by itself, and on the way from a
//! submission's files to its scores.
//!
//! `cargo bench --bench inflate`. Prints ratios from one run; runs alternate, and the median of the pairs' ratios is shown
//! with the smallest and largest. One thread; files in memory, the truth prepared as a worker keeps it. Both ways go
//! through the same header, threshold and metrics; only the decoder differs.
#![expect(clippy::expect_used, reason = "a bench stops at the first surprise")]

use std::hint::black_box;
use std::io::BufReader;
use std::time::Instant;

use coronary_phantom::{Method, Phantom, Size};
use inflate_runs::{Gunzip, Runs, ZlibGunzip, drain};
use libdeflater::Decompressor;
use nrrd_rs::Header;
use segmentation::nrrd::{Encoding, write_mask};
use segmentation::{Geometry, Mask, read_runs};
use segmentation_metrics::{Truth, score};

const CASES: u32 = 20;
const PAIRS: usize = 9;

/// A case's truth, and a prediction as it comes.
struct Case {
    truth: Truth,
    file: Vec<u8>,
}

fn nrrd(phantom: &Phantom, mask: &Mask) -> Vec<u8> {
    let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
    let mut bytes = Vec::new();
    write_mask(&mut bytes, mask, &geometry, Encoding::Gzip(6)).expect("a mask to write");
    bytes
}

impl Case {
    fn new(case: u32, method: Method) -> Self {
        let phantom = Phantom::new(42, case, CASES, Size::FULL);
        let truth = Truth::new(phantom.truth(), phantom.spacing).expect("a truth");
        Self { truth, file: nrrd(&phantom, &phantom.predict(method)) }
    }

    /// Behind the header, in pieces as from a disk.
    fn gzip(&self) -> BufReader<&[u8]> {
        let length = Header::read(&self.file).expect("a header").length();
        BufReader::with_capacity(64 << 10, &self.file[length as usize..])
    }

    /// From the file to Dice and HD95.
    fn score<'a>(&'a self, decoder: impl Fn(BufReader<&'a [u8]>) -> Box<dyn Runs + 'a>) -> f64 {
        let header = Header::read(&self.file).expect("a header");
        let mut runs = decoder(self.gzip());
        let shape = self.truth.mask().shape();
        let (mask, _) =
            read_runs(&mut runs, header.scalar, header.endian, shape).expect("a whole file");
        drain(&mut runs).expect("a right checksum");
        let scored = score(&self.truth, &mask).expect("a score");
        scored.dice + scored.hd95
    }
}

fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64()
}

/// Median, smallest and largest.
fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    format!("{:.2} ({:.2}..{:.2})", values[last / 2], values[0], values[last])
}

fn main() {
    println!(
        "{CASES} cases, 512x512x168..280, uint8, gzip level 6; {PAIRS} pairs each, one thread"
    );
    println!("zlib-rs : run-wise, and libdeflate : run-wise into one buffer");
    println!(
        "{:<17} {:>9} {:>22} {:>22} {:>9} {:>22}",
        "prediction", "decode ms", "zlib-rs", "libdeflate", "score ms", "zlib-rs, scored"
    );
    for method in Method::ALL {
        let cases: Vec<Case> = (0..CASES).map(|case| Case::new(case, method)).collect();
        let largest = cases.iter().map(|case| case.truth.mask().voxels()).max();
        let mut buffer = vec![1; largest.unwrap_or(0)];
        let mut decoded = [const { Vec::new() }; 3];
        let mut scored = [const { Vec::new() }; 2];
        for _ in 0..PAIRS {
            let runs = seconds(|| {
                cases.iter().for_each(|case| {
                    drain(&mut Gunzip::new(case.gzip())).expect("whole data");
                });
            });
            let zlib = seconds(|| {
                cases.iter().for_each(|case| {
                    drain(&mut ZlibGunzip::new(case.gzip())).expect("whole data");
                });
            });
            let libdeflate = seconds(|| {
                let mut decompressor = Decompressor::new();
                cases.iter().for_each(|case| {
                    let gzip = case.gzip().into_inner();
                    decompressor.gzip_decompress(gzip, &mut buffer).expect("whole data");
                });
            });
            decoded[0].push(1000.0 * runs);
            decoded[1].push(zlib / runs);
            decoded[2].push(libdeflate / runs);
            let run_wise = |input| -> Box<dyn Runs + '_> { Box::new(Gunzip::new(input)) };
            let by_zlib = |input| -> Box<dyn Runs + '_> { Box::new(ZlibGunzip::new(input)) };
            let (mut own, mut theirs) = (0.0, 0.0);
            let runs = seconds(|| own = cases.iter().map(|case| case.score(run_wise)).sum());
            let zlib = seconds(|| theirs = cases.iter().map(|case| case.score(by_zlib)).sum());
            assert!(own == theirs, "{own} and {theirs}");
            scored[0].push(1000.0 * runs);
            scored[1].push(zlib / runs);
        }
        let middle = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let ([runs, zlib, libdeflate], [ms, ratio]) = (decoded, scored);
        println!(
            "{:<17} {:>9.1} {:>22} {:>22} {:>9.1} {:>22}",
            method.name(),
            middle(runs),
            spread(zlib),
            spread(libdeflate),
            middle(ms),
            spread(ratio)
        );
    }
}
