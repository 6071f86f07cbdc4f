//! What comes of a file, in the words of expected.json.

use asoca::digest::sha256;
use asoca::domain::explain;
use segmentation::{Format, Source, VolumeError, read_mask};

/// `ok X Y Z SHA-256`, the digest that of one byte a voxel, 0 or 1, x fastest; or `refused CODE`.
///
/// # Errors
/// If the storage fails.
pub fn outcome(name: &str, format: Format, source: &dyn Source) -> Result<String, VolumeError> {
    match read_mask(source, format, None) {
        Ok(read) => {
            let mask = read.mask;
            let voxels: Vec<u8> = (0..mask.voxels()).map(|at| mask.get(at).into()).collect();
            let [x, y, z] = mask.shape();
            Ok(format!("ok {x} {y} {z} {}", sha256(&voxels)))
        }
        Err(VolumeError::Invalid(issue)) => {
            Ok(format!("refused {}", explain::volume(name, format, &issue).code))
        }
        Err(error) => Err(error),
    }
}
