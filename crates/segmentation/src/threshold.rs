//! Values to bits: the threshold, in pieces, without ever holding a volume.

use inflate_runs::{Run, Runs, next_or_end};

use nrrd_rs::{Endian, ScalarType};

use super::element::{Element, Scalar, half};
use super::error::{VolumeError, VolumeIssue};
use super::mask::{Mask, voxels};

/// Values of a volume that is not simply 0 and 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ValueStats {
    /// The first value met that is neither 0 nor 1 nor NaN.
    pub non_binary: Option<f64>,
    /// NaN was met. It is background.
    pub nan: bool,
    /// A value was met that is not 0 and yet background: a weak probability, or a negative label.
    pub sub_threshold: bool,
}

impl ValueStats {
    /// Whether nothing but 0 and 1 was met.
    pub fn are_binary(&self) -> bool {
        self.non_binary.is_none() && !self.nan
    }

    pub(super) fn note(&mut self, value: f64) {
        if value.is_nan() {
            self.nan = true;
        } else if value != 0.0 && value != 1.0 {
            self.non_binary.get_or_insert(value);
            self.sub_threshold |= value <= 0.5;
        }
    }
}

/// A mask of shape (x, y, z) from a stream of its voxels' values, x fastest: for files that this crate does not read.
///
/// Reads the values and no further.
///
/// ```
/// use inflate_runs::Pieces;
/// use nrrd_rs::{Endian, ScalarType};
///
/// let bytes = [0u8, 0, 1, 0, 0, 0, 2, 0];
/// let mut runs = Pieces::new(bytes.as_slice());
/// let (mask, values) = segmentation::read_runs(&mut runs, ScalarType::U16, Endian::Little, [2, 2, 1])?;
/// assert_eq!(mask.ones().collect::<Vec<_>>(), [1, 3]);
/// assert_eq!(values.non_binary, Some(2.0));
/// # Ok::<(), segmentation::VolumeError>(())
/// ```
///
/// # Errors
/// [`VolumeError::Io`] if the storage fails; [`VolumeError::Invalid`] for more than [`MAX_VOXELS`](crate::MAX_VOXELS)
/// voxels, and for data that are damaged or too short.
pub fn read_runs(
    runs: &mut dyn Runs,
    scalar: ScalarType,
    endian: Endian,
    shape: [usize; 3],
) -> Result<(Mask, ValueStats), VolumeError> {
    let too_large = || VolumeIssue::BadSizes(format!("{shape:?}"));
    let countable = voxels(shape).filter(|&voxels| voxels <= crate::MAX_VOXELS);
    countable.ok_or_else(too_large)?;
    let mut mask = Mask::empty(shape).ok_or_else(too_large)?;
    let values = read_values(runs, MaskWriter::new(Element::of(scalar), endian, &mut mask))?;
    Ok((mask, values))
}

/// Reads one value for each voxel, from the first on.
pub(super) fn read_values(
    runs: &mut dyn Runs,
    mut writer: MaskWriter<'_>,
) -> Result<ValueStats, VolumeError> {
    let wanted = writer.mask.voxels() * writer.element.size();
    while writer.done < wanted {
        match next_or_end(runs, wanted - writer.done)? {
            Some(Run::Bytes(bytes)) => writer.write(bytes),
            Some(Run::Zeros(zeros)) => writer.write_zeros(zeros),
            None => {
                let (expected, found) = (wanted as u64, writer.done as u64);
                return Err(VolumeIssue::Truncated { expected, found }.into());
            }
        }
    }
    Ok(writer.values)
}

/// A mask on its way from the bytes of its voxels' values, in the mask's own order.
pub(super) struct MaskWriter<'a> {
    element: Element,
    endian: Endian,
    mask: &'a mut Mask,
    values: ValueStats,
    /// Bytes put so far.
    done: usize,
    /// The bytes so far of a value that two pieces share.
    split: [u8; 8],
    /// Where there are any, the values that are foreground, in place of those above 0.5. 0 is none of them.
    labels: &'a [f64],
}

