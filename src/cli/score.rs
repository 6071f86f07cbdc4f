use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::output::output;
use super::trouble::Trouble;
use crate::challenge::explain;
use crate::metrics::Summary;
use crate::scoring::{
    Aggregates, CaseScores, Outcome, Pair, Progress, TruthCase, TruthFile, evaluate, truth_folder,
};
use crate::volume::archive::{self, ArchiveError, ExpectedCase, Limits, Location, Upload};

#[derive(Args)]
pub struct Score {
    /// Folder of ground truths, <case id>.nrrd; groups come from cases.json if it is there.
    #[arg(long, value_name = "DIR")]
    truth: PathBuf,

    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,

    /// Threads that score cases [default: one a core].
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// A zip or a folder with one file a case.
    predictions: PathBuf,
}

#[derive(Serialize)]
struct Scores {
    cases: CaseScores,
    aggregates: Aggregates,
}

impl Score {
    pub fn run(self) -> Result<(), Trouble> {
        let truths = truth_folder(&self.truth).map_err(|error| {
            Trouble::input(format!("the truth in {}", self.truth.display()), error)
        })?;
        let shapes = truths.iter().map(TruthFile::shape).collect::<Result<Vec<_>, _>>();
        let shapes = shapes.map_err(|error| Trouble::input("the truth", error))?;
        let upload = self.open(&truths, &shapes)?;
        let scored = self.evaluate(&upload, &truths, &shapes)?;
        let aggregates = Aggregates::of(&scored);
        if self.json {
            let scores = Scores { cases: scored, aggregates };
            let json = serde_json::to_string_pretty(&scores)
                .map_err(|error| Trouble::server("the scores", error))?;
            output(|out| writeln!(out, "{json}"))
        } else {
            output(|out| write_table(out, &scored, &aggregates))
        }
    }

    fn open(&self, truths: &[TruthFile], shapes: &[[usize; 3]]) -> Result<Upload, Trouble> {
        let expected: Vec<ExpectedCase<'_>> = truths
            .iter()
            .zip(shapes)
            .map(|(truth, &shape)| ExpectedCase { id: &truth.id, shape: Some(shape) })
            .collect();
        let location = location(&self.predictions);
        archive::preflight(location, &expected, Limits::default()).map_err(|error| match error {
            ArchiveError::Io(error) => Trouble::input(self.predictions.display(), error),
            ArchiveError::Invalid(problems) => {
                let problems: Vec<_> = problems.iter().map(explain::archive).collect();
                Trouble::problems(self.predictions.display(), &problems)
            }
        })
    }

    fn evaluate(
        &self,
        upload: &Upload,
        truths: &[TruthFile],
        shapes: &[[usize; 3]],
    ) -> Result<CaseScores, Trouble> {
        let cases: Vec<TruthCase<'_>> = truths
            .iter()
            .zip(shapes)
            .map(|(truth, &shape)| TruthCase { id: &truth.id, group: truth.group, shape })
            .collect();
        let truth = |id: &str| match truths.iter().find(|truth| truth.id == id) {
            Some(truth) => truth.read().map_err(|error| error.to_string()),
            None => Err("there is none".to_owned()),
        };
        let pool =
            rayon::ThreadPoolBuilder::new()
                .num_threads(self.threads.unwrap_or(0))
                .build()
                .map_err(|error| Trouble::server("the scoring threads can't be started", error))?;
        let progress = Progress::default();
        let outcome = with_progress_bar(&progress, cases.len(), || {
            pool.install(|| evaluate(upload, &cases, truth, &progress))
        });
        match outcome {
            Ok(Outcome::Scored(scores)) => Ok(scores),
            Ok(Outcome::Invalid(problems)) => {
                Err(Trouble::problems(self.predictions.display(), &problems))
            }
            Err(error) => Err(Trouble::input("scoring stopped", error)),
        }
    }
}

fn location(predictions: &Path) -> Location<'_> {
    if predictions.is_dir() { Location::Folder(predictions) } else { Location::Zip(predictions) }
}

/// Runs the work with a bar on a terminal, and with none in a pipe.
fn with_progress_bar<T>(progress: &Progress, cases: usize, work: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    let bar = ProgressBar::with_draw_target(Some(cases as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} cases, {elapsed}") {
        bar.set_style(style);
    }
    let finished = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !finished.load(Ordering::Acquire) {
                bar.set_position(progress.done.load(Ordering::Relaxed).unsigned_abs());
                std::thread::sleep(Duration::from_millis(50));
            }
            bar.finish_and_clear();
        });
        let done = work();
        finished.store(true, Ordering::Release);
        done
    })
}

fn write_table(
    out: &mut dyn Write,
    scores: &CaseScores,
    aggregates: &Aggregates,
) -> io::Result<()> {
    writeln!(out, "{:<12} {:<9} {:>9} {:>11}", "case", "group", "Dice", "HD95 (mm)")?;
    for case in scores.iter() {
        let group = case.group.map_or("", |group| group.as_str());
        writeln!(out, "{:<12} {:<9} {:>9.4} {:>11.3}", case.id, group, case.dice, case.hd95)?;
    }
    writeln!(out)?;
    writeln!(
        out,
        "{:<9} {:<10} {:>3} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "cases", "metric", "n", "mean", "std", "min", "25 %", "50 %", "75 %", "max"
    )?;
    let groups = [
        ("all", &aggregates.all),
        ("normal", &aggregates.normal),
        ("diseased", &aggregates.diseased),
    ];
    for (name, pair) in groups {
        let Some(Pair { dice, hd95 }) = pair else { continue };
        write_summary(out, name, "Dice", dice)?;
        write_summary(out, name, "HD95 (mm)", hd95)?;
    }
    let warned = scores.iter().flat_map(|case| case.warnings.iter().map(move |text| (case, text)));
    for (case, warning) in warned {
        writeln!(out, "\nwarning: case {}: {warning}", case.id)?;
    }
    Ok(())
}

fn write_summary(
    out: &mut dyn Write,
    name: &str,
    metric: &str,
    summary: &Summary,
) -> io::Result<()> {
    let Summary { mean, std, min, q25, median, q75, max, count } = summary;
    writeln!(
        out,
        "{name:<9} {metric:<10} {count:>3} {mean:>9.4} {std:>9.4} {min:>9.4} {q25:>9.4} \
         {median:>9.4} {q75:>9.4} {max:>9.4}"
    )
}
