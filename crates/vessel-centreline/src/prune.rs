//! Spurs, which thinning leaves where a vessel's surface is uneven.

use crate::Options;
use crate::graph::Graph;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// An end branch: from an end to the first junction.
struct EndBranch {
    length: f64,
    /// The node before the junction, and the junction.
    join: [u32; 2],
}

/// Takes away end branches that are shorter than the options allow, the shortest first, until there are none.
///
/// A line without a junction stays, however short.
pub(crate) fn prune(graph: &mut Graph, options: &Options) {
    let depths = graph.nodes.iter().map(|node| node.depth);
    // No end branch longer than this is a spur, wherever it ends.
    let longest = options.spur_radii * depths.fold(0.0, f64::max) + options.spur_mm;
    // The length of an end branch only ever grows, when the junction it ends at has no other branch any more. So one
    // that is popped too early is pushed again, and one that changes while it is not in the heap is pushed then.
    let mut open = BinaryHeap::new();
    let ends = (0..).zip(&graph.nodes).filter(|(_, node)| node.beside.len() == 1);
    open.extend(ends.map(|(end, _)| (Reverse(Length(0.0)), Reverse(end))));
    while let Some((Reverse(Length(expected)), Reverse(end))) = open.pop() {
        if graph.node(end).beside.len() != 1 {
            continue;
        }
        let Some(branch) = end_branch(graph, end, longest) else { continue };
        let [_, junction] = branch.join;
        let limit = options.spur_radii * graph.node(junction).depth + options.spur_mm;
        if branch.length >= limit {
            continue;
        }
        if branch.length > expected {
            open.push((Reverse(Length(branch.length)), Reverse(end)));
            continue;
        }
        remove(graph, end, branch.join);
        if let [one, other] = graph.node(junction).beside[..] {
            // Whatever ends beyond the former junction is a longer end branch now.
            for next in [one, other] {
                let last = follow(graph, junction, next, longest).map(|(_, [_, last])| last);
                let end = last.filter(|&last| graph.node(last).beside.len() == 1);
                open.extend(end.map(|end| (Reverse(Length(0.0)), Reverse(end))));
            }
        }
    }
}

/// A length in mm that can be ordered.
#[derive(PartialEq)]
struct Length(f64);

impl Eq for Length {}

impl PartialOrd for Length {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Length {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The end branch of an end, `None` where it runs to another end or is longer than `longest`.
fn end_branch(graph: &Graph, end: u32, longest: f64) -> Option<EndBranch> {
    let next = graph.onward(None, end).next()?;
    let (length, join) = follow(graph, end, next, longest)?;
    (graph.node(join[1]).beside.len() > 2).then_some(EndBranch { length, join })
}

/// How far it is from `from` over `at` to the next junction or end, and the last two nodes; `None` where it is farther
/// than `longest`.
fn follow(graph: &Graph, mut from: u32, mut at: u32, longest: f64) -> Option<(f64, [u32; 2])> {
    let mut length = graph.apart(from, at);
    while let [one, other] = graph.node(at).beside[..] {
        if length > longest {
            return None;
        }
        let next = if one == from { other } else { one };
        length += graph.apart(at, next);
        (from, at) = (at, next);
    }
    Some((length, [from, at]))
}

/// Takes the nodes of an end branch out of the tree, without its junction. They stay in the graph, joined with nothing
/// that is left, as nodes that are gone.
fn remove(graph: &mut Graph, end: u32, [last, junction]: [u32; 2]) {
    graph.part(last, junction);
    let mut gone = Some(end);
    while let Some(at) = gone {
        let node = &mut graph.nodes[at as usize];
        node.gone = true;
        let beside = std::mem::take(&mut node.beside);
        gone = (at != last)
            .then(|| beside.iter().copied().find(|&next| !graph.node(next).gone))
            .flatten();
    }
}
