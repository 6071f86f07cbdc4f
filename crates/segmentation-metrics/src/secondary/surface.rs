//! Surfaces as elements with an area, and which of them lie within a tolerance.

use super::NotComputed;
use super::grid::Grid;
use segmentation::bits;

/// How many elements there are of each code.
pub(super) type Counts = [u64; 256];

/// The surface elements of a mask: the corners where voxels of the foreground and of the
/// background meet, the volume being surrounded by background.
#[derive(Clone, Debug)]
pub(super) struct Surface {
    /// The corner before each voxel along all axes takes the voxel's place.
    elements: Grid,
    /// The elements' codes, in the order of the elements.
    codes: Vec<u8>,
}

impl Surface {
    pub fn of(mask: &Grid) -> Self {
        let (mut elements, mut codes) = (mask.emptied(), Vec::new());
        let [along_x, along_y] = mask.strides();
        // From the four rows that meet at an element to its own.
        let steps = [along_x + along_y, along_x, along_y, 0];
        // First the words that may have elements; the codes need them in order.
        for at in mask.occupied() {
            let carried = (mask.words()[at] >> 63) as usize;
            for step in steps {
                (at..=at + carried).for_each(|at| elements.mark(at + step));
            }
        }
        let near: Vec<usize> = elements.occupied().collect();
        for at in near {
            // In loops: `map` over the steps is not inlined here, and this is done for every word.
            let mut corners = [0; 8];
            let (mut any, mut all) = (0, u64::MAX);
            for (pair, step) in corners.chunks_exact_mut(2).zip(steps) {
                pair[0] = mask.before(at - step);
                pair[1] = mask.words()[at - step];
                any |= pair[0] | pair[1];
                all &= pair[0] & pair[1];
            }
            let surface = any & !all;
            elements.add(at, surface);
            codes.extend(bits(surface).map(|bit| code(&corners, bit)));
        }
        Self { elements, codes }
    }

    /// A grid without foreground, in the memory that the elements took.
    pub fn into_emptied(self) -> Grid {
        self.elements.into_emptied()
    }

    /// How many elements there are of each code.
    pub fn counts(&self) -> Counts {
        let mut counts = [0; 256];
        self.codes.iter().for_each(|&code| counts[usize::from(code)] += 1);
        counts
    }

    /// For each of some balls, smallest first, how many elements there are of each code of which one of `other` is
    /// within reach.
    pub fn counts_near(&self, other: &Surface, reaches: &[&Reach]) -> Vec<Counts> {
        // First only those that the next smaller ball does not reach.
        let mut counts = vec![[0; 256]; reaches.len() + 1];
        let mut nears = vec![0; reaches.len()];
        let mut codes = self.codes.iter();
        let width = self.elements.width();
        for at in self.elements.occupied() {
            let word = self.elements.words()[at];
            let place = self.elements.place(at);
            let mut near = 0;
            for (reach, nearer) in reaches.iter().zip(&mut nears) {
                near |= reach.near(&other.elements, place, at % width, word & !near);
                *nearer = near;
            }
            for (bit, &code) in bits(word).zip(&mut codes) {
                let within: u64 = nears.iter().map(|near| near >> bit & 1).sum();
                counts[nears.len() - within as usize][usize::from(code)] += 1;
            }
        }
        counts.pop();
        for larger in 1..counts.len() {
            let smaller = counts[larger - 1];
            counts[larger].iter_mut().zip(smaller).for_each(|(count, more)| *count += more);
        }
        counts
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.elements.heap_bytes() + self.codes.capacity()
    }
}

/// The code of an element, from the words that have its corners, in the order of the code.
fn code(corners: &[u64; 8], bit: usize) -> u8 {
    let mut code = 0;
    for (at, corner) in corners.iter().enumerate() {
        code |= ((corner >> bit & 1) as u8) << at;
    }
    code
}

/// The most voxels along an axis that a tolerance may span.
const MAX_STEPS: usize = 16;

/// The rows of a ball around an element, nearest first.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    dx: isize,
    dy: isize,
    /// How far the ball reaches along z, in voxels.
    steps: usize,
}

impl Reach {
    /// A ball of a radius in mm, for a spacing (x, y, z) in mm.
    ///
    /// The distance is summed up in the order of the axes and its root compared, as the
    /// reference does, so that what lies exactly on the tolerance falls to the same side.
    pub fn new(radius: f64, [x, y, z]: [f64; 3]) -> Result<Self, NotComputed> {
        let within = |dx: isize, dy: isize, dz: usize| {
            let parts = [dx as f64 * x, dy as f64 * y, dz as f64 * z];
            parts.iter().map(|part| part * part).sum::<f64>().sqrt() <= radius
        };
        let limit = MAX_STEPS as isize;
        if within(limit, 0, 0) || within(0, limit, 0) || within(0, 0, MAX_STEPS) {
            return Err(NotComputed::FineSpacing);
        }
        let mut rows = Vec::new();
        for dx in -limit..=limit {
            for dy in -limit..=limit {
                let steps = (0..MAX_STEPS).take_while(|&dz| within(dx, dy, dz)).count();
                if let Some(steps) = steps.checked_sub(1) {
                    rows.push(Row { dx, dy, steps });
                }
            }
        }
        rows.sort_by_key(|row| row.dx.abs() + row.dy.abs());
        Ok(Self { rows })
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.rows.capacity() * size_of::<Row>()
    }

    /// Which of the `wanted` bits of word `word` of the row at `place` have a bit of `other` within reach.
    fn near(&self, other: &Grid, [x, y]: [usize; 2], word: usize, wanted: u64) -> u64 {
        let mut near = 0;
        if wanted == 0 {
            return near;
        }
        for row in &self.rows {
            let place = [x.wrapping_add_signed(row.dx), y.wrapping_add_signed(row.dy)];
            let Some(words) = other.row(place) else { continue };
            let at = |word: usize| words.get(word).copied().unwrap_or(0);
            let here = at(word);
            near |= here;
            if wanted & !near != 0 && row.steps != 0 {
                let (before, after) = (at(word.wrapping_sub(1)), at(word + 1));
                for steps in 1..=row.steps {
                    near |= here << steps | before >> (64 - steps);
                    near |= here >> steps | after << (64 - steps);
                }
            }
            if wanted & !near == 0 {
                break;
            }
        }
        near
    }
}
