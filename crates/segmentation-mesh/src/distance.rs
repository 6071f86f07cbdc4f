//! How far a mesh is from the voxels it was made of.

use reproducible::{Position, mean};
use segmentation::{Mask, Placement};
use serde::Serialize;

use crate::cells::Cells;
use crate::vector::{Point, add, bounds, cross, dot, scale, squared, sub};
use crate::{Mesh, MeshError};

/// The most foreground voxels that distances are measured to.
const MAX_VOXELS: usize = 8_000_000;

/// The distances between the voxels of a mask and a mesh, each way by itself: what is called "the" Hausdorff distance of a mesh can
/// be either, and they differ.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Distances {
    /// From the centre of each border voxel, a foreground voxel with a face to the background, to the nearest point of the mesh.
    pub voxels_to_surface: Spread,
    /// From each vertex of the mesh to the nearest centre of a foreground voxel.
    pub vertices_to_voxels: Spread,
}

impl Distances {
    /// Of each number the larger of the two.
    pub fn larger(&self) -> Spread {
        let (a, b) = (self.voxels_to_surface, self.vertices_to_voxels);
        Spread {
            count: a.count + b.count,
            mean: a.mean.max(b.mean),
            percentile_95: a.percentile_95.max(b.percentile_95),
            max: a.max.max(b.max),
        }
    }
}

/// Some distances in mm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// How many there are.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their 0.95 quantile, with linear interpolation.
    pub percentile_95: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    fn of(mut distances: Vec<f64>) -> Self {
        let mean = mean(distances.iter().copied());
        distances.sort_unstable_by(f64::total_cmp);
        let rank = |at: usize| distances.get(at).copied().unwrap_or(f64::NAN);
        let quantile = Position::of(0.95, distances.len())
            .map_or(f64::NAN, |at| at.between(rank(at.low), rank(at.high)));
        let max = distances.last().copied().unwrap_or(f64::NAN);
        Self { count: distances.len(), mean, percentile_95: quantile, max }
    }
}

/// The distances between a mask and a mesh, which both lie at `placement`, in mm.
///
/// # Errors
/// [`MeshError::Empty`] without voxels or triangles, [`MeshError::TooManyVoxels`] for what no vessel tree looks like.
pub fn distances(mask: &Mask, placement: &Placement, mesh: &Mesh) -> Result<Distances, MeshError> {
    let count = mask.count();
    if count > MAX_VOXELS {
        return Err(MeshError::TooManyVoxels(count));
    }
    if count == 0 || mesh.triangles.is_empty() {
        return Err(MeshError::Empty);
    }
    let [nx, ny, _] = mask.shape();
    let voxel = |at: usize| [at % nx, at / nx % ny, at / nx / ny];
    let centre = |at: usize| placement.point(voxel(at).map(|index| index as f64));

    let triangles: Vec<[Point; 3]> =
        mesh.triangles.iter().map(|triangle| mesh.corners(*triangle)).collect();
    let boxes: Vec<_> = triangles.iter().map(|corners| bounds(*corners)).collect();
    let edges = boxes.iter().flat_map(|[low, high]| sub(*high, *low));
    // A few triangles a cell.
    let edge = 3.0 * edges.sum::<f64>() / (3 * boxes.len()) as f64;
    let surface = Cells::new(&boxes, positive(edge));
    let to_surface = |at: usize| {
        let point = centre(at);
        surface.nearest(point, |triangle| squared_to_triangle(point, triangles[triangle])).sqrt()
    };
    let border = mask.ones().filter(|&at| is_border(mask, voxel(at)));
    let voxels_to_surface = Spread::of(border.map(to_surface).collect());

    let centres: Vec<Point> = mask.ones().map(centre).collect();
    let boxes: Vec<_> = centres.iter().map(|&centre| [centre; 2]).collect();
    let longest = placement.directions.iter().map(|step| squared(*step)).fold(0.0, f64::max).sqrt();
    let voxels = Cells::new(&boxes, positive(longest));
    let to_voxels = |vertex: &Point| {
        voxels.nearest(*vertex, |voxel| squared(sub(centres[voxel], *vertex))).sqrt()
    };
    let vertices_to_voxels = Spread::of(mesh.vertices.iter().map(to_voxels).collect());
    Ok(Distances { voxels_to_surface, vertices_to_voxels })
}

fn positive(edge: f64) -> f64 {
    if edge.is_normal() { edge } else { 1.0 }
}

/// Whether a foreground voxel has a face to the background; the volume is surrounded by background.
fn is_border(mask: &Mask, voxel: [usize; 3]) -> bool {
    (0..3).any(|axis| {
        let has = |at: usize| {
            let mut beside = voxel;
            beside[axis] = at;
            at < mask.shape()[axis] && mask.get(mask.index(beside))
        };
        !voxel[axis].checked_sub(1).is_some_and(has) || !has(voxel[axis] + 1)
    })
}

/// The squared distance from a point to a triangle.
fn squared_to_triangle(point: Point, [a, b, c]: [Point; 3]) -> f64 {
    let normal = cross(sub(b, a), sub(c, a));
    let area = squared(normal);
    // Over the triangle, if it lies on the inner side of all three edges.
    let is_inside =
        |from: Point, to: Point| dot(cross(sub(to, from), sub(point, from)), normal) >= 0.0;
    if area > 0.0 && is_inside(a, b) && is_inside(b, c) && is_inside(c, a) {
        let height = dot(sub(point, a), normal);
        return height * height / area;
    }
    let edges = [(a, b), (b, c), (c, a)];
    edges
        .map(|(from, to)| squared_to_segment(point, from, to))
        .into_iter()
        .fold(f64::INFINITY, f64::min)
}

fn squared_to_segment(point: Point, from: Point, to: Point) -> f64 {
    let along = sub(to, from);
    let length = squared(along);
    let at =
        if length > 0.0 { (dot(sub(point, from), along) / length).clamp(0.0, 1.0) } else { 0.0 };
    squared(sub(point, add(from, scale(along, at))))
}
