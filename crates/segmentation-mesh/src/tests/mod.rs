mod compact;
mod vtk;

use std::collections::HashMap;

use coronary_phantom::{Phantom, Size};
use proptest::prelude::*;
use segmentation::{Geometry, Mask, Placement};

use super::*;

fn mask(shape: [usize; 3], inside: impl Fn([usize; 3]) -> bool) -> Mask {
    let [nx, ny, _] = shape;
    let mut mask = Mask::empty(shape).unwrap();
    let voxels = (0..mask.voxels()).filter(|at| inside([at % nx, at / nx % ny, at / nx / ny]));
    voxels.for_each(|at| mask.set(at));
    mask
}

/// Masks of odd shapes, from nearly empty to nearly full.
fn masks() -> impl Strategy<Value = Mask> {
    masks_along_x(prop_oneof![1..9usize, 60..70usize].boxed())
}

fn masks_along_x(x: BoxedStrategy<usize>) -> impl Strategy<Value = Mask> {
    let shape = (x, 1..9usize, 1..9usize).prop_map(<[usize; 3]>::from);
    (shape, any::<u64>(), 1..100u64).prop_map(|(shape, seed, percent)| {
        let hash = |[x, y, z]: [usize; 3]| {
            let mixed =
                (seed ^ (x + 100 * (y + 100 * z)) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed ^ mixed >> 31).wrapping_mul(0x94d0_49bb_1331_11eb) >> 40
        };
        mask(shape, |at| hash(at) % 100 < percent || at == [0; 3])
    })
}

fn placement(spacing: [f64; 3]) -> Placement {
    Placement::of(&Geometry::diagonal([9; 3], spacing, [-80.0, 12.5, 3.0])).unwrap()
}

fn phantom() -> Phantom {
    Phantom::new(3, 1, 2, Size::fixed([96, 96, 64]).unwrap())
}

/// How often each edge is run along in its direction.
fn edges(mesh: &Mesh) -> HashMap<[u32; 2], usize> {
    let mut edges = HashMap::new();
    for &[a, b, c] in &mesh.triangles {
        for edge in [[a, b], [b, c], [c, a]] {
            *edges.entry(edge).or_default() += 1;
        }
    }
    edges
}

