mod report;
mod table;

use clap::{Args, ValueEnum};

use super::error::CliError;
use super::files::{EachMask, Files};
use crate::domain::explain;
use crate::scoring::{PlacedMask, PreflightError};
use report::{MeshDistances, MeshReport};
use segmentation_mesh::{Smoothing, Window, distances, surface};

#[derive(Args)]
pub struct MakeMeshes {
    /// Window of the smoothing filter: that of the published dataset's meshes, or the default of VTK since 9.4, which shrinks
    /// thin vessels less.
    #[arg(long, value_enum, default_value = "hamming")]
    window: WindowName,

    /// Don't smooth.
    #[arg(long, conflicts_with = "window")]
    raw: bool,

    /// Measure the distances between voxels and mesh, each way.
    #[arg(long)]
    distances: bool,

    #[command(flatten)]
    each: EachMask,
}

#[derive(Clone, Copy, ValueEnum)]
enum WindowName {
    Hamming,
    Nuttall,
}

impl MakeMeshes {
    pub fn run(self) -> Result<(), CliError> {
        self.each.run(|name, placed, files| self.make(name, placed, files))
    }

    fn smoothing(&self) -> Option<Smoothing> {
        let window = match self.window {
            WindowName::Hamming => Window::Hamming,
            WindowName::Nuttall => Window::Nuttall,
        };
        (!self.raw).then(|| Smoothing::of_the_dataset(window))
    }

    fn make(
        &self,
        name: &str,
        placed: PlacedMask,
        files: &Files<'_>,
    ) -> Result<MeshReport, PreflightError> {
        let PlacedMask { mask, placement, warnings } = placed;
        let refused = |error: &dyn std::fmt::Display| {
            PreflightError::Invalid(vec![explain::no_tree(name, error)])
        };
        let raw = surface(&mask).map_err(|error| refused(&error))?.placed(&placement);
        let smoothing = self.smoothing();
        let smooth = smoothing.map(|smoothing| smoothing.smoothed(&raw));
        let mut report =
            MeshReport::new(name, &mask, &placement, &raw, smoothing.zip(smooth.as_ref()))
                .map_err(|error| refused(&error))?;
        report.of_file = warnings;
        let mesh = smooth.as_ref().unwrap_or(&raw);
        if self.distances {
            let both = distances(&mask, &placement, mesh).map_err(|error| refused(&error))?;
            report.distances = Some(MeshDistances::from(both));
        }
        let how = report.how();
        files.write("stl", |out| mesh.write_stl(out, &format!("{how}; mm, LPS")))?;
        let comments = format!("{how}\nunits mm, axes left posterior superior");
        files.write("ply", |out| mesh.write_ply(out, &comments))?;
        Ok(report)
    }
}
