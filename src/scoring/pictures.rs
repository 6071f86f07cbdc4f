//! Pictures of what was scored, drawn while its masks are in memory: of each case the prediction, for its team. Nothing that shows
//! the truth is stored; what organisers see of it is drawn when they ask (`case_view`).

use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::truth::CaseTruth;
use crate::blobs::{BlobError, Blobs};
use mask_preview::{Axes, IVORY, Layer, preview};
use segmentation::Mask;

/// The folder of the pictures among the stored objects.
pub const FOLDER: &str = "pictures";

/// The key of the pictures of this name.
pub fn picture_key(name: &str) -> String {
    format!("{FOLDER}/{name}.zip")
}

/// Larger than any picture is drawn.
const MAX_BYTES: u64 = 1 << 20;

/// The pictures of the cases scored so far: of each its id and a PNG file.
#[derive(Debug, Default)]
pub struct Pictures(Mutex<Vec<(String, Vec<u8>)>>);

impl Pictures {
    /// Draws a case. What can't be drawn is left out: a score doesn't wait for its picture.
    pub fn draw(&self, case: &str, prediction: &Mask, truth: &CaseTruth) {
        let layers = [Layer { mask: prediction, colour: IVORY }];
        let axes = Axes::nearest(&truth.geometry);
        let draw = || preview(&layers, truth.truth.spacing(), axes);
        match catch_unwind(AssertUnwindSafe(draw)) {
            Ok(Ok(picture)) => self.all().push((case.to_owned(), picture.png)),
            Ok(Err(error)) => tracing::warn!(case, %error, "a case can't be drawn"),
            Err(_) => tracing::error!(case, "drawing a case panicked"),
        }
    }

    fn all(&self) -> MutexGuard<'_, Vec<(String, Vec<u8>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores them under this name; false where there is nothing to store.
    pub async fn store(self, blobs: &Blobs, name: &str) -> Result<bool, BlobError> {
        let drawn = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !drawn.is_empty() {
            blobs.put_bytes(&picture_key(name), packed(&drawn)?).await?;
        }
        Ok(!drawn.is_empty())
    }
}

/// As they are: a PNG is compressed.
fn packed(pictures: &[(String, Vec<u8>)]) -> Result<Vec<u8>, std::io::Error> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (case, picture) in pictures {
        zip.start_file(case.as_str(), stored).map_err(std::io::Error::other)?;
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
