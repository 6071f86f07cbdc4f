//! NRRD, "nearly raw raster data": a text header, an empty line, the voxels.
//!
//! Accepts whatever any of pynrrd, Teem and ITK accepts, and nothing that names
//! another file: the voxels must follow the header. Definition of the format:
//! <https://teem.sourceforge.net/nrrd/format.html>.

mod data;
mod fields;
mod header;
mod text;
mod write;

pub use write::{Encoding, write_dense, write_mask};

use inflate_runs::drain;

use super::error::{Defect, VolumeError};
use super::fill::fill;
use super::mask::Mask;
use super::source::Source;
use super::{Geometry, Labelled};
use header::Header;

/// See [`super::inspect`].
pub(super) fn inspect(
    source: &dyn Source,
    expected: Option<[usize; 3]>,
) -> Result<Geometry, VolumeError> {
    Ok(header(source, expected)?.geometry)
}

/// See [`super::read_mask`].
pub(super) fn read_mask(
    source: &dyn Source,
    expected: Option<[usize; 3]>,
) -> Result<Labelled, VolumeError> {
    let header = header(source, expected)?;
    let shape = header.geometry.shape;
    let mut mask = Mask::empty(shape).ok_or(Defect::BadSizes(format!("{shape:?}")))?;
    let mut payload = data::open(&header, source)?;
    let values = match header.encoding {
        header::Encoding::Text => text::fill(&mut payload, header.element, &mut mask)?,
        _ => fill(&mut payload, header.element, header.endian, &mut mask)?,
    };
    // Checksums stand behind the voxels.
    drain(&mut payload)?;
    Ok(Labelled { mask, geometry: header.geometry, values })
}

/// The header, with all checks that need no voxel.
fn header(source: &dyn Source, expected: Option<[usize; 3]>) -> Result<Header, VolumeError> {
    let header = Header::read(source)?;
    let found = header.geometry.shape;
    if let Some(expected) = expected.filter(|&expected| expected != found) {
        return Err(Defect::WrongShape { expected, found, cropped: header.cropped }.into());
    }
    data::check_length(&header, source)?;
    Ok(header)
}

#[cfg(test)]
mod tests;
