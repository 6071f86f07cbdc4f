//! From a tree of nodes to vessels that run outward from the ostium.

use crate::graph::Graph;
use std::collections::VecDeque;

/// Over how many mm calibres are compared.
const CALIBRE_MM: f64 = 5.0;

/// The nodes a vessel runs over, away from the ostium.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// The route it springs from, and which of its nodes. That node is this route's first as well.
    pub parent: Option<(usize, usize)>,
    pub nodes: Vec<u32>,
}

/// The routes of each component, parents before their branches; the components in the order of their first nodes.
///
/// A component's root is the end of largest calibre, and at a junction the vessel goes on where the calibre is largest,
/// the others being branches; of equal ones, the first node's. The calibre of a way is the integral of the depth over
/// its first [`CALIBRE_MM`], so that a short one counts for less than a long one.
pub(crate) fn routes(graph: &Graph) -> Vec<Vec<Route>> {
    let mut seen = vec![false; graph.nodes.len()];
    let mut components = Vec::new();
    for (start, node) in (0..).zip(&graph.nodes) {
        if node.gone || seen[start as usize] {
            continue;
        }
        let ends = ends(graph, start, &mut seen);
        let calibres = ends.iter().map(|&end| (end, calibre(graph, None, end)));
        components.push(outward(graph, largest(calibres).unwrap_or(start)));
    }
    components
}

/// The nodes of a component that are joined with one other or none, ascending; all of it has been seen then.
fn ends(graph: &Graph, start: u32, seen: &mut [bool]) -> Vec<u32> {
    let (mut open, mut ends) = (vec![start], Vec::new());
    seen[start as usize] = true;
    while let Some(at) = open.pop() {
        if graph.node(at).beside.len() < 2 {
            ends.push(at);
        }
        for next in graph.onward(None, at) {
            if !seen[next as usize] {
                seen[next as usize] = true;
                open.push(next);
            }
        }
    }
    ends.sort_unstable();
    ends
}

/// The routes of the tree around a root.
fn outward(graph: &Graph, root: u32) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    // Where a branch leaves, and its first node of its own.
    let mut open = VecDeque::from([(None, vec![root])]);
    while let Some((parent, mut nodes)) = open.pop_front() {
        let this = routes.len();
        while let Some(&at) = nodes.last() {
            let from = nodes.len().checked_sub(2).map(|before| nodes[before]);
            let ways: Vec<u32> = graph.onward(from, at).collect();
            let main = match ways[..] {
                [] => break,
                [only] => only,
                _ => {
                    let calibres = ways.iter().map(|&way| (way, calibre(graph, Some(at), way)));
                    largest(calibres).unwrap_or(ways[0])
                }
            };
            for &way in ways.iter().filter(|&&way| way != main) {
                open.push_back((Some((this, nodes.len() - 1)), vec![at, way]));
            }
            nodes.push(main);
        }
        routes.push(Route { parent, nodes });
    }
    routes
}

/// The first node of the largest calibre.
fn largest(calibres: impl Iterator<Item = (u32, f64)>) -> Option<u32> {
    let mut best: Option<(u32, f64)> = None;
    for (at, calibre) in calibres {
        if best.is_none_or(|(_, best)| calibre > best) {
            best = Some((at, calibre));
        }
    }
    best.map(|(at, _)| at)
}

/// The integral of the depth, mm², along the way that leads from `from` over `at`; where it forks, over the way with
/// the larger one.
fn calibre(graph: &Graph, from: Option<u32>, at: u32) -> f64 {
    // A node, the one before it, the mm that are left when it is reached, and the integral up to there.
    let go = |from: u32, at: u32, left: f64, sum: f64| {
        let step = graph.apart(from, at).min(left);
        let depth = (graph.node(from).depth + graph.node(at).depth) / 2.0;
        (Some(from), at, left - step, sum + step * depth)
    };
    let start = from.map_or((None, at, CALIBRE_MM, 0.0), |from| go(from, at, CALIBRE_MM, 0.0));
    let (mut open, mut most) = (vec![start], 0.0f64);
    while let Some((from, at, left, sum)) = open.pop() {
        most = most.max(sum);
        if left > 0.0 {
            open.extend(graph.onward(from, at).map(|next| go(at, next, left, sum)));
        }
    }
    most
}
