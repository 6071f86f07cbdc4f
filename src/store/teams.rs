//! Teams from within: who creates, joins, leads and leaves one. What depends on who else is in a team is decided
//! with the team's row locked.

use sqlx::FromRow;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::locks::Locks;
use super::outbox::tell_of_team;
use super::revision::ranking_changed;
use super::search::folded;
use super::timestamp::Timestamp;
use crate::domain::{Refusal, Standing, TeamId, UserId};

/// What submissions, quotas and positions belong to, as one of its members has it.
#[derive(Clone, Debug, FromRow)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
    #[sqlx(try_from = "String")]
    pub standing: Standing,
    /// Why it stands so, where an organiser decided it.
    pub reason: Option<String>,
    /// Whether the member leads it.
    pub leader: bool,
}

/// Somebody in a team.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct Member {
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub affiliation: String,
    pub leader: bool,
    pub joined_at: Timestamp,
}

/// A team that has become part of another one.
#[derive(Clone, Debug, FromRow)]
pub struct Merged {
    pub name: String,
    pub reason: String,
}

/// Adds no row if the name is taken. Binds: id, name, name's key, standing, now.
pub(super) const INSERT_TEAM: &str = "insert into teams (id, name, name_key, standing, created_at)
     values ($1, $2, $3, $4, $5) on conflict (name_key) do nothing";

/// Adds no row if the person is in a team. Binds: user, team, leader, now.
/// What came of giving a team another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renaming {
    Done,
    /// There is no such team, or it is part of another one.
    NoTeam,
    /// It has this name, not the one it was believed to have.
    Otherwise(String),
}

pub(super) const INSERT_MEMBER: &str =
    "insert into team_members (user_id, team_id, leader, joined_at)
     values ($1, $2, $3, $4) on conflict (user_id) do nothing";

pub(super) const IS_LEADER: &str =
    "select count(*) from team_members where team_id = $1 and user_id = $2 and leader";

