//! Writes what any reader of the format understands.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::geometry::Geometry;
use crate::mask::Mask;

/// How the voxels are to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Raw,
    /// With a level from 0, none, to 9, best.
    Gzip(u32),
}

/// Writes a mask as an attached NRRD of 8-bit zeros and ones.
///
/// # Errors
/// `InvalidInput` if the geometry's shape is not the mask's.
pub fn write_mask(
    out: impl Write,
    mask: &Mask,
    geometry: &Geometry,
    encoding: Encoding,
) -> io::Result<()> {
    let mut left = mask.voxels();
    write(out, geometry, encoding, mask.voxels(), |voxels| {
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
/// `InvalidInput` if there are not as many bytes as the geometry's shape has voxels.
pub fn write_dense(
    out: impl Write,
    voxels: &[u8],
    geometry: &Geometry,
    encoding: Encoding,
) -> io::Result<()> {
    write(out, geometry, encoding, voxels.len(), |out| out.write_all(voxels))
}

fn write(
    mut out: impl Write,
    geometry: &Geometry,
    encoding: Encoding,
    voxels: usize,
    body: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if crate::voxels(geometry.shape) != Some(voxels) {
        let message = "the geometry has another number of voxels than the data";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    out.write_all(header(geometry, encoding).as_bytes())?;
    match encoding {
        Encoding::Raw => body(&mut out)?,
        Encoding::Gzip(level) => {
            let mut gzip = GzEncoder::new(&mut out, Compression::new(level.min(9)));
            body(&mut gzip)?;
            gzip.finish()?;
        }
    }
    out.flush()
}

fn header(geometry: &Geometry, encoding: Encoding) -> String {
    let [nx, ny, nz] = geometry.shape;
    let vector = |[x, y, z]: [f64; 3]| format!("({x},{y},{z})");
    let encoding = match encoding {
        Encoding::Raw => "raw",
        Encoding::Gzip(_) => "gzip",
    };
    let mut lines =
        vec!["NRRD0004".to_string(), "type: unsigned char".to_string(), "dimension: 3".to_string()];
    // Teem and ITK want the space before its directions and origin, and no spacings beside them.
    if let Some(directions) = geometry.directions {
        let space = geometry.space.as_deref().unwrap_or("left-posterior-superior");
        lines.push(format!("space: {space}"));
        lines.push(format!("sizes: {nx} {ny} {nz}"));
        lines.push(format!("space directions: {}", directions.map(vector).join(" ")));
        lines.push("kinds: domain domain domain".to_string());
        if let Some(origin) = geometry.origin {
            lines.push(format!("space origin: {}", vector(origin)));
        }
    } else {
        lines.push(format!("sizes: {nx} {ny} {nz}"));
        if let Some([x, y, z]) = geometry.spacing {
            lines.push(format!("spacings: {x} {y} {z}"));
        }
    }
    lines.push(format!("encoding: {encoding}"));
    lines.push("\n".to_string());
    lines.join("\n")
}
