//! Small files of meshes for viewers.
//!
//! A file holds one to three [parts](PartKind) on one grid. Everything is little endian:
//!
//! | Bytes | |
//! |---|---|
//! | 0..4 | `VMSH` |
//! | 4..6 | version, u16: 1 |
//! | 6..8 | number of parts, u16: 1 to 3 |
//! | 8..32 | origin (x, y, z), f64 |
//! | 32..40 | step, f64 |
//! | 40.. | of each part, as u32: kind, vertices, triangles, bytes of codes, bytes of residuals |
//! | then | of each part: codes, residuals |
//!
//! A vertex is `origin + step · q` with a whole number q of 0 to 65535 for each axis. The step is 1/128 mm, or for a box of more than
//! 511.99 mm the next power of two that spans it; with the limits of [`write()`], no file is longer than 16 MB. There are no normals:
//! a viewer adds up those of the triangles around a vertex.
//!
//! Codes and residuals are numbers in LEB128: seven bits a byte, the lowest first, the high bit where another byte follows. Residuals
//! are the x, the y and the z of all the part's vertices, one axis after the other, zigzag: 0, −1, 1, −2, … are 0, 1, 2, 3, ….
//!
//! The triangles are grown from their neighbours, as in the cut-border machine (Gumhold and Straßer 1998), but without its splits: a stack
//! holds edges (a, b) with the third corner c of the triangle that brought them. While it has any, the topmost is taken off and a code
//! read: 0 is nothing, anything else a vertex v. Then (b, a, v) is the next triangle, and (a, v) with b, then (v, b) with a, are
//! put on the stack. When it is empty and triangles are missing, three codes are the corners (a, b, c) of one that begins anew: (a, b), (b, c)
//! and (c, a) are put on the stack. The code 1 is a new vertex, k > 1 the vertex that was new k − 1 vertices ago. The residual of a
//! new vertex is what lies between it and its guess: a + b − c across an edge, else the vertex before it, the first at 0. Triangles
//! keep which side is out, not their order or first corner.

use std::io::{self, Write};

use crate::Mesh;
use crate::grow::{Grown, grow};
use crate::vector::{Point, bounds, sub};

/// The most vertices of a file, all parts together. Coronary trees have 40 000 to 140 000.
pub const MAX_VERTICES: usize = 400_000;

/// The most triangles of a file, all parts together. Trees have two to a vertex.
pub const MAX_TRIANGLES: usize = 1_000_000;

/// The most parts of a file.
pub const MAX_PARTS: usize = 3;

const MAGIC: &[u8; 4] = b"VMSH";
const VERSION: u16 = 1;
/// In mm. Twice as fine adds an eighth to a file of which nobody sees more.
const STEP: f64 = 1.0 / 128.0;
const LAST: f64 = u16::MAX as f64;

/// What a part of a file is, for its colour and its words. The number stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum PartKind {
    /// All that was segmented.
    Prediction = 0,
    /// All of the reference.
    Reference = 1,
    /// Segmented and in the reference.
    Agreement = 2,
    /// Segmented, but not in the reference.
    FalsePositive = 3,
    /// In the reference, but not segmented.
    FalseNegative = 4,
}

/// Why there is no compact file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompactError {
    /// No part, or more than [`MAX_PARTS`].
    #[error("{0} parts, not 1 to {MAX_PARTS}")]
    Parts(usize),
    /// More vertices than [`MAX_VERTICES`].
    #[error("{0} vertices are more than the {MAX_VERTICES} that viewers are given")]
    TooManyVertices(usize),
    /// More triangles than [`MAX_TRIANGLES`].
    #[error("{0} triangles are more than the {MAX_TRIANGLES} that viewers are given")]
    TooManyTriangles(usize),
    /// A vertex or the box around all is not finite.
    #[error("vertices that are not finite numbers")]
    NotFinite,
    /// A triangle has a vertex that the mesh has not.
    #[error("a triangle of vertex {0}, which there is not")]
    NoVertex(u32),
    /// Writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes meshes, placed in mm, as parts of one file. A mesh without triangles is a part of none.
