//! From bytes to voxels: NRRD, NPZ, and the archives they come in.

mod mask;

pub use mask::Mask;
