//! Plots of a leaderboard as SVG: numbers and names in, text out.
//!
//! One drawing serves two places. Every part has presentation attributes, so that a file of its own looks the same
//! everywhere, and classes, by which a page's style sheet puts its own colours over them, light or dark. Nothing is
//! told by colour alone: marks differ in shape, areas in hatching, and names stand beside what they name.
//!
//! What podium, blob and significance plots show is defined in Wiesenfarth et al. 2021 (Scientific Reports 11, 2369).

mod among;
mod axes;
mod beside;
mod data;
mod drawing;
mod labels;
mod legend;
mod metrics;
mod plot;
mod podium;
mod progress;
mod ranks;
mod scale;
mod significance;
#[cfg(test)]
mod tests;
mod ticks;
mod values;

pub use among::{Among, among};
pub use beside::{Beside, MAX_BESIDE, beside};
pub use data::{Case, Comparison, Entry, Five, Level, MAX_DRAWN, Reference, Spread};
pub use metrics::metrics;
pub use plot::{Plot, Table};
pub use podium::{MAX_ON_PODIUM, podium};
pub use progress::{Progress, Sent, progress, progress_of};
pub use ranks::ranks;
pub use significance::significance;
pub use values::values;
