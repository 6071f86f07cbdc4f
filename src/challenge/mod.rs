//! The challenge's types and rules. The catalogue of errors lives here.

mod catalogue;
pub mod explain;

pub use catalogue::{Code, Problem};
