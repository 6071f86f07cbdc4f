//! Cavities: 6-connected components of the background that the foreground encloses.

use std::cmp::Ordering;
use std::ops::Range;

use super::components::{Run, Sets};
use super::grid::Grid;

/// The set of all background that is open to the volume's surroundings; gaps are numbered from 1.
const OUTSIDE: usize = 0;

/// A row with some foreground.
#[derive(Debug)]
struct Row {
    /// Its number in the grid.
    number: usize,
    /// From its first foreground voxel to the one after its last, as bits along the row.
    span: Run,
    /// Its gaps, by their numbers.
    gaps: Range<usize>,
}

/// How many cavities a mask has, given its runs. The volume is surrounded by background.
///
/// In a row only the gaps between two runs can be part of one. They are joined with gaps of the rows beside theirs
/// that overlap with them, and with the outside where they overlap with what lies before the first or
/// after the last foreground voxel of such a row.
pub(super) fn cavities(grid: &Grid, runs: &[Run]) -> usize {
    let mut found = Gaps::new(runs, grid.width() * 64);
    let [along_x, along_y] = grid.strides();
    // In rows: from a row to the next along y, and along x.
    for step in [1, along_x / along_y] {
        found.join_rows(step);
    }
    found.sets.count - 1
}

#[derive(Debug)]
struct Gaps {
    rows: Vec<Row>,
    /// As bits along their rows.
    gaps: Vec<Run>,
    sets: Sets,
}

impl Gaps {
    /// Of runs, in rows of `length` bits.
    fn new(runs: &[Run], length: usize) -> Self {
        let (mut rows, mut gaps): (Vec<Row>, Vec<Run>) = (Vec::new(), Vec::new());
        for run in runs {
            let number = run.start / length;
            let [start, end] = [run.start, run.end].map(|bit| bit - number * length);
            match rows.last_mut() {
                Some(row) if row.number == number => {
                    gaps.push(Run { start: row.span.end, end: start });
                    row.span.end = end;
                    row.gaps.end += 1;
                }
                _ => {
                    let next = gaps.len() + 1;
                    rows.push(Row { number, span: Run { start, end }, gaps: next..next });
                }
            }
        }
        let sets = Sets::new(gaps.len() + 1);
        Self { rows, gaps, sets }
    }

    /// Joins what touches of each row and the one `step` rows further on, which may be empty.
    fn join_rows(&mut self, step: usize) {
        let Self { rows, gaps, sets } = self;
        let mut open = |row: &Row| row.gaps.clone().for_each(|gap| sets.join(OUTSIDE, gap));
        let (mut a, mut b) = (0, 0);
        let mut pairs = Vec::new();
        loop {
            let order = match (rows.get(a), rows.get(b)) {
                (Some(row), Some(next)) => (row.number + step).cmp(&next.number),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => break,
            };
            match order {
                Ordering::Less => open(&rows[a]),
                Ordering::Greater => open(&rows[b]),
                Ordering::Equal => pairs.push((a, b)),
            }
            a += usize::from(order.is_le());
            b += usize::from(order.is_ge());
        }
        for (a, b) in pairs {
            let (row, next) = (&rows[a], &rows[b]);
            for (own, other) in [(row, next), (next, row)] {
                for gap in own.gaps.clone() {
                    let Run { start, end } = gaps[gap - 1];
                    if start < other.span.start || end > other.span.end {
                        sets.join(OUTSIDE, gap);
                    }
                }
            }
            let (mut a, mut b) = (row.gaps.start, next.gaps.start);
            while a < row.gaps.end && b < next.gaps.end {
                let (gap, other) = (gaps[a - 1], gaps[b - 1]);
                if gap.start < other.end && other.start < gap.end {
                    sets.join(a, b);
                }
                if gap.end < other.end { a += 1 } else { b += 1 }
            }
        }
    }
}
