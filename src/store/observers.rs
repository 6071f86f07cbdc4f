//! How far the annotators of a truth set agree with it.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::FromRow;
use sqlx::types::Json;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::locks::Locks;
use super::revision::ranking_changed;
use super::timestamp::Timestamp;
use crate::domain::{Observers, PerMetric, TruthSetId, UserId};

/// What one annotator's masks score. For organisers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnnotatorValues {
    pub name: String,
    /// Of every case, in the order of the truth set.
    pub values: Vec<PerMetric<f64>>,
}

/// The annotators of a truth set, as they were imported. For organisers.
#[derive(Clone, Debug, FromRow)]
pub struct ObserverRow {
    pub at: Timestamp,
    /// The e-mail address of who imported them, where that was not the command line.
    pub email: Option<String>,
    #[sqlx(json)]
    pub annotators: Vec<AnnotatorValues>,
    #[sqlx(json)]
    pub summary: Observers,
}

/// Annotators to import, and what their values come to.
#[derive(Clone, Copy, Debug)]
pub struct NewObservers<'a> {
    pub annotators: &'a [AnnotatorValues],
    pub summary: &'a Observers,
}

impl Store {
    /// Gives a truth set its annotators in place of those it may have had, or none, and writes that down. False if
    /// there is no such truth set. To take away what isn't there leaves no event.
    pub async fn set_observers(
        &self,
        truth_set: TruthSetId,
        new: Option<NewObservers<'_>>,
        actor: Option<UserId>,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            // Imports and removals come one after the other.
            if !tx.lock_truth_set(truth_set).await? {
                return Ok(false);
            }
            let before: Option<Json<Observers>> =
                sqlx::query_scalar("select summary from observers where truth_set_id = $1")
                    .bind(truth_set)
                    .fetch_optional(&mut *tx)
                    .await?;
            sqlx::query("delete from observers where truth_set_id = $1")
                .bind(truth_set)
                .execute(&mut *tx)
                .await?;
            if let Some(new) = new {
                sqlx::query(
                    "insert into observers (truth_set_id, at, created_by, annotators, summary)
                     values ($1, $2, $3, $4, $5)",
                )
                .bind(truth_set)
                .bind(now)
                .bind(actor)
                .bind(Json(new.annotators))
                .bind(Json(new.summary))
                .execute(&mut *tx)
                .await?;
            }
            if before.is_some() || new.is_some() {
                // Without the annotators' names: the audit log names nobody.
                let after = new.map(|new| new.summary);
                let detail = json!({ "before": before.map(|Json(before)| before), "after": after });
                let action =
                    if new.is_some() { "observers imported" } else { "observers removed" };
                let by = AuditContext { actor, detail };
                record_event!(tx, by, action, truth_set, now);
                ranking_changed!(tx);
            }
            true
        }))
    }

    /// The annotators of a truth set, with the values of single cases.
    pub async fn observers(&self, truth_set: TruthSetId) -> Result<Option<ObserverRow>> {
        on!(self.read, db => sqlx::query_as(
            "select o.at, u.email, o.annotators, o.summary
             from observers o left join users u on u.id = o.created_by where o.truth_set_id = $1",
        )
        .bind(truth_set)
        .fetch_optional(db))
    }

    /// What everybody may know of them.
    pub async fn observer_summary(&self, truth_set: TruthSetId) -> Result<Option<Observers>> {
        let summary: Option<Json<Observers>> = on!(self.read, db => sqlx::query_scalar(
            "select summary from observers where truth_set_id = $1",
        )
        .bind(truth_set)
        .fetch_optional(db))?;
        Ok(summary.map(|Json(summary)| summary))
    }
}
