//! From a request to a queued submission: the one way in, for the form and the API.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempPath;
use tokio::sync::OwnedSemaphorePermit;

use super::phases::{must_be_open, phase_named};
use super::upload::{Body, Fields, Upload};
use super::{Caller, Services};
use crate::disk::Share;
use crate::domain::{
    Action, Answer, Code, Error, Problem, Refusal, State, SubmissionId, TeamId, UserId, questions,
};
use crate::scoring::{PreflightError, preflight};
use crate::store::{Added, NewSubmission, Phase, StoreError, Submission, Timestamp, UsedUp};

/// Nobody keeps a connection for longer than this.
const MAX_WAIT: Duration = Duration::from_secs(300);

/// How long an upload waits for its headers to be checked before it is turned away.
const MAX_QUEUE: Duration = Duration::from_secs(30);

/// How often a waiting request looks, should the word have come from another process.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Refuses if the phase takes nothing of the caller's team as it stands.
pub async fn must_take_team(
    services: &Services,
    caller: &Caller,
    phase: &Phase,
) -> Result<(), Error> {
    let approval = services.store.sign_up_mode().await?.approval(phase.rules.approval);
    caller.authorize(Action::SubmitTo { approval })
}

/// Refuses if the team has nothing left. What counts is decided when the row is written; here it only saves work.
pub async fn must_have_quota(
    services: &Services,
    phase: &Phase,
    team: TeamId,
    arrived: Timestamp,
) -> Result<(), Error> {
    match services.store.used_up(phase, team, arrived).await? {
        Some(UsedUp::ForNow { limit, until }) => Err(quota_exhausted(phase, limit, until)),
        Some(UsedUp::InAll { total }) => Err(total_reached(total)),
        None => Ok(()),
    }
}

/// What is answered to the phase's questions; refused if it doesn't fit them, or one that is required has no answer.
pub fn must_answer(phase: &Phase, fields: &Fields) -> Result<Vec<Answer>, Error> {
    questions::answers(&phase.rules.questions, &fields.said()?, None).map_err(Error::of)
}

/// Refuses if a field is empty that the phase asks for.
fn must_be_named(phase: &Phase, fields: &Fields) -> Result<(), Error> {
    let rules = &phase.rules;
    let asked = [
        (rules.needs_method, "method", &fields.method),
        (rules.needs_description, "description", &fields.description),
        (rules.needs_url, "url", &fields.url),
    ];
    let missing = asked.iter().filter(|(needed, _, text)| *needed && text.trim().is_empty());
    let problem = |&(_, name, _): &(bool, &str, &String)| {
        let expected = format!("the field '{name}', which this phase requires");
        Problem::new(Code::FieldInvalid, expected, "none", "Fill it in and submit again.")
    };
    let problems: Vec<Problem> = missing.map(problem).collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::of(problems))
}

fn quota_exhausted(phase: &Phase, limit: i64, until: Timestamp) -> Error {
    let what = if limit == phase.quota { "submissions" } else { "uploads, invalid ones included," };
    Error::new(
        Code::QuotaExhausted,
        format!("at most {limit} {what} within {} h", phase.quota_period_hours),
        "one more",
        format!(
            "The next one is possible at {until}; 'asoca score' works on your own machine \
             without a limit."
        ),
    )
    .retry_after(Timestamp::now().until(until).as_secs() + 1)
}

fn total_reached(total: i64) -> Error {
    Error::new(
        Code::QuotaTotal,
        format!("at most {total} submissions of a team in this phase"),
        "one more",
        "'asoca score' works on your own machine without a limit.",
    )
}

/// What tells a request that is sent again from a new one.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// Chosen by a script, for one request: another one with it is refused.
    OfScript(&'a str),
    /// Of a form as it was shown: something else that is sent with it, by somebody who went back, is something new.
    OfForm(&'a str),
}

impl<'a> Key<'a> {
    pub fn text(self) -> &'a str {
        match self {
            Self::OfScript(key) | Self::OfForm(key) => key,
        }
    }
}

