//! Commands that make files of each mask they are given.

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use clap::Args;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::error::CliError;
use super::names::distinct_names;
use super::output::{output, print_json};
use super::progress::on_threads;
use crate::scoring::{PlacedMask, PreflightError, Progress, VesselLabels, read_placed};
use segmentation::{FileSource, Format};
use tempfile::NamedTempFile;

#[derive(Args)]
pub struct EachMask {
    /// Folder to write into. Nothing in it is replaced.
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

/// What is made of a mask, as it is reported.
pub trait Report: Serialize + Send {
    /// What the reports of several masks are together, in JSON.
    const KEY: &'static str;
    /// Of the files that are written, the first one's first.
    const EXTENSIONS: [&'static str; 2];

    fn file(&self) -> &str;
    fn warnings(&self) -> Vec<String>;
    fn table(out: &mut dyn Write, reports: &[&Self]) -> io::Result<()>;
}

/// Where the files of one mask are written.
pub struct Files<'a> {
    folder: &'a Path,
    /// The mask's name without its extension.
    stem: &'a str,
}

impl EachMask {
    /// Makes something of each mask. One that can't be used keeps none of the others from it, and is told of at the end.
    pub fn run<R: Report>(
        &self,
        make: impl Fn(&str, PlacedMask, &Files<'_>) -> Result<R, PreflightError> + Sync,
    ) -> Result<(), CliError> {
        let stems = self.stems(&R::EXTENSIONS)?;
        let names = distinct_names(&self.masks);
        let one = |((path, name), stem): ((&PathBuf, &String), &String)| {
            let format = Format::of(name).unwrap_or(Format::Nrrd);
            let placed = read_placed(name, &FileSource(path.clone()), format, &self.vessel_labels)?;
            make(name, placed, &Files { folder: &self.out, stem })
        };
        let work = |progress: &Progress| -> Vec<_> {
            let files = self.masks.par_iter().zip(&names).zip(&stems);
            let made = files.map(|file| {
                let name = file.0.1.clone();
                let made = one(file);
                progress.done.fetch_add(1, Ordering::Relaxed);
                (name, made)
            });
            made.collect()
        };
        let made = on_threads(self.threads, self.masks.len(), work)?;
        let reports: Vec<&R> = made.iter().filter_map(|(_, made)| made.as_ref().ok()).collect();
        for report in &reports {
            let file = report.file();
            report.warnings().iter().for_each(|warning| eprintln!("{file}: warning: {warning}"));
        }
        if self.json {
            print_json(&json!({ R::KEY: reports }))?;
        } else if !reports.is_empty() {
            output(|out| R::table(out, &reports))?;
        }
        CliError::of_submissions(made.iter().map(|(name, made)| (name, made)))
    }

    /// The masks' names without their extensions. Makes the folder if it is not there, and refuses what can't be written: two masks
    /// of one name, a file that is there.
    fn stems(&self, extensions: &[&str]) -> Result<Vec<String>, CliError> {
        let mut seen: HashMap<String, &Path> = HashMap::new();
        let mut stems = Vec::with_capacity(self.masks.len());
        for mask in &self.masks {
            let stem = mask.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if let Some(other) = seen.insert(stem.clone(), mask) {
                let why = format!(
                    "both are to become {stem}.{}; give them to two runs with an --out of their own",
                    extensions.first().unwrap_or(&"")
                );
                let both = format!("{} and {}", other.display(), mask.display());
                return Err(CliError::input(both, why));
            }
            stems.push(stem);
        }
        fs::create_dir_all(&self.out)
            .map_err(|error| CliError::server(self.out.display(), error))?;
        for stem in &stems {
            for extension in extensions {
                let file = Files { folder: &self.out, stem }.path(extension);
                if file.exists() {
                    let why = "already exists; choose another folder for --out";
                    return Err(CliError::input(file.display(), why));
                }
            }
        }
        Ok(stems)
    }
}

impl Files<'_> {
    fn path(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.stem))
    }

    /// Writes the file with this extension, which is there when it is whole.
    pub fn write(
        &self,
        extension: &str,
        write: impl FnOnce(&mut BufWriter<&mut NamedTempFile>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut builder = tempfile::Builder::new();
        // A file of one's own is as open to others as any file one writes.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.prefix(".asoca-").tempfile_in(self.folder)?;
        let mut out = BufWriter::new(&mut file);
        write(&mut out)?;
        out.flush()?;
        drop(out);
        file.persist(self.path(extension)).map_err(|error| error.error)?;
        Ok(())
    }
}
