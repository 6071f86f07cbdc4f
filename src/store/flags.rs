//! What organisers should look at: found when a submission has been scored, kept for as long as its score stands.

use std::collections::{HashMap, HashSet};

use sqlx::FromRow;
use sqlx::types::Json;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::search::{among, grouped};
use super::timestamp::Timestamp;
use crate::domain::{Earlier, EvaluationId, FlagKind, SentCase, SubmissionId, TeamId, inspect};

/// Most masks of other submissions that are compared with those of one; the newest count.
const MAX_COMPARED: i64 = 4000;

/// A flag of a submission, for organisers.
#[derive(Clone, Debug, FromRow)]
pub struct FlagRow {
    pub submission_id: SubmissionId,
    #[sqlx(try_from = "String")]
    pub kind: FlagKind,
    /// How many cases, or in a series how many submissions, it is about.
    pub cases: i64,
    pub team_name: String,
    pub created_at: Timestamp,
    /// The submission it is like, and whose that is.
    pub other_id: Option<SubmissionId>,
    pub other_team: Option<String>,
}

#[derive(FromRow)]
struct Due {
    /// The submission.
    id: SubmissionId,
    evaluation: EvaluationId,
    team_id: TeamId,
}

#[derive(FromRow)]
struct SentRow {
    case_id: String,
    voxels: i64,
    dice: f64,
    foreground: Option<i64>,
}

/// The flags that stand: once two teams are one, that they sent the same says nothing.
macro_rules! select_flags {
    ($rest:literal) => {
        concat!(
            "select f.submission_id, f.kind, f.cases, t.name as team_name, s.created_at, f.other_id,
                    ot.name as other_team
             from flags f
             join submissions s on s.id = f.submission_id
             join teams t on t.id = s.team_id
             left join submissions o on o.id = f.other_id
             left join teams ot on ot.id = o.team_id
             where (f.kind not in ('same_masks', 'shared_masks') or o.team_id <> s.team_id) and ",
            $rest
        )
    };
}

impl Store {
    /// Looks at submissions that were scored since they were looked at, up to so many, oldest first. Tells how many.
    pub async fn inspect_submissions(&self, limit: i64, now: Timestamp) -> Result<usize> {
        let due: Vec<Due> = on!(self.read, db => sqlx::query_as(
            "select submission_id as id, id as evaluation, team_id from official_evaluations
             where state = 'scored' and not inspected and official_until is null
             order by submission_id limit $1",
        )
        .bind(limit)
        .fetch_all(db))?;
        for submission in &due {
            self.inspect_submission(submission, now).await?;
        }
        Ok(due.len())
    }

