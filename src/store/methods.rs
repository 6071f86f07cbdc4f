//! What teams say of the methods of their submissions, with all that they have said.

use std::collections::HashMap;

use sqlx::FromRow;
use sqlx::types::Json;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::revision::ranking_changed;
use super::search::{among, folded};
use super::timestamp::Timestamp;
use crate::domain::{Answer, SubmissionId, UserId};

/// What a team says of the method of a submission.
#[derive(Clone, Debug, Default, PartialEq, FromRow, serde::Serialize)]
pub struct MethodText {
    /// Its name.
    pub method: String,
    pub description: String,
    /// The address of a paper; empty for none, as the others.
    pub url: String,
    pub code_url: String,
    /// Of data that were used besides the challenge's.
    pub data_url: String,
    /// To the questions of the phase, in their order.
    #[sqlx(json)]
    pub answers: Vec<Answer>,
}

/// What was said of a method once.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct MethodVersion {
    pub revision: i64,
    pub at: Timestamp,
    /// Name of who wrote it.
    pub author: String,
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub says: MethodText,
}

/// What is said of the method of a submission, and by whom.
#[derive(Clone, Debug, FromRow)]
pub struct MethodOfTeam {
    pub id: SubmissionId,
    pub affiliation: String,
    pub website: String,
    #[sqlx(flatten)]
    pub says: MethodText,
}

impl Store {
    /// What is said of the methods of these submissions, with what their teams say of themselves.
    pub async fn methods_of(
        &self,
        submissions: &[SubmissionId],
    ) -> Result<HashMap<SubmissionId, MethodOfTeam>> {
        let text = among!(
            self,
            "select s.id, t.affiliation, t.website, s.method, s.description, s.url, s.code_url,
                    s.data_url, s.answers
             from submissions s join teams t on t.id = s.team_id where s.id",
            "order by s.id"
        );
        let found: Vec<MethodOfTeam> = on!(self.read, db => sqlx::query_as(text)
            .bind(Json(submissions))
            .fetch_all(db))?;
        Ok(found.into_iter().map(|one| (one.id, one)).collect())
    }

    /// All that was said of a submission's method, what is said now first.
    pub async fn method_versions(
        &self,
        id: SubmissionId,
        limit: i64,
    ) -> Result<Vec<MethodVersion>> {
        on!(self.read, db => sqlx::query_as(
            "select v.revision, v.at, u.display_name as author, v.method, v.description, v.url,
                    v.code_url, v.data_url, v.answers
             from (select revision, coalesce(changed_at, created_at) as at,
                          coalesce(changed_by, user_id) as author, method, description, url, code_url,
                          data_url, answers
                   from submissions where id = $1
                   union all
                   select revision, at, author, method, description, url, code_url, data_url, answers
                   from past_methods where submission_id = $1) v
             join users u on u.id = v.author
             order by v.revision desc limit $2",
        )
        .bind(id)
        .bind(limit)
        .fetch_all(db))
    }

    /// Changes what is said of a submission's method, keeps what was said, and writes down who did; false if `revision` is
    /// not the latest, because somebody else has changed it.
    pub async fn change_method(
        &self,
        id: SubmissionId,
        revision: i64,
        to: &MethodText,
        author: UserId,
        detail: serde_json::Value,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            sqlx::query(
                "insert into past_methods
                     (submission_id, revision, at, author, method, description, url, code_url, data_url,
                      answers)
                 select id, revision, coalesce(changed_at, created_at), coalesce(changed_by, user_id),
                        method, description, url, code_url, data_url, answers
                 from submissions where id = $1 and revision = $2
                 on conflict do nothing",
            )
            .bind(id)
            .bind(revision)
            .execute(&mut *tx)
            .await?;
            let touched = sqlx::query(
                "update submissions
                 set method = $3, method_folded = $4, description = $5, url = $6, code_url = $7,
                     data_url = $8, answers = $9, revision = revision + 1, changed_at = $10,
                     changed_by = $11
                 where id = $1 and revision = $2",
            )
            .bind(id)
            .bind(revision)
            .bind(&to.method)
            .bind(folded(&to.method))
            .bind(&to.description)
            .bind(&to.url)
            .bind(&to.code_url)
            .bind(&to.data_url)
            .bind(Json(&to.answers))
            .bind(now)
            .bind(author)
            .execute(&mut *tx)
            .await?;
            if touched.rows_affected() == 0 {
                return Ok(false);
            }
            let by = AuditContext { actor: Some(author), detail };
            record_event!(tx, by, "method changed", id, now);
            ranking_changed!(tx);
            true
        }))
    }
}
