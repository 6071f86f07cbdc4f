//! The area of a surface element.

/// Area in mm² of a surface element, the surface within a cell, for each code of its eight corners.
///
/// A cell lies between the centres of 2×2×2 voxels; its code has bit `z + 2·y + 4·x` for
/// the voxel at that corner. The surface is the one of marching cubes through the middles
/// of the cell's edges, in the choice of Nikolov et al. (2021): foreground and background
/// change places where more than four corners are foreground, and corners that no edge
/// joins are cut off apart. `spacing` (x, y, z) in mm.
pub fn element_areas([x, y, z]: [f64; 3]) -> [f64; 256] {
    // Faces of the cell, by the axis (z, y, x) they are perpendicular to.
    let faces = [x * y, x * z, y * z];
    std::array::from_fn(|code| {
        let code = code as u8;
        let mut rest = if code.count_ones() > 4 { !code } else { code };
        let mut area = 0.0;
        while rest != 0 {
            let piece = piece(rest);
            area += of_piece(piece, faces);
            rest &= !piece;
        }
        area
    })
}

/// Corners that are set, and whose neighbour along an axis, with bit `1 << axis` more, is set as well.
fn pairs(corners: u8, axis: usize) -> u8 {
    const FIRST: [u8; 3] = [0b0101_0101, 0b0011_0011, 0b0000_1111];
    corners & corners >> (1 << axis) & FIRST[axis]
}

/// The lowest corner and all that edges join to it.
fn piece(corners: u8) -> u8 {
    let mut piece = corners & corners.wrapping_neg();
    for _ in 0..3 {
        for axis in 0..3 {
            let pairs = pairs(corners, axis);
            let touched = pairs & (piece | piece >> (1 << axis));
            piece |= touched | touched << (1 << axis);
        }
    }
    piece
}

/// The area that parts a piece of one to four joined corners from the others.
fn of_piece(corners: u8, faces: [f64; 3]) -> f64 {
    let length = |parts: [f64; 3]| parts.iter().map(|part| part * part).sum::<f64>().sqrt();
    // A corner is cut off by a triangle, an edge by a rectangle.
    let triangle = length(faces) / 8.0;
    let rectangle = |along: usize| {
        let mut parts = faces;
        parts[along] = 0.0;
        length(parts) / 2.0
    };
    let joined = [0, 1, 2].map(|axis| pairs(corners, axis));
    let edges = joined.map(u8::count_ones);
    match edges {
        [0, 0, 0] => triangle,
        [1, 0, 0] => rectangle(0),
        [0, 1, 0] => rectangle(1),
        [0, 0, 1] => rectangle(2),
        // Three corners of a face: half the face, and a slope of three triangles.
        [0, 1, 1] => faces[0] / 2.0 + 3.0 * triangle,
        [1, 0, 1] => faces[1] / 2.0 + 3.0 * triangle,
        [1, 1, 0] => faces[2] / 2.0 + 3.0 * triangle,
        // All four: the cell is cut in halves.
        [0, ..] => faces[0],
        [_, 0, _] => faces[1],
        [.., 0] => faces[2],
        // Edges along all three axes, from one corner or one after the other.
        _ => {
            let ends = |axis: usize| joined[axis] | joined[axis] << (1 << axis);
            let [a, b, c] = [0, 1, 2].map(ends);
            if a & b & c != 0 {
                return 6.0 * triangle;
            }
            // The first and the last of the three share no corner.
            let (first, last) = if a & b == 0 {
                (0, 1)
            } else if a & c == 0 {
                (0, 2)
            } else {
                (1, 2)
            };
            (rectangle(first) + rectangle(last)) / 2.0 + 4.0 * triangle
        }
    }
}
