//! Counting 26-connected components.

use super::grid::Grid;

/// A run of foreground along a row, from its first bit, counted over all words, to the one after its last.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: usize,
    end: usize,
}

/// How many components a mask has, voxels being neighbours that share a face, an edge or a corner.
///
/// Runs rather than voxels are joined, as a union-find with path halving.
pub(super) fn components(grid: &Grid) -> usize {
    let runs = runs(grid);
    let mut sets = Sets::new(runs.len());
    let [along_x, along_y] = grid.strides();
    // From each of the rows before that touch a row, by this many bits.
    for step in [along_y, along_x - along_y, along_x, along_x + along_y].map(|words| words * 64) {
        let (mut a, mut b) = (0, 0);
        while let (Some(run), Some(before)) = (runs.get(a), runs.get(b)) {
            if run.start <= before.end + step && before.start + step <= run.end {
                sets.join(a, b);
            }
            if run.end < before.end + step { a += 1 } else { b += 1 }
        }
    }
    sets.count
}

/// All runs, ascending. Rows begin and end in the margin, so that no run touches one of the next row.
fn runs(grid: &Grid) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for at in grid.occupied() {
        let mut rest = grid.words()[at];
        while rest != 0 {
            let start = rest.trailing_zeros();
            let end = start + (rest >> start).trailing_ones();
            rest &= rest.wrapping_add(1 << start);
            let [start, end] = [start, end].map(|bit| at * 64 + bit as usize);
            match runs.last_mut() {
                // It began in the word before.
                Some(last) if last.end == start => last.end = end,
                _ => runs.push(Run { start, end }),
            }
        }
    }
    runs
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
