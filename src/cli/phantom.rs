use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use rayon::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::error::CliError;
use crate::domain::Group;
use crate::scoring::{CASES_FILE, ListedCase, list_of};
use coronary_phantom::{Method, Phantom, Size};
use segmentation::nrrd::{Encoding, write_mask, write_slices};
use segmentation::{Geometry, Mask};

#[derive(Args)]
pub struct MakePhantoms {
    /// Folder to write into: truth/, and predictions/ with a folder and a zip for each method; with --ct also ct/.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Number of cases; the second half is diseased.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    cases: u32,

    /// The same seed gives the same voxels on every machine.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Write a CT of each case, too: a heart with noise, for trying out what shows images.
    #[arg(long)]
    ct: bool,

    /// A fixed small shape instead of 512x512x168..280, for quick trials.
    #[arg(long, value_name = "XxYxZ", value_parser = size)]
    shape: Option<Size>,
}

fn size(text: &str) -> Result<Size, String> {
    let sizes: Option<Vec<usize>> = text.split('x').map(|size| size.parse().ok()).collect();
    let shape: Option<[usize; 3]> = sizes.and_then(|sizes| sizes.try_into().ok());
    let shape = shape.ok_or("three numbers with x between them, like 96x96x64")?;
    Size::fixed(shape).map_err(|error| error.to_string())
}

impl MakePhantoms {
    pub fn run(self) -> Result<(), CliError> {
        let batch =
            Batch { seed: self.seed, cases: self.cases, size: self.shape.unwrap_or(Size::FULL) };
        let written = |error| CliError::server(self.out.display(), error);
        for folder in ["truth", "predictions", "ct"] {
            let folder = self.out.join(folder);
            if folder.exists() {
                return Err(CliError::input(
                    folder.display(),
                    "already exists; choose another folder for --out",
                ));
            }
        }
        batch.write_truth(&self.out.join("truth")).map_err(written)?;
        if self.ct {
            batch.write_ct(&self.out.join("ct"), 0..self.cases).map_err(written)?;
        }
        for method in Method::ALL {
            let folder = self.out.join("predictions").join(method.name());
            batch.write_predictions(method, &folder).map_err(written)?;
            pack(&folder, &folder.with_extension("zip")).map_err(written)?;
        }
        eprintln!(
            "{} cases with {} predictions each are in {}",
            self.cases,
            Method::ALL.len(),
            self.out.display()
        );
        Ok(())
    }
}

/// Synthetic cases that belong together.
#[derive(Clone, Copy)]
pub struct Batch {
    pub seed: u64,
    pub cases: u32,
    pub size: Size,
}

impl Batch {
    /// Writes each case's truth and the list of cases into a new folder.
    pub fn write_truth(&self, folder: &Path) -> std::io::Result<()> {
        self.write(folder, Phantom::truth)?;
        let listed: Vec<ListedCase> = (0..self.cases)
            .map(|case| {
                let phantom = Phantom::new(self.seed, case, self.cases, self.size);
                let group = if phantom.diseased { Group::Diseased } else { Group::Normal };
                ListedCase {
                    id: case.to_string(),
                    group: Some(group),
                    shape: Some(phantom.shape),
                    spacing: Some(phantom.spacing),
                }
            })
            .collect();
        fs::write(folder.join(CASES_FILE), list_of(&listed)?)
    }

    /// Writes a method's prediction of each case into a new folder.
    pub fn write_predictions(&self, method: Method, folder: &Path) -> std::io::Result<()> {
        self.write(folder, |phantom| phantom.predict(method))
    }

    /// Writes CTs of these cases into a new folder.
    pub fn write_ct(
        &self,
        folder: &Path,
        cases: impl IntoParallelIterator<Item = u32>,
    ) -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        cases.into_par_iter().try_for_each(|case| {
            let phantom = Phantom::new(self.seed, case, self.cases, self.size);
            let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
            let mut file = BufWriter::new(File::create(folder.join(format!("{case}.nrrd")))?);
            let truth = phantom.truth();
            let slice = |z| phantom.ct_slice(&truth, z);
            write_slices(&mut file, &geometry, Encoding::Gzip(1), slice)?;
            file.flush()
        })
    }

    fn write(&self, folder: &Path, mask: impl Fn(&Phantom) -> Mask + Sync) -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        (0..self.cases).into_par_iter().try_for_each(|case| {
            let phantom = Phantom::new(self.seed, case, self.cases, self.size);
            let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
            let mut file = BufWriter::new(File::create(folder.join(format!("{case}.nrrd")))?);
            // The fastest level: masks are nearly all zeros and shrink a hundredfold anyway.
            write_mask(&mut file, &mask(&phantom), &geometry, Encoding::Gzip(1))?;
            file.flush()
        })
    }
}

/// Puts a folder's files into a zip, stored as they are: they are compressed already.
pub fn pack(folder: &Path, zip: &Path) -> std::io::Result<()> {
    let mut names: Vec<_> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    names.sort();
    let mut zip = ZipWriter::new(BufWriter::new(File::create(zip)?));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    for path in names {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        zip.start_file(name, options)?;
        std::io::copy(&mut File::open(&path)?, &mut zip)?;
    }
    zip.finish()?.flush()
}
