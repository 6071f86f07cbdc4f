use crate::Layer;
use crate::extent::Extent;
use crate::segments::{Segment, segments};
use crate::view::{VIEWS, View};

/// What is seen of the masks from one direction, cell by cell.
pub struct Projection {
    /// Cells to the right and down.
    pub size: [usize; 2],
    /// Rows from the top; each from the left.
    pub cells: Vec<Seen>,
}

/// The voxel seen in a cell: the depth in voxels behind the nearest of all, then the layer counted from the last. The least of
/// several is the nearest, and of the equally near ones that of the latest layer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen(u64);

impl Seen {
    pub const NOTHING: Self = Self(u64::MAX);

    fn new(depth: usize, layer: usize) -> Self {
        Self((depth as u64) << 8 | (255 - layer as u64))
    }

    /// Depth and layer.
    pub fn get(self) -> Option<(usize, usize)> {
        (self != Self::NOTHING).then_some(((self.0 >> 8) as usize, 255 - (self.0 & 255) as usize))
    }
}

/// Projects the layers in each direction.
pub fn project(layers: &[Layer<'_>], extent: &Extent) -> [Projection; 3] {
    let mut canvases = VIEWS.each_ref().map(|view| Canvas::new(view, extent));
    for (number, layer) in layers.iter().enumerate() {
        for segment in segments(layer.mask) {
            draw(&mut canvases, extent, segment, number);
        }
    }
    canvases.map(|canvas| canvas.projection)
}

/// Draws a segment in each view: once in the view along it, and once in each cell that it touches in the others.
#[inline]
fn draw(canvases: &mut [Canvas; 3], extent: &Extent, segment: Segment, layer: usize) {
    let [columns, rows, slices] = &extent.tracks;
    let [x, y, z] = [0, 1, 2].map(|axis| extent.tracks[axis].inside(segment.at[axis]));
    let (row, slice) = (rows.cell(y), slices.cell(z));
    let first = columns.cell(x);
    let base = canvases.each_ref().map(|canvas| canvas.at([0, row, slice]));
    let seen = canvases.each_ref().map(|canvas| {
        let x = if canvas.from_end { columns.inside(segment.last()) } else { x };
        Seen::new(canvas.depth([x, y, z]), layer)
    });
    for (view, canvas) in canvases.iter_mut().enumerate() {
        if canvas.strides[0] == 0 {
            canvas.put(base[view], seen[view]);
            continue;
        }
        let (mut bits, mut cell) = (segment.bits, first);
        while bits != 0 {
            let end = columns.starts[cell + 1] - x;
            let beyond = if end < 64 { bits >> end << end } else { 0 };
            if beyond != bits {
                canvas.put(base[view] + canvas.strides[0] * cell as isize, seen[view]);
            }
            bits = beyond;
            cell += 1;
        }
    }
}

/// A projection in the making, addressed by the cells of the volume.
struct Canvas {
    projection: Projection,
    /// Where the volume's first cell is drawn.
    origin: isize,
    /// The way from a cell of the volume to the next, along each of its axes; 0 along the line of sight.
    strides: [isize; 3],
    /// The volume's axis along the line of sight, and its voxels.
    depth_axis: usize,
    depth_len: usize,
    /// Whether the last voxel along it is the nearest.
    from_end: bool,
}

impl Canvas {
    fn new(view: &View, extent: &Extent) -> Self {
        let [across, down, depth_axis] =
            [view.across, view.down, view.depth].map(|patient| extent.volume_axes[patient]);
        let [columns, rows, along] =
            [across, down, depth_axis].map(|axis| &extent.tracks[axis]);
        let size = [columns.cells(), rows.cells()];
        let (mut origin, mut strides) = (0, [0; 3]);
        for (axis, step, cells, backwards) in [
            (across, 1, size[0], columns.reversed),
            (down, size[0] as isize, size[1], rows.reversed != view.upward),
        ] {
            strides[axis] = if backwards { -step } else { step };
            origin += if backwards { step * (cells as isize - 1) } else { 0 };
        }
        Self {
            projection: Projection { size, cells: vec![Seen::NOTHING; size[0] * size[1]] },
            origin,
            strides,
            depth_axis,
            depth_len: along.len,
            from_end: along.reversed != view.towards,
        }
    }

    fn at(&self, cells: [usize; 3]) -> isize {
        let along = |axis: usize| self.strides[axis] * cells[axis] as isize;
        self.origin + along(0) + along(1) + along(2)
    }

    fn depth(&self, inside: [usize; 3]) -> usize {
        let at = inside[self.depth_axis];
        if self.from_end { self.depth_len - 1 - at } else { at }
    }

    #[inline]
    fn put(&mut self, at: isize, seen: Seen) {
        let cell = &mut self.projection.cells[at as usize];
        *cell = seen.min(*cell);
    }
}
