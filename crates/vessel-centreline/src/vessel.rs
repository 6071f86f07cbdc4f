//! From the way of a vessel through the skeleton to its branch.

use crate::graph::Graph;
use crate::line::{resampled, smoothed, tangents};
use crate::lumen::Lumen;
use crate::nearest::Nearest;
use crate::route::Route;
use crate::section::Sections;
use crate::vector::{Vec3, add, distance, norm, scale, sub};
use crate::{Branch, Options, Point};

/// A cross-section reaches this many times the distance to the nearest background, and this many mm more.
const REACH_DEPTHS: f64 = 1.25;
const REACH_MM: f64 = 0.5;

/// A line that goes on stays near the last of its nodes, this many.
const LAST_NODES: usize = 4;

/// No line goes on for longer than this beyond its skeleton, mm.
const MAX_EXTENSION_MM: f64 = 5.0;

/// Fits the branches of one component, in the order of its routes.
pub(crate) struct Fitting<'a> {
    graph: &'a Graph,
    lumen: &'a Lumen<'a>,
    sections: Sections<'a>,
    /// The nodes that are not gone, and where they are.
    nodes: Vec<u32>,
    nearest: Nearest,
    options: Options,
}

/// A branch, and the point of it that each node of its route has become.
pub(crate) struct Fitted {
    pub branch: Branch,
    places: Vec<usize>,
}

impl<'a> Fitting<'a> {
    pub fn new(graph: &'a Graph, lumen: &'a Lumen<'a>, options: &Options) -> Self {
        let there = (0..).zip(&graph.nodes).filter(|(_, node)| !node.gone);
        let (nodes, positions): (Vec<u32>, Vec<Vec3>) =
            there.map(|(at, node)| (at, node.position)).unzip();
        let (sections, nearest) =
            (Sections::new(lumen.voxels), Nearest::new(&positions, lumen.voxels.cell()));
        Self { graph, lumen, sections, nodes, nearest, options: *options }
    }

    /// The branch of a route. Its parent, if it has one, is among the `fitted` ones of the component, whose first
    /// is the branch number `first`.
    pub fn fit(
        &mut self,
        route: &Route,
        fitted: &[Fitted],
        first: usize,
        component: usize,
    ) -> Fitted {
        let parent = route.parent.map(|(parent, node)| (parent, fitted[parent].places[node]));
        let start = parent.map(|(parent, point)| fitted[parent].branch.points[point]);
        let step = self.options.step_mm;

        let raw: Vec<Vec3> =
            route.nodes.iter().map(|&node| self.graph.node(node).position).collect();
        let (even, places) = resampled(&raw, step);
        let smooth = smoothed(&even, self.options.smoothing_mm / step);
        let mut line = self.recentred(&smooth);
        let last = &route.nodes[route.nodes.len().saturating_sub(LAST_NODES)..];
        self.extend(&mut line, last);
        let mut before = 0;
        if start.is_none() {
            let length = line.len();
            line.reverse();
            let first = &route.nodes[..route.nodes.len().min(LAST_NODES)];
            self.extend(&mut line, first);
            line.reverse();
            before = line.len() - length;
        }
        let mut own = 0;
        if let Some(start) = start {
            // What lies in the parent's lumen has no cross-section of its own: the line runs straight through it.
            let inside = |point: &Vec3| distance(*point, start.position) < start.radius;
            own = line.iter().take_while(|point| inside(point)).count().clamp(1, line.len() - 1);
            line.splice(..own, [start.position]);
        }
        let (line, moved) = resampled(&line, step);
        let places = places.iter().map(|place| {
            let at = place.round() as usize;
            // The points before `own` have become one.
            let at = if start.is_some() { (at + 1).saturating_sub(own) } else { before + at };
            moved.get(at).map_or(0.0, |place| place.round()) as usize
        });
        let places = places.map(|place| place.min(line.len() - 1)).collect();
        let mut points = self.measured(&line);
        if let Some(start) = start {
            let outside = |point: &Point| distance(point.position, start.position) >= start.radius;
            let beyond = points.iter().position(outside).unwrap_or(points.len() - 1);
            let radius = points[beyond].radius;
            points[..beyond].iter_mut().for_each(|point| point.radius = radius);
        }
        let parent = parent.map(|(parent, point)| (first + parent, point));
        Fitted { branch: Branch { points, parent, component }, places }
    }

    /// Each point of a line in the middle of its cross-section.
    fn recentred(&mut self, line: &[Vec3]) -> Vec<Vec3> {
        let cut = |(&point, tangent)| {
            let section = self.sections.cut(point, tangent, reach(self.lumen.depth(point)));
            section.map_or(point, |section| section.centroid)
        };
        line.iter().zip(tangents(line)).map(cut).collect()
    }

    /// Lets a line go on at its end, in the middle of the lumen, until it is one radius from the end of the lumen
    /// or comes to another vessel, or to another place of its own. The line's `last` nodes are around its end.
    ///
    /// Thinning takes more than that from a vessel that is a few voxels wide.
    fn extend(&mut self, line: &mut Vec<Vec3>, last: &[u32]) {
        let step = self.options.step_mm;
        // The direction of a line and the radius of a vessel are those of its last mm.
        let back = (1.0 / step).round().max(1.0) as usize;
        let tangent = |line: &[Vec3]| {
            let from = line.get(line.len().checked_sub(back + 1)?)?;
            let along = sub(*line.last()?, *from);
            Some(scale(along, 1.0 / norm(along)))
        };
        let mut radius = 0.0;
        for extended in 0..=(MAX_EXTENSION_MM / step) as usize {
            let (Some(&end), Some(along)) = (line.last(), tangent(line)) else { return };
            let reach = reach(self.lumen.depth(end));
            let Some(section) = self.sections.cut(end, along, reach) else { return };
            if extended == 0 {
                radius = (section.area / std::f64::consts::PI).sqrt();
            } else if let Some(end) = line.last_mut() {
                *end = section.centroid;
            }
            let (next, tip) = (scale(along, step), scale(along, step + radius));
            if !self.lumen.voxels.contains_point(add(end, tip)) || self.enters(add(end, next), last)
            {
                return;
            }
            line.push(add(end, next));
        }
    }

    /// Whether a point lies in the lumen around other nodes than these.
    fn enters(&self, point: Vec3, last: &[u32]) -> bool {
        let nearest = self.nearest.nearest(point).map(|(at, apart)| (self.nodes[at], apart));
        let inside = nearest.filter(|&(node, apart)| apart < self.graph.node(node).depth);
        inside.is_some_and(|(node, _)| !last.contains(&node))
    }

    fn measured(&mut self, line: &[Vec3]) -> Vec<Point> {
        let smooth = smoothed(line, self.options.smoothing_mm / self.options.step_mm);
        let measure = |(&position, tangent)| {
            let depth = self.lumen.depth(position);
            let section = self.sections.cut(position, tangent, reach(depth));
            let area = section.map_or(0.0, |section| section.area);
            Point {
                position,
                radius: (area / std::f64::consts::PI).sqrt(),
                inscribed_radius: depth,
            }
        };
        line.iter().zip(tangents(&smooth)).map(measure).collect()
    }
}

fn reach(depth: f64) -> f64 {
    REACH_DEPTHS * depth + REACH_MM
}
