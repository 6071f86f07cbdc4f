//! Numbers that come out the same on every machine, to the last bit.
//!
//! - [`Position`]: where a quantile lies among sorted values, with the linear interpolation of numpy.
//! - [`Rng`]: a seeded generator whose sequence never changes.
//! - [`Sum`], [`mean`] and [`variance`]: the same in whatever order the values come.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![deny(missing_docs)]
#![warn(clippy::missing_errors_doc)]
#![warn(clippy::dbg_macro, clippy::expect_used, clippy::panic, clippy::todo, clippy::unwrap_used)]

mod quantile;
mod rng;
mod sum;

pub use quantile::Position;
pub use rng::Rng;
pub use sum::{Sum, mean, variance};
