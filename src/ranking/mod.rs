//! Numbers to positions. Knows nothing of teams' names, rows or pages.

mod positions;

pub use positions::{Counting, Entry, Placed, Scheme, positions, rank};
