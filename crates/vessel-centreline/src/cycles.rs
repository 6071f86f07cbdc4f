//! Cycles, which vessels that touch leave in the skeleton, and thinning in thick places.

use crate::Options;
use crate::graph::Graph;
use crate::prune::prune;

/// Cycles are opened in rounds: first those of pieces no longer than this many mm, then longer ones.
const ROUNDS_MM: [f64; 4] = [1.5, 3.0, 6.0, f64::INFINITY];

/// What a piece is longer than this, mm, does not count.
const ENOUGH_MM: f64 = 3.0;

/// Loose ends face each other if they are no farther apart than this, mm.
const FACING_MM: f64 = 2.5;

/// No more loose ends are looked at. A coronary tree has ten.
const MAX_LOOSE: usize = 200;

/// Opens all cycles, and prunes spurs.
///
/// A piece of the skeleton from one junction to another is worth its mean radius times its length, of which no more than
/// 3 mm count. Of every cycle of pieces, the one that is worth least goes (a maximum spanning forest): where vessels run
/// side by side, the short rungs between them, where the tip of one touches another, that tip. It is cut off at its thinner end,
/// because vessels taper outward, and stays as a branch of the other junction if it is no spur. A ring at one junction, or at none,
/// is cut at its thinnest place.
///
/// The small cycles go first, and the spurs they leave: otherwise a vessel would lie in many small pieces, and the large cycle be
/// cut in its middle.
pub(crate) fn open(graph: &mut Graph, options: &Options) {
    prune(graph, options);
    let mut loose = Vec::new();
    for limit in ROUNDS_MM {
        detach(graph, limit, &mut loose);
        prune(graph, options);
    }
    mend(graph, &loose);
    cut_rings(graph);
    prune(graph, options);
}

/// What leads from one junction to another.
struct Piece {
    junctions: [u32; 2],
    /// Without the junctions.
    nodes: Vec<u32>,
    worth: f64,
}

/// Opens all cycles of pieces that are no longer than `limit` mm, and adds the ends that are loose then.
fn detach(graph: &mut Graph, limit: f64, loose: &mut Vec<u32>) {
    let mut pieces = pieces(graph, limit);
    pieces.sort_by(|a, b| b.worth.total_cmp(&a.worth).then(a.junctions.cmp(&b.junctions)));
    let mut sets = Sets::new(graph.nodes.len());
    for Piece { junctions: [one, other], nodes, .. } in pieces {
        if sets.unite(one, other) {
            continue;
        }
        match (nodes.first(), nodes.last()) {
            (Some(&first), Some(&last)) => {
                let end = if thinner_at_first(graph, one, &nodes, other) {
                    graph.part(one, first);
                    first
                } else {
                    graph.part(last, other);
                    last
                };
                loose.push(end);
            }
            _ => {
                graph.part(one, other);
                loose.extend([one, other]);
            }
        }
    }
}

/// Whether what leads from one junction to another is thinner in its first half than in its second, by the mean
/// depth of each, nodes in the lumen of its junction left out.
fn thinner_at_first(graph: &Graph, one: u32, nodes: &[u32], other: u32) -> bool {
    let depth = |nodes: &[u32], junction: u32| {
        let beyond = |&&at: &&u32| graph.apart(at, junction) > graph.node(junction).depth;
        let depths: Vec<f64> =
            nodes.iter().filter(beyond).map(|&at| graph.node(at).depth).collect();
        depths.iter().sum::<f64>() / depths.len().max(1) as f64
    };
    let (first, second) = nodes.split_at(nodes.len() / 2);
    depth(first, one) < depth(second, other)
}

