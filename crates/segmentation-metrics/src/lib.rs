//! Two masks and a spacing to numbers: the official ASOCA metrics.
//!
//! Both follow the challenge's published evaluator, so that they are comparable
//! with every published result. Other tools call other things HD95 (over surfaces,
//! both directions pooled, weighted by area): on a thin vessel they differ from
//! this one by millimetres, so the two must never stand in one column.
//!
//! ```
//! use segmentation_metrics::{Truth, score};
//! use segmentation::Mask;
//!
//! let voxel = |at| {
//!     let mut mask = Mask::empty([4, 1, 1])?;
//!     mask.set(at);
//!     Some(mask)
//! };
//! let truth = Truth::new(voxel(0).unwrap(), [0.4, 0.4, 0.6])?;
//! let scored = score(&truth, &voxel(2).unwrap())?;
//! assert_eq!((scored.dice, scored.hd95), (0.0, 0.8));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(clippy::dbg_macro, clippy::expect_used, clippy::panic, clippy::todo, clippy::unwrap_used)]

mod bounded;
mod bricks;
mod cells;
mod hd95;
mod nearest;
mod rings;
mod scan;
mod score;
pub mod secondary;
mod summary;
mod together;
mod truth;

#[cfg(test)]
mod tests;

pub use score::{CaseScore, ScoreError, score};
pub use summary::{Summary, mean};
pub use truth::{Truth, TruthError};
