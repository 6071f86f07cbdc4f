use segmentation::bits;

use crate::Layer;
use crate::extent::Extent;
use crate::segments::{Segment, ascending, descending};

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

/// What is seen of the layers along one axis of the volume.
pub struct Canvas<'a> {
    extent: &'a Extent,
    /// The axis.
    along: usize,
    /// Whether its last voxel is the nearest.
    from_end: bool,
    /// Cells along the first of the other two axes, which follow each other in a row, and along the second.
    size: [usize; 2],
    cells: Vec<Seen>,
    /// A bit a cell: whether it is done with, as the layer in work was met there. Each row begins a word and has a word more than it
    /// needs.
    met: Vec<u64>,
    /// The slice in work.
    slice: Option<usize>,
}

impl<'a> Canvas<'a> {
    /// Draws layer by layer, the nearest voxels of each slice first, so that a cell is done with as soon as it is met.
    pub fn drawn(layers: &[Layer<'_>], extent: &'a Extent, along: usize, from_end: bool) -> Self {
        let others = [usize::from(along == 0), if along == 2 { 1 } else { 2 }];
        let size @ [columns, rows] = others.map(|axis| extent.tracks[axis].cells());
        let cells = vec![Seen::NOTHING; columns * rows];
        let met = vec![0; (columns.div_ceil(64) + 1) * rows];
        let mut canvas = Self { extent, along, from_end, size, cells, met, slice: None };
        for (number, layer) in layers.iter().enumerate() {
            canvas.met.fill(0);
            canvas.slice = None;
            let draw = |segment| canvas.draw(segment, number);
            // Along x each segment is drawn in one cell, so that the order is no matter, and `ascending` has less to look at.
            match from_end && along != 0 {
                false => ascending(layer.mask).for_each(draw),
                true => descending(layer.mask).for_each(draw),
            }
        }
        canvas
    }

    /// The cell with these numbers along the first and the second of the other two axes.
    pub fn cell(&self, column: usize, row: usize) -> Seen {
        self.cells[row * self.size[0] + column]
    }

    #[inline]
    fn draw(&mut self, segment: Segment, layer: usize) {
        let [columns, rows, slices] = &self.extent.tracks;
        let [x, y, z] = segment.at;
        let last = segment.last();
        let nearest = [if self.from_end { last } else { x }, y, z][self.along];
        let track = &self.extent.tracks[self.along];
        let depth = if self.from_end { track.behind(nearest) } else { track.before(nearest) };
        let seen = Seen::new(depth, layer);
        let row = match self.along {
            0 => return self.put(rows.cell(y), slices.cell(z), seen),
            1 => self.begin(z, slices.cell(z)),
            _ => rows.cell(y),
        };
        for cell in self.unmet(row, columns.cell(x), columns.cell(last)) {
            if segment.bits & columns.voxels(cell, x) != 0 {
                self.put(cell, row, seen);
            }
        }
    }

    /// A row may show several slices. They come one after the other, each with its nearest voxels first.
    #[inline]
    fn begin(&mut self, slice: usize, row: usize) -> usize {
        if self.slice.replace(slice) != Some(slice) {
            let row = self.met_at(0, row)..self.met_at(0, row + 1);
            self.met[row].fill(0);
        }
        row
    }

    fn met_at(&self, column: usize, row: usize) -> usize {
        row * (self.size[0].div_ceil(64) + 1) + column / 64
    }

    /// The cells of a row from `first` to `last`, at most 63 later, in which the layer is not met yet.
    #[inline]
    fn unmet(&self, row: usize, first: usize, last: usize) -> impl Iterator<Item = usize> + use<> {
        let at = self.met_at(first, row);
        let both = u128::from(self.met[at + 1]) << 64 | u128::from(self.met[at]);
        let met = (both >> (first % 64)) as u64;
        let wanted = u64::MAX >> (63 - (last - first));
        bits(!met & wanted).map(move |bit| first + bit)
    }

    #[inline]
    fn put(&mut self, column: usize, row: usize, seen: Seen) {
        let at = self.met_at(column, row);
        self.met[at] |= 1 << (column % 64);
        let cell = &mut self.cells[row * self.size[0] + column];
        *cell = seen.min(*cell);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use segmentation::Mask;

    use super::*;
    use crate::Axes;

    proptest! {
        /// Along axes with less than a pixel a voxel, rows and columns show several.
        #[test]
        fn of_all_voxels_in_a_cell_the_nearest_is_seen(
            shape in prop::array::uniform3(1usize..80),
            chosen in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 1..300), 1..4),
            spacing in prop::array::uniform3(0.01..1.0),
            axis in 0usize..3,
            from_end: bool,
        ) {
            let mut masks = vec![Mask::empty(shape).unwrap(); chosen.len()];
            for (mask, chosen) in masks.iter_mut().zip(&chosen) {
                chosen.iter().for_each(|index| mask.set(index.index(mask.voxels())));
            }
            let layers: Vec<_> = masks.iter().map(|mask| Layer { mask, colour: [9; 3] }).collect();
            let extent = Extent::of(&layers, spacing, Axes::LPS).unwrap();
            let canvas = Canvas::drawn(&layers, &extent, axis, from_end);

            let [columns, rows] = [[1, 2], [0, 2], [0, 1]][axis];
            let mut expected = vec![None; canvas.cells.len()];
            for (layer, mask) in masks.iter().enumerate() {
                for at in mask.ones() {
                    let voxel = [at % shape[0], at / shape[0] % shape[1], at / shape[0] / shape[1]];
                    let track = &extent.tracks[axis];
                    let depth = if from_end { track.behind(voxel[axis]) } else { track.before(voxel[axis]) };
                    let cell = |axis: usize| extent.tracks[axis].cell(voxel[axis]);
                    let seen = &mut expected[cell(rows) * canvas.size[0] + cell(columns)];
                    if seen.is_none_or(|(other, _)| depth <= other) {
                        *seen = Some((depth, layer));
                    }
                }
            }
            prop_assert!(canvas.cells.iter().map(|seen| seen.get()).eq(expected));
        }
    }
}
