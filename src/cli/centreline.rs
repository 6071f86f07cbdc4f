//! Centrelines of masks.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use clap::Args;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::error::CliError;
use super::files::OutFolder;
use super::names::{cut, distinct_names};
use super::output::{output, print_json};
use super::progress::on_threads;
use super::table::Table;
use crate::domain::explain;
use crate::scoring::{PlacedMask, PreflightError, Progress, VesselLabels, read_placed};
use segmentation::{FileSource, Format};
use vessel_centreline::{Centrelines, Options, centrelines};

/// What is written of each mask.
const EXTENSIONS: [&str; 2] = ["vtp", "csv"];

#[derive(Args)]
pub struct MakeCentrelines {
    /// Folder to write into: <name>.vtp and <name>.csv for each mask.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

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

/// What was made of a mask.
#[derive(Serialize)]
struct Report {
    file: String,
    components: usize,
    branches: usize,
    points: usize,
    length_mm: f64,
    /// Of all points.
    mean_radius_mm: f64,
    /// Where each component begins.
    roots: Vec<Root>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Root {
    position_mm: [f64; 3],
    radius_mm: f64,
    /// Of the component's lines.
    length_mm: f64,
}

impl MakeCentrelines {
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
        for Report { file, warnings, .. } in &reports {
            warnings.iter().for_each(|warning| eprintln!("{file}: warning: {warning}"));
        }
        if self.json {
            print_json(&json!({ "centrelines": reports }))?;
        } else if !reports.is_empty() {
            output(|out| table(out, &reports))?;
        }
        CliError::of_submissions(made.iter().map(|(name, made)| (name, made)))
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
        let lines = centrelines(&mask, placement.spacing(), &Options::default())
            .map_err(|error| PreflightError::Invalid(vec![explain::no_tree(name, error)]))?
            .placed(&placement);
        folder.write(stem, "vtp", |out| lines.write_vtp(out))?;
        folder.write(stem, "csv", |out| lines.write_csv(out))?;
        Ok(Report { warnings, ..Report::new(name, &lines) })
    }
}

impl Report {
    fn new(file: &str, lines: &Centrelines) -> Self {
        let mut roots: Vec<Root> = Vec::new();
        for branch in &lines.branches {
            let length = branch.distances().last().copied().unwrap_or_default();
            match (branch.parent, branch.points.first(), roots.last_mut()) {
                (None, Some(first), _) => roots.push(Root {
                    position_mm: first.position,
                    radius_mm: first.radius,
                    length_mm: length,
                }),
                (_, _, Some(root)) => root.length_mm += length,
                _ => {}
            }
        }
        let radii: Vec<f64> = lines.points().map(|point| point.radius).collect();
        Self {
            file: file.to_owned(),
            components: roots.len(),
            branches: lines.branches.len(),
            points: radii.len(),
            length_mm: roots.iter().map(|root| root.length_mm).sum(),
            mean_radius_mm: radii.iter().sum::<f64>() / radii.len() as f64,
            roots,
            warnings: Vec::new(),
        }
    }
}

fn table(out: &mut dyn Write, reports: &[&Report]) -> io::Result<()> {
    let head = ["mask", "parts", "branches", "points", "length mm", "mean radius mm"];
    let mut table = Table::new(1, head);
    for report in reports {
        table.row([
            cut(&report.file),
            report.components.to_string(),
            report.branches.to_string(),
            report.points.to_string(),
            format!("{:.1}", report.length_mm),
            format!("{:.2}", report.mean_radius_mm),
        ]);
    }
    table.write(out)
}