impl<'a> MaskWriter<'a> {
    /// Of values of this type, from the first voxel of an empty mask on.
    pub fn new(element: Element, endian: Endian, mask: &'a mut Mask) -> Self {
        let values = ValueStats::default();
        Self { element, endian, mask, values, done: 0, split: [0; 8], labels: &[] }
    }

    /// With these values as foreground, where there are any, in place of those above 0.5.
    pub fn labels(self, labels: &'a [f64]) -> Self {
        Self { labels, ..self }
    }

    /// What values were met.
    pub fn values(&self) -> ValueStats {
        self.values
    }

    /// The next bytes; a value may be split between two calls.
    pub fn write(&mut self, bytes: &[u8]) {
        let size = self.element.size();
        let open = self.done % size;
        let (head, bytes) = bytes.split_at((size - open).min(bytes.len()) * usize::from(open > 0));
        if open > 0 {
            self.split[open..open + head.len()].copy_from_slice(head);
            self.done += head.len();
            if self.done.is_multiple_of(size) {
                let value = self.split;
                self.threshold(&value[..size], self.done / size - 1);
            }
        }
        let (whole, rest) = bytes.split_at(bytes.len() - bytes.len() % size);
        self.threshold(whole, self.done / size);
        self.split[..rest.len()].copy_from_slice(rest);
        self.done += bytes.len();
    }

    /// Zeros are background, whatever the type; only the values at their ends need a look.
    pub fn write_zeros(&mut self, zeros: usize) {
        let size = self.element.size();
        let head = ((size - self.done % size) % size).min(zeros);
        let tail = (zeros - head) % size;
        self.write(&[0; 8][..head]);
        self.done += zeros - head - tail;
        self.write(&[0; 8][..tail]);
    }

    fn threshold(&mut self, bytes: &[u8], start: usize) {
        let (mask, values) = (&mut *self.mask, &mut self.values);
        threshold_as(self.element, self.endian, bytes, start, mask, values, self.labels);
    }
}

fn threshold_as(
    element: Element,
    endian: Endian,
    bytes: &[u8],
    start: usize,
    mask: &mut Mask,
    values: &mut ValueStats,
    labels: &[f64],
) {
    macro_rules! threshold {
        ($decode:expr) => {
            match labels {
                [] => threshold(bytes, $decode, start, mask, values),
                labels => select(bytes, |raw| Scalar::to_f64(($decode)(raw)), start, mask, labels),
            }
        };
    }
    match (element, endian) {
        (Element::U8, _) => threshold!(u8::from_le_bytes),
        (Element::I8, _) => threshold!(i8::from_le_bytes),
        (Element::I16, Endian::Little) => threshold!(i16::from_le_bytes),
        (Element::I16, Endian::Big) => threshold!(i16::from_be_bytes),
        (Element::U16, Endian::Little) => threshold!(u16::from_le_bytes),
        (Element::U16, Endian::Big) => threshold!(u16::from_be_bytes),
        (Element::I32, Endian::Little) => threshold!(i32::from_le_bytes),
        (Element::I32, Endian::Big) => threshold!(i32::from_be_bytes),
        (Element::U32, Endian::Little) => threshold!(u32::from_le_bytes),
        (Element::U32, Endian::Big) => threshold!(u32::from_be_bytes),
        (Element::I64, Endian::Little) => threshold!(i64::from_le_bytes),
        (Element::I64, Endian::Big) => threshold!(i64::from_be_bytes),
        (Element::U64, Endian::Little) => threshold!(u64::from_le_bytes),
        (Element::U64, Endian::Big) => threshold!(u64::from_be_bytes),
        (Element::F16, Endian::Little) => threshold!(|raw| half(u16::from_le_bytes(raw))),
        (Element::F16, Endian::Big) => threshold!(|raw| half(u16::from_be_bytes(raw))),
        (Element::F32, Endian::Little) => threshold!(f32::from_le_bytes),
        (Element::F32, Endian::Big) => threshold!(f32::from_be_bytes),
        (Element::F64, Endian::Little) => threshold!(f64::from_le_bytes),
        (Element::F64, Endian::Big) => threshold!(f64::from_be_bytes),
    }
}

