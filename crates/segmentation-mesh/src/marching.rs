//! Marching cubes over bits, 64 cells at a time.

use segmentation::{Mask, bits};

use crate::cases::TRIANGLES;
use crate::padded::Padded;
use crate::{MAX_VERTICES, Mesh, MeshError};

/// The surface of a mask, in voxels: the centre of the voxel (x, y, z) is the point (x, y, z).
///
/// Marching cubes (Lorensen and Cline 1987) at 0.5 with the triangles of VTK, in its order: vertices lie in the middle between the
/// centres of a foreground and a background voxel. The volume is surrounded by background, so the surface is closed also where
/// the foreground touches the border, every edge is one of exactly two triangles, and all triangles run anticlockwise seen from the
/// outside. Voxels that touch in an edge or a corner only are parted.
///
/// Vertices are numbered along the rows of voxels, so the same mask gives the same numbers.
///
/// # Errors
/// [`MeshError`]: a mask without foreground, or one that no vessel tree looks like.
pub fn surface(mask: &Mask) -> Result<Mesh, MeshError> {
    let padded = Padded::new(mask)?;
    let crossings = Crossings::of(&padded)?;
    let [along_y, along_z] = padded.strides();
    let mut triangles = Vec::with_capacity(2 * crossings.vertices.len());
    for at in 0..padded.len() {
        let rows = [at, at + along_y, at + along_z, at + along_y + along_z];
        let corners = rows.map(|row| [padded.word(row), padded.next(row)]);
        let any = corners.iter().flatten().fold(0, |any, word| any | word);
        if any == 0 {
            continue;
        }
        let all = corners.iter().flatten().fold(u64::MAX, |all, word| all & word);
        for bit in bits(any & !all) {
            let corners = corners.iter().flatten().enumerate();
            let code = corners.fold(0, |code, (place, word)| code | (word >> bit & 1) << place);
            for edges in TRIANGLES[code as usize] {
                triangles.push(edges.map(|edge| crossings.vertex(&padded, at, bit, edge)));
            }
        }
    }
    Ok(Mesh { vertices: crossings.vertices, triangles })
}

/// The pairs of neighbouring voxels of which one is foreground: the places of the vertices.
struct Crossings {
    /// For each word and each axis the number of its first vertex.
    first: Vec<[u32; 3]>,
    vertices: Vec<[f64; 3]>,
}

impl Crossings {
    fn of(padded: &Padded) -> Result<Self, MeshError> {
        let all = || (0..padded.len()).flat_map(|at| crossings(padded, at));
        let count = all().map(|word| word.count_ones() as usize).sum();
        if count > MAX_VERTICES {
            return Err(MeshError::TooMany(count));
        }
        let mut vertices = Vec::with_capacity(count);
        let first = (0..padded.len()).map(|at| {
            let row = at / padded.width;
            let [y, z] = [row % padded.rows[0], row / padded.rows[0]].map(|at| at as f64);
            let start = [(at % padded.width * 64) as f64, y, z];
            let mut first = [0; 3];
            for (axis, word) in crossings(padded, at).into_iter().enumerate() {
                first[axis] = vertices.len() as u32;
                for bit in bits(word) {
                    let mut vertex = [0, 1, 2].map(|axis| padded.first[axis] + start[axis]);
                    vertex[0] += bit as f64;
                    vertex[axis] += 0.5;
                    vertices.push(vertex);
                }
            }
            first
        });
        Ok(Self { first: first.collect(), vertices })
    }

    /// The vertex on an edge of the cell whose first corner is the bit `bit` of the word `at`.
    #[inline]
    fn vertex(&self, padded: &Padded, at: usize, bit: usize, edge: u8) -> u32 {
        let (axis, a, b) =
            (usize::from(edge / 4), usize::from(edge & 1), usize::from(edge >> 1 & 1));
        let [x, y, z] = match axis {
            0 => [0, a, b],
            1 => [a, 0, b],
            _ => [a, b, 0],
        };
        let [along_y, along_z] = padded.strides();
        let bit = bit + x;
        let (at, bit) = (at + bit / 64 + y * along_y + z * along_z, bit % 64);
        let before = crossings(padded, at)[axis] & ((1 << bit) - 1);
        self.first[at][axis] + before.count_ones()
    }
}

/// Which voxels of a word differ from the next one along x, along y and along z.
///
/// Behind the last row along y comes the first of the next layer: both are margin.
#[inline]
fn crossings(padded: &Padded, at: usize) -> [u64; 3] {
    let [along_y, along_z] = padded.strides();
    let word = padded.word(at);
    [padded.next(at), padded.word(at + along_y), padded.word(at + along_z)]
        .map(|other| word ^ other)
}
