use super::{Mask, bits};

impl Mask {
    /// The voxels that more than half of the masks have: of three at least two, of four at least three.
    ///
    /// `None` without any mask, or where shapes differ. Counts 64 voxels at a time, in binary: word `n` of the
    /// counter holds bit `n` of all their counts.
    pub fn majority(masks: &[&Self]) -> Option<Self> {
        let (first, others) = masks.split_first()?;
        if others.iter().any(|mask| mask.shape != first.shape) {
            return None;
        }
        let enough = masks.len() / 2 + 1;
        let digits = (usize::BITS - masks.len().leading_zeros()) as usize;
        let mut majority = Self::empty(first.shape)?;
        for block in 0..first.occupied.len() {
            let occupied = masks.iter().fold(0, |any, mask| any | mask.occupied[block]);
            for at in bits(occupied).map(|bit| block * 64 + bit) {
                let mut counter = [0; usize::BITS as usize];
                let counter = &mut counter[..digits];
                masks.iter().for_each(|mask| count(counter, mask.words[at]));
                majority.or_word(at, at_least(counter, enough));
            }
        }
        Some(majority)
    }
}

/// Adds 1 to the counts of those voxels whose bit is 1.
fn count(counter: &mut [u64], word: u64) {
    let mut carry = word;
    for digit in counter {
        (*digit, carry) = (*digit ^ carry, *digit & carry);
        if carry == 0 {
            return;
        }
    }
}

/// The voxels whose counts are not below `least`.
fn at_least(counter: &[u64], least: usize) -> u64 {
    // From the highest digit down: who is ahead, and who is level so far.
    let (mut above, mut level) = (0, u64::MAX);
    for (at, &digit) in counter.iter().enumerate().rev() {
        if least >> at & 1 == 1 {
            level &= digit;
        } else {
            above |= level & digit;
            level &= !digit;
        }
    }
    above | level
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mask(shape: [usize; 3], foreground: &[bool]) -> Mask {
        let mut mask = Mask::empty(shape).unwrap();
        (0..foreground.len()).filter(|&at| foreground[at]).for_each(|at| mask.set(at));
        mask
    }

    /// So many masks of a shape whose voxels don't fill whole words.
    fn masks() -> impl Strategy<Value = ([usize; 3], Vec<Vec<bool>>)> {
        let shape = (1usize..40, 1usize..12, 1usize..12);
        (shape, 1usize..18, 0.05f64..0.95).prop_flat_map(|((x, y, z), annotators, share)| {
            let voxels = prop::collection::vec(prop::bool::weighted(share), x * y * z);
            (Just([x, y, z]), prop::collection::vec(voxels, annotators))
        })
    }

    proptest! {
        #[test]
        fn it_is_what_counting_voxel_by_voxel_gives((shape, foregrounds) in masks()) {
            let masks: Vec<Mask> = foregrounds.iter().map(|voxels| mask(shape, voxels)).collect();
            let voxels = shape.iter().product();
            let counted: Vec<bool> = (0..voxels)
                .map(|at| 2 * foregrounds.iter().filter(|of| of[at]).count() > foregrounds.len())
                .collect();
            let found = Mask::majority(&masks.iter().collect::<Vec<_>>());
            prop_assert_eq!(found, Some(mask(shape, &counted)));
        }
    }

    #[test]
    fn two_of_three_are_a_majority_and_two_of_four_are_none() {
        let shape = [3, 1, 1];
        let [a, b, c] = [[true, true, false], [true, false, false], [false, true, false]]
            .map(|voxels| mask(shape, &voxels));
        assert_eq!(Mask::majority(&[&a, &b, &c]), Some(a.clone()));
        assert_eq!(Mask::majority(&[&a, &b, &c, &Mask::empty(shape).unwrap()]).unwrap().count(), 0);
        assert_eq!(Mask::majority(&[&a, &b]), Some(b.clone()));
        assert_eq!(Mask::majority(&[&c]), Some(c.clone()));
    }

    #[test]
    fn masks_of_different_shapes_have_none() {
        let (a, b) = (Mask::empty([2, 3, 4]).unwrap(), Mask::empty([4, 3, 2]).unwrap());
        assert_eq!(Mask::majority(&[&a, &b]), None);
        assert_eq!(Mask::majority(&[]), None);
    }
}