/// Sets the bits of the values in `bytes`, the first of them at the linear index `start`.
fn threshold<T: Scalar, const N: usize>(
    bytes: &[u8],
    decode: impl Fn([u8; N]) -> T,
    start: usize,
    mask: &mut Mask,
    values: &mut ValueStats,
) {
    let (raw, _) = bytes.as_chunks::<N>();
    let (blocks, rest) = raw.as_chunks::<64>();
    let mut at = start;
    for block in blocks {
        // Nearly every block of a segmentation is background.
        if block.as_flattened().iter().fold(0, |any, byte| any | byte) != 0 {
            // A fixed length lets the compiler turn each of these loops into a few wide instructions.
            let mut flags = [0; 64];
            let (mut non_binary, mut sub_threshold, mut nan) = (false, false, false);
            for (flag, &value) in flags.iter_mut().zip(block) {
                let value = decode(value);
                *flag = u8::from(value.is_foreground());
                non_binary |= value.is_non_binary();
                sub_threshold |= value.is_sub_threshold();
                nan |= value.is_nan();
            }
            mask.or_bits(at, pack(&flags), 64);
            values.sub_threshold |= sub_threshold;
            values.nan |= nan;
            if non_binary && values.non_binary.is_none() {
                block.iter().for_each(|&value| values.note(decode(value).to_f64()));
            }
        }
        at += 64;
    }
    for &value in rest {
        let value = decode(value);
        mask.or_bits(at, u64::from(value.is_foreground()), 1);
        values.note(value.to_f64());
        at += 1;
    }
}

/// Sets the bits of the values in `bytes` that are one of the labels, the first of them at the linear index `start`.
fn select<const N: usize>(
    bytes: &[u8],
    decode: impl Fn([u8; N]) -> f64,
    start: usize,
    mask: &mut Mask,
    labels: &[f64],
) {
    let (raw, _) = bytes.as_chunks::<N>();
    for (at, &value) in raw.iter().enumerate() {
        if labels.contains(&decode(value)) {
            mask.or_bits(start + at, 1, 1);
        }
    }
}

