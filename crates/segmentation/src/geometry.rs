/// Where a volume lies in space, as far as its header says.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    /// Voxels along (x, y, z).
    pub shape: [usize; 3],
    /// Length of one step along each axis in mm: `spacings`, or the norms of the
    /// directions, which for a diagonal matrix are exactly its absolute values.
    pub spacing: Option<[f64; 3]>,
    /// One vector an axis, mm a step. Anything a header can hold, NaN included.
    pub directions: Option<[[f64; 3]; 3]>,
    /// Centre of the first voxel, mm.
    pub origin: Option<[f64; 3]>,
    /// Name of the space, such as `left-posterior-superior`, as it is written.
    pub space: Option<String>,
}

impl Geometry {
    /// A volume of this shape that lies nowhere in particular.
    pub fn of_shape(shape: [usize; 3]) -> Self {
        Self { shape, spacing: None, directions: None, origin: None, space: None }
    }

    /// A volume along the axes of the usual space of patients (left, posterior, superior).
    pub fn diagonal(shape: [usize; 3], spacing: [f64; 3], origin: [f64; 3]) -> Self {
        let [x, y, z] = spacing;
        Self {
            shape,
            spacing: Some(spacing),
            directions: Some([[x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, z]]),
            origin: Some(origin),
            space: Some("left-posterior-superior".into()),
        }
    }
}

/// Length of a step along each axis.
pub(super) fn norms(directions: &[[f64; 3]; 3]) -> [f64; 3] {
    directions.map(|vector| vector.iter().map(|part| part * part).sum::<f64>().sqrt())
}
