//! How far centrelines are from the axes that a phantom was drawn from.

#![allow(dead_code, reason = "the test and the example use different parts")]

use coronary_phantom::{Phantom, Vessel};
use vessel_centreline::{Branch, Centrelines, Options, Point, centrelines, overlap};

/// An end is found, and none is false, if one of the other side lies so near, mm.
const END_MM: f64 = 2.0;

/// What one case comes to; all lengths in mm.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Mean, 95th percentile and maximum of the distances of found points to the nearest nodes of the axes.
    pub to_truth: [f64; 3],
    /// The same of the axes' nodes to the nearest found points.
    pub to_found: [f64; 3],
    pub ov: f64,
    pub ot: f64,
    pub ai: f64,
    /// Mean and standard deviation of radius minus that of the nearest node, at all points farther than 2 mm from both ends of
    /// their branch.
    pub radius: [f64; 2],
    /// The same of the inscribed radius.
    pub inscribed: [f64; 2],
    /// The larger distance of an ostium to the nearest root that was found.
    pub root: f64,
    pub components: usize,
    /// Found ends with no true one near, and true ones with no found one near.
    pub false_ends: usize,
    pub missed_ends: usize,
    pub true_ends: usize,
    pub points: usize,
    pub seconds: f64,
}

/// The axes as centrelines. The nodes are the phantom's; a branch's first lie in its parent's lumen and count as well.
pub fn axes(vessels: &[Vessel]) -> Centrelines {
    let branch = |vessel: &Vessel| Branch {
        points: vessel
            .nodes
            .iter()
            .map(|node| Point {
                position: node.centre,
                radius: node.radius,
                inscribed_radius: node.radius,
            })
            .collect(),
        parent: vessel.parent.map(|parent| (parent.vessel, parent.node)),
        component: 0,
    };
    Centrelines { branches: vessels.iter().map(branch).collect() }
}

pub fn measure(phantom: &Phantom) -> (Measured, Centrelines) {
    let mask = phantom.truth();
    let start = std::time::Instant::now();
    let found = centrelines(&mask, phantom.spacing, &Options::default()).expect("a phantom");
    let seconds = start.elapsed().as_secs_f64();
    let truth = axes(phantom.vessels());
    (compare(&truth, &found, seconds), found)
}

fn compare(truth: &Centrelines, found: &Centrelines, seconds: f64) -> Measured {
    let all = |lines: &Centrelines| -> Vec<Point> {
        lines.branches.iter().flat_map(|branch| branch.points.clone()).collect()
    };
    let (nodes, points) = (all(truth), all(found));
    let distances = |from: &[Point], to: &[Point]| {
        summary(from.iter().map(|point| nearest(point.position, to).1).collect())
    };
    let mut errors = [Vec::new(), Vec::new()];
    for branch in &found.branches {
        let along = branch.distances();
        let length = along.last().copied().unwrap_or(0.0);
        for (point, along) in branch.points.iter().zip(along) {
            if along > END_MM && length - along > END_MM {
                let radius = nearest(point.position, &nodes).0.radius;
                errors[0].push(point.radius - radius);
                errors[1].push(point.inscribed_radius - radius);
            }
        }
    }
    let starts = |lines: &Centrelines| -> Vec<Point> {
        let roots = lines.branches.iter().filter(|branch| branch.parent.is_none());
        roots.map(|branch| branch.points[0]).collect()
    };
    let roots = starts(found);
    let ends = |lines: &Centrelines| -> Vec<Point> {
        lines.branches.iter().map(|branch| branch.points[branch.points.len() - 1]).collect()
    };
    let alone = |these: &[Point], those: &[Point]| {
        these.iter().filter(|end| nearest(end.position, those).1 > END_MM).count()
    };
    let (true_ends, found_ends) = (ends(truth), ends(found));
    let overlap = overlap(truth, found).expect("a phantom has axes");
    let [radius, inscribed] = errors.map(|errors| mean_and_deviation(&errors));
    Measured {
        to_truth: distances(&points, &nodes),
        to_found: distances(&nodes, &points),
        ov: overlap.ov,
        ot: overlap.ot.expect("a phantom has wide vessels"),
        ai: overlap.ai_mm.expect("something is found"),
        radius,
        inscribed,
        root: starts(truth).iter().map(|root| nearest(root.position, &roots).1).fold(0.0, f64::max),
        components: roots.len(),
        false_ends: alone(&found_ends, &true_ends),
        missed_ends: alone(&true_ends, &found_ends),
        true_ends: true_ends.len(),
        points: points.len(),
        seconds,
    }
}

fn nearest(to: [f64; 3], among: &[Point]) -> (Point, f64) {
    let square = |point: &Point| (0..3).map(|i| (point.position[i] - to[i]).powi(2)).sum::<f64>();
    let by_distance = |a: &&Point, b: &&Point| square(a).total_cmp(&square(b));
    let point = among.iter().min_by(by_distance).expect("points to compare with");
    (*point, square(point).sqrt())
}

fn summary(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let rank = (0.95 * (values.len() - 1) as f64).round() as usize;
    [mean, values[rank], values[values.len() - 1]]
}

fn mean_and_deviation(values: &[f64]) -> [f64; 2] {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    [mean, (square / values.len() as f64).sqrt()]
}
