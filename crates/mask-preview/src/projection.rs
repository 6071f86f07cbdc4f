use crate::Layer;
use crate::canvas::{Canvas, Seen};
use crate::extent::Extent;
use crate::view::View;

/// What is seen of the layers in a view.
pub struct Projection {
    /// Cells to the right.
    columns: usize,
    /// Rows from the top, each from the left.
    cells: Vec<Seen>,
}

impl Projection {
    pub fn new(layers: &[Layer<'_>], extent: &Extent, view: &View) -> Self {
        let [across, down, depth] =
            [view.across, view.down, view.depth].map(|patient| extent.volume_axes[patient]);
        let track = |axis: usize| &extent.tracks[axis];
        let canvas = Canvas::drawn(layers, extent, depth, track(depth).reversed != view.towards);

        let along = |axis: usize, backwards: bool| {
            let last = track(axis).cells() - 1;
            (0..=last).map(move |cell| if backwards { last - cell } else { cell })
        };
        let columns: Vec<_> = along(across, track(across).reversed).collect();
        let rows = along(down, track(down).reversed != view.upward);
        let cells = rows.flat_map(|row| columns.iter().map(move |&column| (column, row)));
        let cells = cells.map(|(column, row)| match across < down {
            true => canvas.cell(column, row),
            false => canvas.cell(row, column),
        });
        Self { columns: columns.len(), cells: cells.collect() }
    }

    /// In so many pixels to the right and down: of several cells in a pixel the nearest, or one cell over several pixels.
    pub fn resized(&self, [width, height]: [usize; 2]) -> Vec<Seen> {
        let covered = |at: usize, cells: usize, pixels: usize| {
            let start = at * cells / pixels;
            start..((at + 1) * cells / pixels).max(start + 1)
        };
        let rows = self.cells.len() / self.columns;
        let columns: Vec<_> = (0..width).map(|x| covered(x, self.columns, width)).collect();
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            let rows = covered(y, rows, height);
            pixels.extend(columns.iter().map(|columns| {
                let row = |row: usize| &self.cells[row * self.columns..][columns.clone()];
                rows.clone().flat_map(row).min().copied().unwrap_or(Seen::NOTHING)
            }));
        }
        pixels
    }
}
