//! Rankings of a challenge from a table of scores, and how far they can be trusted.
//!
//! A [`ScoreTable`] holds the scores of all entries in the same cases, metrics × cases × entries. It gives their
//! [means](ScoreTable::means), their [ranking](ScoreTable::rank), what a [bootstrap](ScoreTable::bootstrap) over the
//! cases says of that, [by how much](ScoreTable::paired) two of them differ, and [which
//! differences](ScoreTable::significance) are more than chance.
//!
//! ```
//! use challenge_ranking::{Counting, Metric, Scheme, ScoreTable};
//! use ndarray::array;
//!
//! // Of two entries in two cases: Dice, and HD95 in mm.
//! let scores = array![[[0.8, 0.9], [0.7, 0.8]], [[3.0, 2.0], [4.0, 9.0]]];
//! let table = ScoreTable::new(scores, &[Metric::SHARE, Metric::DISTANCE])?;
//! let ranking = table.rank(&["team A", "team B"], Counting::Best, Scheme::MeanOfPositions);
//! // One is first in Dice, the other one in HD95.
//! assert_eq!(ranking.iter().map(|row| (row.entry, row.position)).collect::<Vec<_>>(), [(0, 1), (1, 1)]);
//! # Ok::<(), challenge_ranking::TableError>(())
//! ```
//!
//! The methods are those of Wiesenfarth et al., "Methods and open-source toolkit for analyzing and visualizing
//! challenge results" (2021). Everything is exact where it can be, in f64 whose bits do not depend on the machine, and
//! chance comes from the data, so that whoever has the scores can repeat it.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![deny(missing_docs)]
#![warn(clippy::missing_errors_doc)]
#![warn(clippy::dbg_macro, clippy::expect_used, clippy::panic, clippy::todo, clippy::unwrap_used)]

mod bootstrap;
mod direction;
mod kendall;
mod metric;
mod paired;
mod positions;
mod rank;
#[cfg(test)]
mod samples;
mod significance;
mod table;
mod welch;
mod wilcoxon;

pub use bootstrap::{DRAWS, Interval, Stability, Uncertainty};
pub use direction::Direction;
pub use kendall::tau_b;
pub use metric::Metric;
pub use paired::Paired;
pub use rank::{Counting, RankedEntry, Scheme};
pub use significance::{LEVEL, Significance, Verdict};
pub use table::{ScoreTable, TableError};
pub use welch::{Untestable, Welch};
pub use wilcoxon::{holm, signed_rank};
