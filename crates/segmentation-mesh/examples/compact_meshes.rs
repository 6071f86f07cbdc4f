//! Compact files of full-size phantoms (seed 5), with how long each step of making them takes, on one thread. Of each case there are two:
//! the prediction alone, and what it has in common with the truth or not.
//!
//!     cargo run --release -p segmentation-mesh --example compact_meshes -- FOLDER 4

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use coronary_phantom::{Method, Phantom, Size};
use segmentation::{Geometry, Mask, Placement};
use segmentation_mesh::compact::{self, PartKind};
use segmentation_mesh::{Mesh, MeshError, Smoothing, Window, surface};

/// The voxels of a mask that are, or are not, in another.
fn part(of: &Mask, other: &Mask, inside: bool) -> Mask {
    let mut part = of.clone();
    part.retain(|at| other.get(at) == inside);
    part
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, cases] = arguments.as_slice() else {
        return Err("expected a folder, and a number of cases".into());
    };
    println!("file,vertices,triangles,bytes,meshes_ms,compact_ms");
    for case in 0..cases.parse()? {
        let phantom = Phantom::new(5, case, 20, Size::FULL);
        let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
        let placement = Placement::of(&geometry)?;
        let (truth, prediction) = (phantom.truth(), phantom.predict(Method::Leaky));
        let parts = [
            (part(&truth, &prediction, true), PartKind::Agreement),
            (part(&prediction, &truth, false), PartKind::FalsePositive),
            (part(&truth, &prediction, false), PartKind::FalseNegative),
        ];
        for (name, masks) in
            [("truth", &[(truth.clone(), PartKind::Reference)][..]), ("parts", &parts)]
        {
            let start = Instant::now();
            let meshes = masks.iter().map(|(mask, kind)| Ok((mesh(mask, &placement)?, *kind)));
            let meshes = meshes.collect::<Result<Vec<_>, MeshError>>()?;
            let parts: Vec<_> = meshes.iter().map(|(mesh, kind)| (mesh, *kind)).collect();
            let (meshes_ms, start) = (start.elapsed().as_secs_f64() * 1e3, Instant::now());
            let mut file = Vec::new();
            compact::write(&mut file, &parts)?;
            let compact_ms = start.elapsed().as_secs_f64() * 1e3;
            let vertices: usize = meshes.iter().map(|(mesh, _)| mesh.vertices.len()).sum();
            let triangles: usize = meshes.iter().map(|(mesh, _)| mesh.triangles.len()).sum();
            let bytes = file.len();
            println!("{case}-{name},{vertices},{triangles},{bytes},{meshes_ms:.1},{compact_ms:.1}");
            std::fs::write(Path::new(folder).join(format!("{case}-{name}.vmsh")), file)?;
        }
    }
    Ok(())
}

fn mesh(mask: &Mask, placement: &Placement) -> Result<Mesh, MeshError> {
    let raw = surface(mask)?.placed(placement);
    Ok(Smoothing::of_the_dataset(Window::Hamming).smoothed(&raw))
}
