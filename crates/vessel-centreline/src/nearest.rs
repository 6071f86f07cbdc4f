//! The nearest of many points.

use crate::vector::{Vec3, distance};

/// Points sorted into the cells of a regular grid over the box they fill.
#[derive(Debug)]
pub(crate) struct Nearest {
    low: Vec3,
    /// Edge of a cell.
    edge: f64,
    /// How many cells there are along (x, y, z).
    cells: [usize; 3],
    /// Where in `points` each cell begins, and the end of the last.
    starts: Vec<u32>,
    /// Cell by cell, each with its index in the order they were given.
    points: Vec<(Vec3, u32)>,
}

impl Nearest {
    /// Of points, in cells of this edge, or a larger one where there would be too many cells. Whatever is
    /// not finite is found nowhere in particular.
    pub fn new(points: &[Vec3], edge: f64) -> Self {
        let first = points.first().copied().unwrap_or_default();
        let fold = |pick: fn(f64, f64) -> f64| {
            points.iter().fold(first, |a, b| [0, 1, 2].map(|axis| pick(a[axis], b[axis])))
        };
        let (low, high) = (fold(f64::min), fold(f64::max));
        let most = (8 * points.len()).max(4096) as f64;
        let mut edge = edge;
        let count =
            |edge: f64| [0, 1, 2].map(|axis| ((high[axis] - low[axis]) / edge).floor() + 1.0);
        while count(edge).iter().product::<f64>() > most {
            edge *= 1.25;
        }
        let cells = count(edge).map(|count| (count as usize).max(1));
        let mut grid = Self { low, edge, cells, starts: Vec::new(), points: Vec::new() };
        let mut sorted: Vec<(usize, u32)> =
            (0..).zip(points).map(|(at, &point)| (grid.cell(grid.place(point)), at)).collect();
        sorted.sort_unstable();
        grid.starts = vec![0; cells.iter().product::<usize>() + 1];
        sorted.iter().for_each(|&(cell, _)| grid.starts[cell + 1] += 1);
        for cell in 1..grid.starts.len() {
            grid.starts[cell] += grid.starts[cell - 1];
        }
        grid.points = sorted.iter().map(|&(_, at)| (points[at as usize], at)).collect();
        grid
    }

    /// Index and distance of the point nearest to `to`; of several as near the first.
    pub fn nearest(&self, to: Vec3) -> Option<(usize, f64)> {
        let middle = self.place(to);
        let mut best: Option<(f64, u32)> = None;
        let rings = self.cells.iter().max().copied().unwrap_or(0);
        for ring in 0..=rings {
            // Cells of this ring are at least so far from `to`, or from where it enters the box.
            let apart = ring.saturating_sub(1) as f64 * self.edge;
            if best.is_some_and(|(distance, _)| distance < apart) {
                break;
            }
            self.each_of_ring(middle, ring, |cell| {
                let [start, end] = [self.starts[cell], self.starts[cell + 1]].map(|at| at as usize);
                for &(point, at) in &self.points[start..end] {
                    let found = (distance(point, to), at);
                    if best.is_none_or(|best| found < best) {
                        best = Some(found);
                    }
                }
            });
        }
        best.map(|(distance, at)| (at as usize, distance))
    }

    /// The cell a point lies in, or the one nearest to it, by its place along each axis.
    fn place(&self, point: Vec3) -> [usize; 3] {
        [0, 1, 2].map(|axis| {
            // A negative number becomes 0.
            let place = ((point[axis] - self.low[axis]) / self.edge).floor() as usize;
            place.min(self.cells[axis] - 1)
        })
    }

    fn cell(&self, [x, y, z]: [usize; 3]) -> usize {
        x + self.cells[0] * (y + self.cells[1] * z)
    }

    /// Every cell that is `ring` cells from the middle along one axis and no more along the others.
    fn each_of_ring(&self, middle: [usize; 3], ring: usize, mut each: impl FnMut(usize)) {
        let range = |axis: usize| {
            middle[axis].saturating_sub(ring)..=(middle[axis] + ring).min(self.cells[axis] - 1)
        };
        for z in range(2) {
            for y in range(1) {
                if middle[2].abs_diff(z) == ring || middle[1].abs_diff(y) == ring {
                    range(0).for_each(|x| each(self.cell([x, y, z])));
                    continue;
                }
                let before = middle[0].checked_sub(ring);
                let after = Some(middle[0] + ring).filter(|&x| x < self.cells[0]);
                before.into_iter().chain(after).for_each(|x| each(self.cell([x, y, z])));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point() -> impl Strategy<Value = Vec3> {
        let part = || prop_oneof![-3.0..3.0, -300.0..300.0];
        [part(), part(), part()]
    }

    proptest! {
        #[test]
        fn the_nearest_point_is_that_of_comparing_all(
            points in prop::collection::vec(point(), 1..80),
            to in point(),
            edge in 0.3..9.0,
        ) {
            let all = points.iter().enumerate().map(|(at, &point)| (distance(point, to), at));
            let (apart, at) = all.min_by(|a, b| a.partial_cmp(b).unwrap()).unwrap();
            prop_assert_eq!(Nearest::new(&points, edge).nearest(to), Some((at, apart)));
        }
    }

    #[test]
    fn of_two_points_as_near_the_first_is_taken() {
        let points = [[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]];
        assert_eq!(Nearest::new(&points, 0.5).nearest([0.0; 3]), Some((0, 1.0)));
    }

    #[test]
    fn nothing_is_nearest_among_no_points() {
        assert_eq!(Nearest::new(&[], 1.0).nearest([0.0; 3]), None);
    }
}
