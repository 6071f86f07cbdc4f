//! A whole submission of 20 full-size cases against doing nothing but inflating its files.
//!
//! Prints ratios from one run, no times to hold anybody to: `cargo bench --bench score`. Runs alternate, and
//! the median of the pairs' ratios is shown with the smallest and largest.
#![expect(clippy::expect_used, reason = "a bench stops at the first surprise")]

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::time::Instant;

use asoca::phantom::{Method, Phantom, Size};
use asoca::scoring::{CaseTruth, Outcome, Progress, TruthCase, evaluate, read_truth};
use asoca::volume::archive::{ExpectedCase, Limits, Location, preflight};
use asoca::volume::nrrd::{Encoding, write_mask};
use asoca::volume::{Format, Geometry, Mask};
use libdeflater::Decompressor;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const CASES: u32 = 20;
const PAIRS: usize = 9;

fn nrrd(phantom: &Phantom, mask: &Mask) -> Vec<u8> {
    let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
    let mut bytes = Vec::new();
    write_mask(&mut bytes, mask, &geometry, Encoding::Gzip(6)).expect("a mask to write");
    bytes
}

/// A submission on disk, the truth in memory as a worker keeps it.
struct Submission {
    zip: tempfile::NamedTempFile,
    files: Vec<Vec<u8>>,
    ids: Vec<String>,
    shapes: Vec<[usize; 3]>,
    truths: HashMap<String, Arc<CaseTruth>>,
}

impl Submission {
    fn of(method: Method) -> Self {
        let zip = tempfile::NamedTempFile::new().expect("a temporary file");
        let mut made = Self {
            zip,
            files: Vec::new(),
            ids: Vec::new(),
            shapes: Vec::new(),
            truths: HashMap::new(),
        };
        let file = File::create(made.zip.path()).expect("a zip to write");
        let mut archive = ZipWriter::new(BufWriter::new(file));
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for case in 0..CASES {
            let phantom = Phantom::new(42, case, CASES, Size::FULL);
            let truth = nrrd(&phantom, &phantom.truth());
            let truth = read_truth(&truth, Format::Nrrd).expect("a truth");
            let file = nrrd(&phantom, &phantom.predict(method));
            archive.start_file(format!("{case}.nrrd"), stored).expect("an entry");
            archive.write_all(&file).expect("room for the zip");
            made.files.push(file);
            made.ids.push(case.to_string());
            made.shapes.push(phantom.shape);
            made.truths.insert(case.to_string(), Arc::new(truth));
        }
        archive.finish().expect("a whole zip").flush().expect("room for the zip");
        made
    }

    /// From opening the zip to the last score.
    fn score(&self) -> f64 {
        let cases = self.ids.iter().zip(&self.shapes);
        let expected: Vec<_> =
            cases.clone().map(|(id, &shape)| ExpectedCase { id, shape: Some(shape) }).collect();
        let wanted: Vec<_> =
            cases.map(|(id, &shape)| TruthCase { id, group: None, shape }).collect();
        let zip = Location::Zip(self.zip.path());
        let upload = preflight(zip, &expected, Limits::default()).expect("a whole upload");
        let truth = |id: &str| self.truths.get(id).cloned().ok_or("no truth");
        match evaluate(&upload, &wanted, truth, &Progress::default()).expect("an outcome") {
            Outcome::Scored(scores) => scores.iter().map(|case| case.dice + case.hd95).sum(),
            Outcome::Invalid(problems) => panic!("{problems:?}"),
        }
    }

    /// Nothing but inflating each file into the same buffer.
    fn inflate(&self, buffer: &mut [u8]) -> usize {
        let mut decompressor = Decompressor::new();
        let data = self.files.iter().map(|file| {
            let end = file.windows(2).position(|pair| pair == b"\n\n").expect("a header's end");
            &file[end + 2..]
        });
        data.map(|gzip| decompressor.gzip_decompress(gzip, buffer).expect("whole data")).sum()
    }
}

fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed().as_secs_f64()
}

/// Median, smallest and largest.
fn spread(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [values[values.len() / 2], values[0], values[values.len() - 1]]
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
}

fn main() {
    let (one, two) = (pool(1), pool(2));
    println!("{CASES} cases, 512x512x168..280, uint8, gzip level 6; {PAIRS} pairs each");
    println!(
        "{:<17} {:>9} {:>28} {:>28}",
        "prediction", "ms", "score : inflate alone", "1 thread : 2 threads"
    );
    for method in
        [Method::NearPerfect, Method::Thin, Method::DistalLost, Method::Speckled, Method::Shifted]
    {
        let submission = Submission::of(method);
        let largest = submission.shapes.iter().map(|shape| shape.iter().product()).max();
        let mut buffer = vec![1; largest.unwrap_or(0)];
        let (mut times, mut inflating, mut threads) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..PAIRS {
            let alone = seconds(|| submission.inflate(&mut buffer));
            let scoring = seconds(|| one.install(|| submission.score()));
            let parallel = seconds(|| two.install(|| submission.score()));
            times.push(1000.0 * scoring);
            inflating.push(scoring / alone);
            threads.push(scoring / parallel);
        }
        let show = |values| {
            let [median, least, most] = spread(values);
            format!("{median:.2} ({least:.2}..{most:.2})")
        };
        let [ms, ..] = spread(times);
        println!("{:<17} {ms:>9.1} {:>28} {:>28}", method.name(), show(inflating), show(threads));
    }
}
