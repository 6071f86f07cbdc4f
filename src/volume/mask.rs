/// A binary segmentation of shape (x, y, z), one bit a voxel, x fastest.
///
/// Voxel (x, y, z) is bit `x + nx * (y + ny * z)`, counted from the lowest bit
/// of the first word. Bits past the last voxel are always 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    shape: [usize; 3],
    words: Vec<u64>,
}

impl Mask {
    /// An empty mask of shape (x, y, z), or `None` if its voxels can't be counted in `usize`.
    pub fn empty(shape: [usize; 3]) -> Option<Self> {
        let voxels = voxels(shape)?;
        Some(Self { shape, words: vec![0; voxels.div_ceil(64)] })
    }

    /// Shape (x, y, z) in voxels.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// How many voxels the volume has, foreground or not.
    pub fn voxels(&self) -> usize {
        self.shape.iter().product()
    }

    /// The bits, 64 voxels a word.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Number of foreground voxels.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Linear index of voxel (x, y, z).
    pub fn index(&self, [x, y, z]: [usize; 3]) -> usize {
        let [nx, ny, nz] = self.shape;
        debug_assert!(x < nx && y < ny && z < nz);
        x + nx * (y + ny * z)
    }

    /// Whether the voxel with this linear index is foreground.
    ///
    /// # Panics
    /// If the index is past the last word.
    pub fn get(&self, index: usize) -> bool {
        self.words[index / 64] >> (index % 64) & 1 == 1
    }

    /// Makes the voxel with this linear index foreground.
    ///
    /// # Panics
    /// If the index is not of a voxel.
    pub fn set(&mut self, index: usize) {
        assert!(index < self.voxels(), "voxel {index} is outside the mask");
        self.words[index / 64] |= 1 << (index % 64);
    }

    /// Makes the `len` voxels from the linear index `start` on foreground or not, by the lowest bits of `bits`.
    pub(super) fn or_bits(&mut self, start: usize, bits: u64, len: usize) {
        debug_assert!(len <= 64 && start + len <= self.voxels());
        let (word, shift) = (start / 64, start % 64);
        self.words[word] |= bits << shift;
        if shift + len > 64 {
            self.words[word + 1] |= bits >> (64 - shift);
        }
    }

    /// The mask with its axes in reverse order: (x, y, z) becomes (z, y, x).
    pub(super) fn reversed(&self) -> Self {
        let [nx, ny, nz] = self.shape;
        let mut reversed = Self { shape: [nz, ny, nx], words: vec![0; self.words.len()] };
        for index in self.ones() {
            let (x, y, z) = (index % nx, index / nx % ny, index / nx / ny);
            reversed.or_bits(z + nz * (y + ny * x), 1, 1);
        }
        reversed
    }

    /// Linear indices of the foreground voxels, ascending.
    pub fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            std::iter::successors((word != 0).then_some(word), |rest| {
                let rest = rest & (rest - 1);
                (rest != 0).then_some(rest)
            })
            .map(move |rest| at * 64 + rest.trailing_zeros() as usize)
        })
    }
}

/// Number of voxels of a volume of this shape, `None` on overflow.
pub fn voxels(shape: [usize; 3]) -> Option<usize> {
    shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size))
}
