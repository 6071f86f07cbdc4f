//! NPZ, NumPy's archive of arrays: a zip that must hold exactly one `.npy`.
//!
//! Definition of the format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

mod header;
mod reread;

use inflate_runs::{Bounded, Plain, Runs, drain};

use super::error::{VolumeError, VolumeIssue};
use super::mask::Mask;
use super::stream::{read_full, skip};
use super::threshold::{MaskWriter, read_values};
use super::unzip::{self, Data, ListError};
use super::{Geometry, LoadedMask, sniff};
use header::Header;
use nrrd_rs::Source;
use reread::Reread;

/// What may follow the voxels, over and above their own length once more.
const SLACK: u64 = 1 << 20;

/// Most entries that are looked at before an archive is refused.
const ENTRIES: usize = 1000;

/// See [`super::inspect`].
pub(super) fn inspect(
    source: &dyn Source,
    expected: Option<[usize; 3]>,
) -> Result<Geometry, VolumeError> {
    let (header, _) = open(source, expected)?;
    Ok(Geometry::of_shape(header.shape))
}

/// See [`super::read_labels`].
pub(super) fn read_mask(
    source: &dyn Source,
    expected: Option<[usize; 3]>,
    labels: &[f64],
) -> Result<LoadedMask, VolumeError> {
    let (header, array) = open(source, expected)?;
    let found = header.shape;
    // The file's own order, first axis fastest: that of the axes, or their reverse.
    let [nx, ny, nz] = found;
    let stored = if header.fortran_order { found } else { [nz, ny, nx] };
    let mut mask = Mask::empty(stored).ok_or(VolumeIssue::BadSizes(format!("{found:?}")))?;
    let mut array = Bounded::new(array, limit(&header));
    let writer = MaskWriter::new(header.element, header.endian, &mut mask).labels(labels);
    let values = read_values(&mut array, writer)?;
    drain(&mut array)?;
    if !header.fortran_order {
        mask = mask.reversed();
    }
    Ok(LoadedMask { mask, geometry: Geometry::of_shape(found), values })
}

/// The most bytes that may follow the header.
fn limit(header: &Header) -> u64 {
    2 * header.payload() + SLACK
}

/// Where the one array of an archive is.
fn only_array(source: &dyn Source) -> Result<Data, VolumeError> {
    let mut head = [0; sniff::ENOUGH];
    let read = read_full(&mut source.open()?, &mut head)?;
    let head = head.get(..read).unwrap_or_default();
    let other = || VolumeIssue::WrongFormat { looks_like: sniff::name(head) };
    // A zip may stand behind other bytes; an NPZ may not, to NumPy.
    if !head.starts_with(b"PK") {
        return Err(other().into());
    }
    let entries = match unzip::list(Reread::new(source)?, ENTRIES) {
        Ok(entries) => entries,
        Err(ListError::Io(error)) => return Err(error.into()),
        Err(ListError::TooManyEntries(entries)) => {
            return Err(VolumeIssue::NotOneArray { entries, arrays: entries }.into());
        }
        Err(ListError::NotAZip) => return Err(other().into()),
    };
    let arrays = entries.iter().filter(|entry| entry.name.ends_with(".npy")).count();
    match entries.as_slice() {
        [entry] if arrays == 1 => Ok(entry.data().ok_or(VolumeIssue::DamagedEntry)?),
        _ => Err(VolumeIssue::NotOneArray { entries: entries.len(), arrays }.into()),
    }
}

/// The array's header, with all checks that need no voxel, and what comes from its first value on.
fn open(
    source: &dyn Source,
    expected: Option<[usize; 3]>,
) -> Result<(Header, impl Runs + '_), VolumeError> {
    let data = only_array(source)?;
    let mut raw = source.open()?;
    skip(&mut raw, data.start)?;
    let mut array = Plain(data.inflate(raw));
    let (header, length) = Header::read(&mut array)?;
    let found = header.shape;
    if let Some(expected) = expected.filter(|&expected| expected != found) {
        return Err(VolumeIssue::WrongShape { expected, found, cropped: false }.into());
    }
    let (expected, found) = (header.payload(), data.size().saturating_sub(length));
    if found < expected {
        return Err(VolumeIssue::Truncated { expected, found }.into());
    }
    if found > limit(&header) {
        return Err(VolumeIssue::TooLong.into());
    }
    Ok((header, array.0))
}

#[cfg(test)]
mod tests;
