//! Metrics of two binary segmentations.
//!
//! | Metric | | Definition |
//! |---|---|---|
//! | Dice | [`dice`] | 2\|A∩B\| / (\|A\|+\|B\|) (Dice 1945) |
//! | HD95 (ASOCA, all voxels), mm | [`hd95`] | the published evaluator of the ASOCA challenge |
//! | clDice | [`secondary::cl_dice`] | Shit et al. (2021), skeletons by Lee, Kashyap and Chu (1994) |
//! | surface Dice | [`secondary::surface_dice`] | Nikolov et al. (2021), weighted by area |
//! | precision, recall, difference in components | [`secondary::secondary_metrics`] | by voxels; 26-connected |
//! | tree length detected, also connected and by calibre; leakage; errors of β0 and β1; surface Dice at several tolerances | [`secondary::vessel_metrics`] | of centrelines in mm; 26-connected |
//!
//! ```
//! use ndarray::Array3;
//! use segmentation::Mask;
//! use segmentation_metrics::{dice, hd95};
//!
//! let truth = Array3::from_shape_fn((20, 20, 20), |(x, y, _)| x < 4 && y < 4);
//! let prediction = Array3::from_shape_fn((20, 20, 20), |(x, y, _)| x < 5 && y < 4);
//!
//! let a = Mask::from_array(truth.view());
//! let b = Mask::from_array(prediction.view());
//! assert_eq!(dice(&a, &b)?, 2.0 * 320.0 / (320.0 + 400.0));
//! assert_eq!(hd95(&a, &b, [0.4, 0.4, 0.625])?, 0.4);
//! # Ok::<(), segmentation_metrics::MetricError>(())
//! ```
//!
//! Masks have the shape (x, y, z) and are compared index by index; spacings are of (x, y, z), distances in mm. Everything
//! takes one core, and time that grows with the foreground, not with the volume.
//!
//! To score many predictions against one truth, prepare it once ([`Truth`], [`secondary::PreparedTruth`]) and use [`score`] and
//! [`secondary::secondary_metrics`]; [`Summary`] has mean, standard deviation and quartiles over cases.
//!
//! # Which HD95
//!
//! [`hd95`] follows the challenge's published evaluator, so that it is comparable with every published result. Other tools call
//! other things HD95 (over surfaces, both directions pooled, weighted by area): on a thin vessel they differ from
//! this one by millimetres, so the two must never stand in one column.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![deny(missing_docs)]
#![warn(clippy::missing_errors_doc)]
#![warn(clippy::dbg_macro, clippy::expect_used, clippy::panic, clippy::todo, clippy::unwrap_used)]

mod dice;
mod error;
mod hd95;
mod scan;
mod score;
pub mod secondary;
mod summary;
mod truth;

#[cfg(test)]
mod tests;

pub use dice::dice;
pub use error::MetricError;
pub use hd95::hd95;
pub use score::{CaseScore, ScoreError, score};
pub use summary::Summary;
pub use truth::{Truth, TruthError};
