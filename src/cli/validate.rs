use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::error::CliError;
use super::names::distinct_names;
use super::output::{output, print_json_of};
use super::progress::on_threads;
use super::score::location;
use super::table::Table;
use super::warnings;
use crate::domain::causes;
use crate::scoring::{CheckedCase, ListedCase, PreflightError, Progress, listed_cases, validate};

#[derive(Args)]
pub struct Validate {
    /// List of cases: the answer of /api/v1/cases, from
    /// `curl -o cases.json https://SITE/api/v1/cases`, or the cases.json of your own
    /// ground truth. A case without a shape is accepted in any shape.
    #[arg(long, value_name = "FILE")]
    cases: PathBuf,

    /// Read names and headers only, not the voxels.
    #[arg(long)]
    quick: bool,

    /// Print JSON; for several submissions a list with their names.
    #[arg(long)]
    json: bool,

    /// Threads that read files [default: one per core].
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// Zips or folders with one file for each case.
    #[arg(required = true, value_name = "SUBMISSION")]
    submissions: Vec<PathBuf>,
}

/// A submission's name and what came of it.
type Checked = (String, Result<Vec<CheckedCase>, PreflightError>);

impl Validate {
    pub fn run(self) -> Result<(), CliError> {
        let cases = read_cases(&self.cases)?;
        let files = self.submissions.len() * cases.len();
        let outcomes: Vec<_> = on_threads(self.threads, files, |progress: &Progress| {
            let check = |path: &PathBuf| validate(location(path), &cases, self.quick, progress);
            self.submissions.iter().map(check).collect()
        })?;
        let names = distinct_names(&self.submissions);
        let checked: Vec<Checked> = names.into_iter().zip(outcomes).collect();
        if self.json {
            print_json_of(checked.iter().map(in_json).collect())?;
        } else {
            output(|out| {
                let valid = checked.iter().filter_map(|(name, is)| Some((name, is.as_ref().ok()?)));
                valid.enumerate().try_for_each(|(at, (name, cases))| {
                    if at > 0 {
                        writeln!(out)?;
                    }
                    write(out, name, cases)
                })
            })?;
        }
        CliError::of_submissions(checked.iter().map(|(name, outcome)| (name, outcome)))
    }
}

/// Reads a list of cases that has at least one.
pub fn read_cases(path: &Path) -> Result<Vec<ListedCase>, CliError> {
    let document = std::fs::read(path).map_err(|error| CliError::input(path.display(), error))?;
    let cases = listed_cases(&document).map_err(|error| CliError::input(path.display(), error))?;
    if cases.is_empty() {
        return Err(CliError::input(path.display(), "it lists no case"));
    }
    Ok(cases)
}

fn write(out: &mut dyn Write, name: &str, cases: &[CheckedCase]) -> io::Result<()> {
    let noun = if cases.len() == 1 { "case" } else { "cases" };
    let read = cases.iter().all(|case| case.foreground.is_some());
    let how = if read { "" } else { ", names and headers only" };
    writeln!(out, "{name}: OK, {} {noun}{how}\n", cases.len())?;
    let foreground = read.then_some("foreground voxels");
    let mut table = Table::new(4, ["case", "group", "file", "shape"].into_iter().chain(foreground));
    for case in cases {
        let group = case.group.map_or("", |group| group.as_str()).to_owned();
        let shape = case.shape.map_or_else(String::new, |[x, y, z]| format!("{x} x {y} x {z}"));
        let words = [case.id.clone(), group, case.file.clone(), shape];
        table.row(words.into_iter().chain(case.foreground.map(|voxels| voxels.to_string())));
    }
    table.write(out)?;
    let warnings = cases.iter().flat_map(|case| case.warnings.iter().map(|it| (&*case.id, it)));
    warnings::by_case(warnings).iter().try_for_each(|warning| writeln!(out, "\n{warning}"))
}

fn in_json((name, outcome): &Checked) -> (&str, Value) {
    let value = match outcome {
        Ok(cases) => json!({ "valid": true, "cases": cases, "summary": [], "errors": [] }),
        Err(PreflightError::Invalid(problems)) => {
            json!({ "valid": false, "summary": causes(problems), "errors": problems })
        }
        Err(PreflightError::Io(error)) => {
            json!({ "valid": false, "unreadable": error.to_string() })
        }
    };
    (name, value)
}
