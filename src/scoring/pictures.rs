//! Pictures of what was scored, drawn while its masks are in memory: of each case the prediction for its team, and its agreement
//! with the truth for organisers. The two are kept apart, so that no mistake in a name shows the truth to a team.

use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::truth::CaseTruth;
use crate::blobs::{BlobError, Blobs};
use mask_preview::{
    AGREEMENT, Axes, Colour, FALSE_NEGATIVE, FALSE_POSITIVE, IVORY, Layer, PreviewError, preview,
};
use segmentation::Mask;

/// The folder of the predictions' pictures among the stored objects.
pub const PREDICTIONS: &str = "pictures/predictions";

/// The folder of the pictures that show the truth: for organisers alone.
pub const AGREEMENTS: &str = "pictures/agreements";

/// The key of an evaluation's pictures in one of these folders.
pub fn picture_key(folder: &str, name: &str) -> String {
    format!("{folder}/{name}.zip")
}

/// Larger than any picture is drawn.
const MAX_BYTES: u64 = 1 << 20;

/// The pictures of the cases scored so far.
#[derive(Debug, Default)]
pub struct Pictures(Mutex<Vec<Drawn>>);

/// A case's pictures, PNG.
#[derive(Debug)]
struct Drawn {
    case: String,
    prediction: Vec<u8>,
    agreement: Vec<u8>,
}

impl Drawn {
    fn of(case: &str, prediction: &Mask, truth: &CaseTruth) -> Result<Self, PreviewError> {
        let (reference, spacing) = (truth.truth.mask(), truth.truth.spacing());
        let axes = Axes::nearest(&truth.geometry);
        let draw = |layers: &[(&Mask, Colour)]| {
            let layers: Vec<Layer<'_>> =
                layers.iter().map(|&(mask, colour)| Layer { mask, colour }).collect();
            preview(&layers, spacing, axes).map(|picture| picture.png)
        };
        let (added, lost) = (apart(prediction, reference), apart(reference, prediction));
        // Of equally near voxels the later layer is seen.
        let agreement = [
            (prediction, AGREEMENT),
            (reference, AGREEMENT),
            (&added, FALSE_POSITIVE),
            (&lost, FALSE_NEGATIVE),
        ];
        Ok(Self {
            case: case.to_owned(),
            prediction: draw(&[(prediction, IVORY)])?,
            agreement: draw(&agreement)?,
        })
    }
}

/// What of a mask is farther than a voxel from the other one. The voxels of a wall, which no two drawings share, would cover the
/// whole tree.
pub fn apart(mask: &Mask, other: &Mask) -> Mask {
    let [nx, ny, nz] = mask.shape();
    let around = |at: usize, size: usize| at.saturating_sub(1)..(at + 2).min(size);
    let mut apart = mask.clone();
    apart.retain(|at| {
        let (x, y, z) = (at % nx, at / nx % ny, at / nx / ny);
        let is_near = || {
            around(z, nz).any(|z| {
                around(y, ny).any(|y| around(x, nx).any(|x| other.get(other.index([x, y, z]))))
            })
        };
        !other.get(at) && !is_near()
    });
    apart
}

impl Pictures {
    /// Draws a case. What can't be drawn is left out: a score doesn't wait for its picture.
    pub fn draw(&self, case: &str, prediction: &Mask, truth: &CaseTruth) {
        match catch_unwind(AssertUnwindSafe(|| Drawn::of(case, prediction, truth))) {
            Ok(Ok(drawn)) => self.0.lock().unwrap_or_else(|held| held.into_inner()).push(drawn),
            Ok(Err(error)) => tracing::warn!(case, %error, "a case can't be drawn"),
            Err(_) => tracing::error!(case, "drawing a case panicked"),
        }
    }

    /// Stores them under this name; `None` where there is nothing to store.
    pub async fn store(self, blobs: &Blobs, name: &str) -> Result<bool, BlobError> {
        let drawn = self.0.into_inner().unwrap_or_else(|held| held.into_inner());
        if drawn.is_empty() {
            return Ok(false);
        }
        let of = |picture: fn(&Drawn) -> &[u8]| {
            packed(drawn.iter().map(|drawn| (drawn.case.as_str(), picture(drawn))))
        };
        let [predictions, agreements] =
            [of(|drawn| &drawn.prediction), of(|drawn| &drawn.agreement)];
        blobs.put_bytes(&picture_key(PREDICTIONS, name), predictions?).await?;
        blobs.put_bytes(&picture_key(AGREEMENTS, name), agreements?).await?;
        Ok(true)
    }
}

/// As they are: a PNG is compressed.
fn packed<'a>(
    pictures: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Result<Vec<u8>, std::io::Error> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (case, picture) in pictures {
        zip.start_file(case, stored).map_err(std::io::Error::other)?;
        zip.write_all(picture)?;
    }
    Ok(zip.finish().map_err(std::io::Error::other)?.into_inner())
}

/// A case's picture out of stored ones; `None` where it has none.
pub fn unpacked(stored: &Path, case: &str) -> Result<Option<Vec<u8>>, std::io::Error> {
    let mut zip = ZipArchive::new(std::fs::File::open(stored)?).map_err(std::io::Error::other)?;
    let Ok(entry) = zip.by_name(case) else { return Ok(None) };
    let mut picture = Vec::new();
    entry.take(MAX_BYTES).read_to_end(&mut picture)?;
    Ok(Some(picture))
}
