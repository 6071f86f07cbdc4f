use std::collections::HashSet;

use sqlx::FromRow;
use sqlx::types::Json;

use super::engine::{Result, Store, on, transaction};
use super::evaluations::QUEUE;
use super::locks::Locks;
use super::methods::MethodText;
use super::phases::Phase;
use super::quota::{COUNTED, COUNTED_IN_ALL, SENT, free_at};
use super::search::{containing, folded, or_none, word, yes_or_none};
use super::timestamp::Timestamp;
use crate::domain::{
    Answer, EvaluationId, PhaseId, Problem, Publication, State, SubmissionId, TeamId, TruthSetId,
    UserId,
};
use crate::string_enum::string_enum;

/// One upload of a team, and what its phase says of it now.
#[derive(Clone, Debug, FromRow)]
pub struct Submission {
    pub id: SubmissionId,
    pub phase_id: PhaseId,
    pub team_id: TeamId,
    pub team_name: String,
    pub user_id: UserId,
    /// What its team says of its method.
    #[sqlx(flatten)]
    pub says: MethodText,
    /// Goes up with every change of that.
    pub revision: i64,
    pub upload_bytes: i64,
    pub upload_sha256: String,
    /// The current one. What follows until `failure` is its state and result.
    pub evaluation: EvaluationId,
    #[sqlx(try_from = "String")]
    pub state: State,
    pub attempt: i64,
    pub cases_done: i64,
    pub scorer_version: Option<String>,
    /// What it is scored against; until it has ended that may change.
    pub truth_set_id: TruthSetId,
    /// Why it is invalid.
    #[sqlx(json(nullable))]
    pub problems: Option<Vec<Problem>>,
    /// Why it failed, for organisers only.
    pub failure: Option<String>,
    pub published: bool,
    pub disqualified: bool,
    /// It counts for nothing, also towards the quota.
    pub discarded: bool,
    /// Sent after the phase had closed: never ranked.
    pub late: bool,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// What the pictures of its cases are called among the stored objects, where they were drawn.
    pub pictures: Option<String>,
}

string_enum! {
    /// Which submissions are wanted, by what was decided about them.
    Shown {
        /// With a score, and neither late, disqualified nor discarded: what can be on the leaderboard.
        Published = "published",
        Hidden = "hidden",
        /// With a score, and neither published nor hidden yet.
        AwaitingReview = "awaiting_review",
        Disqualified = "disqualified",
        Discarded = "discarded",
    }
}

/// Which submissions are wanted; an empty text stands for all.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct SubmissionFilter {
    /// Its short name.
    pub phase: String,
    #[serde(deserialize_with = "word::<_, State>")]
    pub state: String,
    /// Part of a team's name or of a method's.
    pub search: String,
    /// `published` (with a score, and neither late, disqualified nor discarded), `hidden`, `awaiting_review` (with a score, and
    /// neither published nor hidden by anybody), `disqualified` or `discarded`.
    #[serde(deserialize_with = "word::<_, Shown>")]
    pub shown: String,
    /// `yes`: only those that organisers should look at.
    #[serde(deserialize_with = "yes_or_none")]
    pub flagged: String,
    /// Only what is older than the submission with this id: the next page.
    #[serde(deserialize_with = "or_none")]
    pub before: Option<SubmissionId>,
}

/// How much work there is.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Queue {
    pub queued: i64,
    pub scoring: i64,
    pub failed: i64,
    /// That are scoring something.
    pub workers: i64,
    /// Since when that waits which has waited longest.
    pub oldest: Option<Timestamp>,
}

impl Queue {
    /// Whether something waits or is being scored.
    pub fn is_busy(&self) -> bool {
        self.queued + self.scoring > 0
    }
}

/// What is known when an upload has passed the checks of its headers.
#[derive(Clone, Debug)]
pub struct NewSubmission<'a> {
    pub id: SubmissionId,
    pub team_id: TeamId,
    pub user_id: UserId,
    pub method: &'a str,
    pub description: &'a str,
    pub url: &'a str,
    pub code_url: &'a str,
    pub data_url: &'a str,
    pub answers: &'a [Answer],
    pub blob_key: &'a str,
    pub upload_bytes: i64,
    pub upload_sha256: &'a str,
    pub idempotency_key: Option<&'a str>,
    /// Over the file and every field: tells a repeated request from another one.
    pub request_sha256: &'a str,
}

