//! False foreground: leaks, veins, islands.

use super::paint::Ball;
use super::tree::{Tree, tube_volume};
use super::vector::{Vec3, add, cross, norm, scale, sub, unit};
use super::wave::Wave;
use reproducible::Rng;
use std::f64::consts::PI;

/// A leak at each ostium and veins that leave arteries and run beside them, together 45 to 70 % of
/// the tree's volume.
pub fn leaks(tree: &Tree, rng: &mut Rng) -> Vec<Ball> {
    let wanted = rng.between(0.45, 0.7) * tree.volume();
    let mut leaks = Vec::new();
    for vessel in tree.vessels.iter().filter(|vessel| vessel.parent.is_none()) {
        if let Some(ostium) = vessel.nodes.first() {
            // Away from the vessel's own course, into the aorta.
            let into = vessel.nodes.get(8).map_or([0.0; 3], |next| sub(ostium.centre, next.centre));
            let radius = ostium.radius * rng.between(1.3, 1.8);
            leaks.push(Ball { centre: add(ostium.centre, scale(unit(into), radius)), radius });
        }
    }
    let mut volume: f64 = leaks.iter().map(ball_volume).sum();
    let mut hosts: Vec<usize> = (0..tree.vessels.len()).collect();
    while volume < wanted && !hosts.is_empty() {
        // One of the three earliest vessels left: veins lie beside the great ones.
        let host = hosts.remove(rng.below(hosts.len().min(3)));
        let mut vein = vein_beside(tree, &tree.vessels[host].nodes, rng);
        while volume + tube_volume(&vein) > 1.05 * wanted {
            vein.pop();
        }
        volume += tube_volume(&vein);
        leaks.extend(vein);
    }
    leaks
}

/// A vein that leaves an artery a tenth of its way along and then keeps a few millimetres off it.
fn vein_beside(tree: &Tree, artery: &[Ball], rng: &mut Rng) -> Vec<Ball> {
    let radius = rng.between(0.9, 1.25) * tree.calibre;
    let distance = rng.between(3.2, 4.6) * tree.calibre;
    let side = rng.sign();
    let wave = Wave::new(rng);
    let start = artery.len() / 10;
    let past = artery.len() * 9 / 10;
    // Over this many nodes a direction is steady, and the vein leaves the artery.
    let reach = 16;
    (start..past)
        .map(|i| {
            let ahead = artery[(i + reach).min(artery.len() - 1)].centre;
            let behind = artery[i.saturating_sub(reach)].centre;
            let outward = sub(artery[i].centre, tree.centre);
            let aside = unit(cross(sub(ahead, behind), outward));
            let away = ((i - start) as f64 / (2 * reach) as f64).min(1.0);
            let sway = 1.0 + 0.25 * wave.at(i as f64 / 90.0);
            let off = side * distance * away * sway;
            Ball { centre: add(artery[i].centre, scale(aside, off)), radius }
        })
        .collect()
}

/// Clumps of a few balls far from the tree, together 50 to 75 % of its volume.
pub fn islands(tree: &Tree, extent: Vec3, rng: &mut Rng) -> Vec<Ball> {
    let wanted = rng.between(0.5, 0.75) * tree.volume();
    let mut islands = Vec::new();
    let mut volume = 0.0;
    while volume < wanted {
        let middle = far_from(tree, extent, rng);
        let size = rng.between(0.9, 2.4) * tree.calibre;
        for _ in 0..1 + rng.below(3) {
            let off = [(); 3].map(|()| rng.between(-1.0, 1.0) * size);
            let radius = size * rng.between(0.6, 1.0);
            let ball = Ball { centre: add(middle, off), radius };
            // Balls of a clump overlap by about a quarter.
            volume += 0.75 * ball_volume(&ball);
            islands.push(ball);
        }
    }
    islands
}

/// The one of a few random places that lies farthest from the tree.
fn far_from(tree: &Tree, extent: Vec3, rng: &mut Rng) -> Vec3 {
    let mut farthest = ([0.0; 3], -1.0);
    for _ in 0..3 {
        let place = extent.map(|extent| rng.between(0.05, 0.95) * extent);
        // Every 5 mm of vessel is near enough to know.
        let nodes = tree.vessels.iter().flat_map(|vessel| vessel.nodes.iter().step_by(20));
        let distance =
            nodes.map(|node| norm(sub(node.centre, place))).fold(f64::INFINITY, f64::min);
        if distance > farthest.1 {
            farthest = (place, distance);
        }
    }
    farthest.0
}

fn ball_volume(ball: &Ball) -> f64 {
    4.0 / 3.0 * PI * ball.radius * ball.radius * ball.radius
}
