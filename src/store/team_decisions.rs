//! Teams as organisers see them, and what they decide about them.

use sqlx::FromRow;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::locks::Locks;
use super::outbox::{Occasion, Receivers, tell};
use super::revision::ranking_changed;
use super::search::{containing, or_none, word};
use super::teams::{Member, name_key};
use super::timestamp::Timestamp;
use crate::domain::{MailKind, Standing, SubmissionId, TeamDecision, TeamId, UserId};

/// Which teams are wanted; an empty text stands for all.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct TeamFilter {
    #[serde(deserialize_with = "word::<_, Standing>")]
    pub standing: String,
    /// Part of the team's name, or of a member's name or address.
    pub search: String,
    /// Only what comes after the team with this id: the next page.
    #[serde(deserialize_with = "or_none")]
    pub before: Option<TeamId>,
}

/// A team in a list.
#[derive(Clone, Debug, serde::Serialize)]
pub struct ListedTeam {
    pub id: TeamId,
    pub name: String,
    pub standing: Standing,
    /// Why it stands so, where an organiser decided it.
    pub reason: Option<String>,
    /// Why it is a baseline, if it is one.
    pub baseline: Option<String>,
    pub created_at: Timestamp,
    /// How many submissions it has, of all phases and states.
    pub submissions: i64,
    /// The leader first.
    pub members: Vec<Member>,
}

#[derive(FromRow)]
struct Row {
    id: TeamId,
    team: String,
    #[sqlx(try_from = "String")]
    standing: Standing,
    reason: Option<String>,
    baseline: Option<String>,
    created_at: Timestamp,
    submissions: i64,
    user: Option<UserId>,
    name: Option<String>,
    email: Option<String>,
    affiliation: Option<String>,
    leader: Option<bool>,
    joined_at: Option<Timestamp>,
}

impl Row {
    /// The member of the row, where the team has any.
    fn member(&mut self) -> Option<Member> {
        Some(Member {
            user: self.user?,
            name: self.name.take()?,
            email: self.email.take()?,
            affiliation: self.affiliation.take()?,
            leader: self.leader?,
            joined_at: self.joined_at?,
        })
    }
}

/// A request to change what becomes of a team.
#[derive(Clone, Copy, Debug)]
pub struct TeamDecisionRequest<'a> {
    pub actor: UserId,
    pub reason: &'a str,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamOutcome {
    Done,
    /// It makes no sense for a team that stands so.
    InvalidState(Standing),
    /// It is a baseline already, or none.
    NothingToChange,
    /// There is no such team, or it is part of another one by now.
    Unknown,
}

#[derive(FromRow, serde::Serialize)]
struct Status {
    #[sqlx(try_from = "String")]
    standing: Standing,
    reason: Option<String>,
}

impl Store {
    /// The teams that fit: those that wait for approval first, then the latest.
    pub async fn teams(&self, filter: &TeamFilter, limit: i64) -> Result<Vec<ListedTeam>> {
        let rows: Vec<Row> = on!(self.read, db => sqlx::query_as(
            "with page as (
                 select t.id, t.name, t.standing, t.reason, t.baseline, t.created_at,
                        case when t.standing = 'pending' then 1 else 0 end as waits
                 from teams t
                 left join teams b on b.id = $3
                 where t.merged_into is null and ($1 = '' or t.standing = $1)
                   and ($2 = '' or t.name_key like $2 escape '!' or exists (
                        select 1 from team_members m join users u on u.id = m.user_id
                        where m.team_id = t.id and (u.email like $2 escape '!'
                              or u.display_name_folded like $2 escape '!')))
                   and ($3 is null or (t.standing = 'pending') < (b.standing = 'pending')
                        or ((t.standing = 'pending') = (b.standing = 'pending') and t.id < b.id))
                 order by waits desc, t.id desc limit $4)
             select p.id, p.name as team, p.standing, p.reason, p.baseline, p.created_at,
                    (select count(*) from submissions s where s.team_id = p.id) as submissions,
                    u.id as \"user\", u.display_name as name, u.email, u.affiliation, m.leader,
                    m.joined_at
             from page p
             left join team_members m on m.team_id = p.id
             left join users u on u.id = m.user_id
             order by p.waits desc, p.id desc, m.leader desc, m.joined_at, u.id",
        )
        .bind(&filter.standing)
        .bind(containing(&filter.search))
        .bind(filter.before)
        .bind(limit)
        .fetch_all(db))?;

