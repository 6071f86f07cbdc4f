use std::io::{self, Write};

use serde::Serialize;

use super::table;
use crate::cli::files::Report;
use segmentation::{Mask, Placement};
use segmentation_mesh::{Distances, Mesh, Smoothing, Spread};
use segmentation_metrics::secondary::{NotComputed, betti_numbers};

/// A region of a smoothed mesh that keeps less of its volume than this is nearly gone.
const MOST_OF_IT: f64 = 0.5;

/// A change of the whole volume that is worth a warning.
const MUCH: f64 = 0.05;

/// What was made of a mask.
#[derive(Serialize)]
pub struct MeshReport {
    pub file: String,
    pub vertices: usize,
    pub triangles: usize,
    /// Of the voxels: 26-connected.
    pub components: u64,
    /// Of the mesh, in which voxels that touch in an edge or a corner only are parted.
    pub regions: usize,
    pub voxels_mm3: f64,
    pub raw_mm3: f64,
    /// What the smoothing did, unless the mesh is raw.
    pub smoothing: Option<Smoothed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distances: Option<MeshDistances>,
    /// What was odd about the file.
    #[serde(rename = "warnings", skip_serializing_if = "Vec::is_empty")]
    pub of_file: Vec<String>,
}

#[derive(Serialize)]
pub struct Smoothed {
    pub window: &'static str,
    pub passband: f64,
    pub iterations: u16,
    pub mm3: f64,
    /// Relative to the raw mesh: -0.1 is a tenth less.
    pub change: f64,
    pub largest_move_mm: f64,
    /// Regions that lost more than half of their volume.
    pub shrunken_regions: usize,
    /// The volume of these regions in the raw mesh.
    pub shrunken_mm3: f64,
}

/// Both distances of a mesh, by their own names, and of each number the larger one.
#[derive(Serialize)]
pub struct MeshDistances {
    #[serde(flatten)]
    pub both: Distances,
    pub larger: Spread,
}

impl MeshReport {
    pub fn new(
        file: &str,
        mask: &Mask,
        placement: &Placement,
        raw: &Mesh,
        smoothed: Option<(Smoothing, &Mesh)>,
    ) -> Result<Self, NotComputed> {
        let (raw_mm3, regions) = (raw.volume(), raw.regions());
        let [components, ..] = betti_numbers(mask)?;
        let smoothing = smoothed.map(|(smoothing, mesh)| {
            let mm3 = mesh.volume();
            // Both have the same triangles, and so the same regions.
            let pairs = regions.iter().zip(mesh.regions());
            let shrunken: Vec<f64> = pairs
                .filter(|(raw, smooth)| smooth.volume.abs() < MOST_OF_IT * raw.volume.abs())
                .map(|(raw, _)| raw.volume.abs())
                .collect();
            Smoothed {
                window: smoothing.window().name(),
                passband: smoothing.passband(),
                iterations: smoothing.iterations(),
                mm3,
                change: mm3 / raw_mm3 - 1.0,
                largest_move_mm: raw.largest_move(mesh),
                shrunken_regions: shrunken.len(),
                shrunken_mm3: shrunken.iter().sum(),
            }
        });
        Ok(Self {
            file: file.to_owned(),
            vertices: raw.vertices.len(),
            triangles: raw.triangles.len(),
            components,
            regions: regions.len(),
            voxels_mm3: mask.count() as f64 * placement.determinant().abs(),
            raw_mm3,
            smoothing,
            distances: None,
            of_file: Vec::new(),
        })
    }

    /// How the mesh was made, for its files. Short, as an STL has room for 80 letters.
    pub fn how(&self) -> String {
        match &self.smoothing {
            None => "marching cubes, raw".to_owned(),
            Some(Smoothed { window, passband, iterations, .. }) => {
                format!("windowed sinc, {window}, passband {passband}, {iterations} iterations")
            }
        }
    }
}

impl Report for MeshReport {
    const KEY: &'static str = "meshes";
    const EXTENSIONS: [&'static str; 2] = ["stl", "ply"];

    fn file(&self) -> &str {
        &self.file
    }

    fn table(out: &mut dyn Write, reports: &[&Self]) -> io::Result<()> {
        table::write(out, reports)
    }

    /// What is odd about the file, and what a smoothed mesh no longer shows.
    fn warnings(&self) -> Vec<String> {
        let mut warnings = self.of_file.clone();
        let Some(smoothed) = &self.smoothing else { return warnings };
        let Smoothed { window, change, shrunken_regions, shrunken_mm3, .. } = smoothed;
        let instead = match *window {
            "hamming" => "--window nuttall shrinks less, --raw not at all",
            _ => "--raw does not shrink at all",
        };
        if change.abs() > MUCH {
            warnings.push(format!(
                "smoothing changed the volume by {:+.1} %; {instead}",
                100.0 * change
            ));
        }
        if *shrunken_regions > 0 {
            warnings.push(format!(
                "smoothing took more than half of the volume from {shrunken_regions} of {} regions, which had \
                 {shrunken_mm3:.2} mm³: vessels of less than about 0.6 mm radius nearly vanish; {instead}",
                self.regions
            ));
        }
        warnings
    }
}

impl From<Distances> for MeshDistances {
    fn from(both: Distances) -> Self {
        Self { larger: both.larger(), both }
    }
}
