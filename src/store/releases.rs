//! Decisions after which exact results are shown: a phase's results are final, or those of a moment are published.

use crate::domain::PhaseId;
use sqlx::FromRow;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::phases::Phase;
use super::revision::ranking_changed;
use super::timestamp::Timestamp;

/// A moment whose exact ranking and analysis are published.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct Snapshot {
    pub at: Timestamp,
    pub reason: String,
}

impl Store {
    /// Declares a phase's results final, or no longer so, and writes down who did; false if nothing changes.
    pub async fn set_final(
        &self,
        phase: PhaseId,
        is_final: bool,
        by: &AuditContext,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            let touched = sqlx::query(
                "update phases set final_at = $2
                 where id = $1 and (final_at is null) = $3",
            )
            .bind(phase)
            .bind(is_final.then_some(now))
            .bind(is_final)
            .execute(&mut *tx)
            .await?;
            if touched.rows_affected() == 0 {
                return Ok(false);
            }
            let action = if is_final { "results declared final" } else { "results no longer final" };
            record_event!(tx, by, action, phase, now);
            ranking_changed!(tx);
            true
        }))
    }

    /// Publishes the exact ranking and analysis of this moment, and writes down who did.
    pub async fn publish_snapshot(
        &self,
        phase: PhaseId,
        at: Timestamp,
        reason: &str,
        by: &AuditContext,
    ) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query(
                "insert into snapshots (phase_id, at, created_by, reason) values ($1, $2, $3, $4)",
            )
            .bind(phase)
            .bind(at)
            .bind(by.actor)
            .bind(reason)
            .execute(&mut *tx)
            .await?;
            record_event!(tx, by, "snapshot published", phase, at);
            ranking_changed!(tx);
        });
        Ok(())
    }

    /// A phase's published snapshots, newest first.
    pub async fn snapshots(&self, phase: PhaseId) -> Result<Vec<Snapshot>> {
        on!(self.read, db => sqlx::query_as(
            "select at, reason from snapshots where phase_id = $1 order by at desc",
        )
        .bind(phase)
        .fetch_all(db))
    }

    /// Whether the ranking of just this moment is published.
    pub async fn is_snapshot(&self, phase: PhaseId, at: Timestamp) -> Result<bool> {
        let found: Option<i64> = on!(self.read, db => sqlx::query_scalar(
            "select cast(1 as bigint) from snapshots where phase_id = $1 and at = $2",
        )
        .bind(phase)
        .bind(at)
        .fetch_optional(db))?;
        Ok(found.is_some())
    }

    /// The titles of the phases, this one among them, in which something sent at this moment or later could still
    /// ask about one of the phase's cases: those that are open, planned or take late submissions, and whose truth
    /// set has a case of the same id, shape and spacing, or of the same shape, spacing and number of voxels.
    pub async fn phases_in_the_way(&self, phase: &Phase, now: Timestamp) -> Result<Vec<String>> {
        on!(self.read, db => sqlx::query_scalar(
            "select p.title from phases p
             where (p.closes_at is null or p.closes_at > $2 or p.late <> 'refused')
               and (p.truth_set_id = $1 or exists (
                   select 1 from cases a join cases b
                     on a.size_x = b.size_x and a.size_y = b.size_y and a.size_z = b.size_z
                    and a.spacing_x = b.spacing_x and a.spacing_y = b.spacing_y
                    and a.spacing_z = b.spacing_z
                    and (a.case_id = b.case_id or a.foreground = b.foreground)
                   where a.truth_set_id = $1 and b.truth_set_id = p.truth_set_id))
             order by p.opens_at, p.id",
        )
        .bind(phase.truth_set_id)
        .bind(now)
        .fetch_all(db))
    }
}
