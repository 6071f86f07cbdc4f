//! The CT images that ground truths were drawn in, so that organisers see what a prediction holds for a vessel. They are kept as
//! shades of grey, a slice at a time, and nobody but organisers is shown them.

use std::io::{BufWriter, Read, Write};
use std::path::Path;

use rayon::prelude::*;
use tempfile::{NamedTempFile, TempPath};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::import::{ImportError, Wrong};
use crate::blobs::Blobs;
use crate::domain::{Code, Problem, TruthSetId, explain};
use crate::store::{Case, Store, Timestamp};
use mask_preview::GREYS;
use segmentation::archive::{
    ArchiveError, ArchiveIssue, CaseFile, Contents, ExpectedCase, Layout, Limits, Location,
};
use segmentation::{FileSource, Format, Geometry, Placement, VolumeError, inspect, read_slices};

/// The folder of the images among the stored objects.
pub const FOLDER: &str = "ct";

/// What is black and what is white, in Hounsfield units: a window for vessels with contrast medium, in which calcium is white.
pub const WINDOW: [f32; 2] = [-200.0, 800.0];

/// From the darkest to the brightest voxel a CT of the heart has at least so many Hounsfield units. A mask, and an image that was
/// scaled to shades, have fewer.
const LEAST_RANGE: f32 = 300.0;

/// How the published dataset lies in folders, of which the images are wanted.
const IMAGES: Layout<'_> = Layout {
    masks: "CTCA",
    others: &["Annotations", "SurfaceMeshes", "Centrelines", "DiseaseReports"],
};

/// The key of a case's image.
pub fn ct_key(set: TruthSetId, case: &str) -> String {
    format!("{FOLDER}/{set}/{case}.zip")
}

/// Checks the images of cases of a truth set, `<case id>.nrrd` in a folder or a zip, each on the grid of its ground truth, and stores
/// them in place of earlier ones of the same cases. Gives how many there were.
///
/// # Errors
/// [`ImportError::Invalid`] with everything that is wrong; nothing is stored then.
pub async fn import_ct(
    store: &Store,
    blobs: &Blobs,
    set: TruthSetId,
    path: &Path,
    now: Timestamp,
) -> Result<usize, ImportError> {
    let cases = store.cases(set).await.map_err(ImportError::Store)?;
    let mut truths = Vec::new();
    for case in &cases {
        truths.push(blobs.fetch(&case.blob_key).await?);
    }
    let (path, scratch) = (path.to_owned(), blobs.scratch().to_owned());
    let checked = tokio::task::spawn_blocking(move || {
        let truths: Vec<&Path> = truths.iter().map(|truth| truth.path()).collect();
        check(&path, &cases, &truths, &scratch)
    });
    let checked = checked.await.map_err(|_| ImportError::Interrupted)??;
    for (case, file) in &checked {
        blobs.put_file(&ct_key(set, case), file).await?;
    }
    let imported: Vec<&str> = checked.iter().map(|(case, _)| case.as_str()).collect();
    store.set_ct(set, &imported, now).await.map_err(ImportError::Store)?;
    Ok(checked.len())
}

fn check(
    path: &Path,
    cases: &[Case],
    truths: &[&Path],
    scratch: &Path,
) -> Result<Vec<(String, TempPath)>, ImportError> {
    let limits = Limits::default();
    let location = if path.is_dir() { Location::Folder(path) } else { Location::Zip(path) };
    let contents = match Contents::list(location, limits) {
        Ok(contents) => contents.arranged(&IMAGES).of_format(Format::Nrrd),
        Err(ArchiveError::Io(error)) => return Err(error.into()),
        Err(ArchiveError::Invalid(problems)) => {
            return Err(ImportError::Invalid(problems.iter().map(explain::archive).collect()));
        }
    };
    let expected: Vec<ExpectedCase<'_>> =
        cases.iter().map(|case| ExpectedCase { id: &case.case_id, shape: None }).collect();
    let (files, mut wrong) = contents.by_case(&expected, limits);
    // Of some cases alone: images are large.
    if files.iter().any(Option::is_some) {
        wrong.retain(|problem| !matches!(problem.issue, ArchiveIssue::Missing { .. }));
    }
    let mut problems: Vec<Problem> = wrong.iter().map(explain::archive).collect();
    let packed: Vec<_> = files
        .par_iter()
        .zip(cases)
        .zip(truths)
        .filter_map(|((file, case), truth)| {
            Some(
                pack(file.as_ref()?, case, truth, scratch).map(|file| (case.case_id.clone(), file)),
            )
        })
        .collect();
    let mut checked = Vec::new();
    for packed in packed {
        match packed {
            Ok(file) => checked.push(file),
            Err(Wrong::Problem(problem)) => problems.push(problem),
            Err(Wrong::Io(error)) => return Err(error.into()),
        }
    }
    match problems.is_empty() {
        true => Ok(checked),
        false => Err(ImportError::Invalid(problems)),
    }
}

