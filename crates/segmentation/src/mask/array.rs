use ndarray::{Array3, ArrayView3, ShapeBuilder};

use super::{Mask, bits};
use crate::element::Value;

impl Mask {
    /// The foreground of an array indexed (x, y, z), whatever its order in memory: the values above 0.5, or those that are
    /// true. NaN is background.
    ///
    /// ```
    /// use ndarray::arr3;
    /// use segmentation::Mask;
    ///
    /// let probabilities = arr3(&[[[0.1, 0.9]], [[0.5, f32::NAN]]]);
    /// let mask = Mask::from_array(probabilities.view());
    /// assert_eq!(mask.shape(), [2, 1, 2]);
    /// assert_eq!(mask.ones().collect::<Vec<_>>(), [mask.index([0, 0, 1])]);
    /// ```
    pub fn from_array<T: Value>(array: ArrayView3<'_, T>) -> Self {
        let (nx, ny, nz) = array.dim();
        let voxels = array.len();
        let words = voxels.div_ceil(64);
        let mut mask = Self {
            shape: [nx, ny, nz],
            words: vec![0; words],
            occupied: vec![0; words.div_ceil(64)],
        };
        // Reversed, as the last axis is iterated fastest.
        let values = array.reversed_axes();
        let (mut word, mut at) = (0, 0);
        for value in values {
            word |= u64::from(value.is_foreground()) << (at % 64);
            at += 1;
            if at % 64 == 0 {
                mask.or_word(at / 64 - 1, word);
                word = 0;
            }
        }
        if at % 64 > 0 {
            mask.or_word(at / 64, word);
        }
        mask
    }

    /// The mask as an array indexed (x, y, z), which lies in memory x fastest.
    pub fn to_array(&self) -> Array3<bool> {
        let [nx, ny, nz] = self.shape;
        let mut array = Array3::from_elem((nx, ny, nz).f(), false);
        for (at, word) in self.occupied() {
            for index in bits(word).map(|bit| at * 64 + bit) {
                array[[index % nx, index / nx % ny, index / nx / ny]] = true;
            }
        }
        array
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_array_and_its_mask_have_the_same_foreground(
            shape in (1usize..80, 1usize..6, 1usize..6),
            seed in any::<u64>(),
        ) {
            let array = Array3::from_shape_fn(shape, |(x, y, z)| {
                let mixed = (seed ^ (x + 100 * (y + 100 * z)) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                (mixed >> 62) as f32 / 2.0 - 0.1
            });
            let (nx, ny, nz) = shape;
            let mask = Mask::from_array(array.view());
            prop_assert_eq!(mask.shape(), [nx, ny, nz]);
            for ((x, y, z), value) in array.indexed_iter() {
                prop_assert_eq!(mask.get(mask.index([x, y, z])), *value > 0.5);
            }
            prop_assert_eq!(mask.to_array(), array.mapv(|value| value > 0.5));
            // However the array lies in memory.
            let turned = array.view().reversed_axes().as_standard_layout().into_owned();
            prop_assert_eq!(&Mask::from_array(turned.view().reversed_axes()), &mask);
            // It knows where its foreground is.
            prop_assert_eq!(mask.ones().count(), mask.count());
            let occupied = mask.words().iter().copied().enumerate().filter(|&(_, word)| word != 0);
            prop_assert!(mask.occupied().eq(occupied));
            let mut some = mask.clone();
            some.retain(|at| at % 3 == 0);
            let mut expected = Mask::empty(mask.shape()).unwrap();
            mask.ones().filter(|at| at % 3 == 0).for_each(|at| expected.set(at));
            prop_assert_eq!(some, expected);
        }
    }

    #[test]
    fn an_array_without_voxels_is_an_empty_mask() {
        let array = Array3::<u8>::zeros((0, 3, 2));
        assert_eq!(Mask::from_array(array.view()), Mask::empty([0, 3, 2]).unwrap());
    }
}
