//! What is nearest to a voxel of a centreline: background, or another centreline.

use super::grid::Grid;
use super::length::SAME;
use super::{MAX_RADIUS_MM, NotComputed};

/// Where a voxel lies in every grid of its volume.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    /// See [`Grid::place`].
    place: [usize; 2],
    /// The bit, counted over its row.
    bit: usize,
}

impl Spot {
    /// Of a bit of a grid, counted over all words.
    pub fn of(grid: &Grid, bit: usize) -> Self {
        Self { place: grid.place(bit / 64), bit: bit % (64 * grid.width()) }
    }
}

/// The rows around a voxel that a radius reaches, nearest first.
#[derive(Clone, Debug)]
pub(super) struct Disc {
    rows: Vec<Row>,
    /// The spacing along z in mm.
    along_z: f64,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    dx: isize,
    dy: isize,
    /// The square of its distance in mm.
    squared: f64,
}

impl Disc {
    /// Of the radius [`MAX_RADIUS_MM`], for a spacing (x, y, z) in mm.
    pub fn new(spacing: [f64; 3]) -> Result<Self, NotComputed> {
        // Along z no more than a word is looked at to either side.
        let steps = spacing.map(|spacing| (MAX_RADIUS_MM / spacing.abs()).ceil());
        if steps.iter().any(|&steps| steps >= f64::from(u64::BITS)) {
            return Err(NotComputed::FineSpacing);
        }
        let [x, y, along_z] = spacing;
        let [most_x, most_y, _] = steps.map(|steps| steps as isize);
        let mut rows = Vec::new();
        for dx in -most_x..=most_x {
            for dy in -most_y..=most_y {
                let squared = (dx as f64 * x).powi(2) + (dy as f64 * y).powi(2);
                rows.push(Row { dx, dy, squared });
            }
        }
        rows.sort_by(|a, b| a.squared.total_cmp(&b.squared));
        Ok(Self { rows, along_z })
    }

    /// Keeps only the rows that a radius in mm reaches.
    pub fn narrow(&mut self, radius: f64) {
        let reached = self.rows.partition_point(|row| row.squared <= (radius + SAME).powi(2));
        self.rows.truncate(reached);
        self.rows.shrink_to_fit();
    }

    /// The distance in mm to the nearest background, the volume being surrounded by it, or a `limit` that is nearer.
    pub fn to_background(&self, mask: &Grid, spot: Spot, limit: f64) -> f64 {
        self.nearest::<false>(mask, spot, limit, |_, _| ()).unwrap_or(limit).min(limit)
    }

    /// The distance in mm to the nearest foreground that is not beyond a `limit`.
    ///
    /// `seen` is told the distance and the bit of some voxels, among them of all that are as near as the nearest.
    pub fn to_foreground(
        &self,
        grid: &Grid,
        spot: Spot,
        limit: f64,
        seen: impl FnMut(f64, usize),
    ) -> Option<f64> {
        self.nearest::<true>(grid, spot, limit, seen)
    }

    /// To the nearest voxel that is foreground, or that is not.
    fn nearest<const FOREGROUND: bool>(
        &self,
        grid: &Grid,
        spot: Spot,
        limit: f64,
        mut seen: impl FnMut(f64, usize),
    ) -> Option<f64> {
        let Spot { place: [x, y], bit } = spot;
        let (mut nearest, mut bound) = (None, (limit + SAME).powi(2));
        for row in &self.rows {
            if row.squared > bound {
                break;
            }
            let place = [x.wrapping_add_signed(row.dx), y.wrapping_add_signed(row.dy)];
            // What is no row of the grid is background.
            let start = grid.row_start(place);
            let words = start.map_or(&[][..], |start| &grid.words()[start..start + grid.width()]);
            let [down, up] = steps::<FOREGROUND>(words, bit);
            for (steps, at) in [(down, bit.wrapping_sub(down)), (up, bit + up)] {
                let squared = row.squared + (steps as f64 * self.along_z).powi(2);
                if steps < 64 && squared <= bound {
                    let distance = squared.sqrt();
                    let least = nearest.map_or(distance, |nearest: f64| nearest.min(distance));
                    (nearest, bound) = (Some(least), (least + SAME).powi(2));
                    seen(distance, start.unwrap_or_default() * 64 + at);
                }
            }
        }
        nearest
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.rows.capacity() * size_of::<Row>()
    }
}

/// How many steps it is down and up a row from a bit to the first that is foreground, or to the first that is not;
/// 64 where they are more than 63.
fn steps<const FOREGROUND: bool>(row: &[u64], bit: usize) -> [usize; 2] {
    let at = |word: usize| {
        let word = row.get(word).copied().unwrap_or(0);
        if FOREGROUND { word } else { !word }
    };
    let (word, bit) = (bit / 64, bit % 64);
    let down = at(word) << (63 - bit) | at(word.wrapping_sub(1)) >> 1 >> bit;
    let up = at(word) >> bit | at(word + 1) << 1 << (63 - bit);
    [down.leading_zeros() as usize, up.trailing_zeros() as usize]
}
