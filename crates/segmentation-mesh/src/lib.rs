//! Surface meshes of binary segmentations.
//!
//! [`surface`] is marching cubes with the triangles of VTK, [`Smoothing`] the windowed-sinc filter with which VTK and VMTK smooth
//! them; meshes are written as STL and PLY ([`Mesh::write_stl`], [`Mesh::write_ply`]), and [`distances`] says how far a mesh is from
//! the voxels it was made of.
//!
//! A [`Mesh`] has its vertices in voxels until it is [placed](Mesh::placed), then in mm. Everything takes one core.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![deny(missing_docs)]
#![warn(clippy::missing_errors_doc)]
#![warn(clippy::dbg_macro, clippy::expect_used, clippy::panic, clippy::todo, clippy::unwrap_used)]

mod cases;
mod cells;
pub mod compact;
mod distance;
mod error;
mod grow;
mod marching;
mod mesh;
mod padded;
mod regions;
mod smoothing;
#[cfg(test)]
mod tests;
mod vector;
mod window;
mod write;

pub use distance::{Distances, Spread, distances};
pub use error::MeshError;
pub use marching::surface;
pub use mesh::Mesh;
pub use regions::Region;
pub use smoothing::Smoothing;
pub use window::Window;

/// The most vertices a mesh may have. Coronary trees have 40 000 to 140 000.
pub const MAX_VERTICES: usize = 4_000_000;
