//! Reads masks and prints what came of each, one line a file: shape and voxels, or the
//! code of the refusal. `tests/conformance/run.py` sets it beside other readers.
//!
//!     cargo run --example voxels -- 0.nrrd 1.npz

use std::error::Error;
use std::path::Path;

use segmentation::{FileSource, Format};

mod outcome;

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let format = Format::of(&path).ok_or("expected files named .nrrd or .npz")?;
        let name = Path::new(&path).file_name().unwrap_or_default().to_string_lossy();
        let found = outcome::outcome(&name, format, &FileSource(path.clone().into()))?;
        println!("{name} {found}");
    }
    Ok(())
}
