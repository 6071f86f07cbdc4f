use segmentation::Mask;

/// Foreground of one row along x, within one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// (x, y, z) of its first voxel, which is foreground.
    pub at: [usize; 3],
    /// Which of the 64 voxels from there on are foreground; the lowest bit is.
    pub bits: u64,
}

impl Segment {
    /// The x of its last voxel.
    pub fn last(&self) -> usize {
        self.at[0] + self.bits.ilog2() as usize
    }
}

/// The foreground of a mask, in the order of its voxels.
pub fn ascending(mask: &Mask) -> impl Iterator<Item = Segment> {
    mask.occupied().flat_map(|(at, bits)| Segments { shape: mask.shape(), start: at * 64, bits })
}

/// The same from the last segment to the first. It looks at all words of the mask.
pub fn descending(mask: &Mask) -> impl Iterator<Item = Segment> {
    let words = mask.words().iter().enumerate().rev().filter(|(_, bits)| **bits != 0);
    words.flat_map(|(at, bits)| Segments { shape: mask.shape(), start: at * 64, bits: *bits }.rev())
}

/// A word, cut where rows end.
struct Segments {
    shape: [usize; 3],
    /// The index of the voxel of the lowest bit.
    start: usize,
    bits: u64,
}

impl Segments {
    /// The row of a bit, and the first bit behind the row, which may lie beyond the word.
    #[inline]
    fn row(&self, bit: u32) -> (usize, usize) {
        let row = (self.start + bit as usize) / self.shape[0];
        (row, (row + 1) * self.shape[0] - self.start)
    }

    /// Of these bits of a row.
    #[inline]
    fn segment(&self, row: usize, bits: u64) -> Segment {
        let [nx, ny, _] = self.shape;
        let first = bits.trailing_zeros();
        let x = self.start + first as usize - row * nx;
        Segment { at: [x, row % ny, row / ny], bits: bits >> first }
    }
}

impl Iterator for Segments {
    type Item = Segment;

    #[inline]
    fn next(&mut self) -> Option<Segment> {
        let first = self.bits.checked_ilog2().map(|_| self.bits.trailing_zeros())?;
        let (row, end) = self.row(first);
        let beyond = if end < 64 { self.bits >> end << end } else { 0 };
        let segment = self.segment(row, self.bits ^ beyond);
        self.bits = beyond;
        Some(segment)
    }
}

impl DoubleEndedIterator for Segments {
    #[inline]
    fn next_back(&mut self) -> Option<Segment> {
        let (row, end) = self.row(self.bits.checked_ilog2()?);
        let start = end.saturating_sub(self.shape[0]);
        let bits = self.bits >> start << start;
        self.bits ^= bits;
        Some(self.segment(row, bits))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn segments_are_the_foreground_either_way(
            shape in prop::array::uniform3(1usize..90),
            chosen in prop::collection::vec(any::<prop::sample::Index>(), 0..200),
        ) {
            let mut mask = Mask::empty(shape).unwrap();
            chosen.iter().for_each(|index| mask.set(index.index(mask.voxels())));
            let forth: Vec<_> = ascending(&mask).collect();
            let voxels = forth.iter().flat_map(|segment| {
                let start = mask.index(segment.at);
                assert!(segment.last() < shape[0]);
                segmentation::bits(segment.bits).map(move |bit| start + bit)
            });
            prop_assert!(voxels.eq(mask.ones()));
            let mut back: Vec<_> = descending(&mask).collect();
            back.reverse();
            prop_assert_eq!(back, forth);
        }
    }
}
