use sqlx::FromRow;
use uuid::Uuid;

use super::{Result, Store, Timestamp, on, transaction};
use crate::challenge::Group;

/// A version of the ground truth.
#[derive(Clone, Debug, FromRow)]
pub struct TruthSet {
    pub id: Uuid,
    pub name: String,
    /// SHA-256 over ids, groups and the digests of the files, in the order of import.
    pub digest: String,
    pub created_at: Timestamp,
}

/// What may be known about a case: id, group, shape (x, y, z) in voxels, spacing (x, y, z) in mm.
/// The blob behind it may not.
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
}

#[derive(Clone, Debug)]
pub struct NewTruthSet<'a> {
    pub id: Uuid,
    pub name: &'a str,
    pub digest: &'a str,
    /// In the order they are to be listed in.
    pub cases: &'a [Case],
}

impl Store {
    /// Adds a truth set with its cases, whole or not at all. The blobs are there already.
    pub async fn add_truth_set(&self, new: &NewTruthSet<'_>, now: Timestamp) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query("insert into truth_sets (id, name, digest, created_at) values ($1, $2, $3, $4)")
                .bind(new.id)
                .bind(new.name)
                .bind(new.digest)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            for (position, case) in (0i64..).zip(new.cases) {
                sqlx::query(
                    "insert into cases
                         (truth_set_id, case_id, position, case_group, size_x, size_y, size_z,
                          spacing_x, spacing_y, spacing_z, blob_key)
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
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
                .execute(&mut *tx)
                .await?;
            }
        });
        Ok(())
    }

    pub async fn truth_set(&self, id: Uuid) -> Result<Option<TruthSet>> {
        Ok(on!(self.read, db => sqlx::query_as("select * from truth_sets where id = $1")
            .bind(id)
            .fetch_optional(db))?)
    }

    /// All truth sets, newest first.
    pub async fn truth_sets(&self) -> Result<Vec<TruthSet>> {
        Ok(on!(self.read, db => sqlx::query_as("select * from truth_sets order by id desc")
            .fetch_all(db))?)
    }

    pub async fn truth_set_by_name(&self, name: &str) -> Result<Option<TruthSet>> {
        Ok(on!(self.read, db => sqlx::query_as("select * from truth_sets where name = $1")
            .bind(name)
            .fetch_optional(db))?)
    }

    /// The cases of a truth set, in the order of the import.
    pub async fn cases(&self, truth_set: Uuid) -> Result<Vec<Case>> {
        Ok(on!(self.read, db => sqlx::query_as(
            "select case_id, case_group, size_x, size_y, size_z, spacing_x, spacing_y, spacing_z,
                    blob_key
             from cases where truth_set_id = $1 order by position",
        )
        .bind(truth_set)
        .fetch_all(db))?)
    }
}
