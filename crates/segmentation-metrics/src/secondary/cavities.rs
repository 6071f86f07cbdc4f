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
/// In a row only the gaps between two runs can be part of one. They are joined with the gaps of the rows beside theirs
/// that overlap with them, and with the outside where they overlap with what lies before the first or
/// after the last foreground voxel of such a row.
pub(super) fn cavities(grid: &Grid, runs: &[Run]) -> usize {
    let (rows, mut gaps) = rows(runs, grid.width() * 64);
    let [along_x, along_y] = grid.strides();
    // In rows: from a row to the next along y, and along x.
    for step in [1, along_x / along_y] {
        join_rows(&rows, &mut gaps, step);
    }
    gaps.sets.count - 1
}

/// All gaps, and which of them are one.
#[derive(Debug)]
struct Gaps {
    /// As bits along their rows; the number of the first is 1.
    runs: Vec<Run>,
    sets: Sets,
}

impl Gaps {
    /// Joins with the outside those gaps of a row that some background beside them is part of.
    fn open(&mut self, row: &Row, beside: impl Fn(Run) -> bool) {
        for gap in row.gaps.clone() {
            if beside(self.runs[gap - 1]) {
                self.sets.join(OUTSIDE, gap);
            }
        }
    }

    /// Joins the gaps of two rows beside each other that overlap.
    fn join(&mut self, row: &Row, next: &Row) {
        let (mut a, mut b) = (row.gaps.start, next.gaps.start);
        while a < row.gaps.end && b < next.gaps.end {
            let (gap, other) = (self.runs[a - 1], self.runs[b - 1]);
            if gap.start < other.end && other.start < gap.end {
                self.sets.join(a, b);
            }
            if gap.end < other.end { a += 1 } else { b += 1 }
        }
    }
}

/// The rows that have these runs, and their gaps, each row being `length` bits long.
fn rows(runs: &[Run], length: usize) -> (Vec<Row>, Gaps) {
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
    (rows, Gaps { runs: gaps, sets })
}

/// Joins the gaps of each row with what is beside them `step` rows further on or back.
fn join_rows(rows: &[Row], gaps: &mut Gaps, step: usize) {
    let (mut a, mut b) = (0, 0);
    loop {
        let order = match (rows.get(a), rows.get(b)) {
            (Some(row), Some(next)) => (row.number + step).cmp(&next.number),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return,
        };
        match order {
            // Beside it is a row of background.
            Ordering::Less => gaps.open(&rows[a], |_| true),
            Ordering::Greater => gaps.open(&rows[b], |_| true),
            Ordering::Equal => {
                let (row, next) = (&rows[a], &rows[b]);
                for (own, Row { span, .. }) in [(row, next), (next, row)] {
                    gaps.open(own, |gap| gap.start < span.start || gap.end > span.end);
                }
                gaps.join(row, next);
            }
        }
        a += usize::from(order.is_le());
        b += usize::from(order.is_ge());
    }
}
