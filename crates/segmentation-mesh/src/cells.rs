use crate::vector::{Point, bounds, squared};

/// The most cells a box is divided into.
const MAX_CELLS: f64 = 4e6;

/// Things in the cells of a cubic lattice, so that the nearest one is found by looking around.
pub struct Cells {
    low: Point,
    size: f64,
    counts: [usize; 3],
    /// Where the things of each cell begin, and one more for the end.
    starts: Vec<u32>,
    things: Vec<u32>,
}

impl Cells {
    /// Of things with these boxes, in cells of this edge, or of a longer one where that were too many.
    pub fn new(boxes: &[[Point; 2]], edge: f64) -> Self {
        let [low, high] = bounds(boxes.iter().flatten().copied());
        let extent = [0, 1, 2].map(|axis| (high[axis] - low[axis]).max(0.0));
        let count = |size: f64| extent.map(|extent| (extent / size).floor() + 1.0);
        let mut size = edge;
        while count(size).iter().product::<f64>() > MAX_CELLS {
            size *= 2.0;
        }
        let counts = count(size).map(|count| count as usize);
        let mut cells = Self { low, size, counts, starts: Vec::new(), things: Vec::new() };

        let mut starts = vec![0; counts.iter().product::<usize>() + 1];
        boxes.iter().for_each(|of| cells.covered(of, |cell| starts[cell] += 1));
        // Each count becomes the end of its own, and is counted down to the start.
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        let mut things = vec![0; end as usize];
        for (thing, of) in boxes.iter().enumerate() {
            cells.covered(of, |cell| {
                starts[cell] -= 1;
                things[starts[cell] as usize] = thing as u32;
            });
        }
        (cells.starts, cells.things) = (starts, things);
        cells
    }

    /// The squared distance from a point to the nearest thing, given that to each; infinite where there is nothing.
    pub fn nearest(&self, point: Point, squared_to: impl Fn(usize) -> f64) -> f64 {
        let own = self.cell(point);
        // How many cells further out the lattice begins, and ends.
        let outside = |axis: usize| [-own[axis], own[axis] - (self.counts[axis] as i64 - 1)];
        let first = (0..3).flat_map(outside).max().unwrap_or(0).max(0);
        let last =
            (0..3).flat_map(|axis| outside(axis).map(|by| by + self.counts[axis] as i64 - 1));
        let last = last.max().unwrap_or(0);
        let mut best = f64::INFINITY;
        for ring in first..=last {
            // What lies in this ring or beyond is at least as far as the cells before are wide.
            let beyond = (ring - 1).max(0) as f64 * self.size;
            if best <= beyond * beyond {
                break;
            }
            self.ring(own, ring, |cell| {
                if self.squared_to_cell(point, cell) >= best {
                    return;
                }
                let cell = self.index(cell);
                for &thing in
                    &self.things[self.starts[cell] as usize..self.starts[cell + 1] as usize]
                {
                    best = best.min(squared_to(thing as usize));
                }
            });
        }
        best
    }

    /// The squared distance from a point to a cell, a little less rather than more.
    fn squared_to_cell(&self, point: Point, cell: [usize; 3]) -> f64 {
        let beside = |axis: usize| {
            let low = self.low[axis] + cell[axis] as f64 * self.size;
            let beside = (low - point[axis]).max(point[axis] - (low + self.size));
            (beside - 1e-9 * self.size).max(0.0)
        };
        squared([beside(0), beside(1), beside(2)])
    }

    fn cell(&self, point: Point) -> [i64; 3] {
        [0, 1, 2].map(|axis| ((point[axis] - self.low[axis]) / self.size).floor() as i64)
    }

    fn covered(&self, [low, high]: &[Point; 2], mut visit: impl FnMut(usize)) {
        let within = |point: &Point| {
            let cell = self.cell(*point);
            [0, 1, 2].map(|axis| cell[axis].clamp(0, self.counts[axis] as i64 - 1) as usize)
        };
        let (low, high) = (within(low), within(high));
        for z in low[2]..=high[2] {
            for y in low[1]..=high[1] {
                for x in low[0]..=high[0] {
                    visit(self.index([x, y, z]));
                }
            }
        }
    }

    fn index(&self, [x, y, z]: [usize; 3]) -> usize {
        (z * self.counts[1] + y) * self.counts[0] + x
    }

    /// The cells that are exactly so many steps away, diagonal ones counted as one.
    fn ring(&self, own: [i64; 3], ring: i64, mut visit: impl FnMut([usize; 3])) {
        let range = |axis: usize| {
            let last = self.counts[axis] as i64 - 1;
            (own[axis] - ring).max(0)..=(own[axis] + ring).min(last)
        };
        let mut visit = |cell: [i64; 3]| visit(cell.map(|at| at as usize));
        for z in range(2) {
            for y in range(1) {
                if (z - own[2]).abs() == ring || (y - own[1]).abs() == ring {
                    range(0).for_each(|x| visit([x, y, z]));
                } else {
                    let sides = [own[0] - ring, own[0] + ring];
                    sides
                        .into_iter()
                        .filter(|x| range(0).contains(x))
                        .for_each(|x| visit([x, y, z]));
                }
            }
        }
    }
}
