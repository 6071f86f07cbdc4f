//! Pictures and meshes of a submission's cases: of the prediction for its team, of its agreement with the truth for organisers.

use std::time::Duration;

use super::report::{not_scored, readable};
use super::{Caller, Services};
use crate::domain::{Action, Error, State};
use crate::scoring::{AGREEMENTS, PREDICTIONS, Solid, SolidError, picture_key, unpacked};

/// Of a case of a submission that the caller may read: its prediction alone, PNG.
pub async fn of_prediction(
    services: &Services,
    caller: &Caller,
    submission: &str,
    case: String,
) -> Result<Vec<u8>, Error> {
    picture(services, caller, submission, case, PREDICTIONS).await
}

/// The same beside the truth: what both have, what is only in the prediction, what is only in the truth.
pub async fn of_agreement(
    services: &Services,
    caller: &Caller,
    submission: &str,
    case: String,
) -> Result<Vec<u8>, Error> {
    caller.authorize(Action::Organise)?;
    picture(services, caller, submission, case, AGREEMENTS).await
}

async fn picture(
    services: &Services,
    caller: &Caller,
    submission: &str,
    case: String,
    folder: &str,
) -> Result<Vec<u8>, Error> {
    let submission = readable(services, caller, submission).await?;
    if submission.state != State::Scored {
        return Err(not_scored(submission.id, submission.state));
    }
    let name = submission.pictures.ok_or_else(Error::not_found)?;
    let stored = services.blobs.fetch(&picture_key(folder, &name)).await?;
    let read = tokio::task::spawn_blocking(move || unpacked(stored.path(), &case)).await;
    let picture = read.map_err(Error::internal)?.map_err(Error::internal)?;
    picture.ok_or_else(Error::not_found)
}

/// So long somebody waits until others have their meshes.
const PATIENCE: Duration = Duration::from_secs(10);

/// The mesh of a case of a submission that the caller may read, compressed with gzip: its prediction alone.
pub async fn mesh_of_prediction(
    services: &Services,
    caller: &Caller,
    submission: &str,
    case: String,
) -> Result<Vec<u8>, Error> {
    mesh(services, caller, submission, case, |solid| solid.prediction()).await
}

/// The same of its agreement with the truth.
pub async fn mesh_of_agreement(
    services: &Services,
    caller: &Caller,
    submission: &str,
    case: String,
) -> Result<Vec<u8>, Error> {
    caller.authorize(Action::Organise)?;
    mesh(services, caller, submission, case, |solid| solid.agreement()).await
}

async fn mesh(
    services: &Services,
    caller: &Caller,
    submission: &str,
    case: String,
    make: fn(&Solid<'_>) -> Result<Vec<u8>, SolidError>,
) -> Result<Vec<u8>, Error> {
    let submission = readable(services, caller, submission).await?;
    if submission.state != State::Scored {
        return Err(not_scored(submission.id, submission.state));
    }
    let store = &services.store;
    let cases = store.cases(submission.truth_set_id).await?;
    let of_case = cases.iter().find(|one| one.case_id == case).ok_or_else(Error::not_found)?;
    let upload = store.upload_of(submission.id).await?;
    let (upload, accepted_for) = upload.ok_or_else(Error::not_found)?;
    let accepted = match accepted_for == submission.truth_set_id {
        true => Vec::new(),
        false => store.cases(accepted_for).await?,
    };
    let truth = services.blobs.fetch(&of_case.blob_key).await?;
    let upload = services.blobs.fetch(&upload).await?;
    let place = tokio::time::timeout(PATIENCE, services.meshes.clone().acquire_owned()).await;
    let Ok(Ok(place)) = place else { return Err(Error::busy(2)) };
    let made = tokio::task::spawn_blocking(move || {
        let _place = place;
        let (upload, truth) = (upload.path(), truth.path());
        make(&Solid { upload, accepted: &accepted, cases: &cases, case: &case, truth })
    });
    made.await.map_err(Error::internal)?.map_err(|error| match error {
        // As of noise, that no mesh shows; the picture stays.
        SolidError::Mesh(_) | SolidError::Compact(_) => Error::not_found(),
        error => Error::internal(error),
    })
}
