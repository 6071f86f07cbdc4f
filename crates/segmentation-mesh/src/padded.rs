use segmentation::Mask;

use crate::MeshError;

/// The most words the box may take: 256 MiB.
const MAX_WORDS: usize = 1 << 25;

/// A mask cut down to the box its foreground fills, with one background voxel around it, so that every surface is closed.
///
/// Rows run along x, and follow each other y before z; each begins a word.
pub struct Padded {
    /// (x, y, z) in the mask of the first voxel of the first row, which may be -1.
    pub first: [f64; 3],
    /// Rows along y and z.
    pub rows: [usize; 2],
    /// Words a row.
    pub width: usize,
    words: Vec<u64>,
}

impl Padded {
    pub fn new(mask: &Mask) -> Result<Self, MeshError> {
        let [nx, ny, _] = mask.shape();
        let voxels = || mask.ones().map(|at| [at % nx, at / nx % ny, at / nx / ny]);
        let (mut low, mut high) = ([usize::MAX; 3], [0; 3]);
        for voxel in voxels() {
            low = [0, 1, 2].map(|axis| low[axis].min(voxel[axis]));
            high = [0, 1, 2].map(|axis| high[axis].max(voxel[axis]));
        }
        if low[0] > high[0] {
            return Err(MeshError::Empty);
        }
        let size = [0, 1, 2].map(|axis| high[axis] - low[axis] + 3);
        let width = size[0].div_ceil(64);
        let words = width.saturating_mul(size[1]).saturating_mul(size[2]);
        if words > MAX_WORDS {
            return Err(MeshError::Spread);
        }
        let first = low.map(|at| at as f64 - 1.0);
        let mut padded = Self { first, rows: [size[1], size[2]], width, words: vec![0; words] };
        for voxel in voxels() {
            let [x, y, z] = [0, 1, 2].map(|axis| voxel[axis] - low[axis] + 1);
            padded.words[(z * size[1] + y) * width + x / 64] |= 1 << (x % 64);
        }
        Ok(padded)
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Words to the next row along y, and along z.
    pub fn strides(&self) -> [usize; 2] {
        [self.width, self.width * self.rows[0]]
    }

    /// A word; 0 behind the last one, as in the margin.
    #[inline]
    pub fn word(&self, at: usize) -> u64 {
        self.words.get(at).copied().unwrap_or(0)
    }

    /// The word of which each bit is the one after that bit, along x, in the word `at`. A row begins and ends in the margin, so
    /// that nothing is carried over from another.
    #[inline]
    pub fn next(&self, at: usize) -> u64 {
        self.word(at) >> 1 | self.word(at + 1) << 63
    }
}
