//! Versions of the ground truth. For organisers only.

use serde::Serialize;

use super::annotators;
use super::submit::place_to_check;
use super::upload::Upload;
use super::{Caller, Services, fields};
use crate::domain::{Action, Code, Error, Group, TruthSetId};
use crate::scoring::{ImportError, LabelsError, VesselLabels, check_truth, store_truth};
use crate::store::{Case, Phase, Timestamp, TruthSet};

/// A truth set in a list.
#[derive(Debug, Serialize)]
pub struct Summary {
    pub id: TruthSetId,
    pub name: String,
    pub digest: String,
    pub created_at: Timestamp,
    /// The e-mail address of who imported it, where that was not the command line.
    pub imported_by: Option<String>,
    /// How many cases it has.
    pub case_count: i64,
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
    /// When the CT was imported that it was drawn in.
    pub ct_imported_at: Option<Timestamp>,
}

/// A truth set with the report of its check.
#[derive(Debug, Serialize)]
pub struct Report {
    pub id: TruthSetId,
    pub name: String,
    pub digest: String,
    pub created_at: Timestamp,
    pub imported_by: Option<String>,
    pub phases: Vec<String>,
    pub cases: Vec<CheckedCase>,
    /// Who annotated it, if that was imported.
    pub observers: Option<annotators::Report>,
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
            ct_imported_at: case.ct_at,
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
            case_count: set.cases,
        }
    }
}

/// All of them, newest first.
pub async fn list(services: &Services) -> Result<Vec<Summary>, Error> {
    let phases = services.store.phases().await?;
    let sets = services.store.truth_sets().await?;
    Ok(sets.into_iter().map(|set| Summary::of(set, &phases)).collect())
}

pub async fn report(services: &Services, id: &str) -> Result<Report, Error> {
    let id: TruthSetId = id.parse().map_err(|_| Error::not_found())?;
    let set = services.store.truth_set(id).await?.ok_or_else(Error::not_found)?;
    let cases = services.store.cases(id).await?;
    let observers = annotators::report(services, id, &cases).await?;
    let set = Summary::of(set, &services.store.phases().await?);
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

/// Adds a zip of ground truths as a truth set, if nothing is wrong.
pub async fn import(
    services: &Services,
    caller: &Caller,
    upload: Upload,
) -> Result<TruthSetId, Error> {
    caller.authorize(Action::Organise)?;
    let actor = caller.authenticated_user()?.id;
    let Upload { body, fields, room, .. } = upload;
    let name = fields.name;
    fields::line("a name", &name, 1..=100)?;
    let labels: VesselLabels = fields.vessel_labels.parse().map_err(|error: LabelsError| {
        let found: String = fields.vessel_labels.chars().take(80).collect();
        let hint = "Vessel labels are for instance 1,2 or 255. Leave them out where masks hold 0 and 1 only.";
        Error::new(Code::FieldInvalid, error.to_string(), found, hint)
    })?;
    if services.store.truth_set_by_name(&name).await?.is_some() {
        return Err(taken(&name));
    }
    let place = place_to_check(services).await?;
    let scratch = services.blobs.scratch().to_owned();
    let checked = tokio::task::spawn_blocking(move || {
        let _place = place;
        check_truth(body.location(), &labels, &scratch)
    });
    let checked = checked.await??;
    // On a task of its own: a client that hangs up must not part blobs from their rows.
    let services = services.clone();
    let stored = tokio::spawn(async move {
        let _room = room;
        let now = Timestamp::now();
        let Services { store, blobs, .. } = &services;
        match store_truth(store, blobs, checked, &name, Some(actor), now).await {
            Err(ImportError::NameTaken) => Err(taken(&name)),
            stored => Ok(stored?),
        }
    });
    stored.await?
}

impl From<ImportError> for Error {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Invalid(problems) => Self::of(problems),
            ImportError::Store(error) => error.into(),
            ImportError::Io(error) => error.into(),
            ImportError::Blob(error) => error.into(),
            error => Self::internal(error),
        }
    }
}

fn taken(name: &str) -> Error {
    let hint = "Choose another name; truth sets can't be replaced.";
    Error::new(Code::FieldInvalid, "a new name", name, hint)
}
