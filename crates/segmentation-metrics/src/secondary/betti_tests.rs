use std::collections::BTreeSet;

use proptest::prelude::*;

use super::tests::{Voxel, filled, has, mask, masks};
use super::vessel_tests::{Place, flooded, places, touch};
use super::*;

fn share_a_face(a: Place, b: Place) -> bool {
    (0..3).map(|axis| a[axis].abs_diff(b[axis])).sum::<usize>() == 1
}

/// β0 and β2 by flooding, χ by collecting the cells of all closed cubes in doubled coordinates.
fn betti_by_cells(mask: &Mask) -> [u64; 3] {
    let foreground = filled(mask);
    let mut cells = BTreeSet::new();
    for &[x, y, z] in &foreground {
        for at in 0..27 {
            cells.insert([2 * x + at / 9 - 1, 2 * y + at / 3 % 3 - 1, 2 * z + at % 3 - 1]);
        }
    }
    // A cell has a dimension for each even coordinate: a cube's centre has three.
    let odd = |cell: &Place| cell.iter().filter(|at| *at % 2 == 0).count() % 2 == 1;
    let characteristic: i64 = cells.iter().map(|cell| if odd(cell) { -1 } else { 1 }).sum();
    let pieces = flooded(foreground, touch).len() as u64;
    let background = places(mask.shape()).filter(|&at| !has(mask, at)).collect();
    let cavities = flooded(background, share_a_face).len() as u64 - 1;
    [pieces, ((pieces + cavities) as i64 - characteristic).try_into().unwrap(), cavities]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn betti_numbers_are_those_of_floods_and_counted_cells((mask, _) in masks()) {
        prop_assert_eq!(betti_numbers(&mask).unwrap(), betti_by_cells(&mask));
    }
}

fn squared(at: Voxel, middle: Voxel) -> usize {
    (0..3).map(|axis| at[axis].abs_diff(middle[axis]).pow(2)).sum()
}

#[test]
fn shells_tunnels_and_what_touches_the_border_have_the_betti_numbers_of_their_names() {
    let betti =
        |shape, inside: &dyn Fn(Voxel) -> bool| betti_numbers(&mask(shape, inside)).unwrap();
    let room = [15; 3];
    let shell = |at: Voxel, outer: usize| {
        let far = at.iter().map(|at| at.abs_diff(7)).max();
        far == Some(outer)
    };
    assert_eq!(betti(room, &|at| at == [7; 3]), [1, 0, 0]);
    assert_eq!(betti(room, &|at| shell(at, 2)), [1, 0, 1]);
    assert_eq!(betti(room, &|at| shell(at, 2) || shell(at, 4)), [2, 0, 2]);
    assert_eq!(betti(room, &|at| shell(at, 7)), [1, 0, 1]);
    // The box's opening leads out of it, through a whole and through a part of a face.
    assert_eq!(betti(room, &|at| shell(at, 7) && at[0] != 14), [1, 0, 0]);
    assert_eq!(betti(room, &|at| shell(at, 7) && at != [7, 7, 14]), [1, 0, 0]);
    // Background is 6-connected: a missing edge opens nothing, foreground meets at the corners.
    assert_eq!(betti([3; 3], &|at| at != [1; 3] && at != [0, 0, 1]), [1, 0, 1]);
    assert_eq!(betti([3; 3], &|at| squared(at, [1; 3]) == 1), [1, 0, 1]);
    let torus =
        |[x, y, z]: Voxel| (9..=25).contains(&squared([x, y, 7], [7; 3])) && z.abs_diff(7) < 2;
    assert_eq!(betti(room, &torus), [1, 1, 0]);
    assert_eq!(betti(room, &|at| torus(at) && (at[1] != 7 || at[0] > 7)), [1, 0, 0]);
    // Diagonal neighbours close a loop of four.
    assert_eq!(betti([3, 3, 1], &|at| squared(at, [1, 1, 0]) == 1), [1, 1, 0]);
    assert_eq!(betti([3, 1, 3], &|at| squared(at, [1, 0, 1]) == 1), [1, 1, 0]);
    assert_eq!(betti([1, 3, 3], &|at| squared(at, [0, 1, 1]) == 1), [1, 1, 0]);
}

#[test]
fn cells_that_are_empty_or_full_add_nothing_to_the_euler_characteristic() {
    assert_eq!([0, u8::MAX].map(betti::eighths), [0, 0]);
    // A voxel is one: eight cells with one corner each.
    assert_eq!(8 * betti::eighths(1), 8);
}