/// Names that read alike are the same: letter case, forms of letters and the number of spaces don't count.
pub(super) fn name_key(name: &str) -> String {
    folded(name).split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Store {
    /// The team a person is in.
    pub async fn team_of(&self, user: UserId) -> Result<Option<Team>> {
        on!(self.read, db => sqlx::query_as(
            "select t.id, t.name, t.standing, t.reason, m.leader
             from teams t join team_members m on m.team_id = t.id
             where m.user_id = $1",
        )
        .bind(user)
        .fetch_optional(db))
    }

    /// The name and the standing of a team, unless it is part of another one.
    pub async fn standing_of(&self, team: TeamId) -> Result<Option<(String, Standing)>> {
        let found: Option<(String, String)> = on!(self.read, db => sqlx::query_as(
            "select name, standing from teams where id = $1 and merged_into is null",
        )
        .bind(team)
        .fetch_optional(db))?;
        Ok(found.and_then(|(name, standing)| Some((name, standing.parse().ok()?))))
    }

    /// Who is in a team, the leader first.
    pub async fn members_of(&self, team: TeamId) -> Result<Vec<Member>> {
        on!(self.read, db => sqlx::query_as(
            "select u.id as \"user\", u.display_name as name, u.email, u.affiliation, m.leader,
                    m.joined_at
             from team_members m join users u on u.id = m.user_id
             where m.team_id = $1 order by m.leader desc, m.joined_at, u.id",
        )
        .bind(team)
        .fetch_all(db))
    }

    /// The teams that have become part of this one.
    pub async fn merged_into(&self, team: TeamId) -> Result<Vec<Merged>> {
        on!(self.read, db => sqlx::query_as(
            "select name, coalesce(reason, '') as reason from teams
             where merged_into = $1 order by id",
        )
        .bind(team)
        .fetch_all(db))
    }

    /// Adds a team that its founder leads, and that no organiser has approved yet.
    pub async fn create_team(&self, user: UserId, name: &str, now: Timestamp) -> Result<TeamId> {
        let id = TeamId::new();
        Ok(transaction!(self, tx => {
            let added = sqlx::query(INSERT_TEAM)
                .bind(id)
                .bind(name)
                .bind(name_key(name))
                .bind(Standing::Pending.as_str())
                .bind(now)
                .execute(&mut *tx)
                .await?;
            if added.rows_affected() == 0 {
                return Err(Refusal::TeamNameTaken.into());
            }
            let joined = sqlx::query(INSERT_MEMBER)
                .bind(user)
                .bind(id)
                .bind(true)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            if joined.rows_affected() == 0 {
                return Err(Refusal::AlreadyMember.into());
            }
            let detail = serde_json::json!({ "name": name, "standing": Standing::Pending });
            let by = AuditContext { actor: Some(user), detail };
            record_event!(tx, by, "team created", id, now);
            tell_of_team!(tx, id, user, now);
            id
        }))
    }

    /// Gives a team another name, and writes down who did and why. `was`: the name it is believed to have, if that is to be
    /// held against the one it has.
    pub async fn rename_team(
        &self,
        actor: UserId,
        team: TeamId,
        (was, name): (Option<&str>, &str),
        reason: &str,
        now: Timestamp,
    ) -> Result<Renaming> {
        Ok(transaction!(self, tx => {
            tx.lock_team(team).await?;
            let before: Option<String> = sqlx::query_scalar(
                "select name from teams where id = $1 and merged_into is null",
            )
            .bind(team)
            .fetch_optional(&mut *tx)
            .await?;
            let Some(before) = before else { return Ok(Renaming::NoTeam) };
            if was.is_some_and(|was| was != before) {
                return Ok(Renaming::Otherwise(before));
            }
            if before == name {
                return Ok(Renaming::Done);
            }
            let taken: i64 = sqlx::query_scalar(
                "select count(*) from teams where name_key = $2 and id <> $1",
            )
            .bind(team)
            .bind(name_key(name))
            .fetch_one(&mut *tx)
            .await?;
            if taken > 0 {
                return Err(Refusal::TeamNameTaken.into());
            }
            sqlx::query("update teams set name = $2, name_key = $3 where id = $1")
                .bind(team)
                .bind(name)
                .bind(name_key(name))
                .execute(&mut *tx)
                .await?;
            let detail = serde_json::json!({ "before": before, "after": name, "reason": reason });
            let by = AuditContext { actor: Some(actor), detail };
            record_event!(tx, by, "team renamed", team, now);
            ranking_changed!(tx);
            Renaming::Done
        }))
    }

    /// The names of all teams that are not part of another one.
    pub async fn team_names(&self) -> Result<Vec<(TeamId, String)>> {
        on!(self.read, db => sqlx::query_as(
            "select id, name from teams where merged_into is null order by id",
        )
        .fetch_all(db))
    }

    /// Takes a person out of the team. With its last member goes a team that never sent anything.
    pub async fn leave_team(&self, user: UserId, team: TeamId, now: Timestamp) -> Result<()> {
        transaction!(self, tx => {
            tx.lock_team(team).await?;
            let members: Vec<(UserId, bool)> = sqlx::query_as(
                "select user_id, leader from team_members where team_id = $1",
            )
            .bind(team)
            .fetch_all(&mut *tx)
            .await?;
            let Some(&(_, leader)) = members.iter().find(|member| member.0 == user) else {
                return Err(Refusal::NoTeam.into());
            };
            let last = members.len() == 1;
            if leader && !last {
                return Err(Refusal::HandOverFirst.into());
            }
            sqlx::query("delete from team_members where user_id = $1")
                .bind(user)
                .execute(&mut *tx)
                .await?;
            if last {
                let kept: i64 = sqlx::query_scalar(
                    "select (select count(*) from submissions where team_id = $1)
                          + (select count(*) from teams where merged_into = $1)",
                )
                .bind(team)
                .fetch_one(&mut *tx)
                .await?;
                if kept > 0 {
                    return Err(Refusal::HasSubmissions.into());
                }
                sqlx::query("delete from invitations where team_id = $1")
                    .bind(team)
                    .execute(&mut *tx)
                    .await?;
                sqlx::query("delete from past_profiles where team_id = $1")
                    .bind(team)
                    .execute(&mut *tx)
                    .await?;
                sqlx::query("delete from teams where id = $1").bind(team).execute(&mut *tx).await?;
            }
            let detail = serde_json::json!({ "dissolved": last });
            let by = AuditContext { actor: Some(user), detail };
            record_event!(tx, by, "team left", team, now);
        });
        Ok(())
    }

    /// Makes another member the leader.
    pub async fn hand_over(
        &self,
        team: TeamId,
        from: UserId,
        to: UserId,
        now: Timestamp,
    ) -> Result<()> {
        transaction!(self, tx => {
            tx.lock_team(team).await?;
            let leads: i64 =
                sqlx::query_scalar(IS_LEADER).bind(team).bind(from).fetch_one(&mut *tx).await?;
            if leads == 0 {
                return Err(Refusal::NotLeader.into());
            }
            let leaders: Vec<bool> = sqlx::query_scalar(
                "update team_members set leader = (user_id = $2) where team_id = $1
                 returning leader",
            )
            .bind(team)
            .bind(to)
            .fetch_all(&mut *tx)
            .await?;
            if !leaders.contains(&true) {
                return Err(Refusal::Hidden.into());
            }
            let detail = serde_json::json!({ "before": from, "after": to });
            let by = AuditContext { actor: Some(from), detail };
            record_event!(tx, by, "team handed over", team, now);
        });
        Ok(())
    }
}
