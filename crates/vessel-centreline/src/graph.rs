//! The skeleton's voxels as a graph.

use crate::lumen::{Lumen, Voxels};
use crate::route::Route;
use crate::vector::{Vec3, distance};

/// The 13 of a voxel's 26 neighbours that come after it.
const LATER: [[i64; 3]; 13] = [
    [1, 0, 0],
    [-1, 1, 0],
    [0, 1, 0],
    [1, 1, 0],
    [-1, -1, 1],
    [0, -1, 1],
    [1, -1, 1],
    [-1, 0, 1],
    [0, 0, 1],
    [1, 0, 1],
    [-1, 1, 1],
    [0, 1, 1],
    [1, 1, 1],
];

/// A voxel of the skeleton.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Its centre, mm.
    pub position: Vec3,
    /// Distance to the nearest background voxel, mm.
    pub depth: f64,
    /// The nodes it is joined with.
    pub beside: Vec<u32>,
    /// Whether it was taken away with a spur.
    pub gone: bool,
}

/// The skeleton's voxels and which of them are joined; nodes in the order of their voxels.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub nodes: Vec<Node>,
}

impl Graph {
    /// Neighbouring voxels are joined, but not over a diagonal where two shorter steps lead the same way: three voxels
    /// round a corner are a line, no triangle.
    pub fn new(skeleton: Voxels, lumen: &Lumen) -> Self {
        let indices: Vec<usize> = skeleton.mask.ones().collect();
        let voxels: Vec<[i64; 3]> = indices.iter().map(|&index| skeleton.voxel(index)).collect();
        let mut beside: Vec<Vec<u32>> = vec![Vec::new(); indices.len()];
        for (at, voxel) in voxels.iter().enumerate() {
            for step in LATER {
                let index = skeleton.index([0, 1, 2].map(|axis| voxel[axis] + step[axis]));
                if let Some(Ok(other)) = index.map(|index| indices.binary_search(&index)) {
                    beside[at].push(other as u32);
                    beside[other].push(at as u32);
                }
            }
        }
        // Along how many axes a step leads.
        let axes = |a: u32, b: u32| {
            let [a, b] = [a, b].map(|at| voxels[at as usize]);
            (0..3).filter(|&axis| a[axis] != b[axis]).count()
        };
        let direct = |a: u32, b: u32| {
            let shorter = |&c: &u32| {
                axes(a, c) < axes(a, b)
                    && axes(c, b) < axes(a, b)
                    && beside[c as usize].contains(&b)
            };
            !beside[a as usize].iter().any(shorter)
        };
        let node = |(at, voxel): (u32, &[i64; 3])| {
            let position = skeleton.centre(*voxel);
            let all = beside[at as usize].iter().copied();
            let mut joined: Vec<u32> = all.filter(|&other| direct(at, other)).collect();
            joined.sort_unstable();
            Node { position, depth: lumen.depth(position), beside: joined, gone: false }
        };
        Self { nodes: (0..).zip(&voxels).map(node).collect() }
    }

    pub fn join(&mut self, a: u32, b: u32) {
        for [at, beside] in [[a, b], [b, a]] {
            let neighbours = &mut self.nodes[at as usize].beside;
            let place = neighbours.partition_point(|&other| other < beside);
            neighbours.insert(place, beside);
        }
    }

    pub fn part(&mut self, a: u32, b: u32) {
        for [at, beside] in [[a, b], [b, a]] {
            self.nodes[at as usize].beside.retain(|&other| other != beside);
        }
    }

    pub fn node(&self, at: u32) -> &Node {
        &self.nodes[at as usize]
    }

    pub fn apart(&self, a: u32, b: u32) -> f64 {
        distance(self.node(a).position, self.node(b).position)
    }

    /// The length of all joins, mm.
    pub fn length(&self) -> f64 {
        let twice = (0..).zip(&self.nodes).map(|(at, node)| {
            node.beside.iter().map(|&beside| self.apart(at, beside)).sum::<f64>()
        });
        twice.sum::<f64>() / 2.0
    }

    /// The length of some routes, mm.
    pub fn length_of(&self, routes: &[Route]) -> f64 {
        let pairs = routes.iter().flat_map(|route| route.nodes.windows(2));
        pairs.map(|pair| self.apart(pair[0], pair[1])).sum()
    }

    /// Where a way that came to `at` from `from` goes on.
    pub fn onward(&self, from: Option<u32>, at: u32) -> impl Iterator<Item = u32> + '_ {
        self.node(at).beside.iter().copied().filter(move |&next| Some(next) != from)
    }
}
