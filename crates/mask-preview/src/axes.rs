use segmentation::{Geometry, Placement};

/// Which axis of the patient each axis of a volume runs along, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axes([Axis; 3]);

/// One axis of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
    /// 0: from right to left, 1: from front to back, 2: from feet to head.
    pub patient: usize,
    /// Whether it runs the other way.
    pub reversed: bool,
}

impl Axes {
    /// x runs to the patient's left, y to the back and z to the head.
    pub const LPS: Self = Self([
        Axis { patient: 0, reversed: false },
        Axis { patient: 1, reversed: false },
        Axis { patient: 2, reversed: false },
    ]);

    /// Those nearest to the directions of a volume; [`Axes::LPS`] where it has none, or none that span a volume.
    ///
    /// ```
    /// use mask_preview::Axes;
    /// use segmentation::Geometry;
    ///
    /// let mut geometry = Geometry::diagonal([512, 512, 200], [0.4, 0.4, 0.5], [0.0; 3]);
    /// assert_eq!(Axes::nearest(&geometry), Axes::LPS);
    /// geometry.space = Some("right-anterior-superior".into());
    /// assert_ne!(Axes::nearest(&geometry), Axes::LPS);
    /// ```
    pub fn nearest(geometry: &Geometry) -> Self {
        if geometry.directions.is_none() {
            return Self::LPS;
        }
        // Where the volume lies is no matter here, so an odd origin does not cost its directions.
        let turned = Geometry { origin: None, ..geometry.clone() };
        Placement::of(&turned).map_or(Self::LPS, |placement| Self::of(&placement))
    }

    /// The permutation along which the directions go farthest in all; of equal ones the first.
    fn of(placement: &Placement) -> Self {
        const PERMUTATIONS: [[usize; 3]; 6] =
            [[0, 1, 2], [1, 0, 2], [0, 2, 1], [2, 1, 0], [1, 2, 0], [2, 0, 1]];
        let lengths = placement.spacing();
        let along =
            |axis: usize, patient: usize| placement.directions[axis][patient].abs() / lengths[axis];
        let far = |order: &[usize; 3]| (0..3).map(|axis| along(axis, order[axis])).sum::<f64>();
        let mut best = PERMUTATIONS[0];
        for order in PERMUTATIONS {
            if far(&order) > far(&best) {
                best = order;
            }
        }
        Self([0, 1, 2].map(|axis| Axis {
            patient: best[axis],
            reversed: placement.directions[axis][best[axis]] < 0.0,
        }))
    }

    /// That of axis 0, 1 or 2 of the volume.
    pub(crate) fn of_volume(&self, axis: usize) -> Axis {
        self.0[axis]
    }
}
