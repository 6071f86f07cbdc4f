//! What can be said of an upload before it is there. What can be refused by its headers, its sender, the phase and
//! the quota is refused before its files are read.

use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;

use super::App;
use super::upload::{BeforeFiles, Intake, SUBMISSION, TRUTH};
use crate::domain::{Code, Error};
use crate::service::Caller;
use crate::service::phases::{must_be_open, phase_named};
use crate::service::places::Place;
use crate::service::submit::{must_answer, must_have_quota, must_take_team};
use crate::service::upload::{Fields, Upload};
use crate::store::{Phase, Team, Timestamp, User};

/// How long an upload waits for its turn. Short: whoever sends it has begun to.
const TURN: Duration = Duration::from_secs(5);

/// What a request says besides its body.
pub struct Request<'a> {
    pub headers: &'a HeaderMap,
    /// The phase in its address; empty where it has none.
    pub phase: &'a str,
    pub key: Option<&'a str>,
    pub arrived: Timestamp,
}

struct Gate<'a> {
    app: &'a App,
    caller: &'a Caller,
    team: &'a Team,
    request: &'a Request<'a>,
    /// An earlier request had the same key: its answer is given again, whatever has changed since.
    is_repeated: bool,
}

/// Reads a submission, as far as it can be one.
pub async fn receive(
    app: &App,
    caller: &Caller,
    request: Request<'_>,
    body: Body,
) -> Result<Upload, Error> {
    let (user, team) = caller.submitter()?;
    let intake = Intake::of(app);
    intake.check(request.headers)?;
    let is_repeated = is_repeated(app, user, request.key).await?;
    let gate = Gate { app, caller, team, request: &request, is_repeated };
    gate.check(request.phase).await?;
    let place = turn(app, team.id.uuid()).await?;
    let mut upload = intake.receive(request.headers, body, SUBMISSION, &gate).await?;
    upload.fields.phase = gate.phase(&upload.fields)?.to_owned();
    Ok(Upload { place: Some(place), ..upload })
}

/// Reads a zip of ground truths and what it is called.
pub async fn receive_truth(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    body: Body,
) -> Result<Upload, Error> {
    let intake = Intake::of(app);
    intake.check(headers)?;
    let place = turn(app, caller.authenticated_user()?.id.uuid()).await?;
    let upload = intake.receive(headers, body, TRUTH, &()).await?;
    Ok(Upload { place: Some(place), ..upload })
}

/// A place among the uploads under way.
async fn turn(app: &App, whose: uuid::Uuid) -> Result<Place, Error> {
    app.uploads.take(whose, TURN).await.ok_or_else(|| Error::busy(30))
}

async fn is_repeated(app: &App, user: &User, key: Option<&str>) -> Result<bool, Error> {
    match key {
        Some(key) => Ok(app.store().request_of_key(user.id, key).await?.is_some()),
        None => Ok(false),
    }
}

impl BeforeFiles for Gate<'_> {
    async fn before_files(&self, fields: &Fields) -> Result<(), Error> {
        let phase = self.phase(fields)?;
        // What the address says was looked at before.
        if !fields.phase.is_empty() {
            self.check(phase).await?;
        }
        if fields.has_answers() && !self.is_repeated {
            self.check_answers(phase, fields).await?;
        }
        Ok(())
    }
}

impl Gate<'_> {
    /// Which phase is meant by the address and the fields; empty if neither says so.
    fn phase<'a>(&'a self, fields: &'a Fields) -> Result<&'a str, Error> {
        let in_address = self.request.phase;
        if in_address.is_empty() || fields.phase == in_address {
            return Ok(&fields.phase);
        }
        if fields.phase.is_empty() {
            return Ok(in_address);
        }
        Err(Error::new(
            Code::FieldInvalid,
            "the same phase in the address and in the field 'phase'",
            "two phases",
            "Give it once.",
        ))
    }

    /// Refuses what can't become a submission to this phase; without a name, to any phase.
    async fn check(&self, phase: &str) -> Result<(), Error> {
        if self.is_repeated {
            return Ok(());
        }
        let Request { arrived, .. } = *self.request;
        if !phase.is_empty() {
            return self.could_take(&phase_named(self.app.store(), phase, arrived).await?).await;
        }
        // Where it is not named, a field that is still to come may name any.
        let mut phases = self.app.store().phases().await?;
        phases.sort_by_key(|phase| !phase.is_open(arrived));
        let mut refused = None;
        for phase in phases {
            match self.could_take(&phase).await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_of_the_server() => return Err(error),
                Err(error) => _ = refused.get_or_insert(error),
            }
        }
        match refused {
            Some(refused) => Err(refused),
            None => phase_named(self.app.store(), "", arrived).await.map(|_| ()),
        }
    }

    /// Refuses answers that don't fit the questions of the phase, if it is known which one that is.
    async fn check_answers(&self, phase: &str, fields: &Fields) -> Result<(), Error> {
        let store = self.app.store();
        // Where it is not named, a field that is still to come may name any.
        if phase.is_empty() && store.phases().await?.len() > 1 {
            return Ok(());
        }
        let phase = phase_named(store, phase, self.request.arrived).await?;
        must_answer(&phase, fields).map(|_| ())
    }

    async fn could_take(&self, phase: &Phase) -> Result<(), Error> {
        must_be_open(phase, self.request.arrived)?;
        must_take_team(&self.app.services, self.caller, phase).await?;
        must_have_quota(&self.app.services, phase, self.team.id, self.request.arrived).await
    }
}
