//! One direction of HD95: a quantile of distances, without computing most of them.

use super::cells::{self, Cell};
use super::nearest::Search;
use super::quantile::Position;
use super::scan::Missed;

/// Which of the missed voxels, by distance, decide one direction of HD95.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Direction {
    position: Position,
    shared: usize,
}

impl Direction {
    /// For a mask of `count` voxels that shares `shared` with the other.
    ///
    /// The shared voxels come first, at distance 0. `None` where the quantile lies
    /// among them: it is exactly 0 whatever the others' distances are.
    pub fn of(count: usize, shared: usize) -> Option<Self> {
        let position = Position::of(0.95, count)?;
        (position.high >= shared).then_some(Self { position, shared })
    }

    /// The ranks, among the missed voxels, of the two that decide.
    fn ranks(self) -> [usize; 2] {
        [self.position.low, self.position.high].map(|rank| rank.saturating_sub(self.shared))
    }

    /// The quantile in mm, from the distances at the two ranks.
    fn quantile(self, [low, high]: [f64; 2]) -> f64 {
        let low = if self.position.low < self.shared { 0.0 } else { low };
        self.position.between(low, high)
    }
}

/// A cell and how far away its middle is.
struct Measured {
    cell: Cell,
    nearest: [usize; 3],
    /// From the cell's middle, in mm.
    distance: f64,
}

/// Sides of the cells by which the distances are narrowed down to voxels.
///
/// Odd, so that the middle of a cell is a voxel and all others are as near as can be.
const SIDES: [usize; 3] = [9, 3, 1];

/// The 0.95 quantile in mm of the distances from one mask's voxels to those `search` finds.
///
/// Between two voxels r mm apart the distance differs by r at most. So the distance
/// from the middle of a cell bounds those of all its voxels, and with them the
/// distances at the wanted ranks; cells that lie wholly below or above are counted
/// and never looked into, the others are split and measured again. This is what
/// bounds the cost of a prediction that fills half the volume: time and memory grow
/// with the surface on which the quantile's distance is taken, where a distance
/// transform would need the whole volume in f64.
pub(super) fn directed(direction: Direction, missed: Missed, search: &Search) -> f64 {
    let mut ranks = direction.ranks();
    let mut cells = measure(cells::all(missed, SIDES[0]), SIDES[0], None, search);
    for pair in SIDES.windows(2) {
        let (side, into) = (pair[0], pair[1]);
        narrow(&mut cells, &mut ranks, search.length([side / 2; 3]));
        let split = |parent: Measured| {
            let parts = cells::split(missed, parent.cell, side, into);
            measure(parts, into, Some(parent.nearest), search)
        };
        cells = cells.into_iter().flat_map(split).collect();
    }
    let mut distances: Vec<f64> = cells.into_iter().map(|voxel| voxel.distance).collect();
    direction.quantile(ranks.map(|rank| *distances.select_nth_unstable_by(rank, f64::total_cmp).1))
}

fn measure(
    cells: Vec<Cell>,
    side: usize,
    mut hint: Option<[usize; 3]>,
    search: &Search,
) -> Vec<Measured> {
    let measured = cells.into_iter().map(|cell| {
        let found = search.nearest(cell.middle(side), hint);
        hint = Some(found.voxel);
        Measured { cell, nearest: found.voxel, distance: found.squared.sqrt() }
    });
    measured.collect()
}

/// Drops the cells that can't hold a voxel at the ranks, and takes those below off the ranks.
///
/// `reach` is how far in mm a voxel can be from its cell's middle. A sorted list of
/// numbers that each grow or shrink by `reach` at most keeps its ranks within `reach`.
fn narrow(cells: &mut Vec<Measured>, ranks: &mut [usize; 2], reach: f64) {
    cells.sort_unstable_by(|a, b| a.distance.total_cmp(&b.distance));
    let [low, high] = ranks.map(|rank| {
        let mut passed = 0;
        let at = cells.iter().position(|cell| {
            passed += cell.cell.missed;
            passed > rank
        });
        at.map_or(f64::INFINITY, |at| cells[at].distance)
    });
    // Distances are rounded; a little more than twice the reach keeps the bound safe.
    let margin = 2.0 * reach + 1e-9 * (high + reach);
    cells.retain(|cell| {
        let below = cell.distance < low - margin;
        if below {
            ranks.iter_mut().for_each(|rank| *rank -= cell.cell.missed);
        }
        !below && cell.distance <= high + margin
    });
}
