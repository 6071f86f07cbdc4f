//! Pictures and meshes of a submission's cases: of the prediction for its team; for organisers of its agreement with the truth, and
//! slices of the CT.

use std::time::Duration;

use super::report::{not_scored, readable};
use super::{Caller, Services};
use crate::domain::{Action, Error, State};
use crate::scoring::{CaseView, ViewError, ct_key, picture_key, unpacked};
use crate::store::{Case, Submission};

/// So long somebody waits while another case is drawn.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is drawn of a case when somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// The mesh of the prediction, compressed with gzip.
    Mesh,
    /// That of its agreement with the truth: for organisers.
    AgreementMesh,
    /// A picture of the same, PNG: for organisers.
    AgreementPicture,
}

/// The picture of a case's prediction, PNG, of a submission that the caller may read. It was drawn when the case was scored.
pub async fn preview(
    services: &Services,
    caller: &Caller,
    submission: &str,
    case: String,
) -> Result<Vec<u8>, Error> {
    let submission = scored(services, caller, submission).await?;
    let name = submission.pictures.ok_or_else(Error::not_found)?;
    let stored = services.blobs.fetch(&picture_key(&name)).await?;
    let read = tokio::task::spawn_blocking(move || unpacked(stored.path(), &case)).await;
    let picture = read.map_err(Error::internal)?.map_err(Error::internal)?;
    picture.ok_or_else(Error::not_found)
}

/// Draws a case of a submission that the caller may read, one at a time.
pub async fn draw(
    services: &Services,
    caller: &Caller,
    submission: &str,
    case: String,
    what: Drawing,
) -> Result<Vec<u8>, Error> {
    if what != Drawing::Mesh {
        caller.authorize(Action::Organise)?;
    }
    let submission = scored(services, caller, submission).await?;
    let cases = services.store.cases(submission.truth_set_id).await?;
    let drawn = view(services, &submission, cases, case, move |view| match what {
        Drawing::Mesh => view.prediction(),
        Drawing::AgreementMesh => view.agreement(),
        Drawing::AgreementPicture => view.picture(),
    });
    drawn.await
}

/// A case of a submission beside the CT that its truth was drawn in: for organisers.
#[derive(Clone, Debug)]
pub struct Slices {
    /// What the truth's case is.
    pub case: Case,
    /// In how many voxels of each slice the prediction and the truth differ, from the first slice on.
    pub differing: Vec<usize>,
}

impl Slices {
    /// The slices that differ most, the most first; those that don't differ are none of them.
    pub fn most_differing(&self, most: usize) -> Vec<usize> {
        let mut slices: Vec<usize> = (0..self.differing.len()).collect();
        slices.retain(|&z| self.differing[z] > 0);
        slices.sort_by_key(|&z| std::cmp::Reverse(self.differing[z]));
        slices.truncate(most);
        slices
    }
}

/// Which slices of a case there are, and where the prediction and the truth differ.
///
/// # Errors
/// `not_found` where no CT was imported.
pub async fn slices(
    services: &Services,
    caller: &Caller,
    submission: &str,
    case: String,
) -> Result<Slices, Error> {
    caller.authorize(Action::Organise)?;
    let (submission, cases) = with_ct(services, caller, submission, &case).await?;
    let of_case = of_case(&cases, &case)?.clone();
    let differing = view(services, &submission, cases, case, |view| view.differing()).await?;
    Ok(Slices { case: of_case, differing })
}

/// One of these slices, from 0, PNG.
///
/// # Errors
/// `not_found` where no CT was imported, or there is no such slice.
pub async fn slice(
    services: &Services,
    caller: &Caller,
    submission: &str,
    case: String,
    z: &str,
    outlined: bool,
) -> Result<Vec<u8>, Error> {
    caller.authorize(Action::Organise)?;
    let (submission, cases) = with_ct(services, caller, submission, &case).await?;
    let [_, _, nz] = of_case(&cases, &case)?.shape();
    let z = z.parse().ok().filter(|z| *z < nz).ok_or_else(Error::not_found)?;
    let ct = services.blobs.fetch(&ct_key(submission.truth_set_id, &case)).await?;
    let drawn = move |view: CaseView<'_>| view.slice(ct.path(), z, outlined);
    view(services, &submission, cases, case, drawn).await
}

/// The submission and the cases that it is scored against, of which this one has a CT.
async fn with_ct(
    services: &Services,
    caller: &Caller,
    submission: &str,
    case: &str,
) -> Result<(Submission, Vec<Case>), Error> {
    let submission = scored(services, caller, submission).await?;
    let cases = services.store.cases(submission.truth_set_id).await?;
    of_case(&cases, case)?.ct_at.ok_or_else(Error::not_found)?;
    Ok((submission, cases))
}

fn of_case<'a>(cases: &'a [Case], id: &str) -> Result<&'a Case, Error> {
    cases.iter().find(|case| case.case_id == id).ok_or_else(Error::not_found)
}

/// Reads a case of a submission, scored against these cases, for what is drawn of it, one at a time.
async fn view<T: Send + 'static>(
    services: &Services,
    submission: &Submission,
    cases: Vec<Case>,
    case: String,
    what: impl FnOnce(CaseView<'_>) -> Result<T, ViewError> + Send + 'static,
) -> Result<T, Error> {
    let store = &services.store;
    let upload = store.upload_of(submission.id).await?;
    let (upload, accepted_for) = upload.ok_or_else(Error::not_found)?;
    let accepted = match accepted_for == submission.truth_set_id {
        true => Vec::new(),
        false => store.cases(accepted_for).await?,
    };
    let truth = services.blobs.fetch(&of_case(&cases, &case)?.blob_key).await?;
    let upload = services.blobs.fetch(&upload).await?;
    let place = tokio::time::timeout(PATIENCE, services.drawings.clone().acquire_owned()).await;
    let Ok(Ok(place)) = place else { return Err(Error::busy(2)) };
    let drawn = tokio::task::spawn_blocking(move || {
        let _place = place;
        let (upload, truth) = (upload.path(), truth.path());
        let view = CaseView { upload, accepted: &accepted, cases: &cases, case: &case, truth };
        what(view)
    });
    drawn.await.map_err(Error::internal)?.map_err(|error| match error {
        // As of noise, that no mesh shows; the picture stays.
        ViewError::Mesh(_) | ViewError::Compact(_) => Error::not_found(),
        error => Error::internal(error),
    })
}

async fn scored(services: &Services, caller: &Caller, id: &str) -> Result<Submission, Error> {
    let submission = readable(services, caller, id).await?;
    match submission.state {
        State::Scored => Ok(submission),
        state => Err(not_scored(submission.id, state)),
    }
}
