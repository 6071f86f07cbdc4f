use crate::segments::ascending;
use crate::view::{GAP, MARGIN};
use crate::{Axes, Layer, MAX_HEIGHT, MAX_WIDTH};

/// The most pixels the longest edge of a voxel takes.
const MAX_ZOOM: f64 = 8.0;

/// The box around the foreground of all layers.
pub struct Extent {
    /// Along each axis of the volume.
    pub tracks: [Track; 3],
    /// The axis of the volume that runs along each axis of the patient.
    pub volume_axes: [usize; 3],
    /// Pixels along each axis of the patient, 1 at least.
    pub pixels: [usize; 3],
}

/// The box along one axis of the volume, in cells: what a pixel shows where it shows several voxels, else a voxel.
pub struct Track {
    /// Whether it runs against the axis of the patient.
    pub reversed: bool,
    /// The first voxel.
    low: usize,
    /// Voxels, 1 at least.
    pub len: usize,
    /// A voxel's edge, pixels.
    pub edge: f64,
    /// The first voxel of each cell, counted from the box's, and the end of the last one.
    pub starts: Vec<usize>,
}

impl Extent {
    /// `None` if no layer has any foreground.
    pub fn of(layers: &[Layer<'_>], spacing: [f64; 3], axes: Axes) -> Option<Self> {
        let (mut low, mut high) = ([usize::MAX; 3], [0; 3]);
        for segment in layers.iter().flat_map(|layer| ascending(layer.mask)) {
            let [_, y, z] = segment.at;
            let last = [segment.last(), y, z];
            for axis in 0..3 {
                low[axis] = low[axis].min(segment.at[axis]);
                high[axis] = high[axis].max(last[axis]);
            }
        }
        if low[0] > high[0] {
            return None;
        }
        let len = [0, 1, 2].map(|axis| high[axis] - low[axis] + 1);
        // Relative to the largest, so that nothing overflows.
        let largest = spacing.into_iter().fold(0.0, f64::max);
        let relative = spacing.map(|mm| mm / largest);
        let (mut volume_axes, mut size) = ([0; 3], [0.0; 3]);
        for axis in 0..3 {
            let patient = axes.of_volume(axis).patient;
            volume_axes[patient] = axis;
            size[patient] = len[axis] as f64 * relative[axis];
        }
        let scale = scale(size);
        let pixels = size.map(|size| (size * scale).round().max(1.0) as usize);
        let tracks = [0, 1, 2].map(|axis| {
            let of_patient = axes.of_volume(axis);
            let cells = len[axis].min(pixels[of_patient.patient]);
            Track {
                reversed: of_patient.reversed,
                low: low[axis],
                len: len[axis],
                edge: relative[axis] * scale,
                starts: starts(len[axis], cells, of_patient.reversed),
            }
        });
        Some(Self { tracks, volume_axes, pixels })
    }
}

/// Pixels for one unit of length, such that the picture is as large as it may be.
fn scale([left, back, up]: [f64; 3]) -> f64 {
    // Rounding, and the pixel that each of the three has at least, take three.
    let width = MAX_WIDTH as f64 - (2 * MARGIN + 2 * GAP + 3) as f64;
    let height = MAX_HEIGHT as f64 - (2 * MARGIN + 1) as f64;
    (width / (2.0 * left + back)).min(height / up.max(back)).min(MAX_ZOOM)
}

impl Track {
    pub fn cells(&self) -> usize {
        self.starts.len() - 1
    }

    /// Voxels of the box before this voxel of the volume.
    pub fn before(&self, voxel: usize) -> usize {
        voxel - self.low
    }

    /// Voxels of the box behind it.
    pub fn behind(&self, voxel: usize) -> usize {
        self.len - 1 - self.before(voxel)
    }

    /// The cell of this voxel of the volume.
    #[inline]
    pub fn cell(&self, voxel: usize) -> usize {
        let cells = self.cells();
        match self.reversed {
            false => part(self.before(voxel), cells, self.len),
            true => cells - 1 - part(self.behind(voxel), cells, self.len),
        }
    }

    /// Which of the 64 voxels from this one of the volume on are of this cell, the lowest bit being the first.
    #[inline]
    pub fn voxels(&self, cell: usize, from: usize) -> u64 {
        let first = self.before(from);
        let up_to = |start: usize| match start.saturating_sub(first) {
            count @ 0..64 => (1 << count) - 1,
            _ => u64::MAX,
        };
        up_to(self.starts[cell + 1]) & !up_to(self.starts[cell])
    }
}

/// Which of `parts` equal parts of `len` this one lies in.
fn part(at: usize, parts: usize, len: usize) -> usize {
    (at as u64 * parts as u64 / len as u64) as usize
}

/// Where the cells begin. Cells are cut along the axis of the patient, so that the picture is the same whichever way the volume lies.
fn starts(len: usize, cells: usize, reversed: bool) -> Vec<usize> {
    let start = |cell: usize| (cell as u64 * len as u64).div_ceil(cells as u64) as usize;
    match reversed {
        false => (0..=cells).map(start).collect(),
        true => (0..=cells).rev().map(|cell| len - start(cell)).collect(),
    }
}