/// What became of the request to add a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    New,
    /// The same request was here before; this is the submission it made.
    Replayed(SubmissionId),
    /// The key was used before, for another request.
    KeyReused,
    /// The team is gone: its last member left it.
    NoTeam,
    /// The team has used up what it may send in the whole phase.
    TotalReached {
        /// How many that are.
        total: i64,
    },
    /// The team has used up what it may send; a place is free at this moment.
    QuotaExhausted {
        /// How many it may send in a period.
        limit: i64,
        until: Timestamp,
    },
}

/// The columns of [`Submission`].
macro_rules! select_submissions {
    ($rest:literal) => {
        concat!(
            "select s.id, s.phase_id, s.team_id, t.name as team_name, s.user_id, s.method,
                    s.description, s.url, s.code_url, s.data_url, s.answers, s.revision,
                    s.upload_bytes, s.upload_sha256, o.id as evaluation,
                    o.state, o.attempt, o.cases_done, o.scorer_version, o.truth_set_id, o.problems,
                    o.failure, s.published, s.disqualified, s.discarded, s.late, s.created_at, o.finished_at, o.pictures
             from submissions s
             join official_evaluations o on o.submission_id = s.id and o.official_until is null
             join teams t on t.id = s.team_id ",
            $rest
        )
    };
}

