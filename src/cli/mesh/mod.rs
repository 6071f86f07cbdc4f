mod report;
mod table;

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde_json::json;

use super::error::CliError;
use super::files::OutFolder;
use super::names::distinct_names;
use super::output::{output, print_json};
use super::progress::on_threads;
use crate::domain::explain;
use crate::scoring::{PlacedMask, PreflightError, Progress, VesselLabels, read_placed};
use report::Report;
use segmentation::{FileSource, Format};
use segmentation_mesh::{Smoothing, Window, distances, surface};

/// What is written of each mask.
const EXTENSIONS: [&str; 2] = ["stl", "ply"];

#[derive(Args)]
pub struct MakeMeshes {
    /// Folder to write into: <name>.stl (binary) and <name>.ply (binary, 64-bit vertices) for each mask.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

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

    /// Values that are vessel, for masks with others than 0 and 1: for instance 1,2 or 255.
    #[arg(long, value_name = "LABELS", default_value = "", hide_default_value = true)]
    vessel_labels: VesselLabels,

    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,

    /// Threads that process masks [default: one per core].
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// NRRD files of masks.
    #[arg(required = true, value_name = "MASK")]
    masks: Vec<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum WindowName {
    Hamming,
    Nuttall,
}

impl MakeMeshes {
    pub fn run(self) -> Result<(), CliError> {
        let (folder, stems) = OutFolder::for_masks(&self.out, &self.masks, &EXTENSIONS)?;
        let names = distinct_names(&self.masks);
        let work = |progress: &Progress| -> Vec<_> {
            let files = self.masks.par_iter().zip(&names).zip(&stems);
            let made = files.map(|((path, name), stem)| {
                let made = self.make(path, name, stem, &folder);
                progress.done.fetch_add(1, Ordering::Relaxed);
                (name.clone(), made)
            });
            made.collect()
        };
        let made = on_threads(self.threads, self.masks.len(), work)?;
        let reports: Vec<&Report> =
            made.iter().filter_map(|(_, made)| made.as_ref().ok()).collect();
        for report in &reports {
            report
                .warnings()
                .iter()
                .for_each(|warning| eprintln!("{}: warning: {warning}", report.file));
        }
        if self.json {
            print_json(&json!({ "meshes": reports }))?;
        } else if !reports.is_empty() {
            output(|out| table::write(out, &reports))?;
        }
        CliError::of_submissions(made.iter().map(|(name, made)| (name, made)))
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
        path: &Path,
        name: &str,
        stem: &str,
        folder: &OutFolder<'_>,
    ) -> Result<Report, PreflightError> {
        let format = Format::of(name).unwrap_or(Format::Nrrd);
        let source = FileSource(path.to_owned());
        let PlacedMask { mask, placement, warnings } =
            read_placed(name, &source, format, &self.vessel_labels)?;
        let refused = |error: &dyn std::fmt::Display| {
            PreflightError::Invalid(vec![explain::no_tree(name, error)])
        };
        let raw = surface(&mask).map_err(|error| refused(&error))?.placed(&placement);
        let smoothing = self.smoothing();
        let mesh = smoothing.map(|smoothing| smoothing.smoothed(&raw));
        let report = Report::new(name, &mask, &placement, &raw, smoothing.zip(mesh.as_ref()))
            .map_err(|error| refused(&error))?;
        let mesh = mesh.as_ref().unwrap_or(&raw);
        let report = Report {
            distances: self
                .distances
                .then(|| distances(&mask, &placement, mesh))
                .transpose()
                .map_err(|error| refused(&error))?
                .map(Into::into),
            of_file: warnings,
            ..report
        };
        let how = report.how();
        folder.write(stem, "stl", |out| mesh.write_stl(out, &format!("{how}; mm, LPS")))?;
        let comments = format!("{how}\nunits mm, axes left posterior superior");
        folder.write(stem, "ply", |out| mesh.write_ply(out, &comments))?;
        Ok(report)
    }
}
