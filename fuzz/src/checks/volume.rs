use asoca::domain::explain;
use segmentation::{
    Format, LoadedMask, Mask, VolumeError, VolumeIssue, inspect, read_mask, voxels,
};

use super::assert_readable;
use super::source::Dribble;

/// Larger volumes are not read but held against a case of another shape, which is what bounds a
/// stranger's file: so time and memory follow from the input alone.
const MAX_VOXELS: usize = 1 << 16;

/// Reads any bytes as a volume, the same way twice, and holds one answer against the other.
pub fn check(bytes: &[u8], format: Format) {
    let geometry = match refusal(inspect(&bytes, format, None)) {
        Ok(geometry) => geometry,
        Err(issue) => {
            assert_readable(&explain::volume("0", format, &issue));
            let read = refusal(read_mask(&bytes, format, None)).map(|read| read.mask);
            assert_eq!(read, Err(issue), "refused by its header, and yet read");
            return;
        }
    };
    let shape = geometry.shape;
    let wrong = shape.map(|size| size + 1);
    match refusal(read_mask(&bytes, format, Some(wrong))) {
        Err(VolumeIssue::WrongShape { expected, found, .. }) => {
            assert_eq!((expected, found), (wrong, shape));
        }
        read => panic!("{read:?} where {wrong:?} is expected"),
    }
    if voxels(shape).is_none_or(|voxels| voxels > MAX_VOXELS) {
        return;
    }
    let read = refusal(read_mask(&bytes, format, Some(shape)));
    let step = bytes.len() % 31 + 1;
    let in_pieces = refusal(read_mask(&Dribble { bytes, step }, format, Some(shape)));
    match (read, in_pieces) {
        (Ok(read), Ok(in_pieces)) => {
            assert_whole(&read, shape);
            assert_eq!(in_pieces.mask, read.mask);
            // By their words, as NaN is not NaN.
            assert_eq!(format!("{:?}", in_pieces.values), format!("{:?}", read.values));
            assert_eq!(format!("{:?}", read.geometry), format!("{geometry:?}"));
            if format == Format::Nrrd {
                assert_same_array(bytes, &read.mask);
            }
        }
        // A length that is stated may tell another fault first.
        (Err(issue), Err(other)) => {
            assert_readable(&explain::volume("0", format, &issue));
            assert_readable(&explain::volume("0", format, &other));
        }
        (read, in_pieces) => panic!("{read:?} at once, {in_pieces:?} in pieces"),
    }
}

/// Read into an array, the file has the same foreground.
fn assert_same_array(bytes: &[u8], mask: &Mask) {
    let (header, array) = nrrd_rs::read(&bytes).unwrap();
    assert_eq!((array.shape(), array.scalar()), (mask.shape().as_slice(), header.scalar));
    let values = array.to_f64().reversed_axes();
    for (index, value) in values.iter().enumerate() {
        assert_eq!(*value > 0.5, mask.get(index), "voxel {index}");
    }
}

/// The file's fault; memory and the sources of this module have none of their own.
fn refusal<T>(result: Result<T, VolumeError>) -> Result<T, VolumeIssue> {
    result.map_err(|error| match error {
        VolumeError::Invalid(issue) => issue,
        VolumeError::Io(error) => panic!("memory does not fail: {error}"),
    })
}

/// A mask of this shape, no bits beyond its last voxel, which knows where its foreground is.
pub fn assert_whole(read: &LoadedMask, shape: [usize; 3]) {
    let mask = &read.mask;
    assert_eq!((mask.shape(), Some(mask.voxels())), (shape, voxels(shape)));
    assert_eq!(mask.words().len(), mask.voxels().div_ceil(64));
    let beyond = mask.words().len() * 64 - mask.voxels();
    let last = mask.words().last().copied().unwrap_or_default();
    assert!(last.leading_zeros() as usize >= beyond, "bits beyond the last voxel");
    let occupied = mask.words().iter().copied().enumerate().filter(|(_, word)| *word != 0);
    assert!(mask.occupied().eq(occupied), "words with foreground");
    assert!(mask.count() > 0 || read.values.non_binary.is_none_or(|value| value <= 0.5));
}
