/// Depths farther apart than this, in pixels, are those of two vessels.
const APART: f32 = 3.0;

/// What a vessel keeps of its brightness where another passes close in front of it.
const PASSED: f32 = 0.55;

/// How bright the farthest pixel is, of 1, and how bright the steepest.
const FARTHEST: f32 = 0.3;
const STEEPEST: f32 = 0.4;

/// To the light: from the upper left over the viewer's shoulder. Right, down, towards the viewer.
const LIGHT: [f32; 3] = [-0.4, -0.45, 0.8];

/// A surface as the viewer sees it.
pub struct Surface {
    width: usize,
    /// How far each pixel lies behind the nearest, in pixels; infinitely far where there is nothing.
    depths: Vec<f32>,
}

impl Surface {
    /// From rows of this width.
    pub fn new(width: usize, depths: Vec<f32>) -> Self {
        Self { width, depths }
    }

    /// How bright each pixel is, 0 to 1: the nearer the brighter, and by how it lies to the light. `deepest` is the depth of the whole.
    pub fn brightness(&self, deepest: f32) -> Vec<f32> {
        let smooth = self.smoothed();
        let brightness = |(at, depth): (usize, &f32)| {
            if depth.is_infinite() {
                return 0.0;
            }
            let near = 1.0 - depth / deepest;
            let passed = smooth.around(at).iter().any(|other| other + 2.0 * APART < *depth);
            let kept = if passed { PASSED } else { 1.0 };
            (FARTHEST + (1.0 - FARTHEST) * near) * smooth.lit(at) * kept
        };
        smooth.depths.iter().enumerate().map(brightness).collect()
    }

    /// The depths left, right, above and below.
    fn around(&self, at: usize) -> [f32; 4] {
        let column = at % self.width;
        let depth = |inside: bool, at: usize| match inside {
            true => self.depths.get(at).copied().unwrap_or(f32::INFINITY),
            false => f32::INFINITY,
        };
        [
            depth(column > 0, at.wrapping_sub(1)),
            depth(column + 1 < self.width, at + 1),
            depth(true, at.wrapping_sub(self.width)),
            depth(true, at + self.width),
        ]
    }

    /// Each depth averaged with those of the same vessel beside it: voxels have steps that vessels have not.
    fn smoothed(&self) -> Self {
        let mean = |(at, depth): (usize, &f32)| {
            if depth.is_infinite() {
                return *depth;
            }
            let (mut sum, mut count) = (2.0 * depth, 2.0);
            for other in self.around(at) {
                if (other - depth).abs() <= APART {
                    sum += other;
                    count += 1.0;
                }
            }
            sum / count
        };
        Self { width: self.width, depths: self.depths.iter().enumerate().map(mean).collect() }
    }

    /// How much light falls on a pixel, [`STEEPEST`] to 1.
    fn lit(&self, at: usize) -> f32 {
        let depth = self.depths[at];
        let [left, right, above, below] =
            self.around(at).map(|other| Some(other - depth).filter(|step| step.abs() <= APART));
        let (across, down) = (slope(left, right), slope(above, below));
        let [x, y, z] = LIGHT;
        let length = (across * across + down * down + 1.0).sqrt();
        let light = (x * across + y * down + z) / (length * z);
        STEEPEST + (1.0 - STEEPEST) * light.clamp(0.0, 1.0)
    }
}

/// How much the depth grows a pixel, from the steps to the pixels on both sides that are of the same vessel.
fn slope(before: Option<f32>, after: Option<f32>) -> f32 {
    match (before, after) {
        (Some(before), Some(after)) => (after - before) / 2.0,
        (Some(before), None) => -before,
        (None, Some(after)) => after,
        (None, None) => 0.0,
    }
}