///
/// Vertices move by at most half a step along each axis, 1/256 mm up to a box of 511.99 mm. Vertices of no triangle are left out.
///
/// ```
/// use segmentation::Mask;
/// use segmentation_mesh::{compact, surface};
///
/// let mut voxel = Mask::empty([1, 1, 1]).ok_or("too large")?;
/// voxel.set(0);
/// let mesh = surface(&voxel)?;
/// let mut file = Vec::new();
/// compact::write(&mut file, &[(&mesh, compact::PartKind::Prediction)])?;
/// assert!(file.starts_with(b"VMSH"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// See [`CompactError`]; all but [`Io`](CompactError::Io) are found before anything is written.
pub fn write(out: &mut impl Write, parts: &[(&Mesh, PartKind)]) -> Result<(), CompactError> {
    check(parts)?;
    let (origin, step) = grid(parts)?;
    let grown: Vec<(PartKind, Grown)> = parts
        .iter()
        .map(|(mesh, kind)| {
            let on_grid = |vertex: &Point| sub(*vertex, origin).map(|way| steps(way, step));
            let vertices: Vec<[u16; 3]> = mesh.vertices.iter().map(on_grid).collect();
            (*kind, grow(&vertices, &mesh.triangles))
        })
        .collect();

    out.write_all(MAGIC)?;
    out.write_all(&VERSION.to_le_bytes())?;
    out.write_all(&(parts.len() as u16).to_le_bytes())?;
    for number in origin.into_iter().chain([step]) {
        out.write_all(&number.to_le_bytes())?;
    }
    for (kind, part) in &grown {
        let lengths = [part.vertices, part.triangles, part.codes.len(), part.residuals.len()];
        out.write_all(&(*kind as u32).to_le_bytes())?;
        for length in lengths {
            out.write_all(&u32::try_from(length).map_err(io::Error::other)?.to_le_bytes())?;
        }
    }
    for (_, part) in &grown {
        out.write_all(&part.codes)?;
        out.write_all(&part.residuals)?;
    }
    Ok(())
}

fn check(parts: &[(&Mesh, PartKind)]) -> Result<(), CompactError> {
    if !(1..=MAX_PARTS).contains(&parts.len()) {
        return Err(CompactError::Parts(parts.len()));
    }
    let vertices = parts.iter().map(|(mesh, _)| mesh.vertices.len()).sum();
    if vertices > MAX_VERTICES {
        return Err(CompactError::TooManyVertices(vertices));
    }
    let triangles = parts.iter().map(|(mesh, _)| mesh.triangles.len()).sum();
    if triangles > MAX_TRIANGLES {
        return Err(CompactError::TooManyTriangles(triangles));
    }
    for (mesh, _) in parts {
        let missing = |vertex: &&u32| **vertex as usize >= mesh.vertices.len();
        if let Some(vertex) = mesh.triangles.iter().flatten().find(missing) {
            return Err(CompactError::NoVertex(*vertex));
        }
    }
    Ok(())
}

/// The lowest corner of the box around all vertices, and the step that spans its longest edge.
fn grid(parts: &[(&Mesh, PartKind)]) -> Result<(Point, f64), CompactError> {
    let vertices = || parts.iter().flat_map(|(mesh, _)| &mesh.vertices).copied();
    // `bounds` passes over what is no number.
    if !vertices().flatten().all(f64::is_finite) {
        return Err(CompactError::NotFinite);
    }
    let [low, high] = bounds(vertices());
    if vertices().next().is_none() {
        return Ok(([0.0; 3], STEP));
    }
    let longest = sub(high, low).into_iter().fold(0.0, f64::max);
    if !longest.is_finite() {
        return Err(CompactError::NotFinite);
    }
    let mut step = STEP;
    while longest / step > LAST {
        step *= 2.0;
    }
    Ok((low, step))
}

/// The conversion of a float to an integer saturates, and [`grid`] leaves nothing that would have to.
fn steps(way: f64, step: f64) -> u16 {
    (way / step).round() as u16
}
