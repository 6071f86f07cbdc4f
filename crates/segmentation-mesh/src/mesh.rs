use segmentation::Placement;

use crate::vector::{Point, cross, dot, sub};

/// A closed surface of triangles.
///
/// Every edge is one of exactly two triangles, which run along it in opposite directions.
#[derive(Clone, Debug, PartialEq)]
pub struct Mesh {
    /// (x, y, z) of each vertex: in voxels as [`surface`](crate::surface) makes them, in mm after [`placed`](Mesh::placed).
    pub vertices: Vec<[f64; 3]>,
    /// The numbers of each triangle's vertices, anticlockwise seen from the outside.
    pub triangles: Vec<[u32; 3]>,
}

impl Mesh {
    /// The mesh where its volume lies, in mm.
    ///
    /// Where the volume's axes are a left-handed system, triangles are turned round so that their outside stays outside.
    pub fn placed(mut self, placement: &Placement) -> Self {
        self.vertices.iter_mut().for_each(|vertex| *vertex = placement.point(*vertex));
        if placement.determinant() < 0.0 {
            self.triangles.iter_mut().for_each(|triangle| triangle.swap(1, 2));
        }
        self
    }

    /// The volume that the surface encloses, in the cube of its unit.
    pub fn volume(&self) -> f64 {
        // Sums are small this way wherever the mesh lies.
        let origin = self.vertices.first().copied().unwrap_or_default();
        self.triangles.iter().map(|triangle| self.cone(*triangle, origin)).sum()
    }

    /// The longest way a vertex has to the same vertex of another mesh with the same triangles.
    pub fn largest_move(&self, other: &Self) -> f64 {
        let moves = self.vertices.iter().zip(&other.vertices);
        let squared = moves.map(|(a, b)| sub(*a, *b)).map(|way| dot(way, way));
        squared.fold(0.0, f64::max).sqrt()
    }

    /// The volume between a triangle and a point, negative where the triangle turns its outside to the point.
    pub(crate) fn cone(&self, triangle: [u32; 3], from: Point) -> f64 {
        let [a, b, c] = self.corners(triangle).map(|corner| sub(corner, from));
        dot(a, cross(b, c)) / 6.0
    }

    pub(crate) fn corners(&self, triangle: [u32; 3]) -> [Point; 3] {
        triangle.map(|vertex| self.vertices[vertex as usize])
    }
}