        let mut teams: Vec<ListedTeam> = Vec::new();
        for mut row in rows {
            let member = row.member();
            match teams.last_mut() {
                Some(last) if last.id == row.id => last.members.extend(member),
                _ => teams.push(ListedTeam {
                    id: row.id,
                    name: row.team,
                    standing: row.standing,
                    reason: row.reason,
                    baseline: row.baseline,
                    created_at: row.created_at,
                    submissions: row.submissions,
                    members: member.into_iter().collect(),
                }),
            }
        }
        Ok(teams)
    }

    /// How many teams stand so.
    pub async fn teams_standing(&self, standing: Standing) -> Result<i64> {
        on!(self.read, db => sqlx::query_scalar(
            "select count(*) from teams where standing = $1 and merged_into is null",
        )
        .bind(standing.as_str())
        .fetch_one(db))
    }

    /// The team of this name.
    pub async fn team_named(&self, name: &str) -> Result<Option<TeamId>> {
        on!(self.read, db => sqlx::query_scalar(
            "select id from teams where name_key = $1 and merged_into is null",
        )
        .bind(name_key(name))
        .fetch_optional(db))
    }

    /// Why a team is a baseline, if it is one.
    pub async fn baseline(&self, team: TeamId) -> Result<Option<String>> {
        let found: Option<Option<String>> = on!(self.read, db => sqlx::query_scalar(
            "select baseline from teams where id = $1",
        )
        .bind(team)
        .fetch_optional(db))?;
        Ok(found.flatten())
    }

    /// Makes a team a baseline, or takes that back, and writes down who did, why, and what was before and after, all or
    /// nothing.
    pub async fn mark_baseline(
        &self,
        id: TeamId,
        marked: bool,
        request: TeamDecisionRequest<'_>,
        now: Timestamp,
    ) -> Result<TeamOutcome> {
        Ok(transaction!(self, tx => {
            tx.lock_team(id).await?;
            let before: Option<Option<String>> = sqlx::query_scalar(
                "select baseline from teams where id = $1 and merged_into is null",
            )
            .bind(id)
            .fetch_optional(&mut *tx)
            .await?;
            let Some(before) = before else { return Ok(TeamOutcome::Unknown) };
            if before.is_some() == marked {
                return Ok(TeamOutcome::NothingToChange);
            }
            let after = marked.then_some(request.reason);
            sqlx::query("update teams set baseline = $2 where id = $1")
                .bind(id)
                .bind(after)
                .execute(&mut *tx)
                .await?;
            let decision = if marked { TeamDecision::Baseline } else { TeamDecision::Rank };
            let detail = serde_json::json!({
                "decision": decision, "reason": request.reason,
                "before": { "baseline": before }, "after": { "baseline": after },
            });
            let by = AuditContext { actor: Some(request.actor), detail };
            record_event!(tx, by, "team decided", id, now);
            ranking_changed!(tx);
            TeamOutcome::Done
        }))
    }

    /// Changes how a team stands, and writes down who did, why, and what was before and after, all or nothing.
    pub async fn decide_team(
        &self,
        id: TeamId,
        decision: TeamDecision,
        request: TeamDecisionRequest<'_>,
        now: Timestamp,
    ) -> Result<TeamOutcome> {
        Ok(transaction!(self, tx => {
            tx.lock_team(id).await?;
            let before: Option<Status> = sqlx::query_as(
                "select standing, reason from teams where id = $1 and merged_into is null",
            )
            .bind(id)
            .fetch_optional(&mut *tx)
            .await?;
            let Some(before) = before else { return Ok(TeamOutcome::Unknown) };
            let Some(standing) = before.standing.after(decision) else {
                return Ok(TeamOutcome::InvalidState(before.standing));
            };
            sqlx::query(
                "insert into past_standings (team_id, until, standing) values ($1, $2, $3)
                 on conflict do nothing",
            )
            .bind(id)
            .bind(now)
            .bind(before.standing.as_str())
            .execute(&mut *tx)
            .await?;
            sqlx::query("update teams set standing = $2, reason = $3 where id = $1")
                .bind(id)
                .bind(standing.as_str())
                .bind(request.reason)
                .execute(&mut *tx)
                .await?;
            let after = Status { standing, reason: Some(request.reason.to_owned()) };
            let detail = serde_json::json!({
                "decision": decision, "reason": request.reason, "before": before, "after": after,
            });
            let by = AuditContext { actor: Some(request.actor), detail };
            record_event!(tx, by, "team decided", id, now);
            let occasion = Occasion {
                id: uuid::Uuid::now_v7(),
                kind: MailKind::Approval,
                subject: id.uuid(),
                to: Receivers::Members(id),
                detail: serde_json::json!({ "standing": standing, "reason": request.reason }),
            };
            tell!(tx, occasion, now);
            ranking_changed!(tx);
            TeamOutcome::Done
        }))
    }

    /// Gives all that a team has to another one: members, of whom none leads if the other one has a leader,
    /// and submissions. Its name is free then.
    pub async fn merge_teams(
        &self,
        from: TeamId,
        into: TeamId,
        request: TeamDecisionRequest<'_>,
        now: Timestamp,
    ) -> Result<TeamOutcome> {
        Ok(transaction!(self, tx => {
            // Always in the same order, or two merges could wait for each other.
            for id in [from.min(into), from.max(into)] {
                if !tx.lock_team(id).await? {
                    return Ok(TeamOutcome::Unknown);
                }
            }
            let members: Vec<UserId> = sqlx::query_scalar(
                "update team_members
                 set team_id = $2, leader = leader and not exists (
                     select 1 from team_members l where l.team_id = $2 and l.leader)
                 where team_id = $1 returning user_id",
            )
            .bind(from)
            .bind(into)
            .fetch_all(&mut *tx)
            .await?;
            let submissions: Vec<SubmissionId> = sqlx::query_scalar(
                "update submissions set team_id = $2 where team_id = $1 returning id",
            )
            .bind(from)
            .bind(into)
            .fetch_all(&mut *tx)
            .await?;
            sqlx::query("delete from invitations where team_id = $1")
                .bind(from)
                .execute(&mut *tx)
                .await?;
            sqlx::query(
                "update teams set merged_into = $2, name_key = $3, reason = $4 where id = $1",
            )
            .bind(from)
            .bind(into)
            .bind(from.to_string())
            .bind(request.reason)
            .execute(&mut *tx)
            .await?;
            // Whoever moved is in here, so that it can be told, and taken back, what was whose.
            let detail = serde_json::json!({
                "decision": TeamDecision::Merge, "reason": request.reason,
                "before": { "team": from, "members": members, "submissions": submissions },
                "after": { "team": into },
            });
            let by = AuditContext { actor: Some(request.actor), detail };
            for id in [from, into] {
                record_event!(tx, by, "team decided", id, now);
            }
            ranking_changed!(tx);
            TeamOutcome::Done
        }))
    }
}
