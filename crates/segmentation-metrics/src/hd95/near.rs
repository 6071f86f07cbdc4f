//! One direction of HD95 where it is short: 64 voxels at a time.

use super::Direction;
use crate::scan::{Difference, each_run, word_from};
use segmentation::Mask;

/// How far the shells reach, in voxels of the shortest spacing.
const REACH: usize = 6;

/// The search gives up where a shell finds fewer than one in this many of the voxels still open: most of them are far off.
const MIN_SHARE: usize = 128;

/// The neighbours of a voxel, grouped by their distance, nearest first.
#[derive(Clone, Debug)]
pub(crate) struct NeighbourOffsets(Vec<Shell>);

/// All neighbours at one distance.
#[derive(Clone, Debug)]
struct Shell {
    /// In mm².
    squared: f64,
    /// Along (x, y, z), in voxels.
    offsets: Vec<[isize; 3]>,
}

/// Voxels of a row for which no neighbour has been found yet.
struct Open {
    /// Linear index of the voxel of the lowest bit.
    start: isize,
    /// Its place (x, y, z).
    at: [usize; 3],
    bits: u64,
}

impl NeighbourOffsets {
    /// For a volume with this spacing (x, y, z) in mm.
    pub fn new(spacing: [f64; 3]) -> Self {
        let spacing = spacing.map(f64::abs);
        let shortest = spacing.into_iter().fold(f64::INFINITY, f64::min);
        let square = |steps: isize, spacing: f64| (steps as f64 * spacing).powi(2);
        // Whatever is nearer than this is among the offsets.
        let end = square(REACH as isize + 1, shortest);
        let reach = REACH as isize;
        let mut offsets = Vec::new();
        for z in -reach..=reach {
            for y in -reach..=reach {
                for x in -reach..=reach {
                    let squared =
                        square(x, spacing[0]) + square(y, spacing[1]) + square(z, spacing[2]);
                    if squared < end {
                        offsets.push((squared, [x, y, z]));
                    }
                }
            }
        }
        offsets.sort_by(|a, b| a.0.total_cmp(&b.0));
        let shells = offsets.chunk_by(|a, b| a.0 == b.0);
        let shell = |shell: &[(f64, [isize; 3])]| Shell {
            squared: shell[0].0,
            offsets: shell.iter().map(|&(_, offset)| offset).collect(),
        };
        // The first is the voxel itself, which is missed.
        Self(shells.skip(1).map(shell).collect())
    }

    /// In mm, how far they reach in all directions.
    pub fn reach(&self) -> f64 {
        self.0.last().map_or(0.0, |shell| shell.squared.sqrt())
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        let offsets: usize = self.0.iter().map(|shell| shell.offsets.capacity()).sum();
        self.0.capacity() * size_of::<Shell>() + offsets * size_of::<[isize; 3]>()
    }

    /// The 0.95 quantile in mm of the distances of the missed voxels to their nearest neighbour.
    ///
    /// `None` where it is, or seems to be, beyond the shells.
    pub fn quantile(&self, direction: Direction, difference: Difference) -> Option<f64> {
        let mut open = Vec::new();
        each_run(difference.words(), difference.shape(), |start, at, bits| {
            open.push(Open { start: start as isize, at, bits });
        });
        let mut left: usize = open.iter().map(|open| open.bits.count_ones() as usize).sum();
        let ranks = direction.ranks().map(|rank| left - rank);
        let mut distances = [None; 2];
        for shell in &self.0 {
            let before = left;
            left = 0;
            open.retain_mut(|open| {
                shell.close(open, difference.without);
                left += open.bits.count_ones() as usize;
                open.bits != 0
            });
            for (distance, rank) in distances.iter_mut().zip(ranks) {
                if left < rank {
                    distance.get_or_insert(shell.squared.sqrt());
                }
            }
            if let [Some(low), Some(high)] = distances {
                return Some(direction.quantile([low, high]));
            }
            if before - left < before / MIN_SHARE {
                return None;
            }
        }
        None
    }
}

impl Shell {
    /// Strikes out the voxels that have a neighbour in this shell.
    fn close(&self, open: &mut Open, by: &Mask) {
        let [nx, ny, nz] = by.shape();
        let [x, y, z] = open.at;
        for &[dx, dy, dz] in &self.offsets {
            let (to_y, to_z) = (y.wrapping_add_signed(dy), z.wrapping_add_signed(dz));
            if to_y >= ny || to_z >= nz {
                continue;
            }
            let row = (dy + dz * ny as isize) * nx as isize;
            let neighbours = word_from(by.words(), open.start + row + dx) & inside(x, dx, nx);
            open.bits &= !neighbours;
            if open.bits == 0 {
                return;
            }
        }
    }
}

/// Which of the 64 voxels from `x` on still lie within a row of `nx` when moved by `dx`.
fn inside(x: usize, dx: isize, nx: usize) -> u64 {
    let before = dx.unsigned_abs().saturating_sub(x);
    let end = nx.saturating_sub(x).saturating_add_signed(-dx);
    if dx < 0 && before > 0 {
        u64::MAX.checked_shl(before as u32).unwrap_or(0)
    } else if dx > 0 && end < 64 {
        (1 << end) - 1
    } else {
        u64::MAX
    }
}
