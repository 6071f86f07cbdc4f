//! From balls in millimetres to voxels.

use super::vector::Vec3;
use segmentation::Mask;

/// A ball in mm; voxel (i, j, k) has its centre at index × spacing, the volume's origin left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ball {
    /// (x, y, z) in mm.
    pub centre: Vec3,
    /// In mm.
    pub radius: f64,
}

/// Makes every voxel whose centre lies in one of the balls foreground, and the voxel around each
/// ball's centre, so that a vessel thinner than a voxel stays connected.
///
/// Costs what the balls cover, not what the volume holds. Parts outside the volume are cut off.
pub fn paint(mask: &mut Mask, spacing: Vec3, balls: impl IntoIterator<Item = Ball>) {
    for ball in balls {
        let centre = ball.centre.map(settled);
        let radius = settled(ball.radius);
        paint_ball(mask, spacing, centre, radius);
    }
}

/// Rounded to 1/4096 mm: sines differ in their last bit between platforms, voxels must not.
fn settled(mm: f64) -> f64 {
    (mm * 4096.0).round() / 4096.0
}

fn paint_ball(mask: &mut Mask, spacing: Vec3, centre: Vec3, radius: f64) {
    let shape = mask.shape();
    let nearest = |axis: usize| {
        let index = (centre[axis] / spacing[axis]).round();
        (0.0 <= index && index < shape[axis] as f64).then_some(index as usize)
    };
    if let (Some(x), Some(y), Some(z)) = (nearest(0), nearest(1), nearest(2)) {
        mask.set(mask.index([x, y, z]));
    }
    for z in indices(centre[2], radius, spacing[2], shape[2]) {
        let dz = z as f64 * spacing[2] - centre[2];
        let left = (radius * radius - dz * dz).max(0.0);
        for y in indices(centre[1], left.sqrt(), spacing[1], shape[1]) {
            let dy = y as f64 * spacing[1] - centre[1];
            let half = (left - dy * dy).max(0.0).sqrt();
            let row = mask.index([0, y, z]);
            for x in indices(centre[0], half, spacing[0], shape[0]) {
                mask.set(row + x);
            }
        }
    }
}

/// The indices below `size` whose centres are at most `half` mm from `centre` along one axis.
fn indices(centre: f64, half: f64, spacing: f64, size: usize) -> std::ops::Range<usize> {
    let first = ((centre - half) / spacing).ceil().max(0.0);
    let past = (((centre + half) / spacing).floor() + 1.0).min(size as f64);
    if past > first { first as usize..past as usize } else { 0..0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(shape: [usize; 3], spacing: Vec3, centre: Vec3, radius: f64) -> Mask {
        let mut mask = Mask::empty(shape).expect("a small shape");
        paint(&mut mask, spacing, [Ball { centre, radius }]);
        mask
    }

    #[test]
    fn a_ball_holds_exactly_the_voxels_within_its_radius() {
        let (shape, spacing, centre, radius) =
            ([20, 18, 12], [0.5, 0.75, 1.25], [4.125, 6.25, 7.5], 3.0);
        let mask = painted(shape, spacing, centre, radius);
        for z in 0..shape[2] {
            for y in 0..shape[1] {
                for x in 0..shape[0] {
                    let square: f64 = [x, y, z]
                        .iter()
                        .enumerate()
                        .map(|(axis, &i)| (i as f64 * spacing[axis] - centre[axis]).powi(2))
                        .sum();
                    let inside = square <= radius * radius;
                    assert_eq!(mask.get(mask.index([x, y, z])), inside, "at {x} {y} {z}");
                }
            }
        }
    }

    #[test]
    fn a_ball_thinner_than_a_voxel_is_one_voxel() {
        let mask = painted([8, 8, 8], [1.0, 1.0, 1.0], [3.4, 3.4, 3.4], 0.01);
        assert_eq!(mask.ones().collect::<Vec<_>>(), [mask.index([3, 3, 3])]);
    }

    #[test]
    fn what_lies_outside_the_volume_is_cut_off() {
        assert_eq!(painted([8, 8, 8], [1.0, 1.0, 1.0], [-9.0, 4.0, 4.0], 2.0).count(), 0);
        assert_eq!(painted([8, 8, 8], [1.0, 1.0, 1.0], [40.0, 4.0, 4.0], 2.0).count(), 0);
        assert_eq!(painted([8, 8, 8], [1.0, 1.0, 1.0], [-1.0, 0.0, 0.0], 1.0).count(), 1);
    }
}
