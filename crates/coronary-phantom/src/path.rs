//! A vessel's centreline over the heart's surface.

use super::course::Side;
use super::heart::Place;
use super::vector::{add, scale, sub};
use super::wave::Wave;
use reproducible::Rng;

/// A Catmull-Rom spline through waypoints, swaying a little to both sides.
///
/// Its parameter `u` runs from 0 to [`Path::end`], one unit from waypoint to waypoint.
#[derive(Clone, Debug)]
pub struct Path {
    waypoints: Vec<Place>,
    sway: [Wave; 2],
    /// Largest sway, degrees.
    width: f64,
}

impl Path {
    /// The way through `first`, where a branch leaves its parent, and the waypoints (degrees from
    /// the apex, longitude), bent by chance but kept in the tree's territory.
    pub fn new(first: Option<Place>, waypoints: &[[f64; 2]], side: Side, rng: &mut Rng) -> Self {
        let [west, east] = side.territory();
        let stride = stride(first, waypoints);
        let bend = 0.16 * stride;
        let bent = waypoints.iter().map(|&[from_apex, longitude]| {
            [
                (from_apex + rng.between(-bend, bend)).max(12.0),
                (longitude + rng.between(-bend, bend)).clamp(west, east),
                rng.between(0.985, 1.015),
            ]
        });
        let waypoints: Vec<Place> = first.into_iter().chain(bent).collect();
        Self {
            waypoints,
            sway: [Wave::new(rng), Wave::new(rng)],
            width: stride * rng.between(0.05, 0.1),
        }
    }

    /// The last waypoint's parameter.
    pub fn end(&self) -> f64 {
        self.waypoints.len().saturating_sub(1) as f64
    }

    /// The place at `u`, held within the path's two ends.
    pub fn at(&self, u: f64) -> Place {
        let u = u.clamp(0.0, self.end());
        let span = (u as usize).min(self.waypoints.len().saturating_sub(2));
        let place = catmull_rom(self.neighbours(span), u - span as f64);
        // Nothing sways where a branch holds on to its parent.
        let width = self.width * (u / 0.5).min(1.0);
        let [a, b] = &self.sway;
        add(place, [width * a.at(u), width * b.at(u), 0.0])
    }

    /// The span's two ends and the waypoints around them; beyond an end the path runs on straight.
    fn neighbours(&self, span: usize) -> [Place; 4] {
        let w = &self.waypoints;
        let (from, to) = (w[span], w[(span + 1).min(w.len() - 1)]);
        let before = if span > 0 { w[span - 1] } else { sub(scale(from, 2.0), to) };
        let after = w.get(span + 2).copied().unwrap_or(sub(scale(to, 2.0), from));
        [before, from, to, after]
    }
}

/// Mean distance from waypoint to waypoint in degrees: a short twig must not sway as far as a long
/// artery.
fn stride(first: Option<Place>, waypoints: &[[f64; 2]]) -> f64 {
    let all: Vec<[f64; 2]> =
        first.map(|[a, b, _]| [a, b]).into_iter().chain(waypoints.iter().copied()).collect();
    let apart = all.windows(2).map(|pair| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]));
    apart.sum::<f64>() / all.len().saturating_sub(1).max(1) as f64
}

fn catmull_rom([a, b, c, d]: [Place; 4], t: f64) -> Place {
    let bend = |i: usize| {
        let slope = (c[i] - a[i]) / 2.0;
        let square = a[i] - 2.5 * b[i] + 2.0 * c[i] - 0.5 * d[i];
        let cube = (d[i] - a[i]) / 2.0 + 1.5 * (b[i] - c[i]);
        b[i] + t * (slope + t * (square + t * cube))
    };
    [bend(0), bend(1), bend(2)]
}
