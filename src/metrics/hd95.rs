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
    pub fn ranks(self) -> [usize; 2] {
        [self.position.low, self.position.high].map(|rank| rank.saturating_sub(self.shared))
    }

    /// The quantile in mm, from the distances at the two ranks.
    pub fn quantile(self, [low, high]: [f64; 2]) -> f64 {
        let low = if self.position.low < self.shared { 0.0 } else { low };
        self.position.between(low, high)
    }
}

/// A cell and between what distances its voxels lie from the other mask.
struct Bounded {
    cell: Cell,
    /// In mm; no voxel of the cell is nearer.
    lower: f64,
    /// In mm; no voxel of the cell is further.
    upper: f64,
    /// From the cell's middle, in mm; until it is measured, from that of the cell it is a part of.
    distance: f64,
    measured: bool,
    /// Some voxel of the other mask, not far from the nearest ones.
    hint: Option<[usize; 3]>,
}

/// Sides of the cells by which the distances are narrowed down to voxels.
///
/// Odd, so that the middle of a cell is a voxel and all others are as near as can be; each a third of the
/// one before.
const SIDES: [usize; 4] = [27, 9, 3, 1];

/// Of the cells that are left, one in so many is measured to guess the quantile.
const ONE_IN: usize = 16;

/// Distances are rounded; a bound has to hold all the same.
const ROUNDING: f64 = 1e-12;

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
    let unknown = |cell| Bounded {
        cell,
        lower: 0.0,
        upper: f64::INFINITY,
        distance: 0.0,
        measured: false,
        hint: None,
    };
    let mut cells: Vec<_> = cells::all(missed, SIDES[0]).into_iter().map(unknown).collect();
    measure(&mut cells, SIDES[0], search);
    for pair in SIDES.windows(2) {
        let (side, into) = (pair[0], pair[1]);
        narrow(&mut cells, &mut ranks);
        let mut parts = Vec::with_capacity(cells.len());
        for cell in &cells {
            split(cell, side, missed, search, &mut parts);
        }
        cells = parts;
        narrow(&mut cells, &mut ranks);
        measure_around_guess(&mut cells, ranks, into, search);
        narrow(&mut cells, &mut ranks);
        measure(&mut cells, into, search);
    }
    let mut distances: Vec<f64> = cells.into_iter().map(|voxel| voxel.lower).collect();
    direction.quantile(ranks.map(|rank| *distances.select_nth_unstable_by(rank, f64::total_cmp).1))
}

/// Measures the cells that may lie about as far away as the ranks wanted, guessed from a few of them.
///
/// If the guess was right, the bounds of all others tell on which side they lie.
fn measure_around_guess(cells: &mut [Bounded], ranks: [usize; 2], side: usize, search: &Search) {
    measure(cells.iter_mut().step_by(ONE_IN), side, search);
    let mut sample: Vec<f64> = cells.iter().step_by(ONE_IN).map(|cell| cell.distance).collect();
    sample.sort_unstable_by(f64::total_cmp);
    let voxels: usize = cells.iter().map(|cell| cell.cell.missed).sum();
    let slack = sample.len().isqrt() / 2 + 1;
    let [low, high] = ranks.map(|rank| rank * sample.len() / voxels.max(1));
    let reach = search.length([side / 2; 3]);
    let from = sample.get(low.saturating_sub(slack)).copied().unwrap_or(0.0) - reach;
    let to = sample.get(high + slack).copied().unwrap_or(f64::INFINITY) + reach;
    let near = |cell: &&mut Bounded| cell.lower <= to && cell.upper >= from;
    measure(cells.iter_mut().filter(near), side, search);
}

/// Finds the nearest voxel to the middle of each cell that is not measured yet.
fn measure<'a>(cells: impl IntoIterator<Item = &'a mut Bounded>, side: usize, search: &Search) {
    let reach = search.length([side / 2; 3]);
    let mut before: Option<[usize; 3]> = None;
    for cell in cells.into_iter().filter(|cell| !cell.measured) {
        let middle = cell.cell.middle(side);
        let squared = |to: &[usize; 3]| search.length([0, 1, 2].map(|k| middle[k].abs_diff(to[k])));
        // The cell before lies beside this one as a rule.
        let hints = cell.hint.into_iter().chain(before);
        let hint = hints.min_by(|a, b| squared(a).total_cmp(&squared(b)));
        let found = search.nearest(middle, hint);
        cell.distance = found.squared.sqrt();
        (cell.lower, cell.upper) = match side {
            1 => (cell.distance, cell.distance),
            _ => bounds(cell.distance, cell.distance, reach),
        };
        (cell.hint, cell.measured) = (Some(found.voxel), true);
        before = cell.hint;
    }
}

/// Adds the parts of a cell with what is known of their distances from the whole.
fn split(parent: &Bounded, side: usize, missed: Missed, search: &Search, parts: &mut Vec<Bounded>) {
    let (middle, into) = (parent.cell.middle(side), side / 3);
    let reach = search.length([into / 2; 3]);
    cells::split(missed, parent.cell, side, |cell| {
        let from = cell.middle(into);
        let steps = |to: [usize; 3]| [0, 1, 2].map(|axis| from[axis].abs_diff(to[axis]));
        let lower = parent.distance - search.length(steps(middle));
        let upper = parent.hint.map_or(f64::INFINITY, |hint| search.length(steps(hint)));
        let (lower, upper) = bounds(lower, upper, reach);
        let (distance, hint) = (parent.distance, parent.hint);
        parts.push(Bounded { cell, lower, upper, distance, measured: false, hint });
    });
}

/// The bounds for all voxels no further than `reach` from one whose distance lies between the two.
fn bounds(lower: f64, upper: f64, reach: f64) -> (f64, f64) {
    let rounding = ROUNDING * (upper + reach);
    (lower - reach - rounding, upper + reach + rounding)
}

/// Drops the cells that can't hold a voxel at the ranks, and takes those below off the ranks.
///
/// The number at a rank is no smaller than the lower bound at that rank, and no larger than the upper one.
fn narrow(cells: &mut Vec<Bounded>, ranks: &mut [usize; 2]) {
    let [low, high] = *ranks;
    let low = at_rank(cells, low, |cell| cell.lower);
    let high = at_rank(cells, high, |cell| cell.upper);
    cells.retain(|cell| {
        let below = cell.upper < low;
        if below {
            ranks.iter_mut().for_each(|rank| *rank -= cell.cell.missed);
        }
        !below && cell.lower <= high
    });
}

/// The bound at a rank, if each voxel had that of its cell.
fn at_rank(cells: &[Bounded], mut rank: usize, bound: impl Fn(&Bounded) -> f64) -> f64 {
    let mut bounds: Vec<_> = cells.iter().map(|cell| (bound(cell), cell.cell.missed)).collect();
    let mut left = bounds.as_mut_slice();
    while left.len() > 1 {
        let half = left.len() / 2;
        left.select_nth_unstable_by(half, |a, b| a.0.total_cmp(&b.0));
        let (low, high) = left.split_at_mut(half);
        let passed: usize = low.iter().map(|(_, missed)| missed).sum();
        left = if rank < passed {
            low
        } else {
            rank -= passed;
            high
        };
    }
    left.first().map_or(f64::INFINITY, |at| at.0)
}
