//! Masks in NRRD files: the three-dimensional ones of what `nrrd-rs` reads.

use std::io::{self, Write};

use inflate_runs::Run;
use nrrd_rs::{FormatError, Header, ScalarType, Writer};

use super::element::Element;
use super::error::{FirstAxis, VolumeError, VolumeIssue};
use super::mask::Mask;
use super::stream::read_full;
use super::threshold::MaskWriter;
use super::{Geometry, LoadedMask, MAX_VOXELS, sniff};
use nrrd_rs::Source;

/// The key with which 3D Slicer says where a cropped segmentation lay.
const CROPPED: &str = "Segmentation_ReferenceImageExtentOffset";

/// See [`super::inspect`].
pub(super) fn inspect(
    source: &dyn Source,
    expected: Option<[usize; 3]>,
) -> Result<Geometry, VolumeError> {
    Ok(open(source, expected)?.1)
}

/// See [`super::read_labels`].
pub(super) fn read_mask(
    source: &dyn Source,
    expected: Option<[usize; 3]>,
    labels: &[f64],
) -> Result<LoadedMask, VolumeError> {
    let (header, geometry) = open(source, expected)?;
    let shape = geometry.shape;
    let mut mask = Mask::empty(shape).ok_or(VolumeIssue::BadSizes(format!("{shape:?}")))?;
    let mut data = header.data(source)?;
    let mut writer =
        MaskWriter::new(Element::of(header.scalar), data.endian(), &mut mask).labels(labels);
    while let Some(run) = data.next_run(usize::MAX)? {
        match run {
            Run::Bytes(bytes) => writer.write(bytes),
            Run::Zeros(zeros) => writer.write_zeros(zeros),
        }
    }
    let values = writer.values();
    Ok(LoadedMask { mask, geometry, values })
}

/// The header, with all checks that need no voxel.
pub(super) fn open(
    source: &dyn Source,
    expected: Option<[usize; 3]>,
) -> Result<(Header, Geometry), VolumeError> {
    let header = match Header::read(source) {
        Err(nrrd_rs::Error::Format(FormatError::NotNrrd)) => {
            let mut head = [0; sniff::ENOUGH];
            let read = read_full(&mut source.open()?, &mut head)?;
            let looks_like = sniff::name(head.get(..read).unwrap_or_default());
            return Err(VolumeIssue::WrongFormat { looks_like }.into());
        }
        header => header?,
    };
    let geometry = geometry(&header)?;
    let found = geometry.shape;
    if let Some(expected) = expected.filter(|&expected| expected != found) {
        let cropped = header.key_value(CROPPED).is_some();
        return Err(VolumeIssue::WrongShape { expected, found, cropped }.into());
    }
    header.check_length(source)?;
    Ok((header, geometry))
}

/// Shape and place in space of a volume of three axes.
fn geometry(header: &Header) -> Result<Geometry, VolumeIssue> {
    let axes = header.sizes.len();
    let Ok(shape) = <[usize; 3]>::try_from(header.sizes.as_slice()) else {
        return Err(VolumeIssue::NotThreeDimensional { axes, first: first_axis(header) });
    };
    if header.values() > MAX_VOXELS {
        let sizes = header.field("sizes").unwrap_or_default();
        return Err(VolumeIssue::BadSizes(super::text::excerpt(sizes)));
    }
    let triple = |vector: &Vec<f64>| <[f64; 3]>::try_from(vector.as_slice()).ok();
    let directions = header.space_directions.as_ref().and_then(|directions| {
        let vectors = directions.iter().map(|vector| vector.as_ref().and_then(triple));
        let vectors: Vec<[f64; 3]> = vectors.collect::<Option<_>>()?;
        <[[f64; 3]; 3]>::try_from(vectors).ok()
    });
    let spacings = header.spacings.as_ref().and_then(triple);
    Ok(Geometry {
        shape,
        spacing: directions.as_ref().map(super::geometry::norms).or(spacings),
        directions,
        origin: header.space_origin.as_ref().and_then(triple),
        space: header.space.as_deref().map(super::text::excerpt),
    })
}

