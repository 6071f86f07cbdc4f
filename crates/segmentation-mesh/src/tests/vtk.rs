//! What VTK made of small masks. `tests/oracle/mesh.py` wrote it down, and compares large ones.

use std::collections::HashMap;

use segmentation::{Geometry, Mask, Placement};
use serde_json::Value;

use crate::{Mesh, Smoothing, Window, surface};

fn points(value: &Value) -> Vec<[f64; 3]> {
    let point = |value: &Value| {
        let numbers = value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap());
        numbers.collect::<Vec<f64>>().try_into().unwrap()
    };
    value.as_array().unwrap().iter().map(point).collect()
}

#[test]
fn triangles_and_vertices_are_those_of_vtk() {
    let expected: Value = serde_json::from_str(include_str!("expected.json")).unwrap();
    let masks = expected["masks"].as_array().unwrap();
    assert_eq!(masks.len(), 12);
    for expected in masks {
        let name = expected["name"].as_str().unwrap();
        let shape: [usize; 3] = serde_json::from_value(expected["shape"].clone()).unwrap();
        let mut mask = Mask::empty(shape).unwrap();
        for voxel in points(&expected["voxels"]) {
            mask.set(mask.index(voxel.map(|at| at as usize)));
        }
        let directions: [[f64; 3]; 3] = points(&expected["directions"]).try_into().unwrap();
        let origin = serde_json::from_value(expected["origin"].clone()).unwrap();
        let geometry = Geometry {
            directions: Some(directions),
            origin: Some(origin),
            ..Geometry::of_shape(shape)
        };
        let placement = Placement::of(&geometry).unwrap();

        let mesh = surface(&mask).unwrap();
        let doubled = |vertex: &[f64; 3]| vertex.map(|at| (2.0 * at) as i64);
        let place: HashMap<[i64; 3], u32> = mesh.vertices.iter().map(doubled).zip(0..).collect();
        // Where each of VTK's vertices is among ours.
        let ours: Vec<u32> = points(&expected["doubled"])
            .iter()
            .map(|vertex| place[&vertex.map(|at| at as i64)])
            .collect();
        assert_eq!(ours.len(), mesh.vertices.len(), "{name}");
        let triangles: Vec<[u32; 3]> = points(&expected["triangles"])
            .iter()
            .map(|corners| corners.map(|at| ours[at as usize]))
            .collect();
        assert_eq!(mesh.triangles, triangles, "{name}");

        let raw = mesh.placed(&placement);
        for window in [Window::Hamming, Window::Nuttall] {
            let smoothed: Mesh = Smoothing::of_the_dataset(window).smoothed(&raw);
            for (ours, vtk) in ours.iter().zip(points(&expected[window.name()])) {
                let found = smoothed.vertices[*ours as usize];
                let far = (0..3).map(|axis| (found[axis] - vtk[axis]).abs()).fold(0.0, f64::max);
                assert!(far < 1e-9, "{name}, {window:?}: {found:?} rather than {vtk:?}");
            }
        }
    }
}
