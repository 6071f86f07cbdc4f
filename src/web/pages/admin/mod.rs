//! The organiser area.

pub mod accounts;
pub mod announcements;
pub mod audit;
mod audit_sentence;
mod bulk;
pub mod challenge;
pub mod dashboard;
pub mod images;
pub mod letters;
pub mod phases;
pub mod site_pages;
pub mod slices;
pub mod submissions;
pub mod team_profile;
pub mod teams;
pub mod trials;
pub mod truth_sets;
pub mod users;
