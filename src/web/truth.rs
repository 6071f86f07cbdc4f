//! Versions of the ground truth, for the pages and the API alike. For organisers only.

use axum::body::Body;
use axum::http::HeaderMap;
use serde::Serialize;
use uuid::Uuid;

use super::App;
use super::account_fields;
use super::caller::Caller;
use super::gate::turn;
use super::observers;
use super::submit::place_to_check;
use super::upload::{Intake, TRUTH, Upload};
use crate::domain::{Action, Code, Error, Group, Problem};
use crate::scoring::{ImportError, check_truth, store_truth};
use crate::store::{Case, Phase, Timestamp, TruthSet};

/// A truth set in a list.
#[derive(Debug, Serialize)]
pub struct Summary {
    pub id: Uuid,
    pub name: String,
    pub digest: String,
    pub created_at: Timestamp,
    /// The address of mail of who imported it, where that was not the command line.
    pub imported_by: Option<String>,
    pub cases: i64,
    /// The phases in which it is active.
    pub phases: Vec<String>,
}

/// What was found when a case was imported.
#[derive(Debug, Serialize)]
pub struct CheckedCase {
    pub id: String,
    pub group: Group,
    /// (x, y, z) in voxels
    pub shape: [usize; 3],
    /// (x, y, z) in mm
    pub spacing: [f64; 3],
    /// (x, y, z) in mm
    pub size: [f64; 3],
    pub foreground_voxels: Option<i64>,
    /// 26-connected; none where they were not counted.
    pub components: Option<i64>,
}

/// A truth set with the report of its check.
#[derive(Debug, Serialize)]
pub struct Report {
    pub id: Uuid,
    pub name: String,
    pub digest: String,
    pub created_at: Timestamp,
    pub imported_by: Option<String>,
    pub phases: Vec<String>,
    pub cases: Vec<CheckedCase>,
    /// Who annotated it, if that was imported.
    pub observers: Option<observers::Report>,
}

impl From<Case> for CheckedCase {
    fn from(case: Case) -> Self {
        let (shape, spacing, size) = (case.shape(), case.spacing(), case.size());
        Self {
            id: case.case_id,
            group: case.case_group,
            shape,
            spacing,
            size,
            foreground_voxels: case.foreground,
            components: case.components,
        }
    }
}

impl Summary {
    fn of(set: TruthSet, phases: &[Phase]) -> Self {
        let active = phases.iter().filter(|phase| phase.truth_set_id == set.id);
        Self {
            phases: active.map(|phase| phase.slug.clone()).collect(),
            id: set.id,
            name: set.name,
            digest: set.digest,
            created_at: set.created_at,
            imported_by: set.email,
            cases: set.cases,
        }
    }
}

/// All of them, newest first.
pub async fn list(app: &App) -> Result<Vec<Summary>, Error> {
    let phases = app.store.phases().await?;
    let sets = app.store.truth_sets().await?;
    Ok(sets.into_iter().map(|set| Summary::of(set, &phases)).collect())
}

pub async fn report(app: &App, id: &str) -> Result<Report, Error> {
    let id: Uuid = id.parse().map_err(|_| Error::not_found())?;
    let set = app.store.truth_set(id).await?.ok_or_else(Error::not_found)?;
    let cases = app.store.cases(id).await?;
    let observers = observers::report(app, id, &cases).await?;
    let set = Summary::of(set, &app.store.phases().await?);
    Ok(Report {
        id,
        name: set.name,
        digest: set.digest,
        created_at: set.created_at,
        imported_by: set.imported_by,
        phases: set.phases,
        cases: cases.into_iter().map(CheckedCase::from).collect(),
        observers,
    })
}

/// Reads a request with a zip of ground truths and a name, and adds them as a truth set if nothing is wrong.
pub async fn import(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    body: Body,
) -> Result<Uuid, Error> {
    caller.must(Action::Organise)?;
    let actor = caller.somebody()?.id;
    let intake = Intake::of(app);
    intake.check(headers)?;
    let _turn = turn(app, actor).await?;
    let Upload { body, fields, room, .. } = intake.receive(headers, body, TRUTH, &()).await?;
    let name = fields.name;
    account_fields::line("a name", &name, 1..=100).map_err(|problem| refused(vec![problem]))?;
    if app.store.truth_set_by_name(&name).await?.is_some() {
        return Err(taken(&name));
    }
    let place = place_to_check(app).await?;
    let scratch = app.blobs.scratch().to_owned();
    let checked = tokio::task::spawn_blocking(move || {
        let _place = place;
        check_truth(body.location(), &scratch)
    });
    let failed = |error, name: &str| match error {
        ImportError::Invalid(problems) => refused(problems),
        ImportError::NameTaken => taken(name),
        error => error.into(),
    };
    let checked = checked.await?.map_err(|error| failed(error, &name))?;
    // On a task of its own: a client that hangs up must not part blobs from their rows.
    let app = app.clone();
    let stored = tokio::spawn(async move {
        let _room = room;
        let now = Timestamp::now();
        let stored = store_truth(&app.store, &app.blobs, checked, &name, Some(actor), now).await;
        stored.map_err(|error| failed(error, &name))
    });
    stored.await?
}

impl From<ImportError> for Error {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => error.into(),
            ImportError::Io(error) => error.into(),
            ImportError::Blob(error) => error.into(),
            error => Self::internal(error),
        }
    }
}

fn refused(problems: Vec<Problem>) -> Error {
    Error::of(problems)
}

fn taken(name: &str) -> Error {
    let hint = "Choose another one; a truth set is never replaced.";
    refused(vec![Problem::new(Code::FieldInvalid, "a new name", name, hint)])
}
