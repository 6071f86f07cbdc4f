//! The organiser's desk.

pub mod audit;
pub mod dashboard;
pub mod submissions;
