//! Numbers to positions, and how far they can be trusted. Knows nothing of teams' names, rows or pages.

mod bootstrap;
mod kendall;
mod positions;
mod rank;
mod scheme;
mod significance;
mod welch;
mod wilcoxon;

pub use bootstrap::{Interval, Spread, Stability, bootstrap};
pub use kendall::tau_b;
pub use rank::{Entry, Placed, rank};
pub use scheme::{Counting, Scheme};
pub use significance::{LEVEL, Significance};
pub use welch::Welch;
pub use wilcoxon::{holm, signed_rank};
