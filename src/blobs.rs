//! Bytes at rest: uploads and ground truth. Written, synced, and only then named in a row.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{GetResultPayload, ObjectStore, ObjectStoreExt, WriteMultipart};
use tempfile::TempPath;
use tokio::io::AsyncReadExt;

use crate::disk::{Disk, is_caused_by_full, is_full};
use crate::domain::Error;

const CHUNK: usize = 5 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("the object store: {0}")]
    Store(#[from] object_store::Error),
    #[error("a file: {0}")]
    Io(#[from] std::io::Error),
}

/// A folder of objects, on this machine.
#[derive(Clone, Debug)]
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
    /// Where they are.
    folder: PathBuf,
    /// Where copies of objects that are not files of this machine go.
    scratch: PathBuf,
    disk: Disk,
}

impl From<BlobError> for Error {
    fn from(error: BlobError) -> Self {
        if error.is_full() {
            return Self::no_room(error);
        }
        Self::internal(error)
    }
}

impl BlobError {
    /// Whether the disk has no room for more.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Store(error) => is_caused_by_full(Some(error)),
            Self::Io(error) => is_full(error),
        }
    }
}

/// An object as a file that can be opened at will.
#[derive(Debug)]
pub struct LocalCopy {
    path: PathBuf,
    /// Removes the file once the copy is dropped, where it is one.
    _temporary: Option<TempPath>,
}

impl LocalCopy {
    pub fn path(&self) -> &FilePath {
        &self.path
    }
}

impl Blobs {
    /// Objects as files below `folder`, which is made if it is not there.
    pub fn local(folder: &FilePath, scratch: &FilePath) -> Result<Self, BlobError> {
        std::fs::create_dir_all(folder)?;
        std::fs::create_dir_all(scratch)?;
        let objects =
            LocalFileSystem::new_with_prefix(folder)?.with_fsync(true).with_automatic_cleanup(true);
        let (folder, scratch) = (folder.to_owned(), scratch.to_owned());
        let disk = Disk::of(&scratch);
        Ok(Self { objects: Arc::new(objects), folder, scratch, disk })
    }

    /// The same objects, with so many bytes that uploads leave free; without a number, what suits the disk.
    pub fn with_free_floor(self, floor: Option<u64>) -> Self {
        Self { disk: self.disk.with_floor(floor), ..self }
    }

    /// Where a file on its way to becoming an object may be gathered.
    pub fn scratch(&self) -> &FilePath {
        &self.scratch
    }

    /// The disk where uploads are gathered and kept.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Whether a file can be written where uploads are gathered.
    pub fn check_writing(&self) -> std::io::Result<()> {
        let mut file = tempfile::tempfile_in(&self.scratch)?;
        std::io::Write::write_all(&mut file, &[1; 4096])
    }

    /// Stores a file's bytes under the key; when this returns they are durable.
    pub async fn put_file(&self, key: &str, file: &FilePath) -> Result<(), BlobError> {
        let mut from = tokio::fs::File::open(file).await?;
        let upload = self.objects.put_multipart(&Key::from(key)).await?;
        let mut to = WriteMultipart::new_with_chunk_size(upload, CHUNK);
        loop {
            let mut chunk = bytes::BytesMut::with_capacity(CHUNK);
            if from.read_buf(&mut chunk).await? == 0 {
                break;
            }
            to.wait_for_capacity(2).await?;
            to.put(chunk.freeze());
        }
        to.finish().await?;
        Ok(())
    }

    /// Stores these bytes under the key; when this returns they are durable.
    pub async fn put_bytes(&self, key: &str, bytes: Vec<u8>) -> Result<(), BlobError> {
        self.objects.put(&Key::from(key), bytes.into()).await?;
        Ok(())
    }

    /// The object as a file: itself where it is one, a temporary copy where it is not.
    pub async fn fetch(&self, key: &str) -> Result<LocalCopy, BlobError> {
        let found = self.objects.get(&Key::from(key)).await?;
        if let GetResultPayload::File(_, path) = found.payload {
            return Ok(LocalCopy { path, _temporary: None });
        }
        let (file, temporary) = tempfile::NamedTempFile::new_in(&self.scratch)?.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        let mut chunks = found.into_stream();
        while let Some(chunk) = futures_util::StreamExt::next(&mut chunks).await {
            tokio::io::AsyncWriteExt::write_all(&mut file, &chunk?).await?;
        }
        tokio::io::AsyncWriteExt::flush(&mut file).await?;
        Ok(LocalCopy { path: temporary.to_path_buf(), _temporary: Some(temporary) })
    }

    /// Keys of the objects below `folder` that were stored before this moment.
    pub async fn stored_before(
        &self,
        folder: &str,
        moment: SystemTime,
    ) -> Result<Vec<String>, BlobError> {
        let mut found = Vec::new();
        let mut objects = self.objects.list(Some(&Key::from(folder)));
        while let Some(object) = futures_util::StreamExt::next(&mut objects).await {
            let object = object?;
            if SystemTime::from(object.last_modified) < moment {
                found.push(object.location.to_string());
            }
        }
        Ok(found)
    }

    /// Removes what a process that was killed left of objects it was storing, and folders that were never filled.
    pub fn remove_halves_before(&self, moment: SystemTime) {
        remove_halves(&self.folder, moment, true);
    }

    /// Removes an object that no row names. That it is gone already is no error.
    pub async fn remove(&self, key: &str) -> Result<(), BlobError> {
        match self.objects.delete(&Key::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// An object on its way to a folder is a file whose name ends in `#` and a number until it is whole.
fn remove_halves(folder: &FilePath, moment: SystemTime, top: bool) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let Ok(metadata) = entry.metadata() else { continue };
        let old = metadata.modified().is_ok_and(|modified| modified < moment);
        if metadata.is_dir() {
            remove_halves(&path, moment, false);
            if old && !top {
                // Only one that is empty can be removed so.
                let _ = std::fs::remove_dir(&path);
            }
        } else if old && is_half(&name.to_string_lossy()) {
            // What can't be removed only takes room.
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn is_half(name: &str) -> bool {
    name.rsplit_once('#')
        .is_some_and(|(_, part)| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn what_was_put_is_fetched_and_after_removal_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::local(&folder.path().join("blobs"), &folder.path().join("tmp")).unwrap();
        let file = folder.path().join("file");
        // More than one part, and the last one not full.
        let bytes: Vec<u8> = (0..CHUNK + 12_345).map(|at| (at % 251) as u8).collect();
        std::fs::write(&file, &bytes).unwrap();

        blobs.put_file("uploads/a.zip", &file).await.unwrap();
        let copy = blobs.fetch("uploads/a.zip").await.unwrap();
        assert_eq!(std::fs::read(copy.path()).unwrap(), bytes);

        let now = SystemTime::now();
        let (earlier, later) = (now - Duration::from_secs(60), now + Duration::from_secs(60));
        assert!(blobs.stored_before("uploads", earlier).await.unwrap().is_empty());
        assert_eq!(blobs.stored_before("uploads", later).await.unwrap(), ["uploads/a.zip"]);

        blobs.remove("uploads/a.zip").await.unwrap();
        blobs.remove("uploads/a.zip").await.unwrap();
        assert!(blobs.fetch("uploads/a.zip").await.is_err());
    }
}
