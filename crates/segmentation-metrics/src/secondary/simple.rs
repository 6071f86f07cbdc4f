//! Which voxels thinning may take away, by their 3×3×3 neighbourhood alone.
//!
//! A neighbourhood is 27 bits: (dx, dy, dz), each from -1 to 1, is bit
//! `13 + 9·dx + 3·dy + dz`, so the voxel itself is bit 13.

const CENTRE: u32 = 1 << 13;
const ALL: u32 = (1 << 27) - 1;

/// Voxels that have another of the cube before them along z, and along y.
const NOT_FIRST_Z: u32 = 0o666_666_666;
const NOT_FIRST_Y: u32 = 0o770_770_770;

/// Of eight voxels around a corner of the centre, and of four around an edge along x, y or z, the
/// first; and the voxels that share a face.
const CORNERS: u32 = 0o033_033;
const EDGES_X: u32 = 0o033_000;
const EDGES_Y: u32 = 0o030_030;
const EDGES_Z: u32 = 0o022_022;
const FACES: u32 = 0o020_252_020;

/// Two voxels that share a face on opposite sides, along x, y and z.
const OPPOSITE: [u32; 3] = [0o020_000_020, 0o202_000, 0o050_000];

/// Whether a foreground voxel may be listed to go: it ends no line, and neither the Euler
/// characteristic nor the number of 26-connected pieces changes around it.
///
/// Conditions of Lee, Kashyap and Chu (1994), section 3.
pub(super) fn deletable(neighbourhood: u32) -> bool {
    let others = neighbourhood & !CENTRE;
    others.count_ones() != 1 && keeps_euler(others) && connected(others)
}

/// Whether a voxel that was listed can still go, now that others on the list have gone.
///
/// It must not part its neighbours, and it must have some.
pub(super) fn still_deletable(neighbourhood: u32) -> bool {
    let others = neighbourhood & !CENTRE;
    others != 0 && connected(others)
}

/// Whether taking the voxel away keeps the Euler characteristic of the union of closed cubes:
/// with it go those of its corners, edges and faces that no other voxel has, and its inside.
fn keeps_euler(others: u32) -> bool {
    // At the first of two, four or eight voxels: whether one of them is there.
    let (z, y) = (others | others >> 1, others | others >> 3);
    let (zy, zx, yx) = (z | z >> 3, z | z >> 9, y | y >> 9);
    let zyx = zy | zy >> 9;
    // Corners and faces that go are to be one more than edges that go: with those of the 12 edges
    // that stay, 13. Moved apart, all are counted at one stroke.
    let [corners, faces] = [!zyx & CORNERS, !others & FACES].map(u64::from);
    let [along_x, along_y, along_z] = [zy & EDGES_X, zx & EDGES_Y, yx & EDGES_Z].map(u64::from);
    let all = corners | along_x << 5 | along_y << 16 | along_z << 30 | faces << 40;
    all.count_ones() == 13
}

/// Whether these voxels are one 26-connected piece, or none.
fn connected(others: u32) -> bool {
    // Those that share a face with the centre touch each other, unless they are an opposite pair.
    let faces = others & FACES;
    let apart = faces == 0 || OPPOSITE.contains(&faces);
    let mut piece = if apart { others & others.wrapping_neg() } else { faces };
    loop {
        let grown = grow(piece) & others;
        if grown == piece || grown == others {
            return grown == others;
        }
        piece = grown;
    }
}

/// All voxels of the cube that touch one of these.
fn grow(voxels: u32) -> u32 {
    let z = voxels | voxels << 1 & NOT_FIRST_Z | (voxels & NOT_FIRST_Z) >> 1;
    let y = z | z << 3 & NOT_FIRST_Y | (z & NOT_FIRST_Y) >> 3;
    (y | y << 9 | y >> 9) & ALL
}
