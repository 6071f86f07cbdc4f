//! What each method makes of a tree.

use super::course::Side;
use super::method::Method;
use super::paint::Ball;
use super::spill;
use super::tree::{STEP, Tree};
use super::vector::{Vec3, add};
use super::wave::Wave;
use reproducible::Rng;

/// The balls a method draws for this tree, in a volume of this spacing and extent (mm).
pub fn predict(
    tree: &Tree,
    method: Method,
    rng: &mut Rng,
    spacing: Vec3,
    extent: Vec3,
) -> Vec<Ball> {
    // Most readers' hands shake more than the best one's.
    let shake = match method {
        Method::NearPerfect => rng.between(0.03, 0.055),
        _ => rng.between(0.08, 0.12),
    };
    let mut vessels = traced(tree, shake, rng);
    let mut spilt = Vec::new();
    match method {
        Method::NearPerfect => {}
        Method::DistalLost => lose_distal(tree, &mut vessels, rng.between(0.53, 0.61)),
        Method::Fragmented => vessels.iter_mut().for_each(|nodes| fragment(nodes, tree, rng)),
        Method::Thin => swell(&mut vessels, rng.between(0.765, 0.835)),
        Method::Thick => swell(&mut vessels, rng.between(1.19, 1.29)),
        Method::Leaky => spilt = spill::leaks(tree, rng),
        Method::MissedBranches => miss_branches(tree, &mut vessels, rng),
        Method::Speckled => spilt = spill::islands(tree, extent, rng),
        Method::RightLost => lose_right(tree, &mut vessels, rng),
        Method::Shifted => shift(tree, &mut vessels, spacing, rng),
    }
    vessels.into_iter().flatten().chain(spilt).collect()
}

/// Each vessel traced anew, its radii and centreline off by at most `shake` of the radius.
fn traced(tree: &Tree, shake: f64, rng: &mut Rng) -> Vec<Vec<Ball>> {
    let mut trace = |nodes: &[Ball]| {
        let waves: [Wave; 4] = std::array::from_fn(|_| Wave::new(rng));
        let redrawn = nodes.iter().enumerate().map(|(i, node)| {
            // The longest wave is about 8 mm.
            let t = i as f64 * STEP / 8.0;
            let [wide, aside @ ..] = &waves;
            let aside = aside.each_ref().map(|wave| 2.0 * shake * node.radius * wave.at(t));
            Ball {
                centre: add(node.centre, aside),
                radius: node.radius * (1.0 + 2.0 * shake * wide.at(t)),
            }
        });
        redrawn.collect()
    };
    tree.vessels.iter().map(|vessel| trace(&vessel.nodes)).collect()
}

/// Cuts every vessel where it stays finer than `radius` (mm in a life-size heart).
fn lose_distal(tree: &Tree, vessels: &mut [Vec<Ball>], radius: f64) {
    let seen = |node: &Ball| node.radius >= radius * tree.calibre;
    let kept = tree.vessels.iter().map(|vessel| {
        let last = vessel.nodes.iter().rposition(seen);
        last.map_or(0, |last| last + 1)
    });
    prune(tree, vessels, kept.collect());
}

/// Takes out a stretch every one or two centimetres.
fn fragment(nodes: &mut Vec<Ball>, tree: &Tree, rng: &mut Rng) {
    let mut left = Vec::with_capacity(nodes.len());
    let mut rest = nodes.as_slice();
    let mut stretch = |low, high| (rng.between(low, high) * tree.calibre / STEP) as usize;
    while !rest.is_empty() {
        let (kept, after) = rest.split_at(stretch(7.0, 20.0).min(rest.len()));
        left.extend_from_slice(kept);
        rest = &after[stretch(3.5, 8.5).min(after.len())..];
    }
    *nodes = left;
}

fn swell(vessels: &mut [Vec<Ball>], factor: f64) {
    for node in vessels.iter_mut().flatten() {
        node.radius *= factor;
    }
}

/// Cuts one tree's main vessel and drops three of four of its side branches.
fn miss_branches(tree: &Tree, vessels: &mut [Vec<Ball>], rng: &mut Rng) {
    let side = if rng.chance(0.7) { Side::Left } else { Side::Right };
    let kept = tree.vessels.iter().map(|vessel| {
        let (missed, cut) = (rng.chance(0.75), rng.between(0.35, 0.5));
        match (vessel.side == side, vessel.parent) {
            (true, None) => (vessel.nodes.len() as f64 * cut) as usize,
            (true, Some(_)) if missed => 0,
            _ => vessel.nodes.len(),
        }
    });
    prune(tree, vessels, kept.collect());
}

fn lose_right(tree: &Tree, vessels: &mut [Vec<Ball>], rng: &mut Rng) {
    let part = rng.between(0.05, 0.2);
    let kept = tree.vessels.iter().map(|vessel| match (vessel.side, vessel.parent) {
        (Side::Left, _) => vessel.nodes.len(),
        (Side::Right, None) => (vessel.nodes.len() as f64 * part) as usize,
        (Side::Right, Some(_)) => 0,
    });
    prune(tree, vessels, kept.collect());
}

/// Keeps the first nodes of each vessel, and nothing of what springs from a part that is gone.
fn prune(tree: &Tree, vessels: &mut [Vec<Ball>], mut kept: Vec<usize>) {
    for (at, vessel) in tree.vessels.iter().enumerate() {
        if vessel.parent.is_some_and(|parent| kept[parent.vessel] <= parent.node) {
            kept[at] = 0;
        }
        vessels[at].truncate(kept[at]);
    }
}

/// Moves everything within the slices by one voxel or two, in a small heart by one.
fn shift(tree: &Tree, vessels: &mut [Vec<Ball>], spacing: Vec3, rng: &mut Rng) {
    let mut voxels = |spacing: f64| {
        let far = rng.between(0.38, 0.64) * tree.calibre;
        rng.sign() * (far / spacing).round()
    };
    let (x, y) = (voxels(spacing[0]), voxels(spacing[1]));
    let x = if x == 0.0 && y == 0.0 { rng.sign() } else { x };
    for node in vessels.iter_mut().flatten() {
        node.centre = add(node.centre, [x * spacing[0], y * spacing[1], 0.0]);
    }
}
