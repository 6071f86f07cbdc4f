//! Pictures of a submission's cases: of the prediction for its team, of its agreement with the truth for organisers.

use super::report::{not_scored, readable};
use super::{Caller, Services};
use crate::domain::{Action, Error, State};
use crate::scoring::{AGREEMENTS, PREDICTIONS, picture_key, unpacked};

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
