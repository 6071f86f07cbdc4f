/// A surface seen from above: the depth of each pixel that has one, in pixels.
pub struct Surface {
    pub width: usize,
    pub depths: Vec<Option<f64>>,
    pub far: f64,
}

/// Depths farther apart than this, in pixels, belong to two vessels.
const SAME: f64 = 3.0;

impl Surface {
    /// How bright each pixel is, 0 to 1; the background 0.
    pub fn brightness(&self) -> Vec<f64> {
        let smooth = self.smooth();
        (0..self.depths.len()).map(|at| smooth.brightness_at(at, &self.depths)).collect()
    }

    fn neighbour(&self, at: usize, dx: isize, dy: isize) -> Option<f64> {
        let x = (at % self.width).checked_add_signed(dx).filter(|x| *x < self.width)?;
        let y = (at / self.width).checked_add_signed(dy)?;
        *self.depths.get(y * self.width + x)?
    }

    fn smooth(&self) -> Self {
        let mean = |at: usize| {
            let depth = self.depths[at]?;
            let (mut sum, mut weights) = (0.0, 0.0);
            for dy in -1..=1 {
                for dx in -1..=1 {
                    let weight = f64::from(((2 - dx * dx) * (2 - dy * dy)) as i32);
                    if let Some(other) = self.neighbour(at, dx, dy)
                        && (other - depth).abs() <= SAME
                    {
                        sum += weight * other;
                        weights += weight;
                    }
                }
            }
            Some(sum / weights)
        };
        Self { width: self.width, depths: (0..self.depths.len()).map(mean).collect(), far: self.far }
    }

    fn brightness_at(&self, at: usize, raw: &[Option<f64>]) -> f64 {
        let Some(depth) = self.depths[at] else { return 0.0 };
        let _ = raw;
        let slope = |dx: isize, dy: isize| {
            let side = |sign: isize| {
                let other = self.neighbour(at, sign * dx, sign * dy)?;
                Some((other - depth)).filter(|step| step.abs() <= SAME)
            };
            match (side(-1), side(1)) {
                (Some(before), Some(after)) => (after - before) / 2.0,
                (Some(before), None) => -before,
                (None, Some(after)) => after,
                (None, None) => 0.0,
            }
        };
        let (across, down) = (slope(1, 0), slope(0, 1));
        // The normal is (across, down, 1) towards the viewer, the light comes from the upper left over their shoulder.
        let length = (across * across + down * down + 1.0).sqrt();
        let light = ((-0.35 * across - 0.45 * down + 0.82) / length).max(0.0);
        let near = 1.0 - depth / self.far;
        let hidden = [(-1, 0), (1, 0), (0, -1), (0, 1)].iter().any(|&(dx, dy)| {
            self.neighbour(at, dx, dy).is_some_and(|other| other < depth - 2.0 * SAME)
        });
        let edge = if hidden { 0.55 } else { 1.0 };
        (0.3 + 0.7 * near) * (0.45 + 0.55 * light / 0.82).min(1.0) * edge
    }
}