/// Checks the headers of all files, stores the upload and queues it.
///
/// Returns the submission's id and whether an earlier request with the same key made it.
pub async fn accept(
    services: &Services,
    caller: &Caller,
    upload: Upload,
    mut key: Option<Key<'_>>,
    arrived: Timestamp,
) -> Result<(SubmissionId, bool), Error> {
    let (user, team) = caller.submitter()?;
    // The place is kept until what was uploaded is stored or gone.
    let Upload { body, bytes, sha256, fields, room, place: _place } = upload;
    let request = request_digest(&fields, &sha256);
    // A repeated request is answered even if a new one would be too late by now.
    if let Some(of) = key
        && let Some((first, before)) = services.store.request_of_key(user.id, of.text()).await?
    {
        match of {
            _ if before == request => return Ok((first, true)),
            Key::OfScript(_) => return Err(key_reused()),
            Key::OfForm(_) => key = None,
        }
    }
    let phase = phase_named(&services.store, &fields.phase, arrived).await?;
    must_be_open(&phase, arrived)?;
    must_take_team(services, caller, &phase).await?;
    must_be_named(&phase, &fields)?;
    let answers = must_answer(&phase, &fields)?;
    must_have_quota(services, &phase, team.id, arrived).await?;
    let archive = check_headers(services, &phase, body).await?;
    let checked = Checked {
        archive,
        bytes,
        sha256,
        fields,
        answers,
        request,
        key: key.map(|key| key.text().to_owned()),
        user: user.id,
        team: team.id,
        _room: room,
    };
    // On a task of its own: a client that hangs up drops this future, and must not part a
    // blob from its row.
    tokio::spawn(checked.queue(services.clone(), phase, arrived)).await?
}

/// An upload that has passed the checks of its headers.
struct Checked {
    archive: TempPath,
    bytes: u64,
    sha256: String,
    fields: Fields,
    answers: Vec<Answer>,
    request: String,
    key: Option<String>,
    user: UserId,
    team: TeamId,
    _room: Share,
}

impl Checked {
    /// Stores the upload, then its row.
    async fn queue(
        self,
        services: Services,
        phase: Phase,
        arrived: Timestamp,
    ) -> Result<(SubmissionId, bool), Error> {
        let id = SubmissionId::new();
        let blob_key = format!("uploads/{id}.zip");
        services.blobs.put_file(&blob_key, &self.archive).await?;
        let new = NewSubmission {
            id,
            team_id: self.team,
            user_id: self.user,
            method: &self.fields.method,
            description: &self.fields.description,
            url: &self.fields.url,
            code_url: &self.fields.code_url,
            data_url: &self.fields.data_url,
            answers: &self.answers,
            blob_key: &blob_key,
            upload_bytes: self.bytes.try_into().unwrap_or(i64::MAX),
            upload_sha256: &self.sha256,
            idempotency_key: self.key.as_deref(),
            request_sha256: &self.request,
        };
        let added = services.store.add_submission(&phase, &new, arrived).await;
        let unknown = added.as_ref().is_err_and(StoreError::is_unavailable);
        if unknown {
            // The answer may have been lost on its way and not the row: then the submission is there. If the
            // database can't tell, the upload stays for now, and is swept away later if no row names it.
            match services.store.submission(id).await {
                Ok(Some(_)) => {
                    services.notifier.notify_queued();
                    return Ok((id, false));
                }
                Ok(None) if services.store.is_local() => services.blobs.remove(&blob_key).await?,
                _ => {}
            }
        } else if !matches!(added, Ok(Added::New)) {
            // No row names the blob. If it can't be removed now it is swept away later.
            if let Err(error) = services.blobs.remove(&blob_key).await {
                tracing::warn!(%error, blob_key, "an upload without a submission stays behind");
            }
        }
        match added? {
            Added::New => {
                services.notifier.notify_queued();
                Ok((id, false))
            }
            Added::Replayed(first) => Ok((first, true)),
            Added::KeyReused => Err(key_reused()),
            Added::NoTeam => Err(Refusal::NoTeam.into()),
            Added::TotalReached { total } => Err(total_reached(total)),
            Added::QuotaExhausted { limit, until } => Err(quota_exhausted(&phase, limit, until)),
        }
    }
}

