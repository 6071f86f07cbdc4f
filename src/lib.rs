//! `asoca` runs the ASOCA challenge: Automated Segmentation Of Coronary Arteries.
//!
//! What is of use without the server is in crates of its own under `crates/`: no network, no
//! database, no globals. ARCHITECTURE.md draws how modules and crates depend on each other.

// Nothing from outside may bring the process down; tests stop where they like.
#![warn(clippy::dbg_macro, clippy::expect_used, clippy::panic, clippy::todo, clippy::unwrap_used)]

pub mod blobs;

pub mod cli;
pub mod digest;
pub mod disk;
pub mod domain;
mod json;
pub mod leaderboard;
pub mod mail;
pub mod plots;
pub mod scoring;
pub mod service;
pub mod stop;
pub mod store;
mod string_enum;
mod text;
pub mod web;
