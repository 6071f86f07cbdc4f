//! Bytes at rest: uploads and ground truth. Written, synced, and only then named in a row.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{GetResultPayload, ObjectStore, ObjectStoreExt, WriteMultipart};
use tempfile::TempPath;
use tokio::io::AsyncReadExt;

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
    /// Where copies of objects that are not files of this machine go.
    scratch: PathBuf,
}

/// Bytes on a disk.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub free: u64,
    pub all: u64,
}

impl Room {
    /// Whether it is high time to make some.
    pub fn is_scarce(&self) -> bool {
        self.free < self.all / 20
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
        let objects = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { objects: Arc::new(objects), scratch: scratch.to_owned() })
    }

    /// Where a file on its way to becoming an object may be gathered.
    pub fn scratch(&self) -> &FilePath {
        &self.scratch
    }

    /// How much room there is on the disk where uploads are gathered, if that can be told.
    pub fn room(&self) -> Option<Room> {
        let disk = rustix::fs::statvfs(&self.scratch).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        Some(Room { free: bytes(disk.f_bavail), all: bytes(disk.f_blocks) })
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

    /// Removes an object that no row names. That it is gone already is no error.
    pub async fn remove(&self, key: &str) -> Result<(), BlobError> {
        match self.objects.delete(&Key::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
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