#[track_caller]
fn assert_closed(mesh: &Mesh) {
    let edges = edges(mesh);
    for (&[a, b], &count) in &edges {
        assert_eq!((count, edges.get(&[b, a])), (1, Some(&1)), "edge {a} {b}");
    }
    let used = mesh.triangles.iter().flatten().max().map(|&last| last as usize + 1);
    assert_eq!(used, Some(mesh.vertices.len()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_edge_is_one_of_two_triangles(mask in masks()) {
        assert_closed(&surface(&mask).unwrap());
    }

    #[test]
    fn vertices_are_the_middles_between_foreground_and_background(mask in masks()) {
        let has = |at: [i64; 3]| {
            let inside = (0..3).all(|axis| (0..mask.shape()[axis] as i64).contains(&at[axis]));
            inside && mask.get(mask.index(at.map(|at| at as usize)))
        };
        let [nx, ny, _] = mask.shape();
        let mut expected: Vec<[i64; 3]> = Vec::new();
        for at in mask.ones() {
            let voxel = [at % nx, at / nx % ny, at / nx / ny].map(|at| at as i64);
            for axis in 0..3 {
                for step in [-1, 1] {
                    let mut beside = voxel;
                    beside[axis] += step;
                    if !has(beside) {
                        expected.push([0, 1, 2].map(|axis| voxel[axis] + beside[axis]));
                    }
                }
            }
        }
        let mesh = surface(&mask).unwrap();
        let mut found: Vec<[i64; 3]> =
            mesh.vertices.iter().map(|vertex| vertex.map(|at| (2.0 * at) as i64)).collect();
        expected.sort_unstable();
        found.sort_unstable();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn regions_share_out_triangles_and_volume(mask in masks()) {
        let mesh = surface(&mask).unwrap().placed(&placement([0.4, 0.3, 0.625]));
        let regions = mesh.regions();
        prop_assert_eq!(regions.iter().map(|region| region.triangles).sum::<usize>(), mesh.triangles.len());
        let volume: f64 = regions.iter().map(|region| region.volume).sum();
        prop_assert!((volume - mesh.volume()).abs() < 1e-9, "{} {}", volume, mesh.volume());
        prop_assert!(volume > 0.0);
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn distances_are_those_that_looking_at_everything_finds(mask in masks_along_x((1..9usize).boxed()), flat in any::<bool>()) {
        let spacing = if flat { [0.3, 0.4, 3.0] } else { [0.4, 0.4, 0.5] };
        let placement = placement(spacing);
        let raw = surface(&mask).unwrap().placed(&placement);
        let mesh = Smoothing::of_the_dataset(Window::Hamming).smoothed(&raw);
        let found = distances(&mask, &placement, &mesh).unwrap();
        let expected = brute_force::distances(&mask, &placement, &mesh);
        for (found, expected) in [
            (found.voxels_to_surface, &expected[0]),
            (found.vertices_to_voxels, &expected[1]),
        ] {
            prop_assert_eq!(found.count, expected.len());
            let max = expected.iter().copied().fold(0.0, f64::max);
            let mean = expected.iter().sum::<f64>() / expected.len() as f64;
            prop_assert!((found.max - max).abs() < 1e-9, "{} {}", found.max, max);
            prop_assert!((found.mean - mean).abs() < 1e-9);
            prop_assert!(found.percentile_95 <= found.max);
        }
    }
}

/// The nearest point by minimising over the triangle: an independent way to the same distance.
mod brute_force {
    use super::*;

    pub fn distances(mask: &Mask, placement: &Placement, mesh: &Mesh) -> [Vec<f64>; 2] {
        let [nx, ny, nz] = mask.shape();
        let voxel = |at: usize| [at % nx, at / nx % ny, at / nx / ny];
        let centre = |at: usize| placement.point(voxel(at).map(|at| at as f64));
        let border = mask.ones().filter(|&at| {
            let [x, y, z] = voxel(at);
            let has = |x: usize, y: usize, z: usize| {
                x < nx && y < ny && z < nz && mask.get(mask.index([x, y, z]))
            };
            let beside = [
                has(x.wrapping_sub(1), y, z),
                has(x + 1, y, z),
                has(x, y.wrapping_sub(1), z),
                has(x, y + 1, z),
                has(x, y, z.wrapping_sub(1)),
                has(x, y, z + 1),
            ];
            beside.contains(&false)
        });
        let to_surface = border.map(|at| {
            let point = centre(at);
            let triangles = mesh.triangles.iter();
            let each = triangles
                .map(|triangle| to_triangle(point, triangle.map(|at| mesh.vertices[at as usize])));
            each.fold(f64::INFINITY, f64::min)
        });
        let to_voxels = mesh.vertices.iter().map(|vertex| {
            let each = mask.ones().map(|at| length([0, 1, 2].map(|i| centre(at)[i] - vertex[i])));
            each.fold(f64::INFINITY, f64::min)
        });
        [to_surface.collect(), to_voxels.collect()]
    }

    fn length(way: [f64; 3]) -> f64 {
        way.iter().map(|part| part * part).sum::<f64>().sqrt()
    }

    /// By the regions of the triangle's plane in which the point lies (barycentric coordinates).
    fn to_triangle(p: [f64; 3], [a, b, c]: [[f64; 3]; 3]) -> f64 {
        let minus = |a: [f64; 3], b: [f64; 3]| [0, 1, 2].map(|i| a[i] - b[i]);
        let dot = |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (u, v, w) = (minus(b, a), minus(c, a), minus(p, a));
        let (uu, uv, vv, wu, wv) = (dot(u, u), dot(u, v), dot(v, v), dot(w, u), dot(w, v));
        let determinant = uu * vv - uv * uv;
        let (s, t) = ((vv * wu - uv * wv) / determinant, (uu * wv - uv * wu) / determinant);
        let at = |s: f64, t: f64| length([0, 1, 2].map(|i| w[i] - s * u[i] - t * v[i]));
        if determinant > 0.0 && s >= 0.0 && t >= 0.0 && s + t <= 1.0 {
            return at(s, t);
        }
        let unit = |value: f64| if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
        let (d, e) = (minus(v, u), minus(p, b));
        let along = unit(dot(e, d) / dot(d, d));
        at(unit(wu / uu), 0.0).min(at(0.0, unit(wv / vv))).min(at(1.0 - along, along))
    }
}

#[test]
fn any_two_cells_that_share_a_face_fit_together() {
    // All surfaces of 3×2×2 voxels: whatever edge lies in a face is one of two triangles.
    for axis in 0..3 {
        let mut shape = [2; 3];
        shape[axis] = 3;
        for code in 1u32..1 << 12 {
            let mut mask = Mask::empty(shape).unwrap();
            (0..12).filter(|bit| code >> bit & 1 == 1).for_each(|bit| mask.set(bit));
            let mesh = surface(&mask).unwrap();
            assert_closed(&mesh);
            assert!(mesh.volume() > 0.0, "{code:b}");
        }
    }
}

#[test]
fn one_voxel_is_an_octahedron() {
    let one = mask([1; 3], |_| true);
    let mesh = surface(&one).unwrap().placed(&placement([1.0; 3]));
    assert_eq!((mesh.vertices.len(), mesh.triangles.len()), (6, 8));
    assert!((mesh.volume() - 1.0 / 6.0).abs() < 1e-12);
    let apart = distances(&one, &placement([1.0; 3]), &mesh).unwrap();
    assert!((apart.voxels_to_surface.max - (1.0 / 12.0f64).sqrt()).abs() < 1e-12);
    assert_eq!(apart.vertices_to_voxels.max, 0.5);
    assert_eq!(apart.larger().max, 0.5);
}

#[test]
fn voxels_that_touch_in_an_edge_or_a_corner_are_parted_and_a_cavity_has_a_wall() {
    for second in [[1, 1, 0], [1, 1, 1]] {
        let two = mask([2; 3], |at| at == [0; 3] || at == second);
        assert_eq!(surface(&two).unwrap().regions().len(), 2, "{second:?}");
    }
    let hollow = mask([5; 3], |at| at != [2; 3]);
    let volumes: Vec<f64> =
        surface(&hollow).unwrap().regions().iter().map(|of| of.volume).collect();
    assert!(volumes[0] > 0.0 && volumes[1] < 0.0 && volumes.len() == 2, "{volumes:?}");
}

#[test]
fn a_left_handed_volume_keeps_its_outside_outside() {
    let phantom = phantom();
    let mesh = surface(&phantom.truth()).unwrap();
    let mut geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
    let right = mesh.clone().placed(&Placement::of(&geometry).unwrap()).volume();
    geometry.directions = geometry.directions.map(|[x, y, z]| [x, y, z.map(|part| -part)]);
    let left = mesh.placed(&Placement::of(&geometry).unwrap());
    assert!((left.volume() / right - 1.0).abs() < 1e-9, "{} {right}", left.volume());
    assert_closed(&left);
}

#[test]
fn smoothing_moves_vertices_alone_and_shrinks_more_with_hamming_than_with_nuttall() {
    let phantom = phantom();
    let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
    let raw = surface(&phantom.truth()).unwrap().placed(&Placement::of(&geometry).unwrap());
    let [hamming, nuttall] =
        [Window::Hamming, Window::Nuttall].map(|of| Smoothing::of_the_dataset(of).smoothed(&raw));
    assert_eq!(hamming.triangles, raw.triangles);
    assert!(hamming.volume() < nuttall.volume() && nuttall.volume() < raw.volume());
    let moved = raw.largest_move(&hamming);
    assert!(0.2 < moved && moved < 2.0, "{moved}");
}

#[test]
fn the_passband_s_end_passes_and_what_is_above_does_not() {
    for window in [Window::Hamming, Window::Nuttall] {
        let terms = window.coefficients(0.03, 30);
        let gain = |theta: f64| -> f64 {
            terms.iter().enumerate().map(|(i, term)| term * (i as f64 * theta).cos()).sum()
        };
        let theta = (1.0f64 - 0.015).acos();
        assert!((gain(theta) - 1.0).abs() < 1e-3, "{window:?} {}", gain(theta));
        assert!(gain(1.0).abs() < 0.01, "{window:?} {}", gain(1.0));
    }
    // Known of VTK's filter: what does not move at all is scaled by this.
    let constant: f64 = Window::Hamming.coefficients(0.03, 30).iter().sum();
    assert!((constant - 1.0015).abs() < 1e-4, "{constant}");
}

#[test]
fn a_setting_that_filters_nothing_or_never_ends_is_none() {
    for (passband, iterations) in
        [(0.0, 30), (-1.0, 30), (f64::NAN, 30), (2.1, 30), (0.1, 0), (0.1, 1001)]
    {
        assert_eq!(Smoothing::new(Window::Nuttall, passband, iterations), None);
    }
    let dataset = Smoothing::new(Window::Hamming, 0.03, 30);
    assert_eq!(dataset, Some(Smoothing::of_the_dataset(Window::Hamming)));
}

#[test]
fn files_hold_what_the_mesh_holds() {
    let mesh = surface(&mask([2, 1, 1], |_| true)).unwrap().placed(&placement([0.5; 3]));
    let mut stl = Vec::new();
    mesh.write_stl(&mut stl, &"µ".repeat(100)).unwrap();
    assert_eq!(stl.len(), 84 + 50 * mesh.triangles.len());
    assert!(stl.starts_with(b"binary STL, ??"));
    assert_eq!(stl[80..84], (mesh.triangles.len() as u32).to_le_bytes());
    let number = |at: usize| f32::from_le_bytes(stl[at..at + 4].try_into().unwrap());
    let normal = [84, 88, 92].map(number);
    assert!((normal.iter().map(|part| part * part).sum::<f32>() - 1.0).abs() < 1e-6);
    let corner = mesh.vertices[mesh.triangles[0][0] as usize].map(|part| part as f32);
    assert_eq!([96, 100, 104].map(number), corner);

    let mut ply = Vec::new();
    mesh.write_ply(&mut ply, "first\nsecond\u{7}").unwrap();
    let end = ply.windows(11).position(|window| window == b"end_header\n").unwrap() + 11;
    assert_eq!(
        std::str::from_utf8(&ply[..end]).unwrap(),
        "ply\nformat binary_little_endian 1.0\ncomment first\ncomment second?\nelement vertex 10\n\
         property double x\nproperty double y\nproperty double z\nelement face 16\n\
         property list uchar int vertex_indices\nend_header\n"
    );
    assert_eq!(ply.len(), end + 24 * mesh.vertices.len() + 13 * mesh.triangles.len());
    let first = f64::from_le_bytes(ply[end..end + 8].try_into().unwrap());
    assert_eq!(first, mesh.vertices[0][0]);
}

#[test]
fn what_has_no_surface_or_too_much_of_it_is_refused() {
    assert_eq!(surface(&mask([3; 3], |_| false)).unwrap_err(), MeshError::Empty);
    assert_eq!(surface(&Mask::empty([0, 4, 4]).unwrap()).unwrap_err(), MeshError::Empty);
    let noise = mask([170; 3], |[x, y, z]| (x + y + z) % 2 == 0);
    assert!(matches!(surface(&noise), Err(MeshError::TooMany(14_739_000..))));
    let mut corners = Mask::empty([64, 5000, 8000]).unwrap();
    [0, corners.voxels() - 1].into_iter().for_each(|at| corners.set(at));
    assert_eq!(surface(&corners).unwrap_err(), MeshError::Spread);
}
