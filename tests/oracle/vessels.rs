//! The vessel metrics against those of `vessels.py`: scipy, scikit-image and surface-distance.

use std::collections::BTreeMap;
use std::process::Command;

use coronary_phantom::{Method, Phantom, Size};
use segmentation::Mask;
use segmentation_metrics::secondary::{
    NotComputed, PreparedVessels, betti_numbers, skeleton, vessel_metrics,
};
use serde_json::{Value, json};

use super::secondary::{block, mask, noise, squared};
use super::{Cases, json_of, python, script};

/// A tolerance that is none of those always computed, in mm.
const TOLERANCE: f64 = 0.7;

/// How far a number may be from the judge's: shares, and lengths in mm.
const NEAR: f64 = 1e-9;

/// How many values of a metric there were, how many were equal to the last bit, and the largest difference.
type Agreement = BTreeMap<String, (usize, usize, f64)>;

/// Of a truth, a prediction and a spacing.
type Pair = (Mask, Mask, [f64; 3]);

/// Everything that is held against the judge.
fn measured((truth, prediction, spacing): &Pair) -> Result<Value, NotComputed> {
    let prepared = PreparedVessels::new(truth, *spacing, Some(TOLERANCE))?;
    let (_, found) = vessel_metrics(truth, &prepared, prediction)?;
    let mut found = json!(found);
    found["betti_numbers"] = json!([betti_numbers(truth)?, betti_numbers(prediction)?]);
    found["length_mm"] = json!(prepared.lengths_mm().0);
    Ok(found)
}

/// Compares everything, and says how near it was.
fn agree(python: &str, pairs: &[Pair]) -> Agreement {
    let (mut masks, mut skeletons) = (Cases::none(), Cases::none());
    for (truth, prediction, spacing) in pairs {
        masks.add(truth, prediction, *spacing, false);
        let [truth, prediction] = [truth, prediction].map(|mask| skeleton(mask).unwrap());
        skeletons.add(&truth, &prediction, *spacing, false);
    }
    let mut oracle = Command::new(python);
    oracle.arg(script("vessels.py")).args(["--tolerance", &TOLERANCE.to_string()]);
    oracle.arg("--masks").arg(masks.path("")).arg("--skeletons").arg(skeletons.path(""));
    let expected = json_of(&mut oracle);
    let mut agreement = Agreement::new();
    for (at, pair) in pairs.iter().enumerate() {
        compare(&mut agreement, at, "", &measured(pair).unwrap(), &expected[at.to_string()]);
    }
    agreement
}

/// Goes down to every number.
fn compare(agreement: &mut Agreement, pair: usize, name: &str, found: &Value, expected: &Value) {
    if let Some(expected) = expected.as_object() {
        assert_eq!(found.as_object().map(|found| found.len()), Some(expected.len()), "{name}");
        for (member, expected) in expected {
            let name = if name.is_empty() { member.clone() } else { format!("{name}, {member}") };
            compare(agreement, pair, &name, &found[member], expected);
        }
        return;
    }
    let (equal, difference) = match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => (found == expected, (found - expected).abs()),
        // The truth has no vessel of the calibre.
        (None, None) if found.is_null() && expected.is_null() => return,
        // The numbers of components, tunnels and cavities.
        _ => (found == expected, if found == expected { 0.0 } else { f64::INFINITY }),
    };
    assert!(difference <= NEAR, "pair {pair}, {name}: {found} is not {expected}");
    let (count, equals, largest) = agreement.entry(name.to_owned()).or_default();
    *count += 1;
    *equals += usize::from(equal);
    *largest = largest.max(difference);
}

fn spacing(at: usize) -> [f64; 3] {
    let spacings =
        [[0.35, 0.35, 0.625], [0.5; 3], [0.3, 0.4, 0.5], [0.1, 1.3, 0.7], [0.375, 0.375, 0.75]];
    spacings[at % spacings.len()]
}

/// A phantom with its spacing, with larger ones that make its vessels wider, or with a sign.
fn phantom(seed: u64, at: usize, size: Size) -> Pair {
    let phantom = Phantom::new(seed, at as u32, 20, size);
    let [x, y, z] = phantom.spacing;
    let spacing = match at % 5 {
        0 | 1 => phantom.spacing,
        2 => [x, y, z].map(|mm| 2.0 * mm),
        3 => [1.5 * x, 1.5 * x, 3.0 * z],
        _ => [-x, y, z],
    };
    (phantom.truth(), phantom.predict(Method::ALL[at % Method::ALL.len()]), spacing)
}

fn small_phantoms() -> Vec<Pair> {
    let size = |at: usize| Size::fixed([48 + at, 70 - at, 48 + at * 5 % 37]).unwrap();
    (0..20).map(|at| phantom(79, at, size(at))).collect()
}

/// From hardly any foreground to hardly any background, with shapes one voxel thick among them.
fn random_masks() -> Vec<Pair> {
    let shapes = [[9, 10, 11], [1, 17, 13], [15, 1, 14], [13, 18, 1], [6, 5, 66], [12, 12, 12]];
    let pair = |at: usize| {
        let [truth, prediction] = [30, 70].map(|step| 20 + (at as u64 * step) % 950);
        let shape = shapes[at % shapes.len()];
        let noise = |seed: usize, permille| noise(shape, seed as u64, permille);
        (noise(2 * at, truth), noise(2 * at + 1, prediction), spacing(at))
    };
    (0..48).map(pair).filter(|(a, b, _)| a.count() > 0 && b.count() > 0).collect()
}

