//! One direction of HD95: a quantile of distances, without computing most of them.

use super::bounded::{Bounded, Probe};
use super::bricks::Bricks;
use super::cells;
use super::nearest::Search;
use super::scan::{Missed, each_run};
use reproducible::Position;

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

/// The level of bricks from which the distances are narrowed down to voxels.
const FROM: usize = 1;

/// How many voxels a first guess is made from.
const SAMPLE: usize = 24;

/// The 0.95 quantile in mm of the distances from one mask's voxels to those `search` finds.
///
/// A few [probes](Probe) bound the distances of all the voxels of a cell, and so those at the wanted
/// ranks. Cells that lie wholly below or above are counted and never looked into; those that may hold what
/// is wanted are split and measured again, down to bricks of voxels, which are looked up. This is what bounds
/// the cost of a prediction that fills half the volume: time and memory grow with the surface on which the
/// quantile's distance is taken, where a distance transform would need the whole volume in f64.
pub(super) fn directed(direction: Direction, missed: Missed, search: &Search) -> f64 {
    let bricks = Bricks::of_missed(missed);
    let cells = cells::all(&bricks, FROM).into_iter().map(Bounded::unknown).collect();
    let mut known = Known { cells, distances: Vec::new(), ranks: direction.ranks() };
    loop {
        let guesses = known.guess(search);
        let open: Vec<_> = known.cells.extract_if(.., |cell| cell.may_hold(guesses)).collect();
        if open.is_empty() {
            return direction.quantile(guesses);
        }
        for cell in open {
            let (parts, distances) = (&mut known.cells, &mut known.distances);
            cell.open(&bricks, missed.shape(), search, parts, distances);
        }
        known.narrow();
    }
}

/// What is known of the missed voxels' distances.
struct Known {
    /// Of these, bounds.
    cells: Vec<Bounded>,
    /// In mm, of single voxels.
    distances: Vec<f64>,
    /// The two that are wanted, among all of them.
    ranks: [usize; 2],
}

impl Known {
    /// Guesses the distances in mm at the ranks, and measures the cells that may hold one, until no better guess
    /// can be made.
    ///
    /// A guess that no cell may hold is the distance itself: it is that of a voxel, and all cells are known to
    /// lie on the side of it on which they were counted.
    fn guess(&mut self, search: &Search) -> [f64; 2] {
        loop {
            let middle = |cell: &Bounded| cell.lower + (cell.upper - cell.lower) / 2.0;
            let guesses = self.ranks.map(|rank| self.at_rank(rank, middle));
            let open = |cell: &&mut Bounded| !cell.is_measured() && cell.may_hold(guesses);
            // The cell before lies beside this one as a rule.
            let mut before = None;
            for cell in self.cells.iter_mut().filter(open) {
                before = Some(cell.measure(before, search));
            }
            if before.is_none() {
                return guesses;
            }
            self.narrow();
        }
    }

    /// Drops what can't be at the ranks, and takes what lies below off the ranks.
    ///
    /// The distance at a rank is no smaller than the lower bound at that rank, and no larger than the upper one.
    fn narrow(&mut self) {
        let [low, high] = self.ranks;
        let low = self.at_rank(low, |cell| cell.lower);
        let high = self.at_rank(high, |cell| cell.upper);
        let mut below = 0;
        self.cells.retain(|cell| {
            let is_below = cell.upper < low;
            below += if is_below { cell.cell.missed() } else { 0 };
            !is_below && cell.lower <= high
        });
        self.distances.retain(|&distance| {
            below += usize::from(distance < low);
            (low..=high).contains(&distance)
        });
        self.ranks = self.ranks.map(|rank| rank - below);
    }

    /// The distance at a rank, if each voxel had the bound of its cell.
    fn at_rank(&self, mut rank: usize, bound: impl Fn(&Bounded) -> f64) -> f64 {
        let cells = self.cells.iter().map(|cell| (bound(cell), cell.cell.missed()));
        let mut bounds: Vec<_> = cells.chain(self.distances.iter().map(|&at| (at, 1))).collect();
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
}