/// 64 bytes of 0 or 1 as 64 bits, the first byte lowest.
fn pack(flags: &[u8; 64]) -> u64 {
    let (groups, _) = flags.as_chunks::<8>();
    groups.iter().rev().fold(0, |bits, &group| {
        // The product carries bit 8i of the group to bit 56 + i, and nothing else above bit 55.
        let gathered = u64::from_le_bytes(group).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits << 8 | gathered
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::ELEMENTS;
    use inflate_runs::Pieces;

    fn filled<T: Copy, const N: usize>(
        values: &[T],
        encode: impl Fn(T) -> [u8; N],
        element: Element,
        endian: Endian,
    ) -> (Vec<usize>, ValueStats) {
        let bytes: Vec<u8> = values.iter().flat_map(|&value| encode(value)).collect();
        let mut mask = Mask::empty([values.len(), 1, 1]).unwrap();
        let writer = MaskWriter::new(element, endian, &mut mask);
        let values = read_values(&mut Pieces::new(bytes.as_slice()), writer).unwrap();
        (mask.ones().collect(), values)
    }

    #[test]
    fn every_bit_lands_on_its_own_voxel() {
        for length in [1, 63, 64, 65, 127, 128, 200] {
            for one in 0..length {
                let values: Vec<u8> = (0..length).map(|at| u8::from(at == one)).collect();
                let (ones, noted) = filled(&values, u8::to_le_bytes, Element::U8, Endian::Little);
                assert_eq!(ones, [one]);
                assert!(noted.are_binary());
            }
        }
    }

    #[test]
    fn the_threshold_is_half_and_nan_is_background() {
        let line = [0.0, 1.0, 0.5, 0.500_000_1, f32::NAN, f32::INFINITY, -1.0, -0.0];
        // Long enough that the values stand in a whole block, too, not only in the rest.
        let long: Vec<f32> = line.iter().copied().cycle().take(72).collect();
        let foreground = |at: &usize| [1, 3, 5].contains(&(at % 8));
        let expected: Vec<usize> = (0..72).filter(foreground).collect();

        let (ones, noted) = filled(&long, f32::to_be_bytes, Element::F32, Endian::Big);

        assert_eq!(ones, expected);
        assert_eq!(noted, ValueStats { non_binary: Some(0.5), nan: true, sub_threshold: true });
    }

    #[test]
    fn integers_are_foreground_above_zero_whatever_their_width_and_order() {
        let expected = vec![1, 2];
        let values = ValueStats { non_binary: Some(100.0), nan: false, sub_threshold: true };
        macro_rules! check {
            ($($type:ty, $element:ident, $endian:ident, $encode:ident;)*) => {$({
                let line: [$type; 4] = [0, 1, 100, -1];
                let (ones, noted) = filled(&line, <$type>::$encode, Element::$element, Endian::$endian);
                assert_eq!((ones, noted), (expected.clone(), values), stringify!($type $encode));
            })*};
        }
        check! {
            i8, I8, Little, to_le_bytes;
            i16, I16, Little, to_le_bytes;
            i16, I16, Big, to_be_bytes;
            i32, I32, Little, to_le_bytes;
            i32, I32, Big, to_be_bytes;
            i64, I64, Little, to_le_bytes;
            i64, I64, Big, to_be_bytes;
        }
    }

    #[test]
    fn a_label_of_255_is_foreground_and_named() {
        let mut line = [0u8; 130];
        line[70] = 255;
        let (ones, noted) = filled(&line, u8::to_le_bytes, Element::U8, Endian::Little);
        assert_eq!(ones, [70]);
        assert_eq!(noted, ValueStats { non_binary: Some(255.0), nan: false, sub_threshold: false });
    }

    #[test]
    fn labels_are_foreground_in_every_type_and_nothing_else_is() {
        let line = [0u8, 1, 2, 3, 2, 255, 0, 1, 2];
        for element in ELEMENTS {
            let bytes: Vec<u8> = line.iter().flat_map(|&value| encoded(value, element)).collect();
            let mut mask = Mask::empty([line.len(), 1, 1]).unwrap();
            let writer = MaskWriter::new(element, Endian::Little, &mut mask).labels(&[2.0, 1.0]);
            read_values(&mut Pieces::new(bytes.as_slice()), writer).unwrap();
            assert_eq!(mask.ones().collect::<Vec<_>>(), [1, 2, 4, 7, 8], "{element:?}");
        }
    }

    /// A small value of any type, little-endian.
    fn encoded(value: u8, element: Element) -> Vec<u8> {
        match element {
            Element::F32 => f32::from(value).to_le_bytes().to_vec(),
            Element::F64 => f64::from(value).to_le_bytes().to_vec(),
            _ => u64::from(value).to_le_bytes()[..element.size()].to_vec(),
        }
    }

    #[test]
    fn too_few_bytes_say_how_many_came() {
        let mut mask = Mask::empty([10, 10, 10]).unwrap();
        let writer = MaskWriter::new(Element::U16, Endian::Big, &mut mask);
        let error = read_values(&mut Pieces::new([1u8; 1999].as_slice()), writer);
        let Err(VolumeError::Invalid(issue)) = error else { panic!("{error:?}") };
        assert_eq!(issue, VolumeIssue::Truncated { expected: 2000, found: 1999 });
    }
}
