//! The organiser's desk.

pub mod announcements;
pub mod audit;
pub mod dashboard;
pub mod phases;
pub mod submissions;
pub mod teams;
pub mod trials;
pub mod truth_sets;
pub mod users;
