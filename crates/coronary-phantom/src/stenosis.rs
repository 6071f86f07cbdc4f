//! What makes a case a diseased one.

use super::tree::{STEP, Tree};
use reproducible::Rng;

/// Narrows two to five stretches of the larger vessels by 40 to 75 % of their diameter, each over
/// 6 to 16 mm in a life-size heart.
pub fn narrow(tree: &mut Tree, rng: &mut Rng) {
    // What is finer than this at its start is not treated, nor worth narrowing; mm of radius.
    let treated = 0.75 * tree.calibre;
    let shrink = tree.calibre * tree.calibre;
    let large: Vec<usize> = (tree.vessels.iter().enumerate())
        .filter(|(_, vessel)| vessel.nodes.first().is_some_and(|node| node.radius > treated))
        .map(|(at, _)| at)
        .collect();
    for nth in 0..2 + rng.below(4) {
        // The first two are in the two main vessels, where disease matters most.
        let at = if nth < 2 { main(tree, nth) } else { large[rng.below(large.len())] };
        let nodes = &mut tree.vessels[at].nodes;
        let middle = rng.between(0.12, 0.6) * nodes.len() as f64;
        let half = rng.between(3.0, 8.0) * shrink / STEP;
        let severity = rng.between(0.4, 0.75);
        for (i, node) in nodes.iter_mut().enumerate() {
            let off = (i as f64 - middle) / half;
            let notifier = (1.0 - off * off).max(0.0);
            node.radius *= 1.0 - severity * notifier * notifier;
        }
    }
}

/// The vessel of the `nth` tree that springs from the aorta.
fn main(tree: &Tree, nth: usize) -> usize {
    let mut mains = tree.vessels.iter().enumerate().filter(|(_, vessel)| vessel.parent.is_none());
    mains.nth(nth).map_or(0, |(at, _)| at)
}
