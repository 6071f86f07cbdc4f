use crate::Geometry;
use crate::geometry::norms;

/// Where the voxels of a volume lie: the centre of voxel (i, j, k) is origin + i·directions\[0\] + j·directions\[1\] +
/// k·directions\[2\], in mm along the axes (left, posterior, superior) of the patient, as DICOM and ITK have them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The centre of the first voxel, mm.
    pub origin: [f64; 3],
    /// The step from a voxel to the next along each axis of the volume, mm.
    pub directions: [[f64; 3]; 3],
    /// Whether the header says which way the patient lies. Where it does not, its axes are taken for (left, posterior, superior).
    pub is_anatomical: bool,
}

/// Why it isn't known where the voxels of a volume lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlacementError {
    /// Neither directions nor spacings.
    #[error("the file says nothing about its spacing")]
    NoSpacing,
    /// Something is not finite, or the volume is flat, or so small or large that nothing can be computed.
    #[error("the file's directions span no volume")]
    NoVolume,
}

impl Placement {
    /// From what a header says. Without directions the axes are those of the volume, without an origin the first voxel lies at 0.
    ///
    /// ```
    /// use segmentation::{Geometry, Placement};
    ///
    /// let mut geometry = Geometry::diagonal([512, 512, 200], [0.4, 0.4, 0.5], [-80.0, 10.0, 3.0]);
    /// assert_eq!(Placement::of(&geometry)?.point([10.0, 0.0, 2.0]), [-76.0, 10.0, 4.0]);
    /// geometry.space = Some("right-anterior-superior".into());
    /// assert_eq!(Placement::of(&geometry)?.point([10.0, 0.0, 2.0]), [76.0, -10.0, 4.0]);
    /// # Ok::<(), segmentation::PlacementError>(())
    /// ```
    ///
    /// # Errors
    /// [`PlacementError`]: no spacing, or directions that span no volume.
    pub fn of(geometry: &Geometry) -> Result<Self, PlacementError> {
        let diagonal = |[x, y, z]: [f64; 3]| [[x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, z]];
        let directions = geometry.directions.or(geometry.spacing.map(diagonal));
        let directions = directions.ok_or(PlacementError::NoSpacing)?;
        let origin = geometry.origin.unwrap_or_default();
        let signs = geometry.space.as_deref().and_then(signs);
        let [sx, sy, sz] = signs.unwrap_or([1.0; 3]);
        let turned = |[x, y, z]: [f64; 3]| [sx * x, sy * y, sz * z];
        let placement = Self {
            origin: turned(origin),
            directions: directions.map(turned),
            is_anatomical: signs.is_some(),
        };
        // The corners farthest apart: whatever is computed of the volume's points is finite as well.
        let far = placement.point(geometry.shape.map(|size| size as f64));
        let squares = far.iter().chain(&placement.origin).map(|mm| mm * mm).sum::<f64>();
        if !squares.is_finite() || !placement.determinant().abs().is_normal() {
            return Err(PlacementError::NoVolume);
        }
        Ok(placement)
    }

    /// From index to mm; a voxel's centre has whole numbers.
    pub fn point(&self, index: [f64; 3]) -> [f64; 3] {
        let [i, j, k] = self.directions;
        [0, 1, 2].map(|axis| {
            self.origin[axis] + (index[0] * i[axis] + index[1] * j[axis] + index[2] * k[axis])
        })
    }

    /// The length of a step along each axis of the volume, mm.
    pub fn spacing(&self) -> [f64; 3] {
        norms(&self.directions)
    }

    /// The volume of a voxel in mm³, negative where the axes are a left-handed system.
    pub fn determinant(&self) -> f64 {
        let [a, b, c] = self.directions;
        let [x, y, z] =
            [b[1] * c[2] - b[2] * c[1], b[2] * c[0] - b[0] * c[2], b[0] * c[1] - b[1] * c[0]];
        a[0] * x + a[1] * y + a[2] * z
    }
}

/// What the axes of one of the format's spaces of a patient are multiplied by to be (left, posterior, superior).
fn signs(space: &str) -> Option<[f64; 3]> {
    let space = space.trim().to_ascii_lowercase();
    match space.strip_suffix("-time").or(space.strip_suffix('t')).unwrap_or(&space) {
        "left-posterior-superior" | "lps" => Some([1.0, 1.0, 1.0]),
        "right-anterior-superior" | "ras" => Some([-1.0, -1.0, 1.0]),
        "left-anterior-superior" | "las" => Some([1.0, -1.0, 1.0]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_come_before_spacings_and_nothing_is_a_reason_to_refuse() {
        let mut geometry = Geometry::of_shape([4; 3]);
        assert_eq!(Placement::of(&geometry), Err(PlacementError::NoSpacing));
        geometry.spacing = Some([2.0, 3.0, 4.0]);
        let placed = Placement::of(&geometry).unwrap();
        assert_eq!((placed.point([1.0; 3]), placed.is_anatomical), ([2.0, 3.0, 4.0], false));
        geometry.directions = Some([[0.0, 2.0, 0.0], [-3.0, 0.0, 0.0], [0.0, 0.0, -4.0]]);
        let placed = Placement::of(&geometry).unwrap();
        assert_eq!((placed.point([1.0; 3]), placed.determinant()), ([-3.0, 2.0, -4.0], -24.0));
    }

    #[test]
    fn every_name_of_a_patient_s_space_is_understood() {
        for (name, point) in [
            ("left-posterior-superior", [1.0, 2.0, 3.0]),
            ("LPS", [1.0, 2.0, 3.0]),
            ("Right-Anterior-Superior", [-1.0, -2.0, 3.0]),
            ("RAST", [-1.0, -2.0, 3.0]),
            ("left-anterior-superior-time", [1.0, -2.0, 3.0]),
            (" LAS ", [1.0, -2.0, 3.0]),
        ] {
            let mut geometry = Geometry::diagonal([9; 3], [1.0; 3], [0.0, 1.0, 2.0]);
            geometry.space = Some(name.into());
            let placed = Placement::of(&geometry).unwrap();
            assert_eq!((placed.point([1.0; 3]), placed.is_anatomical), (point, true), "{name}");
        }
        let mut geometry = Geometry::diagonal([9; 3], [1.0; 3], [0.0; 3]);
        geometry.space = Some("scanner-xyz".into());
        assert!(!Placement::of(&geometry).unwrap().is_anatomical);
    }

    #[test]
    fn what_spans_no_volume_is_refused() {
        for directions in [
            [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
            [[f64::NAN, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            [[1e200, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1e-200]],
            [[1e-150, 0.0, 0.0], [0.0, 1e-150, 0.0], [0.0, 0.0, 1e-150]],
        ] {
            let geometry = Geometry { directions: Some(directions), ..Geometry::of_shape([9; 3]) };
            assert_eq!(Placement::of(&geometry), Err(PlacementError::NoVolume), "{directions:?}");
        }
        let geometry = Geometry::diagonal([9; 3], [1.0; 3], [f64::INFINITY, 0.0, 0.0]);
        assert_eq!(Placement::of(&geometry), Err(PlacementError::NoVolume));
    }
}
