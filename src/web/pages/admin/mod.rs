//! The organiser's desk.

pub mod audit;
pub mod dashboard;
pub mod phases;
pub mod submissions;
pub mod trials;
pub mod truth_sets;
