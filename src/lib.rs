//! `asoca` runs the ASOCA challenge: Automated Segmentation Of Coronary Arteries.
//!
//! `volume`, `metrics` and `ranking` are libraries of their own: no network, no
//! database, no globals. ARCHITECTURE.md draws how the rooms depend on each other.

// Nothing from outside may bring the process down; tests stop where they like.
#![warn(clippy::dbg_macro, clippy::expect_used, clippy::panic, clippy::todo, clippy::unwrap_used)]

pub mod blobs;

pub mod cli;
pub mod digest;
pub mod disk;
pub mod domain;
mod json;
pub mod mail;
pub mod metrics;
pub mod phantom;
pub mod plots;
mod quantile;
pub mod ranking;
mod rng;
pub mod scoring;
pub mod store;
mod terms;
mod text;
pub mod volume;
pub mod web;
