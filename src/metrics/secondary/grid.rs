use super::NotComputed;
use crate::metrics::scan::each_voxel;
use crate::volume::Mask;

/// The most words a grid may take: 256 MiB.
const MAX_WORDS: usize = 1 << 25;

/// A mask cut down to the box its foreground fills, one background voxel around it.
///
/// Rows run along z, and follow each other y before x: the order in which an (x, y, z)
/// array of numpy lies in memory, which is the order that thinning is defined in. Along z
/// nothing is cut off, so that the words of any two grids of one volume are aligned.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// (x, y) of the first row that is not margin.
    first: [usize; 2],
    /// How many rows there are along x and y, both margins among them.
    rows: [usize; 2],
    /// Words a row.
    width: usize,
    words: Vec<u64>,
}

impl Grid {
    /// Of a mask with some foreground, of which there should be no more than can be listed.
    pub fn new(mask: &Mask) -> Result<Self, NotComputed> {
        let mut voxels = Vec::new();
        let (mut low, mut high) = ([usize::MAX; 2], [0; 2]);
        each_voxel(mask.occupied(), mask.shape(), |[x, y, z]| {
            low = [low[0].min(x), low[1].min(y)];
            high = [high[0].max(x), high[1].max(y)];
            voxels.push([x, y, z]);
        });
        if voxels.is_empty() {
            return Err(NotComputed::Empty);
        }
        let rows = [high[0] - low[0] + 3, high[1] - low[1] + 3];
        let width = (mask.shape()[2] + 2).div_ceil(64);
        let size = rows[0].saturating_mul(rows[1]).saturating_mul(width);
        if size > MAX_WORDS {
            return Err(NotComputed::Spread);
        }
        let mut grid = Self { first: low, rows, width, words: vec![0; size] };
        for [x, y, z] in voxels {
            let row = grid.row_at(x - low[0] + 1, y - low[1] + 1);
            grid.words[row + (z + 1) / 64] |= 1 << ((z + 1) % 64);
        }
        Ok(grid)
    }

    /// The same rows without any foreground.
    pub fn emptied(&self) -> Self {
        Self { words: vec![0; self.words.len()], ..*self }
    }

    pub fn words(&self) -> &[u64] {
        &self.words
    }

    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// Words a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many rows there are along x and y, both margins among them.
    pub fn rows(&self) -> [usize; 2] {
        self.rows
    }

    /// Words from a row to the next along x, and along y.
    pub fn strides(&self) -> [usize; 2] {
        [self.rows[1] * self.width, self.width]
    }

    /// The first word of a row, by its number along x and y, margins counted.
    pub fn row_at(&self, x: usize, y: usize) -> usize {
        (x * self.rows[1] + y) * self.width
    }

    /// (x, y) in the volume, plus one, of the row that the word `at` belongs to.
    pub fn place(&self, at: usize) -> [usize; 2] {
        let row = at / self.width;
        [row / self.rows[1] + self.first[0], row % self.rows[1] + self.first[1]]
    }

    /// The row at this [`place`](Self::place), if it is one of this grid's.
    pub fn row(&self, [x, y]: [usize; 2]) -> Option<&[u64]> {
        let (x, y) = (x.checked_sub(self.first[0])?, y.checked_sub(self.first[1])?);
        if x >= self.rows[0] || y >= self.rows[1] {
            return None;
        }
        let at = self.row_at(x, y);
        self.words.get(at..at + self.width)
    }

    /// (x, y, z) of every foreground voxel.
    pub fn voxels(&self) -> impl Iterator<Item = [usize; 3]> + '_ {
        let filled = self.words.iter().enumerate().filter(|&(_, &word)| word != 0);
        filled.flat_map(|(at, &word)| {
            let [x, y] = self.place(at);
            let before = at % self.width * 64;
            bits(word).map(move |bit| [x - 1, y - 1, before + bit - 1])
        })
    }
}

/// The set bits of a word, lowest first.
pub(super) fn bits(word: u64) -> impl Iterator<Item = usize> {
    let rest = std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)));
    rest.take_while(|&rest| rest != 0).map(|rest| rest.trailing_zeros() as usize)
}
