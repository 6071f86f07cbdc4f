//! The nearest foreground voxel where one is known to be close: whole rows of bits at a glance.

use super::nearest::Found;
use super::scan::word_from;
use crate::volume::Mask;

/// How far the rows reach, in voxels of the shorter of the spacings they are apart.
const REACH: isize = 8;

/// A glance is 64 voxels of a row: this many before the one in the middle, then from it on.
const BEFORE: usize = 32;

/// The rows along x around a voxel, nearest first.
pub(super) struct Rows {
    rows: Vec<Row>,
    spacing: f64,
    within: f64,
}

/// A row, seen from the voxel in the middle of all; squares in mm².
struct Row {
    dy: isize,
    dz: isize,
    y_squared: f64,
    z_squared: f64,
}

impl Row {
    /// Squared distance of the nearest voxel the row can have.
    fn squared(&self) -> f64 {
        self.y_squared + self.z_squared
    }
}

impl Rows {
    /// For a volume with this spacing (x, y, z) in mm.
    pub fn new(spacing: [f64; 3]) -> Self {
        let [sx, sy, sz] = spacing.map(f64::abs);
        let radius = (REACH as f64 * sy.min(sz)).min((BEFORE - 1) as f64 * sx);
        let within = radius * radius;
        let square = |steps: isize, spacing: f64| (steps as f64 * spacing).powi(2);
        let mut rows: Vec<Row> = (-REACH..=REACH)
            .flat_map(|dz| (-REACH..=REACH).map(move |dy| (dy, dz)))
            .map(|(dy, dz)| Row { dy, dz, y_squared: square(dy, sy), z_squared: square(dz, sz) })
            .filter(|row| row.squared() < within)
            .collect();
        rows.sort_by(|a, b| a.squared().total_cmp(&b.squared()));
        Self { rows, spacing: sx, within }
    }

    /// The squared distance in mm² up to which every voxel lies within a glance.
    pub fn within(&self) -> f64 {
        self.within
    }

    /// Finds the foreground voxel nearest to `from` if there is a better one than `best`,
    /// which lies [`within`](Self::within).
    pub fn improve(&self, mask: &Mask, from: [usize; 3], best: &mut Found) {
        let [nx, ny, nz] = mask.shape();
        let [x, y, z] = from;
        let (first, end) = (BEFORE.saturating_sub(x), (nx + BEFORE).saturating_sub(x).min(64));
        if first >= end {
            return;
        }
        // Beyond the ends of a row lie its neighbours.
        let inside = (u64::MAX << first) & (u64::MAX >> (64 - end));
        for row in &self.rows {
            if row.squared() >= best.squared {
                return;
            }
            let (y, z) = (y.wrapping_add_signed(row.dy), z.wrapping_add_signed(row.dz));
            if y >= ny || z >= nz {
                continue;
            }
            let middle = x + nx * (y + ny * z);
            let glance = word_from(mask.words(), middle as isize - BEFORE as isize) & inside;
            let forth = (glance >> BEFORE).trailing_zeros() as usize;
            let back = (glance << (63 - BEFORE)).leading_zeros() as usize;
            let (steps, x) = if back < forth { (back, x - back) } else { (forth, x + forth) };
            let squared = (steps as f64 * self.spacing).powi(2) + row.y_squared + row.z_squared;
            if glance != 0 && squared < best.squared {
                *best = Found { voxel: [x, y, z], squared };
            }
        }
    }
}
