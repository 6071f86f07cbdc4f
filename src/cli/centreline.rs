//! Centrelines of masks.

use std::io::{self, Write};

use clap::Args;
use serde::Serialize;

use super::error::CliError;
use super::files::{EachMask, Files, Report};
use super::names::cut;
use super::table::Table;
use crate::domain::explain;
use crate::scoring::{PlacedMask, PreflightError};
use vessel_centreline::{Centrelines, Options, centrelines};

#[derive(Args)]
pub struct MakeCentrelines {
    #[command(flatten)]
    each: EachMask,
}

/// What was made of a mask.
#[derive(Serialize)]
struct LinesReport {
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
        self.each.run(make)
    }
}

fn make(name: &str, placed: PlacedMask, files: &Files<'_>) -> Result<LinesReport, PreflightError> {
    let PlacedMask { mask, placement, warnings } = placed;
    let lines = centrelines(&mask, placement.spacing(), &Options::default())
        .map_err(|error| PreflightError::Invalid(vec![explain::no_tree(name, error)]))?
        .placed(&placement);
    files.write("vtp", |out| lines.write_vtp(out))?;
    files.write("csv", |out| lines.write_csv(out))?;
    Ok(LinesReport { warnings, ..LinesReport::new(name, &lines) })
}

impl LinesReport {
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

impl Report for LinesReport {
    const KEY: &'static str = "centrelines";
    const EXTENSIONS: [&'static str; 2] = ["vtp", "csv"];

    fn file(&self) -> &str {
        &self.file
    }

    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }

    fn table(out: &mut dyn Write, reports: &[&Self]) -> io::Result<()> {
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
}
