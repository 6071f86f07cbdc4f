use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::folder::{FolderError, TruthFile, truth_folder};
use crate::blobs::{BlobError, Blobs};
use crate::store::{Case, NewTruthSet, Store, StoreError, Timestamp, new_id};

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("case {0} is in no group: list it in cases.json as \"normal\" or \"diseased\"")]
    NoGroup(String),
    #[error("there is a truth set of this name already")]
    NameTaken,
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Store(StoreError),
    #[error("the check was interrupted")]
    Interrupted,
}

/// Checks every ground truth of a folder, stores the files and adds them as a truth set.
/// Either all of it comes to be or nothing that any row names.
pub async fn import_truth(
    store: &Store,
    blobs: &Blobs,
    folder: &Path,
    name: &str,
    now: Timestamp,
) -> Result<Uuid, ImportError> {
    let set = new_id();
    let files = truth_folder(folder)?;
    let checked = tokio::task::spawn_blocking(move || -> Result<Vec<_>, ImportError> {
        files.into_par_iter().map(|file| Ok((check(&file, set)?, file))).collect()
    })
    .await
    .map_err(|_| ImportError::Interrupted)??;

    let mut digest = Sha256::new();
    let mut cases = Vec::with_capacity(checked.len());
    for ((case, sha256), file) in checked {
        digest.update(format!("{} {} {sha256}\n", case.case_id, case.case_group));
        blobs.put_file(&case.blob_key, &file.path).await?;
        cases.push(case);
    }
    let digest = crate::digest::hex(&digest.finalize());
    let new = NewTruthSet { id: set, name, digest: &digest, cases: &cases };
    match store.add_truth_set(&new, now).await {
        Ok(()) => Ok(set),
        Err(error) => {
            for case in &cases {
                blobs.remove(&case.blob_key).await?;
            }
            Err(match error {
                StoreError::Taken => ImportError::NameTaken,
                error => ImportError::Store(error),
            })
        }
    }
}

/// The case as it goes into the store, and its file's digest.
fn check(file: &TruthFile, set: Uuid) -> Result<(Case, String), ImportError> {
    let group = file.group.ok_or_else(|| ImportError::NoGroup(file.id.clone()))?;
    let truth = file.read().map_err(|fault| FolderError::Truth(file.id.clone(), fault))?;
    let bytes =
        std::fs::read(&file.path).map_err(|error| FolderError::Io(file.path.clone(), error))?;
    let case = Case::new(
        file.id.clone(),
        group,
        truth.truth.mask().shape(),
        truth.truth.spacing(),
        format!("truth/{set}/{}.nrrd", file.id),
    );
    Ok((case, crate::digest::sha256(&bytes)))
}
