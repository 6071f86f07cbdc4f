//! Ground truth on its way in: checked as a whole, all problems reported at once, then stored.

use std::io::{Read, Write};
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};

use super::folder::DATASET;
use super::list::list_of_cases;
use super::truth::{
    CT_SPACING, CaseTruth, Metrics, TruthIssue, VesselLabels, read_new_truth, unit_meant,
};
use crate::blobs::{BlobError, Blobs};
use crate::domain::{Code, Group, Problem, TruthSetId, UserId, explain};
use crate::store::{Case, NewTruthSet, Store, StoreError, Timestamp};
use segmentation::archive::{
    ArchiveError, ArchiveIssue, ArchiveProblem, CaseFile, Contents, ExpectedCase, Limits, Location,
};
use segmentation::nrrd::{Encoding, write_mask};
use segmentation::{FileSource, Format, Source, VolumeError};
use segmentation_metrics::TruthError;

/// How hard masks are compressed: they are nearly all zeros, so that more would hardly show.
pub(super) const GZIP_LEVEL: u32 = 6;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// All that is wrong: for organisers, who may know everything about truth.
    #[error("{} problems", .0.len())]
    Invalid(Vec<Problem>),
    #[error("there is a truth set of this name already")]
    NameTaken,
    /// Our storage failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Store(StoreError),
    #[error("the check was interrupted")]
    Interrupted,
}

/// Ground truths that may become a truth set, as copies in the scratch folder.
pub struct CheckedTruth {
    id: TruthSetId,
    digest: String,
    cases: Vec<(Case, TempPath)>,
}

/// Checks the ground truths in a folder or a zip and adds them as a truth set, on behalf of nobody in particular.
pub async fn import_truth(
    store: &Store,
    blobs: &Blobs,
    path: &Path,
    labels: VesselLabels,
    name: &str,
    now: Timestamp,
) -> Result<TruthSetId, ImportError> {
    let (path, scratch) = (path.to_owned(), blobs.scratch().to_owned());
    let checked = tokio::task::spawn_blocking(move || {
        let folder = path.is_dir();
        let location = if folder { Location::Folder(&path) } else { Location::Zip(&path) };
        check_truth(location, &labels, &scratch)
    });
    let checked = checked.await.map_err(|_| ImportError::Interrupted)??;
    store_truth(store, blobs, checked, name, None, now).await
}

/// Stores the files, then the rows. Either all of it comes to be or nothing that any row names.
pub async fn store_truth(
    store: &Store,
    blobs: &Blobs,
    checked: CheckedTruth,
    name: &str,
    actor: Option<UserId>,
    now: Timestamp,
) -> Result<TruthSetId, ImportError> {
    let CheckedTruth { id, digest, cases } = checked;
    for (at, (case, file)) in cases.iter().enumerate() {
        if let Err(error) = blobs.put_file(&case.blob_key, file).await {
            // What was stored so far is not to take room on a disk that may be full.
            for (stored, _) in cases.iter().take(at) {
                blobs.remove(&stored.blob_key).await?;
            }
            return Err(error.into());
        }
    }
    let cases: Vec<Case> = cases.into_iter().map(|(case, _)| case).collect();
    let new = NewTruthSet { id, name, digest: &digest, cases: &cases, actor };
    match store.add_truth_set(&new, now).await {
        Ok(()) => Ok(id),
        Err(error) => {
            // Where it is not known whether the rows are there, the files are swept away later if they are not.
            if !error.is_unavailable() || store.is_local() {
                for case in &cases {
                    blobs.remove(&case.blob_key).await?;
                }
            }
            Err(match error {
                StoreError::Taken => ImportError::NameTaken,
                error => ImportError::Store(error),
            })
        }
    }
}

/// Why a file is no ground truth, or can't be read just now.
pub(super) enum Wrong {
    Problem(Problem),
    Io(std::io::Error),
}

/// Checks `<case id>.nrrd` for each case that `cases.json` beside them lists, or of each case that a file stands for
/// where all names say their group. Takes as long as reading every voxel does.
///
/// What is checked is a copy below `scratch`, so that exactly this is stored; with labels that are vessel it is the
/// mask of these.
pub fn check_truth(
    location: Location<'_>,
    labels: &VesselLabels,
    scratch: &Path,
) -> Result<CheckedTruth, ImportError> {
    let limits = Limits::default();
    let mut contents = match Contents::list(location, limits) {
        Ok(contents) => contents.arranged(&DATASET),
        Err(ArchiveError::Io(error)) => return Err(error.into()),
        Err(ArchiveError::Invalid(problems)) => {
            return Err(ImportError::Invalid(problems.iter().map(explain::archive).collect()));
        }
    };
    let (listed, mut problems) = list_of_cases(&mut contents)?;
    let expected: Vec<ExpectedCase<'_>> =
        listed.iter().map(|case| ExpectedCase { id: &case.id, shape: None }).collect();
    let (files, wrong) = contents.by_case(&expected, limits);
    problems.extend(wrong.iter().map(explain::archive));

    let id = TruthSetId::new();
    let checked: Vec<_> = listed
        .par_iter()
        .zip(files)
        .filter_map(|(case, file)| {
            let group = case.group.unwrap_or(Group::Normal);
            Some(check(&file?, group, id, labels, scratch))
        })
        .collect();
    let mut digest = Sha256::new();
    let mut cases = Vec::with_capacity(checked.len());
    for checked in checked {
        match checked {
            Ok((case, sha256, file)) => {
                digest.update(format!("{} {} {sha256}\n", case.case_id, case.case_group));
                cases.push((case, file));
            }
            Err(Wrong::Problem(problem)) => problems.push(problem),
            Err(Wrong::Io(error)) => return Err(error.into()),
        }
    }
    if !problems.is_empty() {
        return Err(ImportError::Invalid(problems));
    }
    Ok(CheckedTruth { id, digest: crate::digest::hex(&digest.finalize()), cases })
}

