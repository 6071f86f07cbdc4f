//! `/api/v1/admin`: everything an organiser can do.

pub mod accounts;
pub mod announcements;
pub mod audit;
pub mod challenge;
pub mod exports;
pub mod images;
pub mod letters;
pub mod pages;
pub mod phases;
pub mod submissions;
pub mod teams;
pub mod trials;
pub mod truth_sets;
pub mod users;
