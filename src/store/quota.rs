//! How much of what a phase allows a team has used up. What counts is decided where a submission is added, with the team's
//! row locked; here it only saves work.

use super::engine::{Result, Store, on};
use super::phases::Phase;
use super::timestamp::Timestamp;
use crate::domain::TeamId;

/// What a team has used up of what a phase allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedUp {
    /// All that it may send in a period; a place is free at this moment.
    ForNow { limit: i64, until: Timestamp },
    /// All that it may send in the whole phase.
    InAll { total: i64 },
}

/// How far a team has used up what a phase allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Submissions that count, no more than the phase's quota.
    pub used: i64,
    /// All that was sent in a period, what turned out invalid included; no more than the phase's attempts.
    pub sent: i64,
    /// When a place is free again; `None`: one is free now.
    pub free_at: Option<Timestamp>,
    /// How many the team can still send in the whole phase; `None`: without a limit.
    pub left: Option<i64>,
}

/// A team's latest submissions that count towards a phase's quota, newest first: what is
/// scored, or still may be, and was not discarded.
pub(super) const COUNTED: &str = "select s.created_at from submissions s
     join official_evaluations o on o.submission_id = s.id and o.official_until is null
     where s.team_id = $1 and s.phase_id = $2 and s.created_at > $3 and not s.discarded
       and o.state in ('queued', 'scoring', 'scored')
     order by s.created_at desc limit $4";

/// The same for all that was sent: what is invalid costs no quota, but time and room. What failed through a fault of
/// ours, or was discarded, is nothing the team has used.
pub(super) const SENT: &str = "select s.created_at from submissions s
     join official_evaluations o on o.submission_id = s.id and o.official_until is null
     where s.team_id = $1 and s.phase_id = $2 and s.created_at > $3 and o.state <> 'failed'
       and not s.discarded
     order by s.created_at desc limit $4";

/// How many of a team's submissions count in the whole phase.
pub(super) const COUNTED_IN_ALL: &str = "select count(*) from submissions s
     join official_evaluations o on o.submission_id = s.id and o.official_until is null
     where s.team_id = $1 and s.phase_id = $2 and o.state in ('queued', 'scoring', 'scored')
       and not s.discarded";

/// When a place is free again where no more than `limit` may be sent in a period; `None`: one is free now.
pub(super) fn free_at(phase: &Phase, limit: i64, newest_first: &[Timestamp]) -> Option<Timestamp> {
    let oldest = newest_first.last().filter(|_| newest_first.len() as i64 >= limit);
    oldest.map(|at| at.plus(phase.quota_period()))
}

impl Store {
    /// How much of a phase's quota a team has used at this moment.
    pub async fn quota(&self, phase: &Phase, team: TeamId, now: Timestamp) -> Result<Quota> {
        let counted = self.latest(COUNTED, phase, team, now, phase.quota).await?;
        let sent = self.latest(SENT, phase, team, now, phase.max_attempts()).await?;
        let left = match phase.rules.total {
            Some(total) => Some((total - self.counted_in_all(phase, team).await?).max(0)),
            None => None,
        };
        let free_at = free_at(phase, phase.quota, &counted);
        Ok(Quota { used: counted.len() as i64, sent: sent.len() as i64, free_at, left })
    }

    /// When a team sent what [`COUNTED`] or [`SENT`] finds in the period up to now, the newest first.
    async fn latest(
        &self,
        text: &'static str,
        phase: &Phase,
        team: TeamId,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<Timestamp>> {
        on!(self.read, db => sqlx::query_scalar(text)
            .bind(team)
            .bind(phase.id)
            .bind(now.minus(phase.quota_period()))
            .bind(limit)
            .fetch_all(db))
    }

    async fn counted_in_all(&self, phase: &Phase, team: TeamId) -> Result<i64> {
        on!(self.read, db => sqlx::query_scalar(COUNTED_IN_ALL)
            .bind(team)
            .bind(phase.id)
            .fetch_one(db))
    }

    /// If the team has sent to a phase all it may, for now or in all: how much that is.
    pub async fn used_up(
        &self,
        phase: &Phase,
        team: TeamId,
        now: Timestamp,
    ) -> Result<Option<UsedUp>> {
        if let Some(total) = phase.rules.total
            && self.counted_in_all(phase, team).await? >= total
        {
            return Ok(Some(UsedUp::InAll { total }));
        }
        for (text, limit) in [(COUNTED, phase.quota), (SENT, phase.max_attempts())] {
            let counted = self.latest(text, phase, team, now, limit).await?;
            if let Some(until) = free_at(phase, limit, &counted) {
                return Ok(Some(UsedUp::ForNow { limit, until }));
            }
        }
        Ok(None)
    }
}