/// The image's slices in shades of grey, each an entry that its number names.
fn pack(file: &CaseFile, case: &Case, truth: &Path, scratch: &Path) -> Result<TempPath, Wrong> {
    let wrong = |error: VolumeError| match error {
        VolumeError::Io(error) => Wrong::Io(error),
        VolumeError::Invalid(issue) => {
            Wrong::Problem(explain::volume(&file.name, file.format, &issue))
        }
    };
    let (to, path) = NamedTempFile::new_in(scratch).map_err(Wrong::Io)?.into_parts();
    let mut zip = ZipWriter::new(BufWriter::new(to));
    // The fastest level: noise hardly shrinks, however long it is tried.
    let options = SimpleFileOptions::default().compression_level(Some(1));
    let mut number = 0usize;
    let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
    let read = read_slices(file.source.as_ref(), case.shape(), |slice| {
        zip.start_file(number.to_string(), options).map_err(std::io::Error::other)?;
        number += 1;
        (low, high) =
            slice.iter().fold((low, high), |(low, high), &value| (low.min(value), high.max(value)));
        zip.write_all(&slice.iter().map(|value| shade(*value)).collect::<Vec<u8>>())
    });
    let geometry = read.map_err(wrong)?;
    let range = high - low;
    if range.is_nan() || range < LEAST_RANGE {
        return Err(Wrong::Problem(Problem {
            file: Some(file.name.clone()),
            ..Problem::new(
                Code::CtValues,
                "Hounsfield units, from air or fat to vessels with contrast medium",
                format!(
                    "values from {} to {}",
                    explain::number(low.into()),
                    explain::number(high.into())
                ),
                "Check that it is the image and not a mask, and that nothing has rescaled it.",
            )
        }));
    }
    let of_truth = inspect(&FileSource(truth.to_owned()), Format::Nrrd, None).map_err(wrong)?;
    if !is_on_grid(&geometry, &of_truth) {
        return Err(Wrong::Problem(Problem {
            file: Some(file.name.clone()),
            ..Problem::new(
                Code::CtGeometry,
                "the spacing, the axes and the origin of the ground truth",
                "others",
                "Import the CT that the truth was drawn in, as it came from the scanner, under the id of its case.",
            )
        }));
    }
    let mut to = zip.finish().map_err(std::io::Error::other).map_err(Wrong::Io)?;
    to.flush().map_err(Wrong::Io)?;
    Ok(path)
}

/// From black to white; what is no number is black.
fn shade(value: f32) -> u8 {
    let [black, white] = WINDOW;
    ((value - black) / (white - black) * f32::from(GREYS - 1))
        .round()
        .clamp(0.0, f32::from(GREYS - 1)) as u8
}

/// Whether the corners of both volumes are less than half a voxel apart.
fn is_on_grid(image: &Geometry, truth: &Geometry) -> bool {
    let (Ok(image_at), Ok(truth_at)) = (Placement::of(image), Placement::of(truth)) else {
        return false;
    };
    let half = truth_at.spacing().into_iter().fold(f64::INFINITY, f64::min) / 2.0;
    let [nx, ny, nz] = truth.shape.map(|size| size as f64);
    [[0.0; 3], [nx, 0.0, 0.0], [0.0, ny, 0.0], [0.0, 0.0, nz]].into_iter().all(|corner| {
        let (one, other) = (image_at.point(corner), truth_at.point(corner));
        one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt() < half
    })
}

/// A slice of a stored image of this shape (x, y, z): x · y shades of grey, x fastest.
pub fn ct_slice(stored: &Path, shape: [usize; 3], z: usize) -> Result<Vec<u8>, std::io::Error> {
    let mut zip = ZipArchive::new(std::fs::File::open(stored)?).map_err(std::io::Error::other)?;
    let entry = zip.by_name(&z.to_string()).map_err(std::io::Error::other)?;
    let [nx, ny, _] = shape.map(|size| size as u64);
    let mut greys = Vec::new();
    entry.take(nx * ny).read_to_end(&mut greys)?;
    Ok(greys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_from_fat_to_calcium() {
        let shades = [-1000.0, -200.0, 300.0, 800.0, 3000.0, f32::NAN].map(shade);
        assert_eq!(shades, [0, 0, 125, GREYS - 1, GREYS - 1, 0]);
    }

    #[test]
    fn an_image_lies_on_the_grid_of_its_truth_or_elsewhere() {
        let truth = Geometry::diagonal([8, 8, 4], [0.4, 0.4, 0.6], [-80.0, 10.0, 3.0]);
        let moved = |origin| Geometry { origin: Some(origin), ..truth.clone() };
        assert!(is_on_grid(&truth, &truth));
        assert!(is_on_grid(&moved([-80.1, 10.1, 3.1]), &truth));
        assert!(!is_on_grid(&moved([-80.0, 10.3, 3.0]), &truth));
        let mut turned = truth.clone();
        turned.space = Some("right-anterior-superior".into());
        assert!(!is_on_grid(&turned, &truth));
        let finer = Geometry::diagonal([8, 8, 4], [0.3, 0.4, 0.6], [-80.0, 10.0, 3.0]);
        assert!(!is_on_grid(&finer, &truth));
        assert!(!is_on_grid(&Geometry::of_shape([8, 8, 4]), &truth));
    }
}
