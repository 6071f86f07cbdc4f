//! The surface the arteries run on.

use super::vector::{Vec3, add, cross, dot, scale, sub, unit};
use reproducible::Rng;

/// A place on the heart: degrees from the apex (0) towards the base (180), degrees of longitude,
/// and height over the centre as a part of the surface's.
///
/// Longitude 0 is the anterior groove between the ventricles, 90 the left margin, ±180 the
/// posterior groove, −90 the right margin. About 105 degrees from the apex runs the groove
/// between atria and ventricles.
pub type Place = [f64; 3];

/// An ellipsoid about the origin, in mm, lying as a heart does: x to the left, y to the back,
/// z to the head (LPS).
#[derive(Clone, Debug)]
pub struct Heart {
    /// Half-axes in mm along their directions: to the apex, to longitude 0, to longitude 90.
    axes: [Vec3; 3],
}

impl Heart {
    pub fn new(rng: &mut Rng) -> Self {
        let mut around = |v: Vec3| v.map(|component| component + rng.between(-0.07, 0.07));
        let apex = unit(around([0.60, -0.50, -0.60]));
        let anterior = around([0.35, -0.50, 0.75]);
        let anterior = unit(sub(anterior, scale(apex, dot(anterior, apex))));
        let left = cross(anterior, apex);
        Self {
            axes: [
                scale(apex, rng.between(62.0, 68.0)),
                scale(anterior, rng.between(49.0, 53.0)),
                scale(left, rng.between(52.0, 57.0)),
            ],
        }
    }

    /// Where a place is, in mm from the heart's centre.
    pub fn point(&self, [from_apex, longitude, height]: Place) -> Vec3 {
        let (sine, cosine) = from_apex.to_radians().sin_cos();
        let (east, north) = longitude.to_radians().sin_cos();
        let [apex, anterior, left] = self.axes;
        let around = add(scale(anterior, north), scale(left, east));
        scale(add(scale(apex, cosine), scale(around, sine)), height)
    }
}
