//! Files of meshes.

use std::io::{self, Write};

use crate::Mesh;
use crate::vector::{cross, scale, squared, sub};

impl Mesh {
    /// Writes binary STL: triangles with their normals, in 32-bit numbers, so that vertices very near each other may fall together.
    ///
    /// Of `comment`, what fits into the header's 80 bytes is kept, as ASCII.
    ///
    /// # Errors
    /// If writing fails.
    pub fn write_stl(&self, out: &mut impl Write, comment: &str) -> io::Result<()> {
        let mut header = [b' '; 80];
        // A reader takes a file that begins with `solid` for text.
        let comment = format!("binary STL, {comment}");
        for (place, letter) in header.iter_mut().zip(comment.chars()) {
            *place = if matches!(letter, ' '..='~') { letter as u8 } else { b'?' };
        }
        out.write_all(&header)?;
        out.write_all(&count(self.triangles.len())?.to_le_bytes())?;
        for triangle in &self.triangles {
            let corners = self.corners(*triangle);
            let normal = cross(sub(corners[1], corners[0]), sub(corners[2], corners[0]));
            let length = squared(normal).sqrt();
            // A triangle without area has no normal.
            let normal = if length > 0.0 { scale(normal, 1.0 / length) } else { [0.0; 3] };
            let mut record = [0; 50];
            let numbers = normal.into_iter().chain(corners.into_iter().flatten());
            for (place, number) in record.chunks_exact_mut(4).zip(numbers) {
                place.copy_from_slice(&(number as f32).to_le_bytes());
            }
            out.write_all(&record)?;
        }
        Ok(())
    }

    /// Writes binary PLY: vertices in 64-bit numbers, so that nothing is lost, and triangles of their numbers.
    ///
    /// Each line of `comments` becomes a comment of the header.
    ///
    /// # Errors
    /// If writing fails.
    pub fn write_ply(&self, out: &mut impl Write, comments: &str) -> io::Result<()> {
        writeln!(out, "ply\nformat binary_little_endian 1.0")?;
        for line in comments.lines() {
            let printable = |letter: char| if letter.is_control() { '?' } else { letter };
            writeln!(out, "comment {}", line.chars().map(printable).collect::<String>())?;
        }
        let [vertices, triangles] = [count(self.vertices.len())?, count(self.triangles.len())?];
        writeln!(out, "element vertex {vertices}")?;
        writeln!(out, "property double x\nproperty double y\nproperty double z")?;
        writeln!(out, "element face {triangles}\nproperty list uchar int vertex_indices")?;
        writeln!(out, "end_header")?;
        for vertex in self.vertices.iter().flatten() {
            out.write_all(&vertex.to_le_bytes())?;
        }
        for triangle in &self.triangles {
            let mut record = [3; 13];
            for (place, vertex) in record[1..].chunks_exact_mut(4).zip(triangle) {
                place.copy_from_slice(&vertex.to_le_bytes());
            }
            out.write_all(&record)?;
        }
        Ok(())
    }
}

fn count(length: usize) -> io::Result<u32> {
    u32::try_from(length).map_err(io::Error::other)
}
