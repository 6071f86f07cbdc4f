//! Counting 26-connected components.

use super::grid::Grid;

/// A run of foreground along a row, from its first bit to the one after its last.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: usize,
    end: usize,
}

impl Run {
    /// Whether a run of a row beside this one's touches it, be it by a corner.
    fn touches(&self, other: &Run) -> bool {
        self.start <= other.end && other.start <= self.end
    }
}

/// How many components a mask has, voxels being neighbours that share a face, an edge or a corner.
///
/// Runs rather than voxels are joined, as a union-find with path halving.
pub(super) fn components(grid: &Grid) -> usize {
    let [along_x, along_y] = grid.rows();
    let mut runs = Vec::new();
    // Where the runs of each row begin, and at the end how many there are.
    let mut firsts = vec![0];
    for row in grid.words().chunks_exact(grid.width()) {
        each_run(row, |run| runs.push(run));
        firsts.push(runs.len());
    }

    let mut sets = Sets::new(runs.len());
    for x in 1..along_x - 1 {
        for y in 1..along_y - 1 {
            let row = x * along_y + y;
            for before in [row - 1, row - along_y - 1, row - along_y, row - along_y + 1] {
                let (mut a, mut b) = (firsts[row], firsts[before]);
                while a < firsts[row + 1] && b < firsts[before + 1] {
                    if runs[a].touches(&runs[b]) {
                        sets.join(a, b);
                    }
                    if runs[a].end < runs[b].end { a += 1 } else { b += 1 }
                }
            }
        }
    }
    sets.count
}

fn each_run(row: &[u64], mut visit: impl FnMut(Run)) {
    let mut start = None;
    for (at, &word) in row.iter().enumerate() {
        // The bits where a run begins or ends.
        let mut edges = word ^ (word << 1 | u64::from(start.is_some()));
        while edges != 0 {
            let bit = at * 64 + edges.trailing_zeros() as usize;
            edges &= edges - 1;
            match start.take() {
                None => start = Some(bit),
                Some(start) => visit(Run { start, end: bit }),
            }
        }
    }
}

struct Sets {
    parents: Vec<usize>,
    count: usize,
}

impl Sets {
    fn new(count: usize) -> Self {
        Self { parents: (0..count).collect(), count }
    }

    fn root(&mut self, mut of: usize) -> usize {
        while self.parents[of] != of {
            self.parents[of] = self.parents[self.parents[of]];
            of = self.parents[of];
        }
        of
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.parents[a.max(b)] = a.min(b);
            self.count -= 1;
        }
    }
}
