//! Betti numbers.

use super::cavities::cavities;
use super::components::Components;
use super::grid::Grid;
use super::surface::Counts;

/// The Betti numbers of a mask: how many 26-connected components, tunnels and cavities it has.
///
/// The background is 6-connected and surrounds the volume. Tunnels are what the Euler characteristic χ of the union of the
/// voxels, as closed cubes, leaves: β1 = β0 + β2 − χ. `surface` counts the mask's surface elements by their codes.
pub(super) fn betti_numbers(grid: &Grid, components: &Components, surface: &Counts) -> [u64; 3] {
    let (pieces, cavities) = (components.count(), cavities(grid, components.runs()));
    let tunnels = (pieces + cavities) as i64 - euler_characteristic(surface);
    // Never negative: it is the rank of a group.
    [pieces as u64, tunnels.unsigned_abs(), cavities as u64]
}

/// Vertices − edges + faces − cubes.
///
/// Every 2×2×2 cell has a vertex in its middle, and half an edge, a quarter of a face and an eighth of a cube on each
/// side of it. All are counted that touch a foreground voxel. In cells that are empty or full they add up to nothing.
fn euler_characteristic(surface: &Counts) -> i64 {
    let eighths: i64 =
        surface.iter().zip(0..=u8::MAX).map(|(&count, code)| count as i64 * eighths(code)).sum();
    eighths / 8
}

/// What a cell with this code of corners, bit `z + 2·y + 4·x`, adds to the Euler characteristic, in eighths.
pub(super) fn eighths(code: u8) -> i64 {
    const HALVES: [u8; 6] =
        [0b0101_0101, 0b1010_1010, 0b0011_0011, 0b1100_1100, 0b0000_1111, 0b1111_0000];
    let touched = |corners: u8| i64::from(code & corners != 0);
    let edges: i64 = HALVES.map(touched).iter().sum();
    // A face lies between the two corners that two halves share.
    let pairs = (0..6).flat_map(|a| (a + 1..6).map(move |b| HALVES[a] & HALVES[b]));
    let faces: i64 = pairs.map(touched).sum();
    8 * touched(u8::MAX) - 4 * edges + 2 * faces - i64::from(code.count_ones())
}
