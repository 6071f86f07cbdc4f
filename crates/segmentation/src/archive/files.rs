//! Files that lie on disk as they are.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{ArchiveError, ArchiveIssue, Found};
use nrrd_rs::FileSource;

/// Folders deep a file is still looked for. A link may lead back to where it lies.
const DEPTH: usize = 8;

/// Single files under the names their author gave them.
pub(super) fn list(files: &[(String, PathBuf)], limit: usize) -> Result<Vec<Found>, ArchiveError> {
    if files.len() > limit {
        return Err(too_many(files.len(), limit));
    }
    Ok(files
        .iter()
        .map(|(name, path)| found(name.replace('\\', "/"), path))
        .collect::<Result<_, _>>()?)
}

/// All files of a folder and of the folders in it.
pub(super) fn list_folder(folder: &Path, limit: usize) -> Result<Vec<Found>, ArchiveError> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_path_buf(), String::new(), 1)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            // Follows links: whoever scores a folder of their own may well have linked its files.
            if !fs::metadata(entry.path())?.is_dir() {
                files.push(found(name, &entry.path())?);
            } else if depth < DEPTH {
                folders.push((entry.path(), name + "/", depth + 1));
            }
            if files.len() + folders.len() > limit {
                return Err(too_many(files.len() + folders.len(), limit));
            }
        }
    }
    Ok(files)
}

fn found(name: String, path: &Path) -> io::Result<Found> {
    let size = fs::metadata(path)?.len();
    Ok(Found::new(name, size, Ok(Arc::new(FileSource(path.to_path_buf())))))
}

fn too_many(found: usize, limit: usize) -> ArchiveError {
    ArchiveError::whole(ArchiveIssue::TooManyEntries { found, limit })
}