/// What the first of four axes counts. `vector` and the colours are what ITK and Teem write for values of several
/// components; 3D Slicer writes `list`.
fn first_axis(header: &Header) -> FirstAxis {
    let first = |field| {
        let text = header.field(field)?;
        Some(text.split_ascii_whitespace().next()?.to_ascii_lowercase())
    };
    if header.sizes.len() != 4 {
        return FirstAxis::Space;
    }
    match first("kinds").as_deref() {
        Some("list") => FirstAxis::Segments,
        Some(kind) if kind == "vector" || kind.ends_with("-color") => FirstAxis::Components,
        _ if first("space directions").as_deref() == Some("none") => FirstAxis::Segments,
        _ => FirstAxis::Space,
    }
}

/// How the voxels are to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As they are.
    Raw,
    /// With a level from 0, none, to 9, best.
    Gzip(u32),
}

/// Writes a mask as an attached NRRD of 8-bit zeros and ones.
///
/// # Errors
/// `InvalidInput` if the geometry's shape is not the mask's; those of `out`.
pub fn write_mask(
    out: impl Write,
    mask: &Mask,
    geometry: &Geometry,
    encoding: Encoding,
) -> io::Result<()> {
    let mut left = mask.voxels();
    write(out, ScalarType::U8, geometry, encoding, mask.voxels(), |voxels| {
        let mut bytes = Vec::with_capacity(64 * 64);
        for words in mask.words().chunks(64) {
            bytes.clear();
            for word in words {
                let bits = left.min(64);
                bytes.extend((0..bits).map(|bit| (word >> bit & 1) as u8));
                left -= bits;
            }
            voxels.write_all(&bytes)?;
        }
        Ok(())
    })
}

/// Writes 8-bit voxels, x fastest, as an attached NRRD.
///
/// # Errors
/// `InvalidInput` if there are not as many bytes as the geometry's shape has voxels; those of `out`.
pub fn write_dense(
    out: impl Write,
    voxels: &[u8],
    geometry: &Geometry,
    encoding: Encoding,
) -> io::Result<()> {
    write(out, ScalarType::U8, geometry, encoding, voxels.len(), |out| out.write_all(voxels))
}

/// Writes an image of 16-bit whole numbers slice by slice, as an attached NRRD: `slice` gives the x · y values of the z that
/// it is asked for, x fastest.
///
/// # Errors
/// `InvalidInput` if there are not as many values as the geometry's shape has voxels; those of `out`.
pub fn write_slices(
    out: impl Write,
    geometry: &Geometry,
    encoding: Encoding,
    mut slice: impl FnMut(usize) -> Vec<i16>,
) -> io::Result<()> {
    let [.., nz] = geometry.shape;
    let voxels = super::voxels(geometry.shape).unwrap_or(usize::MAX);
    write(out, ScalarType::I16, geometry, encoding, voxels, |out| {
        (0..nz).try_for_each(|z| {
            let values = slice(z);
            out.write_all(
                values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>().as_slice(),
            )
        })
    })
}

fn write(
    out: impl Write,
    scalar: ScalarType,
    geometry: &Geometry,
    encoding: Encoding,
    voxels: usize,
    body: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if super::voxels(geometry.shape) != Some(voxels) {
        let message = "the geometry has another number of voxels than the data";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let mut writer = match encoding {
        Encoding::Raw => Writer::new(),
        Encoding::Gzip(level) => Writer::new().encoding(nrrd_rs::Encoding::Gzip).level(level),
    };
    if let Some(directions) = &geometry.directions {
        let space = geometry.space.as_deref().unwrap_or("left-posterior-superior");
        writer = writer.space(space).space_directions(directions).kinds(&["domain"; 3]);
        if let Some(origin) = &geometry.origin {
            writer = writer.space_origin(origin);
        }
    } else if let Some(spacing) = &geometry.spacing {
        writer = writer.spacings(spacing);
    }
    writer.write_values(out, scalar, &geometry.shape, body)
}

#[cfg(test)]
mod tests;