impl Store {
    /// Queues a submission unless its key was seen before or the team's quota is used up. Its files were checked
    /// for the truth set that `phase` says.
    ///
    /// The team's row is locked first, so that parallel uploads of one team are counted one after the other. If
    /// the team was merged into another one meanwhile, it is the other one's submission.
    pub async fn add_submission(
        &self,
        phase: &Phase,
        new: &NewSubmission<'_>,
        now: Timestamp,
    ) -> Result<Added> {
        let since = now.minus(phase.quota_period());
        Ok(transaction!(self, tx => {
            let mut team = new.team_id;
            while !tx.lock_team(team).await? {
                let merged: Option<Option<TeamId>> =
                    sqlx::query_scalar("select merged_into from teams where id = $1")
                        .bind(team)
                        .fetch_optional(&mut *tx)
                        .await?;
                match merged.flatten() {
                    None => return Ok(Added::NoTeam),
                    Some(into) => team = into,
                }
            }

            let before: Option<(SubmissionId, String)> = sqlx::query_as(
                "select id, request_sha256 from submissions
                 where user_id = $1 and idempotency_key = $2",
            )
            .bind(new.user_id)
            .bind(new.idempotency_key)
            .fetch_optional(&mut *tx)
            .await?;
            if let Some((id, request)) = before {
                let same = request == new.request_sha256;
                return Ok(if same { Added::Replayed(id) } else { Added::KeyReused });
            }

            for (text, limit) in [(COUNTED, phase.quota), (SENT, phase.max_attempts())] {
                let counted: Vec<Timestamp> = sqlx::query_scalar(text)
                    .bind(team)
                    .bind(phase.id)
                    .bind(since)
                    .bind(limit)
                    .fetch_all(&mut *tx)
                    .await?;
                if let Some(until) = free_at(phase, limit, &counted) {
                    return Ok(Added::QuotaExhausted { limit, until });
                }
            }
            if let Some(total) = phase.rules.total {
                let counted: i64 = sqlx::query_scalar(COUNTED_IN_ALL)
                    .bind(team)
                    .bind(phase.id)
                    .fetch_one(&mut *tx)
                    .await?;
                if counted >= total {
                    return Ok(Added::TotalReached { total });
                }
            }

            sqlx::query(
                "insert into submissions
                     (id, phase_id, team_id, user_id, truth_set_id, method, description, url,
                      blob_key, upload_bytes, upload_sha256, idempotency_key, request_sha256,
                      published, disqualified, created_at, late, method_folded, code_url,
                      data_url, answers)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                         $18, $19, $20, $21)",
            )
            .bind(new.id)
            .bind(phase.id)
            .bind(team)
            .bind(new.user_id)
            .bind(phase.truth_set_id)
            .bind(new.method)
            .bind(new.description)
            .bind(new.url)
            .bind(new.blob_key)
            .bind(new.upload_bytes)
            .bind(new.upload_sha256)
            .bind(new.idempotency_key)
            .bind(new.request_sha256)
            .bind(phase.rules.publication == Publication::Automatic)
            .bind(false)
            .bind(now)
            .bind(phase.takes_late(now))
            .bind(folded(new.method))
            .bind(new.code_url)
            .bind(new.data_url)
            .bind(Json(new.answers))
            .execute(&mut *tx)
            .await?;
            sqlx::query(QUEUE)
                .bind(EvaluationId::new())
                .bind(new.id)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            Added::New
        }))
    }

    pub async fn submission(&self, id: SubmissionId) -> Result<Option<Submission>> {
        on!(self.read, db => sqlx::query_as(select_submissions!("where s.id = $1"))
            .bind(id)
            .fetch_optional(db))
    }

    /// A team's submissions, newest first.
    pub async fn submissions_of(&self, team: TeamId, limit: i64) -> Result<Vec<Submission>> {
        on!(self.read, db => sqlx::query_as(select_submissions!(
            "where s.team_id = $1 order by s.id desc limit $2"
        ))
        .bind(team)
        .bind(limit)
        .fetch_all(db))
    }

    /// Everybody's submissions that fit, newest first.
    pub async fn submissions(
        &self,
        filter: &SubmissionFilter,
        limit: i64,
    ) -> Result<Vec<Submission>> {
        on!(self.read, db => sqlx::query_as(select_submissions!(
            "join phases p on p.id = s.phase_id
             where ($1 = '' or p.slug = $1) and ($2 = '' or o.state = $2)
               and ($3 = '' or t.name_key like $3 escape '!' or s.method_folded like $3 escape '!')
               and ($4 = '' or ($4 = 'published' and o.state = 'scored' and s.published and not s.late
                                              and not s.disqualified and not s.discarded)
                    or ($4 = 'awaiting_review' and o.state = 'scored' and not s.published and not s.late
                        and not s.disqualified and not s.discarded and not exists (
                            select 1 from decisions d where d.submission_id = s.id and d.decision = 'hide'))
                    or ($4 = 'hidden' and not s.published) or ($4 = 'disqualified' and s.disqualified)
                    or ($4 = 'discarded' and s.discarded))
               and (s.id < $5 or $5 is null)
               and ($7 = '' or exists (select 1 from flags f where f.submission_id = s.id))
             order by s.id desc limit $6"
        ))
        .bind(&filter.phase)
        .bind(&filter.state)
        .bind(containing(&filter.search))
        .bind(&filter.shown)
        .bind(filter.before)
        .bind(limit)
        .bind(&filter.flagged)
        .fetch_all(db))
    }

    /// What waits, what is being scored, and what needs somebody's attention.
    pub async fn queue(&self) -> Result<Queue> {
        let now = self.clock().await?;
        on!(self.read, db => sqlx::query_as(
            "select count(case when state = 'queued' then 1 end) as queued,
                    count(case when state = 'scoring' then 1 end) as scoring,
                    count(case when state = 'failed' then 1 end) as failed,
                    count(distinct case when state = 'scoring' and lease_until > $1 then worker end) as workers,
                    min(case when state = 'queued' then created_at end) as oldest
             from official_evaluations
             where official_until is null and state in ('queued', 'scoring', 'failed')",
        )
        .bind(now)
        .fetch_one(db))
    }

    /// The submission that the person's first request with this key made, and that request's digest.
    pub async fn request_of_key(
        &self,
        user: UserId,
        key: &str,
    ) -> Result<Option<(SubmissionId, String)>> {
        on!(self.read, db => sqlx::query_as(
            "select id, request_sha256 from submissions
             where user_id = $1 and idempotency_key = $2",
        )
        .bind(user)
        .bind(key)
        .fetch_optional(db))
    }

    /// Keys of all ground truths that a case names.
    pub async fn truth_keys(&self) -> Result<HashSet<String>> {
        let keys: Vec<String> =
            on!(self.read, db => sqlx::query_scalar("select blob_key from cases").fetch_all(db))?;
        Ok(keys.into_iter().collect())
    }

    /// The key of what a submission sent, and the truth set that it was accepted for.
    pub async fn upload_of(&self, id: SubmissionId) -> Result<Option<(String, TruthSetId)>> {
        on!(self.read, db => sqlx::query_as("select blob_key, truth_set_id from submissions where id = $1")
            .bind(id)
            .fetch_optional(db))
    }

    /// Keys of all uploads that a submission names.
    pub async fn upload_keys(&self) -> Result<HashSet<String>> {
        let keys: Vec<String> = on!(self.read, db => sqlx::query_scalar("select blob_key from submissions").fetch_all(db))?;
        Ok(keys.into_iter().collect())
    }
}
