mod compare;
mod csv;
pub mod metric;
mod run;
mod table;

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::error::CliError;
use super::output::{output, print_json, print_json_of};
use crate::domain::{MAX_TOLERANCE_MM, causes};
use crate::scoring::{
    Aggregates, CaseScores, Metrics, PreflightError, SecondaryAggregates, VesselAggregates,
    VesselLabels, published_metrics,
};
use compare::Compared;
use run::{Scored, score_all};

pub use run::location;

#[derive(Args)]
pub struct Score {
    /// Folder or zip of ground truth, <case id>.nrrd for each case. Groups are read from cases.json if there is one,
    /// or from names as in the published dataset: Normal/Annotations/Normal_1.nrrd.
    #[arg(long, value_name = "DIR")]
    truth: PathBuf,

    /// Values that are vessel, for a ground truth with others than 0 and 1: for instance 1,2 or 255.
    #[arg(long, value_name = "LABELS", default_value = "", hide_default_value = true)]
    vessel_labels: VesselLabels,

    /// Which metrics are computed beside the official ones: the usual secondary ones, or all, which name what failed: the length of the
    /// tree that was found and hangs together, by calibre, leakage, errors of topology, and more tolerances.
    #[arg(long, value_enum, default_value = "usual")]
    metrics: MetricsName,

    /// Measure the surface Dice at this many mm as well, up to 2: the annotators' tolerance, which asoca consensus prints.
    #[arg(long, value_name = "MM", value_parser = tolerance)]
    surface_tolerance: Option<f64>,

    /// Print JSON instead of tables: cases and aggregates; for several submissions a list with their names.
    #[arg(long, group = "form")]
    json: bool,

    /// Print CSV: one line for each submission, case and metric.
    #[arg(long, group = "form")]
    csv: bool,

    /// Print the metrics.json of the published evaluator, for one submission.
    #[arg(long, group = "form")]
    metrics_json: bool,

    /// Threads that score cases [default: one per core].
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// Zips or folders with one file for each case.
    #[arg(required = true, value_name = "SUBMISSION")]
    submissions: Vec<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum MetricsName {
    Usual,
    All,
}

fn tolerance(text: &str) -> Result<f64, String> {
    let mm = text.parse().ok().filter(|mm: &f64| *mm > 0.0 && *mm <= MAX_TOLERANCE_MM);
    mm.ok_or_else(|| format!("a distance above 0 and up to {MAX_TOLERANCE_MM} mm"))
}

impl Score {
    pub fn run(self) -> Result<(), CliError> {
        if self.metrics_json && self.submissions.len() > 1 {
            let found = format!("{} were given", self.submissions.len());
            return Err(CliError::input("--metrics-json takes one submission", found));
        }
        let metrics = match (self.metrics, self.surface_tolerance) {
            (MetricsName::All, tolerance_mm) => Metrics::All { tolerance_mm },
            (MetricsName::Usual, None) => Metrics::Usual,
            (MetricsName::Usual, Some(_)) => {
                return Err(CliError::input("--surface-tolerance", "needs --metrics all"));
            }
        };
        let (truth, labels) = (&self.truth, &self.vessel_labels);
        let scored = score_all(truth, labels, metrics, &self.submissions, self.threads)?;
        if self.json {
            print_json_of(scored.iter().map(in_json).collect())?;
        } else {
            self.write(&scored)?;
        }
        CliError::of_submissions(scored.iter().map(|Scored { name, outcome }| (name, outcome)))
    }

    /// Only what was scored, in any form but JSON.
    fn write(&self, scored: &[Scored]) -> Result<(), CliError> {
        let valid: Vec<(&str, &CaseScores)> = scored
            .iter()
            .filter_map(|Scored { name, outcome }| Some((name.as_str(), outcome.as_ref().ok()?)))
            .collect();
        let warnings = warnings(&valid, scored.len() > 1);
        if self.csv || self.metrics_json {
            warnings.iter().for_each(|warning| eprintln!("{warning}"));
        }
        match valid.as_slice() {
            [] => Ok(()),
            _ if self.csv => output(|out| csv::write(out, valid.iter().copied())),
            [(_, cases), ..] if self.metrics_json => match Aggregates::of(cases).all {
                Some(all) => {
                    let secondary = SecondaryAggregates::of(cases).all;
                    print_json(&published_metrics(&all, secondary.as_ref(), Some(cases)))
                }
                None => Ok(()),
            },
            [(name, cases)] => output(|out| {
                if scored.len() > 1 {
                    writeln!(out, "{name}\n")?;
                }
                table::write(out, cases)?;
                below(out, &warnings)
            }),
            _ => output(|out| {
                let numbered = valid.iter().enumerate();
                let compared: Vec<Compared<'_>> =
                    numbered.map(|(at, (name, cases))| Compared::new(at, name, cases)).collect();
                compare::write(out, &compared)?;
                below(out, &warnings)
            }),
        }
    }
}

/// The warnings, an empty line before them.
fn below(out: &mut dyn Write, warnings: &[String]) -> std::io::Result<()> {
    warnings.iter().try_for_each(|warning| writeln!(out, "\n{warning}"))
}

fn warnings(valid: &[(&str, &CaseScores)], named: bool) -> Vec<String> {
    let of = |(name, cases): &(&str, &CaseScores)| -> Vec<String> {
        let lines = table::warnings(cases).into_iter();
        lines.map(|line| if named { format!("{name}: {line}") } else { line }).collect()
    };
    valid.iter().flat_map(of).collect()
}

fn in_json(Scored { name, outcome }: &Scored) -> (&str, Value) {
    let value = match outcome {
        Ok(cases) => {
            let mut value = json!({
                "cases": cases,
                "aggregates": Aggregates::of(cases),
                "secondary": SecondaryAggregates::of(cases),
            });
            let vessels = VesselAggregates::of(cases);
            if vessels.all.is_some() {
                value["vessels"] = json!(vessels);
            }
            value
        }
        Err(PreflightError::Invalid(problems)) => {
            json!({ "summary": causes(problems), "errors": problems })
        }
        Err(PreflightError::Io(error)) => json!({ "unreadable": error.to_string() }),
    };
    (name, value)
}
