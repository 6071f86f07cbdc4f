//! One direction of HD95: a quantile of distances, without computing most of them.

use super::bricks::Bricks;
use super::cells::{self, Cell};
use super::nearest::Search;
use super::scan::{Missed, each_run};
use crate::quantile::Position;

/// Which of the missed voxels, by distance, decide one direction of HD95.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Direction {
    position: Position,
    count: usize,
    shared: usize,
}

impl Direction {
    /// For a mask of `count` voxels that shares `shared` with the other.
    ///
    /// The shared voxels come first, at distance 0. `None` where the quantile lies
    /// among them: it is exactly 0 whatever the others' distances are.
    pub fn of(count: usize, shared: usize) -> Option<Self> {
        let position = Position::of(0.95, count)?;
        (position.high >= shared).then_some(Self { position, count, shared })
    }

    /// The ranks, among the missed voxels, of the two that decide.
    pub fn ranks(self) -> [usize; 2] {
        [self.position.low, self.position.high].map(|rank| rank.saturating_sub(self.shared))
    }

    /// A guess of the quantile in mm, from a few of the missed voxels.
    pub fn guess(self, missed: Missed, search: &Search) -> f64 {
        let words = missed.words().count();
        let mut distances = Vec::with_capacity(SAMPLE);
        let mut before = None;
        let sample = missed.words().step_by(words.div_ceil(SAMPLE).max(1));
        each_run(sample, missed.shape(), |_, voxel, _| {
            let probe = Probe::new(voxel, before, search);
            before = Some(probe.found);
            distances.push(probe.distance);
        });
        distances.sort_unstable_by(f64::total_cmp);
        let rank = self.ranks()[0] * distances.len() / (self.count - self.shared).max(1);
        distances.get(rank).copied().unwrap_or(f64::INFINITY)
    }

    /// The quantile in mm, from the distances at the two ranks.
    pub fn quantile(self, [low, high]: [f64; 2]) -> f64 {
        let low = if self.position.low < self.shared { 0.0 } else { low };
        self.position.between(low, high)
    }
}

/// A voxel, and the nearest one of the other mask.
///
/// Around it lies a ball in which the other mask has nothing; and no voxel is further from the other mask
/// than from what was found.
#[derive(Clone, Copy)]
struct Probe {
    from: [usize; 3],
    found: [usize; 3],
    /// Between the two, in mm.
    distance: f64,
}

impl Probe {
    fn new(from: [usize; 3], hint: Option<[usize; 3]>, search: &Search) -> Self {
        let found = search.nearest(from, hint);
        Self { from, found: found.voxel, distance: found.squared.sqrt() }
    }

    /// The probe that lies so many mm further from what was found, as far as the volume reaches.
    fn further(&self, by: f64, shape: [usize; 3], search: &Search) -> Self {
        let factor = if self.distance > 0.0 { by / self.distance } else { 0.0 };
        let from = [0, 1, 2].map(|axis| {
            let step = (self.from[axis] as f64 - self.found[axis] as f64) * factor;
            let to = self.from[axis].saturating_add_signed(step.round() as isize);
            to.min(shape[axis] - 1)
        });
        Self::new(from, Some(self.found), search)
    }

    /// In mm; no voxel of the cell is nearer to the other mask.
    fn lower(&self, cell: &Cell, search: &Search) -> f64 {
        let reach = search.length(cell.farthest(self.from));
        self.distance - reach - ROUNDING * (self.distance + reach)
    }

    /// In mm; no voxel of the cell is further from the other mask.
    fn upper(&self, cell: &Cell, search: &Search) -> f64 {
        search.length(cell.farthest(self.found)) * (1.0 + ROUNDING)
    }
}

/// A cell and between what distances its voxels lie from the other mask.
struct Bounded {
    cell: Cell,
    /// In mm.
    lower: f64,
    /// In mm.
    upper: f64,
    /// Some voxel of the other mask, not far from the nearest ones: once the cell is measured, the one that
    /// is nearest to its middle.
    hint: Option<[u32; 3]>,
    /// Between the two, in mm.
    measured: Option<f64>,
}

impl Bounded {
    fn unknown(cell: Cell) -> Self {
        Self { cell, lower: 0.0, upper: f64::INFINITY, hint: None, measured: None }
    }

    /// Adds the parts of the cell with what is known of them from two probes.
    ///
    /// The ball around the far one is flatter where it touches the cell, so that the bounds are close
    /// on one another: by the square of a part's way from the line through both.
    fn split(self, missed: &Bricks, shape: [usize; 3], search: &Search, parts: &mut Vec<Self>) {
        let found = self.hint.map(|hint| hint.map(|at| at as usize));
        let (Some(found), Some(distance), false) = (found, self.measured, self.cell.is_voxel())
        else {
            return parts.push(self);
        };
        let near = Probe { from: self.cell.middle(), found, distance };
        let reach = search.length(self.cell.farthest(near.from));
        let far = near.further(2.0 * reach, shape, search);
        parts.extend(self.cell.parts(missed).map(|cell| {
            let lower = near.lower(&cell, search).max(far.lower(&cell, search));
            let upper = [near, far].map(|probe| (probe.upper(&cell, search), probe.found));
            let (upper, hint) = if upper[0].0 <= upper[1].0 { upper[0] } else { upper[1] };
            Self { cell, lower, upper, hint: Some(hint.map(|at| at as u32)), measured: None }
        }));
    }