/// The case as it goes into the store, its file's digest, and the copy that was checked.
fn check(
    file: &CaseFile,
    group: Group,
    set: TruthSetId,
    labels: &VesselLabels,
    scratch: &Path,
) -> Result<(Case, String, TempPath), Wrong> {
    let (mut copy, mut sha256) =
        copy_of(file.source.as_ref(), scratch).map_err(|error| match VolumeError::from(error) {
            VolumeError::Io(error) => Wrong::Io(error),
            VolumeError::Invalid(_) => {
                let file = Some(file.name.clone());
                let issue = ArchiveIssue::DamagedEntry;
                let problem = ArchiveProblem { file, issue };
                Wrong::Problem(explain::archive(&problem))
            }
        })?;
    let source = FileSource(copy.to_path_buf());
    let truth = read_new_truth(&source, file.format, labels, Metrics::Usual)
        .map_err(|issue| wrong_truth(&file.name, file.format, issue))?;
    if !labels.are_unsaid() {
        (copy, sha256) = mask_of(&truth, scratch).map_err(Wrong::Io)?;
    }
    let key = format!("truth/{set}/{}.nrrd", file.case);
    let (shape, spacing) = (truth.truth.mask().shape(), truth.truth.spacing());
    let mut case = Case::new(file.case.clone(), group, shape, spacing, key);
    case.foreground = Some(truth.truth.count() as i64);
    case.components = truth.detail.as_ref().map(|detail| detail.components() as i64);
    Ok((case, sha256, copy))
}

/// The truth's mask as a file of its own.
fn mask_of(truth: &CaseTruth, scratch: &Path) -> std::io::Result<(TempPath, String)> {
    let mut bytes = Vec::new();
    write_mask(&mut bytes, truth.truth.mask(), &truth.geometry, Encoding::Gzip(GZIP_LEVEL))?;
    copy_of(&bytes, scratch)
}

fn copy_of(source: &dyn Source, scratch: &Path) -> std::io::Result<(TempPath, String)> {
    let (mut to, path) = NamedTempFile::new_in(scratch)?.into_parts();
    let mut from = source.open()?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = from.read(&mut buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return Ok((path, crate::digest::hex(&hash.finalize())));
        }
        hash.update(bytes);
        to.write_all(bytes)?;
    }
}

/// Why a file is no ground truth, in words.
pub(super) fn wrong_truth(file: &str, format: Format, issue: TruthIssue) -> Wrong {
    let geometry = |expected: &str, found: String, hint: &str| {
        Problem::new(Code::TruthGeometry, expected, found, hint)
    };
    let problem = match issue {
        TruthIssue::Io(error) => return Wrong::Io(error),
        TruthIssue::Volume(issue) => explain::volume(file, format, &issue),
        TruthIssue::NoSpacing => geometry(
            "`space directions` or `spacings` in mm",
            "neither".into(),
            "Save the truth as NRRD with the geometry of its CT.",
        ),
        TruthIssue::NotDiagonal => geometry(
            "`space directions` along the axes of the voxels",
            "oblique or swapped axes".into(),
            "Resample it along the axes. The published evaluator reads the diagonal alone and would use wrong distances.",
        ),
        TruthIssue::NotACt { spacing } => geometry(
            &format!(
                "spacings from {} to {} mm, as CTs have",
                CT_SPACING.start(),
                CT_SPACING.end()
            ),
            format!("{spacing:?} mm{}", unit_meant(spacing)),
            "Save the truth with the geometry of its CT, in mm.",
        ),
        TruthIssue::Labels(value) => Problem::new(
            Code::TruthLabels,
            "0 for background and 1 for vessel",
            match value.is_nan() {
                true => "NaN".to_owned(),
                false => format!("the value {}", explain::number(value)),
            },
            "Save it with 0 and 1 only, or name the labels that are vessel: `--vessel-labels 1,2`, or the field \
             `vessel_labels` of an upload.",
        ),
        TruthIssue::Truth(TruthError::Spacing(spacing)) => geometry(
            "finite spacings different from zero",
            format!("{spacing:?} mm"),
            "Save it with the geometry of its CT.",
        ),
        TruthIssue::Truth(TruthError::Empty) => Problem::new(
            Code::CaseEmpty,
            "at least one voxel with a value above 0.5",
            "no foreground",
            "Neither metric is defined without it. Save 0 for background and 1 for vessel.",
        ),
    };
    Wrong::Problem(Problem { file: Some(file.to_owned()), ..problem })
}