fn edge_cases() -> Vec<Pair> {
    let room = [15; 3];
    let one = |at: [usize; 3]| block(room, at, at.map(|at| at + 1));
    let far = |at: [usize; 3]| at.iter().map(|at| at.abs_diff(7)).max().unwrap();
    let shell = |of: &[usize]| mask(room, |at| of.contains(&far(at)));
    let torus = mask(room, |at| {
        (9.0..=25.0).contains(&squared([at[0], at[1], 7], [7.0; 3])) && at[2].abs_diff(7) < 2
    });
    let open_torus = mask(room, |at| torus.get(torus.index(at)) && (at[1] != 7 || at[0] > 7));
    let line =
        |part: &dyn Fn(usize) -> bool| mask([5, 5, 40], |[x, y, z]| [x, y] == [2, 2] && part(z));
    let rod = |part: &dyn Fn(usize) -> bool| {
        mask([9, 9, 40], |[x, y, z]| x / 3 == 1 && y / 3 == 1 && part(z))
    };
    let cone = mask([13, 13, 40], |[x, y, z]| x.abs_diff(6).max(y.abs_diff(6)) <= z / 8);
    let all = shell(&[0, 1, 2, 3, 4, 5, 6, 7]);
    let pairs = [
        // Single voxels, at the border and in its corners.
        (one([7; 3]), one([7; 3])),
        (one([7; 3]), one([7, 7, 8])),
        (one([0; 3]), one([14; 3])),
        (one([0; 3]), all.clone()),
        (all.clone(), one([3, 4, 5])),
        // A cavity, a filled one, an open one, shells within shells.
        (shell(&[2]), shell(&[0, 1, 2])),
        (shell(&[0, 1, 2]), shell(&[2])),
        (shell(&[2, 4]), shell(&[2, 3, 4])),
        (shell(&[0, 2, 4, 6]), shell(&[1, 3, 5, 7])),
        (shell(&[7]), mask(room, |at| far(at) == 7 && at[0] != 14)),
        (shell(&[3]), mask(room, |at| far(at) == 3 && at != [7, 7, 10])),
        (shell(&[3]), mask(room, |at| far(at) == 3 && at != [10, 7, 10])),
        // Loops, whole and cut.
        (torus.clone(), open_torus.clone()),
        (open_torus, torus.clone()),
        (torus.clone(), torus),
        // Two components that one covers, one in two, another between them, a swapped one.
        (line(&|z| z < 11 || z / 18 == 1), line(&|_| true)),
        (line(&|_| true), line(&|z| z < 11 || z / 18 == 1)),
        (line(&|z| z < 11 || z / 18 == 1), line(&|z| z == 13)),
        (line(&|z| z < 11 || z / 18 == 1), line(&|z| z != 5 && z != 25)),
        // Two pieces of the same length; the first counts.
        (line(&|z| z < 21), line(&|z| z != 10)),
        (rod(&|z| z < 11 || z / 18 == 1), rod(&|_| true)),
        (rod(&|_| true), rod(&|z| z / 5 != 3)),
        (rod(&|z| z < 30), rod(&|z| z > 9)),
        // One voxel thick.
        (block([1, 20, 20], [0, 3, 3], [1, 9, 17]), block([1, 20, 20], [0, 5, 0], [1, 9, 20])),
        (block([20, 1, 20], [3, 0, 3], [9, 1, 17]), block([20, 1, 20], [5, 0, 0], [9, 1, 20])),
        (block([20, 20, 1], [3, 3, 0], [9, 17, 1]), block([20, 20, 1], [5, 0, 0], [9, 20, 1])),
    ];
    let with_spacing = |(at, (truth, prediction))| (truth, prediction, spacing(at));
    let mut pairs: Vec<Pair> = pairs.into_iter().enumerate().map(with_spacing).collect();
    // Every calibre, and diameters of 1.5 and 2 mm exactly, or nearly so.
    for spacing in [[0.5; 3], [0.375, 0.375, 0.75], [0.25; 3], [0.3, 0.4, 0.5], [0.1, 0.15, 0.2]] {
        let part = mask([13, 13, 40], |at| {
            at[0].abs_diff(6).max(at[1].abs_diff(6)) <= 2 && at[2] > 9 || at == [0, 0, 3]
        });
        let slice_lost = mask([13, 13, 40], |at| cone.get(cone.index(at)) && at[2] != 22);
        for prediction in [part, slice_lost, noise([13, 13, 40], 99, 700)] {
            pairs.push((cone.clone(), prediction, spacing));
        }
    }
    pairs
}

/// The methods, each on a case of full size.
fn full_size(methods: usize) -> Vec<Pair> {
    (0..methods).map(|at| phantom(80, at, Size::FULL)).collect()
}

/// `ASOCA_ORACLE=long cargo test --test oracle vessels -- --nocapture` prints the table of docs/vessel-metrics.md.
#[test]
fn phantoms_random_masks_and_edge_cases_agree() {
    let Some(python) = python() else { return };
    let long = std::env::var("ASOCA_ORACLE").is_ok_and(|form| form == "long");
    let full_size = full_size(if long { 10 } else { 1 });
    let pairs = [small_phantoms(), random_masks(), edge_cases(), full_size].concat();
    println!("| metric | pairs of masks, of {} | bit-equal | largest difference |", pairs.len());
    println!("|---|---|---|---|");
    for (name, (count, equal, largest)) in agree(&python, &pairs) {
        println!("| {name} | {count} | {equal} | {largest:.1e} |");
    }
}
