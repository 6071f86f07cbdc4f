//! What teams say of themselves, with all that they have said.

use sqlx::FromRow;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::timestamp::Timestamp;
use crate::domain::{TeamId, UserId};

/// What a team says of itself, for everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow, serde::Serialize)]
pub struct TeamProfile {
    pub affiliation: String,
    /// The address of a page; empty for none.
    pub website: String,
    pub description: String,
}

/// A team with what it says of itself.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct ProfiledTeam {
    pub id: TeamId,
    pub name: String,
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub profile: TeamProfile,
    /// Goes up with every change of it.
    #[sqlx(rename = "profile_revision")]
    pub revision: i64,
}

/// What a team said of itself once.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct ProfileVersion {
    pub revision: i64,
    pub at: Timestamp,
    /// Name of who wrote it.
    pub author: String,
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub profile: TeamProfile,
}

impl Store {
    /// A team that is not part of another one, with what it says of itself.
    pub async fn profiled_team(&self, id: TeamId) -> Result<Option<ProfiledTeam>> {
        on!(self.read, db => sqlx::query_as(
            "select id, name, affiliation, website, description, profile_revision from teams
             where id = $1 and merged_into is null",
        )
        .bind(id)
        .fetch_optional(db))
    }

    /// All that a team has said of itself, what it says now first.
    pub async fn profile_versions(&self, id: TeamId, limit: i64) -> Result<Vec<ProfileVersion>> {
        on!(self.read, db => sqlx::query_as(
            "select v.revision, v.at, u.display_name as author, v.affiliation, v.website, v.description
             from (select profile_revision as revision, profile_at as at, profile_by as author,
                          affiliation, website, description
                   from teams where id = $1 and profile_at is not null
                   union all
                   select revision, at, author, affiliation, website, description
                   from past_profiles where team_id = $1) v
             join users u on u.id = v.author
             order by v.revision desc limit $2",
        )
        .bind(id)
        .bind(limit)
        .fetch_all(db))
    }

    /// Changes what a team says of itself, keeps what it said, and writes down who did; false if `revision` is not the
    /// latest, because somebody else has changed it.
    pub async fn change_team_profile(
        &self,
        id: TeamId,
        revision: i64,
        to: &TeamProfile,
        author: UserId,
        detail: serde_json::Value,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            // Nothing was said before the first change.
            sqlx::query(
                "insert into past_profiles
                     (team_id, revision, at, author, affiliation, website, description)
                 select id, profile_revision, profile_at, profile_by, affiliation, website, description
                 from teams where id = $1 and profile_revision = $2 and profile_at is not null
                 on conflict do nothing",
            )
            .bind(id)
            .bind(revision)
            .execute(&mut *tx)
            .await?;
            let touched = sqlx::query(
                "update teams
                 set affiliation = $3, website = $4, description = $5,
                     profile_revision = profile_revision + 1, profile_at = $6, profile_by = $7
                 where id = $1 and profile_revision = $2 and merged_into is null",
            )
            .bind(id)
            .bind(revision)
            .bind(&to.affiliation)
            .bind(&to.website)
            .bind(&to.description)
            .bind(now)
            .bind(author)
            .execute(&mut *tx)
            .await?;
            if touched.rows_affected() == 0 {
                return Ok(false);
            }
            let by = AuditContext { actor: Some(author), detail };
            record_event!(tx, by, "team profile changed", id, now);
            true
        }))
    }
}
