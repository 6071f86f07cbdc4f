mod array;
mod majority;

/// A binary segmentation of shape (x, y, z), one bit a voxel, x fastest.
///
/// Voxel (x, y, z) is bit `x + nx * (y + ny * z)`, counted from the lowest bit
/// of the first word. Bits past the last voxel are always 0.
///
/// A segmentation is nearly all background, so the mask knows which words are not 0: whoever walks
/// over the foreground never touches the others, not even their pages of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    shape: [usize; 3],
    words: Vec<u64>,
    /// One bit a word: whether it is not 0.
    occupied: Vec<u64>,
}

impl Mask {
    /// An empty mask of shape (x, y, z), or `None` if its voxels can't be counted in `usize`.
    pub fn empty(shape: [usize; 3]) -> Option<Self> {
        let words = voxels(shape)?.div_ceil(64);
        Some(Self { shape, words: vec![0; words], occupied: vec![0; words.div_ceil(64)] })
    }

    /// Shape (x, y, z) in voxels.
    #[inline]
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// How many voxels the volume has, foreground or not.
    pub fn voxels(&self) -> usize {
        self.shape.iter().product()
    }

    /// The bits, 64 voxels a word.
    #[inline]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The words that are not 0, ascending, each with its index.
    #[inline]
    pub fn occupied(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let occupied = self.occupied.iter().enumerate();
        occupied
            .flat_map(|(at, &word)| bits(word).map(move |bit| at * 64 + bit))
            .map(|at| (at, self.words[at]))
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        (self.words.len() + self.occupied.len()) * size_of::<u64>()
    }

    /// Number of foreground voxels.
    pub fn count(&self) -> usize {
        self.occupied().map(|(_, word)| word.count_ones() as usize).sum()
    }

    /// Linear index of voxel (x, y, z).
    #[inline]
    pub fn index(&self, [x, y, z]: [usize; 3]) -> usize {
        let [nx, ny, nz] = self.shape;
        debug_assert!(x < nx && y < ny && z < nz);
        x + nx * (y + ny * z)
    }

    /// Whether the voxel with this linear index is foreground.
    ///
    /// # Panics
    /// If the index is past the last word.
    #[inline]
    pub fn get(&self, index: usize) -> bool {
        self.words[index / 64] >> (index % 64) & 1 == 1
    }

    /// Makes the voxel with this linear index foreground.
    ///
    /// # Panics
    /// If the index is not of a voxel.
    #[inline]
    pub fn set(&mut self, index: usize) {
        assert!(index < self.voxels(), "voxel {index} is outside the mask");
        self.or_word(index / 64, 1 << (index % 64));
    }

    /// Keeps of the foreground the voxels of whose linear index `keep` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        let occupied: Vec<usize> = self.occupied().map(|(at, _)| at).collect();
        for at in occupied {
            let mut word = self.words[at];
            for bit in bits(word).filter(|bit| !keep(at * 64 + bit)) {
                word &= !(1 << bit);
            }
            self.words[at] = word;
            if word == 0 {
                self.occupied[at / 64] &= !(1 << (at % 64));
            }
        }
    }

    #[inline]
    fn or_word(&mut self, at: usize, bits: u64) {
        self.words[at] |= bits;
        self.occupied[at / 64] |= u64::from(bits != 0) << (at % 64);
    }

    /// Makes the `len` voxels from the linear index `start` on foreground or not, by the lowest bits of `bits`.
    #[inline]
    pub(super) fn or_bits(&mut self, start: usize, bits: u64, len: usize) {
        debug_assert!(len <= 64 && start + len <= self.voxels());
        let (word, shift) = (start / 64, start % 64);
        self.or_word(word, bits << shift);
        if shift + len > 64 {
            self.or_word(word + 1, bits >> (64 - shift));
        }
    }

    /// The mask with its axes in reverse order: (x, y, z) becomes (z, y, x).
    pub(super) fn reversed(&self) -> Self {
        let [nx, ny, nz] = self.shape;
        let mut reversed = Self {
            shape: [nz, ny, nx],
            words: vec![0; self.words.len()],
            occupied: vec![0; self.occupied.len()],
        };
        for index in self.ones() {
            let (x, y, z) = (index % nx, index / nx % ny, index / nx / ny);
            reversed.or_bits(z + nz * (y + ny * x), 1, 1);
        }
        reversed
    }

    /// Linear indices of the foreground voxels, ascending.
    #[inline]
    pub fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.occupied().flat_map(|(at, word)| bits(word).map(move |bit| at * 64 + bit))
    }
}

/// Indices of the bits of a word that are 1, ascending.
#[inline]
pub fn bits(word: u64) -> impl Iterator<Item = usize> {
    let rest = |rest: &u64| Some(rest & (rest - 1)).filter(|&rest| rest != 0);
    let from = std::iter::successors(Some(word).filter(|&word| word != 0), rest);
    from.map(|rest| rest.trailing_zeros() as usize)
}

/// Number of voxels of a volume of this shape, `None` on overflow.
pub fn voxels(shape: [usize; 3]) -> Option<usize> {
    shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size))
}
