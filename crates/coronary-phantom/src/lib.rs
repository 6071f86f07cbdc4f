//! Synthetic coronary trees: ground truth and predictions of different quality, for a challenge
//! that runs without a single patient's data.
//!
//! Everything follows from a seed: the same seed, case and method give the same voxels on every
//! machine. Two trees, left and right, run over an ellipsoid the way the textbook draws them
//! (`course`), bent by chance (`path`), their calibres by Murray's law (`profile`); diseased cases
//! get stenoses. A prediction is the tree drawn again with a typical fault (`predict`).

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![deny(missing_docs)]
#![warn(clippy::missing_errors_doc)]
#![warn(clippy::dbg_macro, clippy::expect_used, clippy::panic, clippy::todo, clippy::unwrap_used)]

mod course;
mod ct;
mod heart;
mod limb;
mod method;
mod paint;
mod path;
mod predict;
mod profile;
mod size;
mod spill;
mod stenosis;
#[cfg(test)]
mod tests;
mod tree;
mod vector;
mod wave;

pub use method::Method;
pub use paint::Ball;
pub use size::{Size, SizeError};
pub use tree::{Attachment, STEP, Vessel};

use reproducible::Rng;
use segmentation::Mask;
use tree::Tree;

/// The stream of chance of the CT's noise, after those of the methods.
const CT: u64 = 100;

/// One synthetic case.
///
/// ```
/// use coronary_phantom::{Method, Phantom, Size};
///
/// let size = Size::fixed([96, 96, 64])?;
/// let case = Phantom::new(7, 0, 20, size);
/// let (truth, prediction) = (case.truth(), case.predict(Method::Thin));
/// assert!(0 < prediction.count() && prediction.count() < truth.count());
/// # Ok::<(), coronary_phantom::SizeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Phantom {
    /// Voxel spacing along (x, y, z), mm: 0.3 to 0.4 in the plane, 0.625 between slices.
    pub spacing: [f64; 3],
    /// Where the first voxel's centre lies, (left, posterior, superior) in mm.
    pub origin: [f64; 3],
    /// Shape (x, y, z) in voxels.
    pub shape: [usize; 3],
    /// Whether the vessels have stenoses.
    pub diseased: bool,
    tree: Tree,
    rng: Rng,
}

impl Phantom {
    /// Case number `case` of the `of_cases` cases of this seed; the second half are diseased.
    pub fn new(seed: u64, case: u32, of_cases: u32, size: Size) -> Self {
        let rng = Rng::new(seed).stream(u64::from(case));
        let (shape, spacing) = size.draw(&mut rng.stream(0));
        let extent = extent(shape, spacing);
        let diseased = case >= of_cases.div_ceil(2);
        let mut tree = Tree::grow(&rng.stream(1), extent);
        if diseased {
            stenosis::narrow(&mut tree, &mut rng.stream(2));
        }
        let mut table = rng.stream(3);
        let origin = [
            -extent[0] / 2.0 + table.between(-20.0, 20.0),
            -extent[1] / 2.0 + table.between(-40.0, 0.0),
            table.between(-300.0, 100.0),
        ];
        // A scanner writes its table's position to the tenth.
        let origin = origin.map(|mm| (mm * 10.0).round() / 10.0);
        Self { spacing, origin, shape, diseased, tree, rng: rng.stream(4) }
    }

    /// The two trees as they are.
    pub fn truth(&self) -> Mask {
        self.mask(self.tree.vessels.iter().flat_map(|vessel| vessel.nodes.iter().copied()))
    }

    /// The vessels' own axes, parents before their branches, in the frame of the masks: mm, index × spacing of (x, y, z).
    ///
    /// What [`truth`](Self::truth) is drawn from, so that a centreline found in it can be held against them.
    ///
    /// ```
    /// use coronary_phantom::{Phantom, Size};
    ///
    /// let case = Phantom::new(7, 0, 20, Size::fixed([96, 96, 64])?);
    /// let ostia = case.vessels().iter().filter(|vessel| vessel.parent.is_none());
    /// assert_eq!(ostia.count(), 2);
    /// # Ok::<(), coronary_phantom::SizeError>(())
    /// ```
    pub fn vessels(&self) -> &[Vessel] {
        &self.tree.vessels
    }

    /// A slice of constant z, from 0, of a CT of the trees: Hounsfield units of x · y voxels, x fastest. `truth` is
    /// [`truth`](Self::truth).
    ///
    /// A heart with contrast medium in its vessels and its left ventricle, fat and lungs around it, and noise: to try out what
    /// shows images, and nothing more.
    ///
    /// # Panics
    /// If there is no such slice, or `truth` is of another shape.
    pub fn ct_slice(&self, truth: &Mask, z: usize) -> Vec<i16> {
        let mut rng = self.rng.stream(CT).stream(z as u64);
        ct::slice(truth, self.spacing, self.tree.centre, z, &mut rng)
    }

    /// The trees as this method sees them; some voxels at least, always.
    pub fn predict(&self, method: Method) -> Mask {
        let mut rng = self.rng.stream(method as u64);
        let extent = extent(self.shape, self.spacing);
        self.mask(predict::predict(&self.tree, method, &mut rng, self.spacing, extent))
    }

    #[expect(clippy::expect_used, reason = "a Size has at most 1024 voxels along each axis")]
    fn mask(&self, balls: impl IntoIterator<Item = Ball>) -> Mask {
        let mut mask = Mask::empty(self.shape).expect("a Size's voxels can be counted");
        paint::paint(&mut mask, self.spacing, balls);
        mask
    }
}

fn extent(shape: [usize; 3], spacing: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|axis| shape[axis] as f64 * spacing[axis])
}