/// Joins loose ends that face each other, and detaches what they were cut from at its thinner end instead.
///
/// A vessel that touches another one in three places is two pieces, which may both have been cut off in the middle.
fn mend(graph: &mut Graph, loose: &[u32]) {
    for (nth, &end) in loose.iter().enumerate().take(MAX_LOOSE) {
        let is_end = |at: u32| graph.node(at).beside.len() == 1;
        let others =
            loose.iter().take(MAX_LOOSE).skip(nth + 1).filter(|&&at| is_end(at) && at != end);
        let near =
            others.map(|&at| (graph.apart(end, at), at)).filter(|&(apart, _)| apart <= FACING_MM);
        let Some((_, facing)) = near.reduce(|a, b| if b < a { b } else { a }) else { continue };
        let branches = end_branch(graph, end).zip(end_branch(graph, facing));
        let Some(((mut nodes, one), (beyond, other))) = branches else { continue };
        if one == other {
            continue;
        }
        nodes.reverse();
        nodes.extend(beyond);
        graph.join(end, facing);
        match (nodes.first(), nodes.last()) {
            (Some(&first), _) if thinner_at_first(graph, one, &nodes, other) => {
                graph.part(one, first)
            }
            (_, Some(&last)) => graph.part(last, other),
            _ => {}
        }
    }
}

/// The nodes from an end to the one before the first junction, and the junction.
fn end_branch(graph: &Graph, end: u32) -> Option<(Vec<u32>, u32)> {
    let [next] = graph.node(end).beside[..] else { return None };
    let (mut nodes, mut from, mut at) = (vec![end], end, next);
    while let [one, other] = graph.node(at).beside[..] {
        nodes.push(at);
        let next = if one == from { other } else { one };
        (from, at) = (at, next);
    }
    (graph.node(at).beside.len() > 2).then_some((nodes, at))
}

/// All pieces between two different junctions that are no longer than `limit` mm, each once.
fn pieces(graph: &Graph, limit: f64) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let junctions = (0..).zip(&graph.nodes).filter(|(_, node)| node.beside.len() > 2);
    for (junction, node) in junctions {
        for &first in &node.beside {
            let (mut nodes, mut from, mut at) = (Vec::new(), junction, first);
            let mut length = graph.apart(from, at);
            let mut depths = node.depth + graph.node(at).depth;
            while let [one, other] = graph.node(at).beside[..] {
                if length > limit {
                    break;
                }
                nodes.push(at);
                let next = if one == from { other } else { one };
                length += graph.apart(at, next);
                depths += graph.node(next).depth;
                (from, at) = (at, next);
            }
            let between = graph.node(at).beside.len() > 2 && at != junction && length <= limit;
            // The other way round it is met as well.
            if between && (junction, first) < (at, from) {
                let worth = depths / (nodes.len() + 2) as f64 * length.min(ENOUGH_MM);
                pieces.push(Piece { junctions: [junction, at], nodes, worth });
            }
        }
    }
    pieces
}

/// Opens all cycles that are left, at the thinnest join of each: the maximum spanning forest of the joins.
///
/// A join is as thick as the thinner of its nodes. Of joins as thick, the longer one goes, then the later.
fn cut_rings(graph: &mut Graph) {
    let mut joins: Vec<([u32; 2], f64, f64)> = Vec::new();
    for (at, node) in (0..).zip(&graph.nodes) {
        for &beside in node.beside.iter().filter(|&&beside| beside > at) {
            let thickness = node.depth.min(graph.node(beside).depth);
            joins.push(([at, beside], thickness, graph.apart(at, beside)));
        }
    }
    joins.sort_by(|(a, thickness_a, length_a), (b, thickness_b, length_b)| {
        let thicker = thickness_b.total_cmp(thickness_a);
        thicker.then(length_a.total_cmp(length_b)).then(a.cmp(b))
    });
    let mut sets = Sets::new(graph.nodes.len());
    for ([a, b], ..) in joins {
        if !sets.unite(a, b) {
            graph.part(a, b);
        }
    }
}

/// Which nodes are connected: a union-find structure.
struct Sets(Vec<u32>);

impl Sets {
    fn new(nodes: usize) -> Self {
        Self((0..).take(nodes).collect())
    }

    /// Connects two nodes; whether they were not yet.
    fn unite(&mut self, a: u32, b: u32) -> bool {
        let [a, b] = [a, b].map(|at| self.first(at));
        self.0[a.max(b) as usize] = a.min(b);
        a != b
    }

    /// The first node of those connected with one.
    fn first(&mut self, mut at: u32) -> u32 {
        while self.0[at as usize] != at {
            let above = self.0[at as usize];
            self.0[at as usize] = self.0[above as usize];
            at = above;
        }
        at
    }
}
