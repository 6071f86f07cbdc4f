use std::fs::{self, File};
use std::path::Path;

use segmentation::Geometry;
use segmentation::nrrd::{Encoding, write_dense};

use super::process::{asoca, run};

/// Voxels along (x, y, z) of the volumes made by hand.
pub const SHAPE: [usize; 3] = [12, 3, 2];

/// Where they lie: spacing (x, y, z) in mm.
pub fn geometry() -> Geometry {
    Geometry::diagonal(SHAPE, [0.5, 0.5, 2.0], [0.0; 3])
}

/// A volume of [`SHAPE`] whose foreground is the first row's voxels of these x.
pub fn row(foreground: impl IntoIterator<Item = usize>) -> Vec<u8> {
    let mut voxels = vec![0; SHAPE.iter().product()];
    for x in foreground {
        voxels[x] = 1;
    }
    voxels
}

/// Writes a volume, and the folder it is in.
pub fn write(path: &Path, voxels: &[u8], geometry: &Geometry) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    write_dense(File::create(path).unwrap(), voxels, geometry, Encoding::Raw).unwrap();
}

/// Two cases, in groups, of ten voxels in a row each.
pub fn two_truths(folder: &Path) {
    for case in ["0", "1"] {
        write(&folder.join(format!("{case}.nrrd")), &row(0..10), &geometry());
    }
    let listed = r#"[{"id": "0", "group": "normal"}, {"id": "1", "group": "diseased"}]"#;
    fs::write(folder.join("cases.json"), listed).unwrap();
}

/// Has `asoca phantom` fill a new folder.
pub fn phantoms(out: &Path, cases: &str, seed: &str) {
    let mut phantom = asoca([
        &"phantom",
        &"--out",
        &out,
        &"--cases",
        &cases,
        &"--seed",
        &seed,
        &"--shape",
        &"64x64x48",
    ]);
    run(&mut phantom).succeeded();
}