    /// Finds the nearest voxel to the middle of the cell.
    fn measure(&mut self, beside: Option<[usize; 3]>, search: &Search) -> [usize; 3] {
        let middle = self.cell.middle();
        let squared =
            |to: &[usize; 3]| search.squared([0, 1, 2].map(|k| middle[k].abs_diff(to[k])));
        let hint = self.hint.map(|hint| hint.map(|at| at as usize));
        let hints = hint.into_iter().chain(beside);
        let hint = hints.min_by(|a, b| squared(a).total_cmp(&squared(b)));
        let probe = Probe::new(middle, hint, search);
        if self.cell.is_voxel() {
            (self.lower, self.upper) = (probe.distance, probe.distance);
        } else {
            self.lower = self.lower.max(probe.lower(&self.cell, search));
            self.upper = self.upper.min(probe.upper(&self.cell, search));
        }
        self.hint = Some(probe.found.map(|at| at as u32));
        self.measured = Some(probe.distance);
        probe.found
    }
}

/// The level of bricks from which the distances are narrowed down to voxels.
const FROM: usize = 1;

/// How many voxels a first guess is made from.
const SAMPLE: usize = 24;

/// Distances are rounded; a bound has to hold all the same.
const ROUNDING: f64 = 1e-12;

/// The 0.95 quantile in mm of the distances from one mask's voxels to those `search` finds.
///
/// A few [probes](Probe) bound the distances of all the voxels of a cell, and so those at the wanted
/// ranks. Cells that lie wholly below or above are counted and never looked into, the others are split
/// and measured again. This is what bounds the cost of a prediction that fills half the volume: time and
/// memory grow with the surface on which the quantile's distance is taken, where a distance transform
/// would need the whole volume in f64.
pub(super) fn directed(direction: Direction, missed: Missed, search: &Search) -> f64 {
    let mut ranks = direction.ranks();
    let bricks = Bricks::of_missed(missed);
    let cells = cells::all(&bricks, FROM).into_iter().map(Bounded::unknown);
    let mut cells: Vec<_> = cells.collect();
    loop {
        measure(&mut cells, search);
        narrow(&mut cells, &mut ranks);
        if cells.iter().all(|cell| cell.cell.is_voxel()) {
            let mut distances: Vec<f64> = cells.into_iter().map(|cell| cell.lower).collect();
            let mut at = |rank| *distances.select_nth_unstable_by(rank, f64::total_cmp).1;
            return direction.quantile(ranks.map(&mut at));
        }
        let mut parts = Vec::with_capacity(cells.len());
        for cell in cells {
            cell.split(&bricks, missed.shape(), search, &mut parts);
        }
        cells = parts;
        narrow(&mut cells, &mut ranks);
        measure_around_guess(&mut cells, &mut ranks, search);
    }
}

/// Measures the cells of which a guess of the distance at a rank can't tell on which side they lie, until
/// no better guess can be made.
fn measure_around_guess(cells: &mut Vec<Bounded>, ranks: &mut [usize; 2], search: &Search) {
    loop {
        let middle = |cell: &Bounded| cell.lower + (cell.upper - cell.lower) / 2.0;
        let guesses = ranks.map(|rank| at_rank(cells, rank, middle));
        let open = |cell: &Bounded| {
            guesses.iter().any(|&guess| cell.lower <= guess && guess <= cell.upper)
        };
        if measure(cells.iter_mut().filter(|cell| open(cell)), search) == 0 {
            return;
        }
        narrow(cells, ranks);
    }
}

/// Measures the cells that are not measured yet, and says how many these were.
fn measure<'a>(cells: impl IntoIterator<Item = &'a mut Bounded>, search: &Search) -> usize {
    let mut count = 0;
    // The cell before lies beside this one as a rule.
    let mut before = None;
    for cell in cells.into_iter().filter(|cell| cell.measured.is_none()) {
        before = Some(cell.measure(before, search));
        count += 1;
    }
    count
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
            ranks.iter_mut().for_each(|rank| *rank -= cell.cell.missed());
        }
        !below && cell.lower <= high
    });
}

/// The bound at a rank, if each voxel had that of its cell.
fn at_rank(cells: &[Bounded], mut rank: usize, bound: impl Fn(&Bounded) -> f64) -> f64 {
    let mut bounds: Vec<_> = cells.iter().map(|cell| (bound(cell), cell.cell.missed())).collect();
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
