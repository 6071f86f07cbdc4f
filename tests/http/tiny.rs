//! Twenty tiny cases, ten normal and ten diseased, whose Dice can be worked out by hand: attacks on hidden truth need as
//! many cases as the challenge has, but no real vessels.

use std::path::Path;

use asoca::scoring::CASES_FILE;
use segmentation::nrrd::{Encoding, write_mask};
use segmentation::{Geometry, Mask};
use serde_json::json;
use test_support::challenge::{Files, zip};

pub const CASES: usize = 20;
const SHAPE: [usize; 3] = [12, 12, 12];
const SPACING: [f64; 3] = [0.4, 0.4, 0.5];

/// How many voxels of vessel a case has.
pub fn volume(case: usize) -> usize {
    150 + 7 * case
}

/// Voxels from the middle of the volume on, in the order of the indices.
const FIRST: usize = 600;

/// A corner, in which no case has vessel.
const CORNER: usize = 0;

fn file(voxels: impl IntoIterator<Item = usize>) -> Vec<u8> {
    let mut mask = Mask::empty(SHAPE).unwrap();
    voxels.into_iter().for_each(|voxel| mask.set(voxel));
    let mut bytes = Vec::new();
    let geometry = Geometry::diagonal(SHAPE, SPACING, [0.0; 3]);
    write_mask(&mut bytes, &mask, &geometry, Encoding::Gzip(1)).unwrap();
    bytes
}

/// What is sent for one case.
#[derive(Clone, Copy)]
pub enum Sent {
    /// So many of the vessel's voxels, and so many others.
    Part(usize, usize),
    /// One voxel where no vessel is: Dice 0.
    Corner,
}

impl Sent {
    fn voxels(self) -> Vec<usize> {
        match self {
            Self::Corner => vec![CORNER],
            Self::Part(hit, missed) => (FIRST..FIRST + hit).chain(1..1 + missed).collect(),
        }
    }

    /// The Dice that it has in a case.
    pub fn dice(self, case: usize) -> f64 {
        let (hit, sent) = match self {
            Self::Corner => (0, 1),
            Self::Part(hit, missed) => (hit, hit + missed),
        };
        2.0 * hit as f64 / (sent + volume(case)) as f64
    }
}

pub fn write_truth(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for case in 0..CASES {
        let truth = file(FIRST..FIRST + volume(case));
        std::fs::write(folder.join(format!("{case}.nrrd")), truth).unwrap();
    }
    let group = |case: usize| if case < 10 { "normal" } else { "diseased" };
    let listed: Vec<_> =
        (0..CASES).map(|case| json!({ "id": case.to_string(), "group": group(case) })).collect();
    std::fs::write(folder.join(CASES_FILE), json!(listed).to_string()).unwrap();
}

/// An upload with what is sent for every case.
pub fn upload(sent: &[Sent; CASES]) -> Vec<u8> {
    let files: Files = sent
        .iter()
        .enumerate()
        .map(|(case, sent)| (format!("{case}.nrrd"), file(sent.voxels())))
        .collect();
    zip(&files)
}

/// An honest prediction, of this quality: more hits are better.
pub fn honest(hit: usize) -> [Sent; CASES] {
    std::array::from_fn(|case| Sent::Part(hit + 3 * case, 9))
}