fn key_reused() -> Error {
    Error::new(
        Code::IdempotencyKeyReused,
        "the same request as the first one with this Idempotency-Key",
        "another file or other fields",
        "Use a new key for a new submission.",
    )
}

/// Over all that was sent, as it was sent.
fn request_digest(fields: &Fields, upload: &str) -> String {
    let Fields { phase, method, description, url, code_url, data_url, answers, given, .. } = fields;
    let mut all = vec![phase.as_str(), method, description, url, upload];
    // Before there were these, digests were made without.
    if !code_url.is_empty() || !data_url.is_empty() || fields.has_answers() {
        all.extend([code_url, data_url, answers].map(String::as_str));
        all.extend(given.iter().flat_map(|(key, text)| [key.as_str(), text]));
    }
    crate::digest::sha256(serde_json::json!(all).to_string().as_bytes())
}

/// Only so many uploads are looked into at a time.
pub async fn place_to_check(services: &Services) -> Result<OwnedSemaphorePermit, Error> {
    tokio::time::timeout(MAX_QUEUE, Arc::clone(&services.checks).acquire_owned())
        .await
        .map_err(|_| Error::busy(MAX_QUEUE.as_secs()))?
        .map_err(Error::internal)
}

/// Checks all that can be said without the voxels, for all files at once, and gives the zip to keep.
async fn check_headers(services: &Services, phase: &Phase, body: Body) -> Result<TempPath, Error> {
    let cases = services.store.cases(phase.truth_set_id).await?;
    let place = place_to_check(services).await?;
    let scratch = services.blobs.scratch().to_owned();
    tokio::task::spawn_blocking(move || {
        let _place = place;
        match preflight(body.location(), &cases) {
            Ok(checked) => Ok(body.into_zip(&checked, &scratch)?),
            Err(PreflightError::Io(error)) => Err(error.into()),
            Err(PreflightError::Invalid(problems)) => Err(Error::of(problems)),
        }
    })
    .await?
}

/// The submission as soon as its state is final, or as it is when the wait is over.
pub async fn wait_for(
    services: &Services,
    team: TeamId,
    id: SubmissionId,
    wait: Duration,
) -> Result<Submission, Error> {
    // Waiting is a favour: it takes a connection, and there are only so many.
    let place = services.waits.try_take(team.uuid());
    let wait = if place.is_some() { wait.min(MAX_WAIT) } else { Duration::ZERO };
    let end = tokio::time::Instant::now() + wait;
    loop {
        let ended = services.notifier.finished();
        let found = services.store.submission(id).await;
        let left = end.saturating_duration_since(tokio::time::Instant::now());
        if !left.is_zero()
            && !services.stop.is_asked()
            && found.as_ref().is_err_and(StoreError::is_unavailable)
        {
            // It was accepted: who waits for it goes on waiting while the database is away.
            tokio::time::sleep(left.min(LOOK_AGAIN)).await;
            continue;
        }
        // It was accepted: whatever goes wrong from here on, the answer says which one it is.
        let found = found.map_err(|error| Error::from(error).about(id))?;
        let submission = found.ok_or_else(Error::not_found)?;
        if submission.state.is_final() || left.is_zero() {
            return Ok(submission);
        }
        tokio::select! {
            _ = tokio::time::timeout(left.min(LOOK_AGAIN), ended) => {}
            // What is accepted is scored after the restart.
            () = services.stop.asked() => return Ok(submission),
        }
    }
}

/// A submission that ended without a score, as the error it is.
pub fn ended_badly(submission: &Submission) -> Option<Error> {
    let error = match submission.state {
        State::Invalid => Error::of(submission.problems.clone().unwrap_or_default()),
        State::Failed => Error::new(
            Code::ScoringFailed,
            "a score",
            "an internal error",
            "It uses no quota. The organisers can see the reason and queue the submission again.",
        ),
        State::Cancelled => Error::new(
            Code::SubmissionCancelled,
            "an active submission",
            "one that was cancelled",
            "Submit again if this was not intended.",
        ),
        State::Queued | State::Scoring | State::Scored => return None,
    };
    Some(error.about(submission.id))
}
