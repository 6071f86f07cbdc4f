//! What tells one mask from every other, whatever file it came in.

use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::store::SentMask;
use segmentation::Mask;

/// The number of foreground voxels, and SHA-256 over the shape and every word of 64 voxels that is not 0, each with
/// its index, as little-endian numbers of 8 bytes. Costs as much as the mask has foreground.
pub fn fingerprint(mask: &Mask) -> SentMask {
    const WORDS: usize = 256;
    let mut digest = Sha256::new();
    mask.shape().iter().for_each(|&size| digest.update((size as u64).to_le_bytes()));
    let mut buffer = Vec::with_capacity(WORDS * 16);
    let mut voxels = 0;
    for (at, word) in mask.occupied() {
        voxels += i64::from(word.count_ones());
        buffer.extend_from_slice(&(at as u64).to_le_bytes());
        buffer.extend_from_slice(&word.to_le_bytes());
        if buffer.len() == WORDS * 16 {
            digest.update(&buffer);
            buffer.clear();
        }
    }
    digest.update(&buffer);
    SentMask { voxels, sha256: hex(&digest.finalize()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(shape: [usize; 3], voxels: &[usize]) -> Mask {
        let mut mask = Mask::empty(shape).unwrap();
        voxels.iter().for_each(|&at| mask.set(at));
        mask
    }

    #[test]
    fn another_voxel_or_another_shape_is_another_mask() {
        let of = |shape, voxels: &[usize]| fingerprint(&mask(shape, voxels));
        let one = of([64, 10, 10], &[7, 900]);
        assert_eq!((one.voxels, &one), (2, &of([64, 10, 10], &[900, 7])));
        for other in [
            of([64, 10, 10], &[7, 901]),
            of([64, 10, 10], &[7]),
            of([10, 64, 10], &[7, 900]),
            of([64, 10, 11], &[7, 900]),
            of([64, 10, 10], &[]),
        ] {
            assert_ne!(one.sha256, other.sha256);
        }
    }

    #[test]
    fn the_digest_is_of_shape_and_words() {
        let mask = mask([65, 1, 1], &[1, 64]);
        let mut bytes = Vec::new();
        for number in [65u64, 1, 1, 0, 2, 1, 1] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        assert_eq!(fingerprint(&mask).sha256, crate::digest::sha256(&bytes));
    }

    #[test]
    fn more_words_than_the_buffer_holds_are_all_in_it() {
        let all: Vec<usize> = (0..64 * 1000).step_by(64).collect();
        let [some, more] =
            [&all[..999], &all[..]].map(|voxels| fingerprint(&mask([64, 100, 10], voxels)));
        assert_eq!((some.voxels, more.voxels), (999, 1000));
        assert_ne!(some.sha256, more.sha256);
    }
}
