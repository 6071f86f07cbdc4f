use segmentation::Mask;

/// Foreground of one row along x, within one word.
#[derive(Clone, Copy)]
pub struct Segment {
    /// (x, y, z) of its first voxel, which is foreground.
    pub at: [usize; 3],
    /// Which of the 64 voxels from there on are foreground; the lowest bit is.
    pub bits: u64,
}

impl Segment {
    /// The x of its last voxel.
    pub fn last(&self) -> usize {
        self.at[0] + 63 - self.bits.leading_zeros() as usize
    }
}

/// The foreground of a mask, ascending.
pub fn segments(mask: &Mask) -> impl Iterator<Item = Segment> {
    mask.occupied().flat_map(move |(word, bits)| Segments {
        shape: mask.shape(),
        next: word * 64,
        bits,
    })
}

/// A word cut at the ends of rows.
struct Segments {
    shape: [usize; 3],
    /// The index of the voxel of the lowest bit.
    next: usize,
    bits: u64,
}

impl Iterator for Segments {
    type Item = Segment;

    #[inline]
    fn next(&mut self) -> Option<Segment> {
        if self.bits == 0 {
            return None;
        }
        let [nx, ny, _] = self.shape;
        let empty = self.bits.trailing_zeros();
        let (start, bits) = (self.next + empty as usize, self.bits >> empty);
        let row = start / nx;
        let x = start - row * nx;
        let z = row / ny;
        let left = nx - x;
        let (here, rest) = if left < 64 { (bits & ((1 << left) - 1), bits >> left) } else { (bits, 0) };
        (self.next, self.bits) = (start + left, rest);
        Some(Segment { at: [x, row - z * ny, z], bits: here })
    }
}
