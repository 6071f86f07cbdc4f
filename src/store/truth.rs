use sqlx::FromRow;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::timestamp::Timestamp;
use crate::domain::{Group, TruthSetId, UserId};

/// A version of the ground truth.
#[derive(Clone, Debug, FromRow)]
pub struct TruthSet {
    pub id: TruthSetId,
    pub name: String,
    /// SHA-256 over ids, groups and the digests of the files, in the order of import.
    pub digest: String,
    pub created_at: Timestamp,
    /// The e-mail address of who imported it, where that was not the command line.
    pub email: Option<String>,
    pub cases: i64,
}

/// What may be known about a case: id, group, shape (x, y, z) in voxels, spacing (x, y, z) in mm.
/// The blob behind it may not, and what is counted in it is for organisers.
#[derive(Clone, Debug, FromRow)]
pub struct Case {
    pub case_id: String,
    #[sqlx(try_from = "String")]
    pub case_group: Group,
    size_x: i64,
    size_y: i64,
    size_z: i64,
    spacing_x: f64,
    spacing_y: f64,
    spacing_z: f64,
    pub blob_key: String,
    /// Voxels of foreground; `None` where it was imported before they were counted.
    pub foreground: Option<i64>,
    /// 26-connected components, where they were counted.
    pub components: Option<i64>,
    /// When the CT was imported that it was drawn in, for organisers.
    pub ct_at: Option<Timestamp>,
}

impl Case {
    pub fn new(
        case_id: String,
        case_group: Group,
        shape: [usize; 3],
        spacing: [f64; 3],
        blob_key: String,
    ) -> Self {
        // Shapes are bounded by what fits in memory, far below i64.
        let [size_x, size_y, size_z] = shape.map(|size| size as i64);
        let [spacing_x, spacing_y, spacing_z] = spacing;
        Self {
            case_id,
            case_group,
            size_x,
            size_y,
            size_z,
            spacing_x,
            spacing_y,
            spacing_z,
            blob_key,
            foreground: None,
            components: None,
            ct_at: None,
        }
    }

    /// Shape (x, y, z) in voxels.
    pub fn shape(&self) -> [usize; 3] {
        [self.size_x, self.size_y, self.size_z].map(|size| size as usize)
    }

    /// Spacing (x, y, z) in mm.
    pub fn spacing(&self) -> [f64; 3] {
        [self.spacing_x, self.spacing_y, self.spacing_z]
    }

    /// How long the volume is along (x, y, z), in mm.
    pub fn size(&self) -> [f64; 3] {
        let (shape, spacing) = (self.shape(), self.spacing());
        [0, 1, 2].map(|axis| shape[axis] as f64 * spacing[axis].abs())
    }
}

#[derive(Clone, Debug)]
pub struct NewTruthSet<'a> {
    pub id: TruthSetId,
    pub name: &'a str,
    pub digest: &'a str,
    /// In the order they are to be listed in.
    pub cases: &'a [Case],
    /// Who imports it; nobody: the command line.
    pub actor: Option<UserId>,
}

macro_rules! select_truth_sets {
    ($rest:literal) => {
        concat!(
            "select t.id, t.name, t.digest, t.created_at, u.email,
                    (select count(*) from cases c where c.truth_set_id = t.id) as cases
             from truth_sets t left join users u on u.id = t.created_by ",
            $rest
        )
    };
}

impl Store {
    /// Adds a truth set with its cases, and writes that down, whole or not at all. The blobs are there already.
    pub async fn add_truth_set(&self, new: &NewTruthSet<'_>, now: Timestamp) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query(
                "insert into truth_sets (id, name, digest, created_at, created_by)
                 values ($1, $2, $3, $4, $5)",
            )
            .bind(new.id)
            .bind(new.name)
            .bind(new.digest)
            .bind(now)
            .bind(new.actor)
            .execute(&mut *tx)
            .await?;
            for (position, case) in (0i64..).zip(new.cases) {
                sqlx::query(
                    "insert into cases
                         (truth_set_id, case_id, position, case_group, size_x, size_y, size_z,
                          spacing_x, spacing_y, spacing_z, blob_key, foreground, components)
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                )
                .bind(new.id)
                .bind(&case.case_id)
                .bind(position)
                .bind(case.case_group.as_str())
                .bind(case.size_x)
                .bind(case.size_y)
                .bind(case.size_z)
                .bind(case.spacing_x)
                .bind(case.spacing_y)
                .bind(case.spacing_z)
                .bind(&case.blob_key)
                .bind(case.foreground)
                .bind(case.components)
                .execute(&mut *tx)
                .await?;
            }
            let detail = serde_json::json!({
                "name": new.name, "digest": new.digest, "cases": new.cases.len(),
            });
            let by = AuditContext { actor: new.actor, detail };
            record_event!(tx, by, "truth set imported", new.id, now);
        });
        Ok(())
    }

    pub async fn truth_set(&self, id: TruthSetId) -> Result<Option<TruthSet>> {
        on!(self.read, db => sqlx::query_as(select_truth_sets!("where t.id = $1"))
            .bind(id)
            .fetch_optional(db))
    }

    /// All truth sets, newest first.
    pub async fn truth_sets(&self) -> Result<Vec<TruthSet>> {
        on!(self.read, db => sqlx::query_as(select_truth_sets!("order by t.id desc"))
            .fetch_all(db))
    }

    pub async fn truth_set_by_name(&self, name: &str) -> Result<Option<TruthSet>> {
        on!(self.read, db => sqlx::query_as(select_truth_sets!("where t.name = $1"))
            .bind(name)
            .fetch_optional(db))
    }

    /// The cases of a truth set, in the order of the import.
    pub async fn cases(&self, truth_set: TruthSetId) -> Result<Vec<Case>> {
        on!(self.read, db => sqlx::query_as(
            "select case_id, case_group, size_x, size_y, size_z, spacing_x, spacing_y, spacing_z,
                    blob_key, foreground, components, ct_at
             from cases where truth_set_id = $1 order by position",
        )
        .bind(truth_set)
        .fetch_all(db))
    }

    /// Writes down that the CTs of these cases are stored.
    pub async fn set_ct(
        &self,
        truth_set: TruthSetId,
        cases: &[&str],
        now: Timestamp,
    ) -> Result<()> {
        transaction!(self, tx => {
            for case in cases {
                sqlx::query("update cases set ct_at = $3 where truth_set_id = $1 and case_id = $2")
                    .bind(truth_set)
                    .bind(case)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
            }
            let by = AuditContext { actor: None, detail: serde_json::json!({ "cases": cases.len() }) };
            record_event!(tx, by, "CT imported", truth_set, now);
        });
        Ok(())
    }

    /// Truth set and id of every case whose CT is stored.
    pub async fn cases_with_ct(&self) -> Result<Vec<(TruthSetId, String)>> {
        on!(self.read, db => sqlx::query_as("select truth_set_id, case_id from cases where ct_at is not null")
            .fetch_all(db))
    }
}
