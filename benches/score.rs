//! A whole submission of 20 full-size cases against doing nothing but inflating its files, and against
//! the published definition in numpy and scipy.
//!
//! Prints ratios from one run, no times to hold anybody to: `cargo bench --bench score`. Runs alternate, and
//! the median of the pairs' ratios is shown with the smallest and largest. The comparison with
//! Python (`published.py` beside this file, half a minute a prediction) is made where `ASOCA_PYTHON` names an
//! interpreter with what `tests/oracle/requirements.txt` lists.
#![expect(clippy::expect_used, reason = "a bench stops at the first surprise")]

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use asoca::scoring::{
    CaseTruth, Metrics, Outcome, Pictures, Progress, TruthCase, evaluate, read_truth,
};
use coronary_phantom::{Method, Phantom, Size};
use libdeflater::Decompressor;
use segmentation::archive::{ExpectedCase, Limits, Location, preflight};
use segmentation::nrrd::{Encoding, write_mask};
use segmentation::{Format, Geometry, Mask};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const CASES: u32 = 20;
const PAIRS: usize = 9;

/// The predictions Python scores, too: a good one, one off by millimetres, one off by centimetres.
const FOR_PYTHON: [Method; 3] = [Method::NearPerfect, Method::Leaky, Method::Speckled];

fn nrrd(phantom: &Phantom, mask: &Mask) -> Vec<u8> {
    let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
    let mut bytes = Vec::new();
    write_mask(&mut bytes, mask, &geometry, Encoding::Gzip(6)).expect("a mask to write");
    bytes
}

/// A submission on disk, the truth in memory as a worker keeps it.
struct Submission {
    zip: tempfile::NamedTempFile,
    /// truth/ and prediction/, a file for each case.
    folder: tempfile::TempDir,
    files: Vec<Vec<u8>>,
    ids: Vec<String>,
    shapes: Vec<[usize; 3]>,
    truths: HashMap<String, Arc<CaseTruth>>,
}

impl Submission {
    fn of(method: Method) -> Self {
        let zip = tempfile::NamedTempFile::new().expect("a temporary file");
        let folder = tempfile::tempdir().expect("a temporary folder");
        for side in ["truth", "prediction"] {
            fs::create_dir(folder.path().join(side)).expect("a folder");
        }
        let mut made = Self {
            zip,
            folder,
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
            made.write("truth", case, &truth);
            let truth =
                read_truth(&truth, Format::Nrrd, Metrics::Usual).expect("a truth").official_only();
            let file = nrrd(&phantom, &phantom.predict(method));
            made.write("prediction", case, &file);
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

    fn write(&self, side: &str, case: u32, file: &[u8]) {
        let path = self.folder.path().join(side).join(format!("{case}.nrrd"));
        fs::write(path, file).expect("room for a file");
    }

    /// From opening the zip to the last score; the sum of all. `seen` is shown each case's masks.
    fn score(&self, seen: impl Fn(&str, &Mask, &CaseTruth) + Sync) -> f64 {
        let cases = self.ids.iter().zip(&self.shapes);
        let expected: Vec<_> =
            cases.clone().map(|(id, &shape)| ExpectedCase { id, shape: Some(shape) }).collect();
        let wanted: Vec<_> =
            cases.map(|(id, &shape)| TruthCase { id, group: None, shape }).collect();
        let zip = Location::Zip(self.zip.path());
        let upload = preflight(zip, &expected, Limits::default()).expect("a whole upload");
        let truth = |id: &str| self.truths.get(id).cloned().ok_or("no truth");
        match evaluate(&upload, &wanted, truth, seen, &Progress::default()).expect("an outcome") {
            Outcome::Scored(scores) => scores.iter().map(|case| case.dice + case.hd95).sum(),
            Outcome::Invalid(problems) => panic!("{problems:?}"),
        }
    }

    /// Seconds that Python takes, and its sum of all scores.
    fn published(&self, python: &str) -> (f64, f64) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/published.py");
        let folder = |side| self.folder.path().join(side);
        let run = Command::new(python)
            .args([script.as_ref(), folder("truth").as_path(), folder("prediction").as_path()])
            .output();
        let run = run.expect("a Python to run");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let printed = String::from_utf8_lossy(&run.stdout);
        let mut numbers =
            printed.split_whitespace().map(|number| number.parse().expect("a number"));
        (numbers.next().expect("seconds"), numbers.next().expect("a sum"))
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
    let python = std::env::var("ASOCA_PYTHON").ok();
    println!("{CASES} cases, 512x512x168..280, uint8, gzip level 6; {PAIRS} pairs each");
    println!(
        "{:<17} {:>9} {:>24} {:>24} {:>24} {:>15}",
        "prediction",
        "ms",
        "score : inflate alone",
        "1 thread : 2 threads",
        "with pictures : without",
        "Python : score"
    );
    for method in Method::ALL {
        let submission = Submission::of(method);
        let largest = submission.shapes.iter().map(|shape| shape.iter().product()).max();
        let mut buffer = vec![1; largest.unwrap_or(0)];
        let (mut times, mut inflating) = (Vec::new(), Vec::new());
        let (mut threads, mut drawing) = (Vec::new(), Vec::new());
        let unseen = |_: &str, _: &Mask, _: &CaseTruth| ();
        for _ in 0..PAIRS {
            let alone = seconds(|| submission.inflate(&mut buffer));
            let scoring = seconds(|| one.install(|| submission.score(unseen)));
            let parallel = seconds(|| two.install(|| submission.score(unseen)));
            let pictures = Pictures::default();
            let draw =
                |case: &str, mask: &Mask, truth: &CaseTruth| pictures.draw(case, mask, truth);
            let drawn = seconds(|| one.install(|| submission.score(draw)));
            times.push(scoring);
            inflating.push(scoring / alone);
            threads.push(scoring / parallel);
            drawing.push(drawn / scoring);
        }
        let show = |values| {
            let [median, least, most] = spread(values);
            format!("{median:.2} ({least:.2}..{most:.2})")
        };
        let [scoring, ..] = spread(times);
        let published = match &python {
            Some(python) if FOR_PYTHON.contains(&method) => {
                let (seconds, sum) = submission.published(python);
                let own = submission.score(unseen);
                assert!((sum - own).abs() < 1e-9 * own, "Python scores {sum}, we score {own}");
                format!("{:.0}", seconds / scoring)
            }
            _ => String::new(),
        };
        let (inflating, threads, drawing) = (show(inflating), show(threads), show(drawing));
        let (name, ms) = (method.name(), 1000.0 * scoring);
        println!(
            "{name:<17} {ms:>9.1} {inflating:>24} {threads:>24} {drawing:>24} {published:>15}"
        );
    }
}
