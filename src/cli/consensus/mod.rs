mod csv;
mod table;

use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::error::CliError;
use super::names::distinct_names;
use super::output::{output, print_json};
use super::progress::on_threads;
use super::score::location;
use super::validate::read_cases;
use super::warnings::by_case;
use crate::domain::causes;
use crate::scoring::{
    Annotations, Consensus, ConsensusError, ConsensusProblems, PreflightError, Progress,
    ThinVessels, VesselLabels, agreements_in_json,
};

/// What the majority is called beside the annotators.
const MAJORITY: &str = "their majority";

#[derive(Args)]
pub struct MakeConsensus {
    /// New folder for the ground truth: <case id>.nrrd for each case, and cases.json.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// The list of cases with their groups, like [{"id": "0", "group": "normal"}, …] [default: the cases.json
    /// next to the first annotator's masks that have one; without any, every file is a case, in the group that its
    /// name says: Normal_1, Diseased_1].
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,

    /// Values that are vessel, for masks with others than 0 and 1: for instance 1,2 or 255.
    #[arg(long, value_name = "LABELS", default_value = "", hide_default_value = true)]
    vessel_labels: VesselLabels,

    /// Name the branches whose median diameter is below this many mm, with all that springs from them: 1.0 in the published
    /// dataset, which leaves such vessels out.
    #[arg(long, value_name = "MM", value_parser = diameter)]
    min_diameter: Option<f64>,

    /// Take these branches out of the ground truth, before annotators are scored against it.
    #[arg(long, requires = "min_diameter")]
    remove_thin: bool,

    /// Print JSON instead of tables, for `asoca admin import-observers`.
    #[arg(long, group = "form")]
    json: bool,

    /// Print CSV: one line for each annotator, case and metric.
    #[arg(long, group = "form")]
    csv: bool,

    /// Threads that process cases [default: one per core].
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// Zips or folders with one annotator's masks, one file for each case, or folders as the published dataset has
    /// them, with masks in Normal/Annotations and Diseased/Annotations.
    #[arg(required = true, num_args = 2.., value_name = "ANNOTATOR")]
    annotators: Vec<PathBuf>,
}

fn diameter(text: &str) -> Result<f64, String> {
    let mm = text.parse().ok().filter(|mm: &f64| *mm > 0.0 && *mm <= 100.0);
    mm.ok_or_else(|| "a diameter above 0 and up to 100 mm".to_owned())
}

impl MakeConsensus {
    pub fn run(self) -> Result<(), CliError> {
        let listed = self.cases.as_deref().map(read_cases).transpose()?;
        let folder = new_folder(&self.out)?;
        let names = distinct_names(&self.annotators);
        let located = names.iter().cloned().zip(self.annotators.iter().map(|path| location(path)));
        let annotations = match Annotations::gather(&located.collect::<Vec<_>>(), listed) {
            Ok(annotations) => annotations,
            Err(error) => return self.refuse(error, &names),
        };
        let files = annotations.files();
        let remove = self.remove_thin;
        let thin = self.min_diameter.map(|below_mm| ThinVessels { below_mm, remove });
        let work = |progress: &Progress| {
            annotations.consensus(folder.path(), &self.vessel_labels, thin, progress)
        };
        let Consensus { table, agreements, tolerance, thin, warnings } =
            match on_threads(self.threads, files, work)? {
                Ok(made) => made,
                Err(error) => return self.refuse(error, &names),
            };
        // What has this name is whole; for the temporary folder nothing is left to remove.
        fs::rename(folder.path(), &self.out)
            .map_err(|error| CliError::server(self.out.display(), error))?;
        for (at, name) in names.iter().enumerate() {
            let of_case = warnings.iter().filter(|(of, ..)| *of == at);
            let of_case = of_case.map(|(_, case, words)| (case.as_str(), words.as_str()));
            by_case(of_case).iter().for_each(|warning| eprintln!("{name}: {warning}"));
        }
        if table.cases.iter().any(|case| case.group.is_none()) {
            eprintln!(
                "warning: cases.json has no group for some cases; give --cases, or add \
                 \"group\": \"normal\" or \"diseased\" to each before it is imported"
            );
        }
        if self.json {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let mut document = table.document();
            document["agreements"] = agreements_in_json(&agreements, &names);
            if self.min_diameter.is_some() {
                document["thin"] = json!(thin);
            }
            print_json(&document)
        } else if self.csv {
            output(|out| csv::write(out, &table))
        } else {
            output(|out| {
                if let Some(below_mm) = self.min_diameter {
                    table::thin(out, below_mm, &thin)?;
                }
                table::write(out, &table, &agreements, tolerance)
            })
        }
    }

    /// Tells all that is wrong, in JSON as well where that was asked for.
    fn refuse(&self, error: ConsensusError, names: &[String]) -> Result<(), CliError> {
        match error {
            ConsensusError::Invalid(ConsensusProblems { annotators, majority }) => {
                let of_annotators = names.iter().cloned().zip(annotators);
                let all = of_annotators.chain([(MAJORITY.to_owned(), majority)]);
                let wrong: Vec<(String, Result<(), PreflightError>)> = all
                    .filter(|(_, problems)| !problems.is_empty())
                    .map(|(name, problems)| (name, Err(PreflightError::Invalid(problems))))
                    .collect();
                if self.json {
                    let annotators: Vec<Value> = wrong.iter().filter_map(in_json).collect();
                    print_json(&json!({ "annotators": annotators }))?;
                }
                CliError::of_submissions(wrong.iter().map(|(name, outcome)| (name, outcome)))
            }
            ConsensusError::Unreadable(at, error) => {
                Err(CliError::input(names.get(at).map_or("an annotator", String::as_str), error))
            }
            ConsensusError::NoCases => Err(CliError::input("the annotators' files", error)),
            ConsensusError::NotWritten(error) => Err(CliError::server(self.out.display(), error)),
        }
    }
}

fn in_json((name, outcome): &(String, Result<(), PreflightError>)) -> Option<Value> {
    let Err(PreflightError::Invalid(problems)) = outcome else { return None };
    Some(json!({ "name": name, "summary": causes(problems), "errors": problems }))
}

/// A folder beside the one that is to be, which is not there yet or is empty.
fn new_folder(out: &Path) -> Result<TempDir, CliError> {
    let unusable = |error: io::Error| CliError::server(out.display(), error);
    match fs::read_dir(out).map(|mut entries| entries.next().is_none()) {
        Ok(true) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) if error.kind() != io::ErrorKind::NotADirectory => return Err(unusable(error)),
        _ => {
            let why = "already exists; choose another folder for --out";
            return Err(CliError::input(out.display(), why));
        }
    }
    let beside = out.parent().filter(|parent| !parent.as_os_str().is_empty());
    let beside = beside.unwrap_or(Path::new("."));
    fs::create_dir_all(beside).map_err(unusable)?;
    tempfile::Builder::new().prefix(".consensus-").tempdir_in(beside).map_err(unusable)
}