    async fn inspect_submission(&self, due: &Due, now: Timestamp) -> Result<()> {
        let sent: Vec<SentRow> = on!(self.read, db => sqlx::query_as(
            "select r.case_id, m.voxels, r.dice, c.foreground
             from official_results r
             join case_masks m on m.submission_id = r.submission_id and m.case_id = r.case_id
             join cases c on c.truth_set_id = r.truth_set_id and c.case_id = r.case_id
             where r.evaluation_id = $1 order by r.position",
        )
        .bind(due.evaluation)
        .fetch_all(db))?;
        let same: Vec<(SubmissionId, TeamId, String)> = on!(self.read, db => sqlx::query_as(
            "select n.submission_id, o.team_id, n.case_id
             from case_masks m
             join case_masks n on n.sha256 = m.sha256 and n.case_id = m.case_id
             join official_evaluations o on o.submission_id = n.submission_id and o.official_until is null
             where m.submission_id = $1 and n.submission_id <> $1 and o.state = 'scored'
             order by n.submission_id desc limit $2",
        )
        .bind(due.id)
        .bind(MAX_COMPARED)
        .fetch_all(db))?;
        let changes: i64 = on!(self.read, db => sqlx::query_scalar(
            "select count(*) from submissions where team_id = $1 and small_change and id < $2",
        )
        .bind(due.team_id)
        .bind(due.id)
        .fetch_one(db))?;

        let scored: HashSet<&str> = sent.iter().map(|case| case.case_id.as_str()).collect();
        let (mut earlier, mut later): (Vec<Earlier>, Vec<SubmissionId>) = (Vec::new(), Vec::new());
        for (submission, team, case) in same {
            if submission > due.id {
                later.push(submission);
            } else if scored.contains(case.as_str()) {
                match earlier.last_mut() {
                    Some(last) if last.submission == submission => _ = last.cases.insert(case),
                    _ => earlier.push(Earlier { submission, team, cases: HashSet::from([case]) }),
                }
            }
        }
        later.dedup();
        let sent: Vec<SentCase> = sent
            .into_iter()
            .map(|row| SentCase {
                id: row.case_id,
                voxels: row.voxels,
                dice: row.dice,
                truth_voxels: row.foreground,
            })
            .collect();
        let inspected = inspect(&sent, due.team_id, &earlier, changes.max(0) as usize);

        transaction!(self, tx => {
            sqlx::query("update submissions set small_change = $2 where id = $1")
                .bind(due.id)
                .bind(inspected.small_change)
                .execute(&mut *tx)
                .await?;
            let touched = sqlx::query(
                "update evaluations set inspected = $2 where id = $1 and official_until is null",
            )
            .bind(due.evaluation)
            .bind(true)
            .execute(&mut *tx)
            .await?
            .rows_affected();
            if touched != 1 {
                return Ok(());
            }
            // Scored out of turn: those that came later are compared with it as well.
            for submission in &later {
                sqlx::query(
                    "update evaluations set inspected = $2
                     where submission_id = $1 and inspected and official_until is null",
                )
                .bind(submission)
                .bind(false)
                .execute(&mut *tx)
                .await?;
            }
            let before: Vec<String> =
                sqlx::query_scalar("select kind from flags where submission_id = $1")
                    .bind(due.id)
                    .fetch_all(&mut *tx)
                    .await?;
            sqlx::query("delete from flags where submission_id = $1")
                .bind(due.id)
                .execute(&mut *tx)
                .await?;
            for (position, flag) in inspected.flags.iter().enumerate() {
                sqlx::query(
                    "insert into flags (submission_id, position, kind, other_id, cases)
                     values ($1, $2, $3, $4, $5)",
                )
                .bind(due.id)
                .bind(position as i64)
                .bind(flag.kind.as_str())
                .bind(flag.other)
                .bind(flag.count as i64)
                .execute(&mut *tx)
                .await?;
            }
            let kinds: Vec<&str> = inspected.flags.iter().map(|flag| flag.kind.as_str()).collect();
            if kinds.iter().any(|kind| !before.iter().any(|known| known == kind)) {
                let by = AuditContext { actor: None, detail: serde_json::json!({ "flags": kinds }) };
                record_event!(tx, by, "flagged", due.id, now);
            }
        });
        Ok(())
    }

    /// The flags of each of these submissions.
    pub async fn flags_about(
        &self,
        submissions: &[SubmissionId],
    ) -> Result<HashMap<SubmissionId, Vec<FlagRow>>> {
        let text = among!(self, select_flags!("f.submission_id"), "order by f.position");
        let flags: Vec<FlagRow> = on!(self.read, db => sqlx::query_as(text)
            .bind(Json(submissions))
            .fetch_all(db))?;
        Ok(grouped(flags.into_iter().map(|flag| (flag.submission_id, flag))))
    }

    /// A submission's flags.
    pub async fn flags_of(&self, submission: SubmissionId) -> Result<Vec<FlagRow>> {
        Ok(self.flags_about(&[submission]).await?.remove(&submission).unwrap_or_default())
    }

    /// How many flags each of these submissions has, where it has any.
    pub async fn flags_among(
        &self,
        newest: SubmissionId,
        oldest: SubmissionId,
    ) -> Result<HashMap<SubmissionId, usize>> {
        let flags: Vec<FlagRow> = on!(self.read, db => sqlx::query_as(select_flags!(
            "f.submission_id between $1 and $2"
        ))
        .bind(oldest)
        .bind(newest)
        .fetch_all(db))?;
        let mut counts = HashMap::new();
        for flag in flags {
            *counts.entry(flag.submission_id).or_default() += 1;
        }
        Ok(counts)
    }

    /// The latest flags, newest submission first.
    pub async fn flags_since(&self, since: Timestamp, limit: i64) -> Result<Vec<FlagRow>> {
        on!(self.read, db => sqlx::query_as(select_flags!(
            "s.created_at > $1 order by f.submission_id desc, f.position limit $2"
        ))
        .bind(since)
        .bind(limit)
        .fetch_all(db))
    }
}
