//! The most memory `asoca score` takes for one case on one thread: `cargo bench --bench memory`.
//!
//! Runs the real program on real files and asks the kernel for the peak of its resident set. The
//! float64 volume is raw and all its values differ, as a network's probabilities do.
#![expect(clippy::expect_used, reason = "a bench stops at the first surprise")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use coronary_phantom::{Method, Phantom, Size};
use nix::sys::resource::{UsageWho, getrusage};
use segmentation::nrrd::{Encoding, write_mask};
use segmentation::{Geometry, Mask};

fn write(path: &Path, mask: &Mask, geometry: &Geometry) {
    let file = BufWriter::new(File::create(path).expect("a file"));
    write_mask(file, mask, geometry, Encoding::Gzip(6)).expect("room for a mask");
}

/// Voxels of float64 that all differ, above 0.5 where the mask is.
fn write_probabilities(path: &Path, mask: &Mask) {
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    let [nx, ny, nz] = mask.shape();
    write!(file, "NRRD0004\ntype: double\ndimension: 3\nsizes: {nx} {ny} {nz}\n").expect("room");
    write!(file, "endian: little\nencoding: raw\n\n").expect("room");
    for at in 0..mask.voxels() {
        let base = if mask.get(at) { 0.75 } else { 0.25 };
        let value = base + at as f64 * 1e-10;
        file.write_all(&value.to_le_bytes()).expect("room for voxels");
    }
    file.flush().expect("room for voxels");
}

/// Scores one case; the peak so far of all programs run, in MB (10^6 bytes).
fn peak(truth: &Path, predictions: &Path) -> f64 {
    let mut score = Command::new(env!("CARGO_BIN_EXE_asoca"));
    score.args(["score", "--json", "--threads", "1", "--truth"]).arg(truth).arg(predictions);
    let done = score.stdout(Stdio::null()).status().expect("a program to run");
    assert!(done.success(), "{done}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("what children used");
    usage.max_rss() as f64 * 1024.0 / 1e6
}

fn main() {
    // The kernel tells the largest of all, so the smaller ones come first.
    let cases = [("uint8, gzip", 280, false), ("float64, raw, all values distinct", 334, true)];
    for (name, slices, probabilities) in cases {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [truth, predictions] = ["truth", "predictions"].map(|side| folder.path().join(side));
        fs::create_dir(&truth).expect("a folder");
        fs::create_dir(&predictions).expect("a folder");
        let size = Size::fixed([512, 512, slices]).expect("a size that fits a heart");
        let phantom = Phantom::new(42, 0, 1, size);
        let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
        write(&truth.join("0.nrrd"), &phantom.truth(), &geometry);
        let prediction = phantom.predict(Method::Speckled);
        let file = predictions.join("0.nrrd");
        if probabilities {
            write_probabilities(&file, &prediction);
        } else {
            write(&file, &prediction, &geometry);
        }
        let megabytes = peak(&truth, &predictions);
        println!("512x512x{slices}, {name}: {megabytes:.0} MB");
    }
}
