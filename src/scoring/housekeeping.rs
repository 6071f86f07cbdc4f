//! What nobody needs any more: sessions, attempts, links and invitations that are over, uploads and ground truths that no row
//! names, files that a killed process left half written or among its scratch files.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tokio_util::sync::CancellationToken;

use super::ct::{self, ct_key};
use super::pictures::{FOLDER, picture_key};
use crate::blobs::{BlobError, Blobs};
use crate::store::{Store, StoreError, Timestamp};

const INTERVAL: Duration = Duration::from_secs(3600);

/// Younger files may belong to a request that is still under way: none takes longer than an hour to send.
const AGE: Duration = Duration::from_secs(2 * 3600);

#[derive(Debug, thiserror::Error)]
pub enum HousekeepingError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// Clears away now and every hour, until told to stop.
pub async fn run_cleanup(store: Store, blobs: Blobs, stop: CancellationToken) {
    loop {
        if let Err(error) = delete_expired(&store, &blobs, SystemTime::now() - AGE).await {
            tracing::warn!(%error, "not everything could be cleared away");
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Clears away what is older than `moment` and nobody needs.
pub async fn delete_expired(
    store: &Store,
    blobs: &Blobs,
    moment: SystemTime,
) -> Result<(), HousekeepingError> {
    let now = Timestamp::now();
    store.delete_expired_sessions(now).await?;
    store.delete_expired_throttles(now).await?;
    store.delete_expired_known_places(now).await?;
    store.delete_expired_sign_ups(now).await?;
    store.delete_expired_links(now).await?;
    store.delete_expired_token_networks(now).await?;
    store.delete_expired_invitations(now).await?;
    store.delete_old_mails(now).await?;
    remove_files_before(blobs.scratch(), moment);
    // Listed before the rows are read: what is stored meanwhile is not among them.
    let uploads = blobs.stored_before("uploads", moment).await?;
    remove_orphans(blobs, &uploads, &store.upload_keys().await?).await?;
    let truths = blobs.stored_before("truth", moment).await?;
    remove_orphans(blobs, &truths, &store.truth_keys().await?).await?;
    let pictures = blobs.stored_before(FOLDER, moment).await?;
    let named = store.picture_names().await?;
    let named = named.iter().map(|name| picture_key(name)).collect();
    remove_orphans(blobs, &pictures, &named).await?;
    let images = blobs.stored_before(ct::FOLDER, moment).await?;
    let named = store.cases_with_ct().await?;
    let named = named.iter().map(|(set, case)| ct_key(*set, case)).collect();
    remove_orphans(blobs, &images, &named).await?;
    blobs.remove_halves_before(moment);
    Ok(())
}

/// Removes the objects that no row names: whoever stored them did not get to write it.
async fn remove_orphans(
    blobs: &Blobs,
    stored: &[String],
    named: &HashSet<String>,
) -> Result<(), BlobError> {
    for orphan in stored.iter().filter(|key| !named.contains(*key)) {
        tracing::info!(orphan, "removing an object that no row names");
        blobs.remove(orphan).await?;
    }
    Ok(())
}

fn remove_files_before(scratch: &Path, moment: SystemTime) {
    for entry in std::fs::read_dir(scratch).into_iter().flatten().flatten() {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        if modified.is_ok_and(|modified| modified < moment) {
            let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let path = entry.path();
            // What can't be removed only takes room.
            let _ = if folder { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
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
        let (scratch, objects) = (folder.path().join("tmp"), folder.path().join("blobs"));
        let blobs = Blobs::local(&objects, &scratch).unwrap();
        let left = scratch.join("left");
        std::fs::write(&left, "half an upload").unwrap();
        // A request that was killed before its row, and an import.
        let orphans = [
            "uploads/orphan.zip",
            "truth/set/0.nrrd",
            "truth/set/1.nrrd",
            "pictures/orphan.zip",
            "ct/set/0.zip",
        ];
        for orphan in orphans {
            blobs.put_file(orphan, &left).await.unwrap();
        }
        // Killed while an object was being stored.
        std::fs::write(objects.join("uploads/half.zip#1"), "half").unwrap();
        std::fs::create_dir(objects.join("truth/empty")).unwrap();

        let all = async || {
            let mut found = Vec::new();
            for orphan in orphans {
                found.push(blobs.fetch(orphan).await.is_ok());
            }
            for path in ["uploads/half.zip#1", "truth/empty", "truth/set"] {
                found.push(objects.join(path).exists());
            }
            found.push(left.exists());
            found
        };
        delete_expired(&store, &blobs, SystemTime::now() - AGE).await.unwrap();
        assert_eq!(all().await, [true; 9]);

        delete_expired(&store, &blobs, SystemTime::now() + AGE).await.unwrap();
        assert_eq!(all().await, [false; 9]);
        // The folders that are always there still are, or come back.
        blobs.put_file("uploads/next.zip", &folder.path().join("asoca.db")).await.unwrap();
    }
}
