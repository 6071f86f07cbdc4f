//! Which voxels thinning may take away, by their 3×3×3 neighbourhood alone.
//!
//! A neighbourhood is 27 bits: (dx, dy, dz), each from -1 to 1, is bit
//! `13 + 9·dx + 3·dy + dz`, so the voxel itself is bit 13.

const CENTRE: u32 = 1 << 13;
const ALL: u32 = (1 << 27) - 1;

/// Voxels that have a neighbour in the cube before them along z, and along y.
const NOT_FIRST_Z: u32 = 0o666_666_666;
const NOT_FIRST_Y: u32 = 0o770_770_770;

/// The neighbours that share the voxel's faces, edges and corners: one bit, three and seven each.
const FACES: u32 = {
    let mut faces = 0;
    let mut axis = 0;
    while axis < 3 {
        faces |= CENTRE << STEP[axis] | CENTRE >> STEP[axis];
        axis += 1;
    }
    faces
};
const EDGES: [u32; 12] = edges();
const CORNERS: [u32; 8] = corners();

const STEP: [u32; 3] = [1, 3, 9];

/// The bits of the neighbourhood at a step of -1, 0 or 1 along each axis (z, y, x).
const fn bit(z: i32, y: i32, x: i32) -> u32 {
    1 << (13 + z + 3 * y + 9 * x)
}

const fn edges() -> [u32; 12] {
    let mut edges = [0; 12];
    let mut at = 0;
    while at < 4 {
        let (a, b) = (if at & 1 == 0 { -1 } else { 1 }, if at & 2 == 0 { -1 } else { 1 });
        edges[at] = bit(a, b, 0) | bit(a, 0, 0) | bit(0, b, 0);
        edges[4 + at] = bit(a, 0, b) | bit(a, 0, 0) | bit(0, 0, b);
        edges[8 + at] = bit(0, a, b) | bit(0, a, 0) | bit(0, 0, b);
        at += 1;
    }
    edges
}

const fn corners() -> [u32; 8] {
    let mut corners = [0; 8];
    let mut at = 0;
    while at < 8 {
        let z = if at & 1 == 0 { -1 } else { 1 };
        let y = if at & 2 == 0 { -1 } else { 1 };
        let x = if at & 4 == 0 { -1 } else { 1 };
        let across = bit(z, y, 0) | bit(z, 0, x) | bit(0, y, x);
        corners[at] = bit(z, y, x) | across | bit(z, 0, 0) | bit(0, y, 0) | bit(0, 0, x);
        at += 1;
    }
    corners
}

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
    let bare = |of: &[u32]| of.iter().map(|&shared| i32::from(others & shared == 0)).sum::<i32>();
    let faces = (!others & FACES).count_ones() as i32;
    bare(&CORNERS) - bare(&EDGES) + faces == 1
}

/// Whether these voxels are one 26-connected piece, or none.
fn connected(others: u32) -> bool {
    let mut piece = others & others.wrapping_neg();
    loop {
        let grown = grow(piece) & others;
        if grown == piece {
            return piece == others;
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
