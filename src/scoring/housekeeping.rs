//! What nobody needs any more: sessions, attempts, links and invitations that are over, uploads that no row names, files that a
//! killed process left among its scratch files.

use std::path::Path;
use std::time::{Duration, SystemTime};

use tokio_util::sync::CancellationToken;

use crate::blobs::{BlobError, Blobs};
use crate::store::{Store, StoreError, Timestamp};

const INTERVAL: Duration = Duration::from_secs(3600);

/// Younger files may belong to a request that is still under way.
const AGE: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, thiserror::Error)]
pub enum HousekeepingError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// Clears away now and every hour, until told to stop.
pub async fn keep_house(store: Store, blobs: Blobs, stop: CancellationToken) {
    loop {
        if let Err(error) = clear(&store, &blobs, SystemTime::now() - AGE).await {
            tracing::warn!(%error, "not everything could be cleared away");
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Clears away what is older than `moment` and nobody needs.
pub async fn clear(
    store: &Store,
    blobs: &Blobs,
    moment: SystemTime,
) -> Result<(), HousekeepingError> {
    let now = Timestamp::now();
    store.sweep_sessions(now).await?;
    store.sweep_throttles(now).await?;
    store.sweep_known_places(now).await?;
    store.sweep_sign_ups(now).await?;
    store.sweep_links(now).await?;
    store.sweep_token_networks(now).await?;
    store.sweep_invitations(now).await?;
    remove_files_before(blobs.scratch(), moment);
    // Listed before the rows are read: what is stored meanwhile is not among them.
    let stored = blobs.stored_before("uploads", moment).await?;
    let named = store.upload_keys().await?;
    for orphan in stored.iter().filter(|key| !named.contains(*key)) {
        tracing::info!(orphan, "removing an upload that no submission names");
        blobs.remove(orphan).await?;
    }
    Ok(())
}

fn remove_files_before(scratch: &Path, moment: SystemTime) {
    for entry in std::fs::read_dir(scratch).into_iter().flatten().flatten() {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        if modified.is_ok_and(|modified| modified < moment) {
            // What can't be removed only takes room.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_no_row_names_goes_when_it_is_old_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::sqlite(&folder.path().join("asoca.db")).await.unwrap();
        let scratch = folder.path().join("tmp");
        let blobs = Blobs::local(&folder.path().join("blobs"), &scratch).unwrap();
        let left = scratch.join("left");
        std::fs::write(&left, "half an upload").unwrap();
        blobs.put_file("uploads/orphan.zip", &left).await.unwrap();

        clear(&store, &blobs, SystemTime::now() - AGE).await.unwrap();
        assert!(left.exists() && blobs.fetch("uploads/orphan.zip").await.is_ok());

        clear(&store, &blobs, SystemTime::now() + AGE).await.unwrap();
        assert!(!left.exists() && blobs.fetch("uploads/orphan.zip").await.is_err());
    }
}
