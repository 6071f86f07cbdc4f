use super::NotComputed;
use crate::scan::each_run;
use segmentation::{Mask, bits};

/// The most words a grid may take: 256 MiB.
const MAX_WORDS: usize = 1 << 25;

/// A mask cut down to the box its foreground fills, one background voxel around it.
///
/// Rows run along z, and follow each other y before x: the order in which an (x, y, z)
/// array of numpy lies in memory, which is the order that thinning is defined in. Along z
/// nothing is cut off, so that the words of any two grids of one volume are aligned.
///
/// Few words of a tree's box hold some of it, so the grid knows which.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// (x, y) of the first row that is not margin.
    first: [usize; 2],
    /// How many rows there are along x and y, both margins among them.
    rows: [usize; 2],
    /// Words a row.
    width: usize,
    words: Vec<u64>,
    /// One bit a word: whether it was marked or added to.
    occupied: Vec<u64>,
}

impl Grid {
    /// Of a mask with some foreground.
    pub fn new(mask: &Mask) -> Result<Self, NotComputed> {
        let (mut low, mut high) = ([usize::MAX; 2], [0; 2]);
        each_run(mask.occupied(), mask.shape(), |_, [x, y, _], run| {
            low = [low[0].min(x), low[1].min(y)];
            high = [high[0].max(x + run.ilog2() as usize), high[1].max(y)];
        });
        if low[0] > high[0] {
            return Err(NotComputed::Empty);
        }
        let rows = [high[0] - low[0] + 3, high[1] - low[1] + 3];
        let width = (mask.shape()[2] + 2).div_ceil(64);
        let size = rows[0].saturating_mul(rows[1]).saturating_mul(width);
        if size > MAX_WORDS {
            return Err(NotComputed::Spread);
        }
        let (words, occupied) = (vec![0; size], vec![0; size.div_ceil(64)]);
        let mut grid = Self { first: low, rows, width, words, occupied };
        let [along_x, _] = grid.strides();
        each_run(mask.occupied(), mask.shape(), |_, [x, y, z], run| {
            let first = grid.row_at(x - low[0] + 1, y - low[1] + 1) + (z + 1) / 64;
            bits(run).for_each(|step| grid.add(first + step * along_x, 1 << ((z + 1) % 64)));
        });
        Ok(grid)
    }

    /// The same rows without any foreground.
    pub fn emptied(&self) -> Self {
        Self { words: vec![0; self.words.len()], occupied: vec![0; self.occupied.len()], ..*self }
    }

    /// The same in the memory it has: fresh memory costs more than to clear the words that were added to.
    pub fn into_emptied(mut self) -> Self {
        let occupied: Vec<usize> = self.occupied().collect();
        occupied.into_iter().for_each(|at| self.words[at] = 0);
        self.occupied.fill(0);
        self
    }

    /// Adds some bits, or none, to a word.
    pub fn add(&mut self, at: usize, bits: u64) {
        self.words[at] |= bits;
        self.occupied[at / 64] |= u64::from(bits != 0) << (at % 64);
    }

    /// Counts a word among the occupied, whatever is added to it later.
    pub fn mark(&mut self, at: usize) {
        self.occupied[at / 64] |= 1 << (at % 64);
    }

    pub fn words(&self) -> &[u64] {
        &self.words
    }

    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// The indices of all words that were marked or added to, ascending; what was added may be gone again.
    pub fn occupied(&self) -> impl Iterator<Item = usize> + '_ {
        let occupied = self.occupied.iter().enumerate().filter(|&(_, &word)| word != 0);
        occupied.flat_map(|(at, &word)| bits(word).map(move |bit| at * 64 + bit))
    }

    /// Keeps of the bits of each occupied word, ascending, those that `still` returns.
    pub fn retain(&mut self, mut still: impl FnMut(usize, u64) -> u64) {
        for (block, occupied) in self.occupied.iter_mut().enumerate() {
            for bit in bits(*occupied) {
                let at = block * 64 + bit;
                self.words[at] = still(at, self.words[at]);
                if self.words[at] == 0 {
                    *occupied &= !(1 << bit);
                }
            }
        }
    }

    /// The word of which each bit is the one before that bit in the word `at`.
    ///
    /// A row begins and ends in the margin, so that nothing is carried over from another.
    pub fn before(&self, at: usize) -> u64 {
        let carried = at.checked_sub(1).map_or(0, |before| self.words[before] >> 63);
        self.words[at] << 1 | carried
    }

    /// The word of which each bit is the neighbour of that bit in the word `at`, a step (x, y, z) to a side.
    pub fn beside(&self, at: usize, [x, y, z]: [isize; 3]) -> u64 {
        let [along_x, along_y] = self.strides().map(usize::cast_signed);
        match z {
            1 => self.words[at] >> 1 | self.words[at + 1] << 63,
            -1 => self.before(at),
            _ => self.words[at.wrapping_add_signed(x * along_x + y * along_y)],
        }
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        size_of_val(self.words()) + size_of_val(self.occupied.as_slice())
    }

    /// Words a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Words from a row to the next along x, and along y.
    pub fn strides(&self) -> [usize; 2] {
        [self.rows[1] * self.width, self.width]
    }

    /// The first word of a row, by its number along x and y, margins counted.
    fn row_at(&self, x: usize, y: usize) -> usize {
        (x * self.rows[1] + y) * self.width
    }

    /// The bit, counted over all words, of the voxel (x, y, z), if it is in one of this grid's rows.
    pub fn bit(&self, [x, y, z]: [usize; 3]) -> Option<usize> {
        let (x, y) = ((x + 1).checked_sub(self.first[0])?, (y + 1).checked_sub(self.first[1])?);
        let within = x < self.rows[0] && y < self.rows[1];
        within.then(|| self.row_at(x, y) * 64 + z + 1)
    }

    /// (x, y) in the volume, plus one, of the row that the word `at` belongs to.
    pub fn place(&self, at: usize) -> [usize; 2] {
        let row = at / self.width;
        [row / self.rows[1] + self.first[0], row % self.rows[1] + self.first[1]]
    }

    /// The first word of the row at this [`place`](Self::place), if it is one of this grid's.
    pub fn row_start(&self, [x, y]: [usize; 2]) -> Option<usize> {
        // What lies before the first row wraps round to far behind the last.
        let (x, y) = (x.wrapping_sub(self.first[0]), y.wrapping_sub(self.first[1]));
        let within = x < self.rows[0] && y < self.rows[1];
        within.then(|| self.row_at(x, y))
    }

    /// The row at this [`place`](Self::place), if it is one of this grid's.
    pub fn row(&self, place: [usize; 2]) -> Option<&[u64]> {
        let at = self.row_start(place)?;
        self.words.get(at..at + self.width)
    }

    /// Every foreground voxel as a bit, counted over all words, ascending.
    pub fn bits(&self) -> impl Iterator<Item = usize> + '_ {
        self.occupied().flat_map(|at| bits(self.words[at]).map(move |bit| at * 64 + bit))
    }

    /// (x, y, z) of every foreground voxel, in the order of its bits.
    pub fn voxels(&self) -> impl Iterator<Item = [usize; 3]> + '_ {
        self.occupied().flat_map(move |at| {
            let [x, y] = self.place(at);
            let before = at % self.width * 64;
            bits(self.words[at]).map(move |bit| [x - 1, y - 1, before + bit - 1])
        })
    }
}
