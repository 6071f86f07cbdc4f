//! 26-connected components.

use super::grid::Grid;

/// A run of bits along a row, from its first, counted over all words, to the one after its last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub start: usize,
    pub end: usize,
}

/// The components of a mask, voxels being neighbours that share a face, an edge or a corner.
#[derive(Debug)]
pub(super) struct Components {
    runs: Vec<Run>,
    sets: Sets,
}

impl Components {
    /// Runs rather than voxels are joined.
    pub fn of(grid: &Grid) -> Self {
        let runs = runs(grid);
        let mut sets = Sets::new(runs.len());
        let [along_x, along_y] = grid.strides();
        let steps = [along_y, along_x - along_y, along_x, along_x + along_y];
        // From each of the rows before that touch a row, by this many bits.
        for step in steps.map(|words| words * 64) {
            let (mut a, mut b) = (0, 0);
            while let (Some(run), Some(before)) = (runs.get(a), runs.get(b)) {
                if run.start <= before.end + step && before.start + step <= run.end {
                    sets.join(a, b);
                }
                if run.end < before.end + step { a += 1 } else { b += 1 }
            }
        }
        Self { runs, sets }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.sets.count
    }

    /// The mask's runs, ascending.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The component that a bit of the grid belongs to, as the number of its first run; `None` for background.
    pub fn holding(&mut self, bit: usize) -> Option<usize> {
        let run = self.runs.partition_point(|run| run.end <= bit);
        self.runs.get(run).filter(|run| run.start <= bit)?;
        Some(self.sets.root(run))
    }
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

/// A union-find with path halving.
#[derive(Debug)]
pub(super) struct Sets {
    parents: Vec<usize>,
    /// How many sets there are.
    pub count: usize,
}

impl Sets {
    /// This many sets of one.
    pub fn new(count: usize) -> Self {
        Self { parents: (0..count).collect(), count }
    }

    /// The least of the set that has this one.
    pub fn root(&mut self, mut of: usize) -> usize {
        while self.parents[of] != of {
            self.parents[of] = self.parents[self.parents[of]];
            of = self.parents[of];
        }
        of
    }

    pub fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.parents[a.max(b)] = a.min(b);
            self.count -= 1;
        }
    }
}
