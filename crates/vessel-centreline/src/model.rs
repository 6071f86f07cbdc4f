//! Centrelines as they are handed out.

use segmentation::Placement;

/// A place on a centreline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// (x, y, z) in mm: index × spacing of the mask, or where [`Centrelines::placed`] has put it.
    pub position: [f64; 3],
    /// The radius of the circle with the area of the cross-section, mm.
    pub radius: f64,
    /// The distance to the centre of the nearest background voxel, mm.
    pub inscribed_radius: f64,
}

/// A vessel from its start to its end, without the branches it gives off.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// From the ostium outward; never empty.
    pub points: Vec<Point>,
    /// The branch it springs from, and the index of the point there, where its own first point lies too. `None` for
    /// the one that starts at the component's root.
    pub parent: Option<(usize, usize)>,
    /// The component of the mask.
    pub component: usize,
}

impl Branch {
    /// How far along the branch each of its points lies, mm.
    pub fn distances(&self) -> Vec<f64> {
        let mut along = 0.0;
        let step = |pair: &[Point]| crate::vector::distance(pair[0].position, pair[1].position);
        let steps = self.points.windows(2).map(step);
        let rest = steps.map(|step| {
            along += step;
            along
        });
        std::iter::once(0.0).chain(rest).take(self.points.len()).collect()
    }
}

/// The centrelines of all vessels in a mask.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Centrelines {
    /// Parents stand before their branches, and a component's branches together; the component with the longest
    /// lines first.
    pub branches: Vec<Branch>,
}

impl Centrelines {
    /// Every place once: the first point of a branch is one of its parent's.
    pub fn points(&self) -> impl Iterator<Item = &Point> {
        let own = |branch: &Branch| usize::from(branch.parent.is_some());
        self.branches.iter().flat_map(move |branch| branch.points.iter().skip(own(branch)))
    }

    /// The same where the volume lies, in mm. The spacing they were made with is the length of the placement's directions.
    pub fn placed(mut self, placement: &Placement) -> Self {
        let spacing = placement.spacing();
        for point in self.branches.iter_mut().flat_map(|branch| &mut branch.points) {
            let index = [0, 1, 2].map(|axis| point.position[axis] / spacing[axis]);
            point.position = placement.point(index);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmentation::Geometry;

    #[test]
    fn a_voxel_lies_where_its_header_says() {
        let mut geometry = Geometry::diagonal([4, 5, 6], [0.5, 0.25, 2.0], [10.0, 20.0, 30.0]);
        // x runs to posterior, y to the right, z aslant.
        geometry.directions = Some([[0.0, 0.5, 0.0], [-0.25, 0.0, 0.0], [0.0, 1.2, 1.6]]);
        // Voxel (2, 4, 1).
        let point = Point { position: [1.0, 1.0, 2.0], radius: 0.5, inscribed_radius: 0.5 };
        let lines = Centrelines {
            branches: vec![Branch { points: vec![point], parent: None, component: 0 }],
        };
        let placed = lines.placed(&Placement::of(&geometry).unwrap()).branches[0].points[0];
        let expected = [10.0 - 1.0, 20.0 + 1.0 + 1.2, 30.0 + 1.6];
        let apart = crate::vector::distance(placed.position, expected);
        assert!(apart < 1e-12 && placed.radius == 0.5, "{placed:?}");
    }
}
