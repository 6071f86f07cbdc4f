//! Teams from within: who founds, joins, leads and leaves one. What depends on who else is in a team is decided
//! with the team's row locked.

use std::time::Duration;

use sqlx::FromRow;
use uuid::Uuid;

use super::audit::note;
use super::{By, Result, Store, Timestamp, new_id, on, transaction};
use crate::challenge::{Refusal, Standing};

/// How long an invitation link works.
const INVITATION: Duration = Duration::from_secs(14 * 24 * 3600);

/// What submissions, quotas and positions belong to, as one of its members has it.
#[derive(Clone, Debug, FromRow)]
pub struct Team {
    pub id: Uuid,
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
    pub user: Uuid,
    pub name: String,
    pub email: String,
    pub affiliation: String,
    pub leader: bool,
    pub joined_at: Timestamp,
}

/// A link that lets people in.
#[derive(Clone, Debug, FromRow)]
pub struct Invitation {
    /// Without one, a new person is invited.
    pub team_id: Option<Uuid>,
    pub team_name: Option<String>,
    /// The name of who made it.
    pub inviter: String,
    pub expires_at: Timestamp,
}

/// A team that has become part of another one.
#[derive(Clone, Debug, FromRow)]
pub struct Merged {
    pub name: String,
    pub reason: String,
}

/// Locks a team's row until the transaction ends; touches nothing if there is no such team any more.
pub(super) const LOCK: &str = "update teams set name = name where id = $1 and merged_into is null";

/// Adds no row if the name is taken. Binds: id, name, name's key, standing, now.
pub(super) const INSERT_TEAM: &str = "insert into teams (id, name, name_key, standing, created_at)
     values ($1, $2, $3, $4, $5) on conflict (name_key) do nothing";

/// Adds no row if the person is in a team. Binds: user, team, leader, now.
pub(super) const INSERT_MEMBER: &str =
    "insert into team_members (user_id, team_id, leader, joined_at)
     values ($1, $2, $3, $4) on conflict (user_id) do nothing";

const IS_LEADER: &str =
    "select count(*) from team_members where team_id = $1 and user_id = $2 and leader";

/// Names that read alike are the same: letter case and the number of spaces don't count.
pub(super) fn name_key(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

macro_rules! select_invitations {
    ($rest:literal) => {
        concat!(
            "select i.team_id, t.name as team_name, u.display_name as inviter, i.expires_at
             from invitations i join users u on u.id = i.invited_by
             left join teams t on t.id = i.team_id ",
            $rest
        )
    };
}

impl Store {
    /// The team a person is in.
    pub async fn team_of(&self, user: Uuid) -> Result<Option<Team>> {
        Ok(on!(self.read, db => sqlx::query_as(
            "select t.id, t.name, t.standing, t.reason, m.leader
             from teams t join team_members m on m.team_id = t.id
             where m.user_id = $1",
        )
        .bind(user)
        .fetch_optional(db))?)
    }

    /// Who is in a team, the leader first.
    pub async fn members_of(&self, team: Uuid) -> Result<Vec<Member>> {
        Ok(on!(self.read, db => sqlx::query_as(
            "select u.id as \"user\", u.display_name as name, u.email, u.affiliation, m.leader,
                    m.joined_at
             from team_members m join users u on u.id = m.user_id
             where m.team_id = $1 order by m.leader desc, m.joined_at, u.id",
        )
        .bind(team)
        .fetch_all(db))?)
    }

    /// The teams that have become part of this one.
    pub async fn merged_into(&self, team: Uuid) -> Result<Vec<Merged>> {
        Ok(on!(self.read, db => sqlx::query_as(
            "select name, coalesce(reason, '') as reason from teams
             where merged_into = $1 order by id",
        )
        .bind(team)
        .fetch_all(db))?)
    }

    /// Adds a team that its founder leads.
    pub async fn found_team(&self, user: Uuid, name: &str, now: Timestamp) -> Result<Uuid> {
        let id = new_id();
        Ok(transaction!(self, tx => {
            let mode = super::settings::sign_up(
                sqlx::query_scalar(super::settings::SIGN_UP).fetch_optional(&mut *tx).await?,
            )?;
            let added = sqlx::query(INSERT_TEAM)
                .bind(id)
                .bind(name)
                .bind(name_key(name))
                .bind(mode.standing().as_str())
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
            let detail = serde_json::json!({ "name": name, "standing": mode.standing() });
            let by = By { actor: Some(user), detail };
            note!(tx, by, "team founded", id, now);
            id
        }))
    }

    /// Takes a person into the team whose invitation has this digest, and gives the team.
    pub async fn join_team(&self, user: Uuid, digest: &str, now: Timestamp) -> Result<Uuid> {
        Ok(transaction!(self, tx => {
            // The team's row is locked: its last member may be leaving at this moment.
            let team: Option<Uuid> = sqlx::query_scalar(
                "update teams set name = name
                 where id = (select team_id from invitations
                             where digest = $1 and expires_at > $2)
                   and merged_into is null and standing <> 'suspended'
                 returning id",
            )
            .bind(digest)
            .bind(now)
            .fetch_optional(&mut *tx)
            .await?;
            let Some(team) = team else { return Err(Refusal::InvitationOver.into()) };
            let joined = sqlx::query(INSERT_MEMBER)
                .bind(user)
                .bind(team)
                .bind(false)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            if joined.rows_affected() == 0 {
                return Err(Refusal::AlreadyMember.into());
            }
            let by = By { actor: Some(user), ..By::default() };
            note!(tx, by, "team joined", team, now);
            team
        }))
    }

    /// Takes a person out of the team. With its last member goes a team that never sent anything.
    pub async fn leave_team(&self, user: Uuid, team: Uuid, now: Timestamp) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query(LOCK).bind(team).execute(&mut *tx).await?;
            let members: Vec<(Uuid, bool)> = sqlx::query_as(
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
                sqlx::query("delete from teams where id = $1").bind(team).execute(&mut *tx).await?;
            }
            let detail = serde_json::json!({ "dissolved": last });
            let by = By { actor: Some(user), detail };
            note!(tx, by, "team left", team, now);
        });
        Ok(())
    }

    /// Makes another member the leader.
    pub async fn hand_over(&self, team: Uuid, from: Uuid, to: Uuid, now: Timestamp) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query(LOCK).bind(team).execute(&mut *tx).await?;
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
            let by = By { actor: Some(from), detail };
            note!(tx, by, "team handed over", team, now);
        });
        Ok(())
    }

    /// Makes a link for this secret's digest the one that invites to a team, or takes the team's
    /// link away.
    pub async fn invite_to_team(
        &self,
        team: Uuid,
        leader: Uuid,
        digest: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query(LOCK).bind(team).execute(&mut *tx).await?;
            let leads: i64 =
                sqlx::query_scalar(IS_LEADER).bind(team).bind(leader).fetch_one(&mut *tx).await?;
            if leads == 0 {
                return Err(Refusal::NotLeader.into());
            }
            sqlx::query("delete from invitations where team_id = $1")
                .bind(team)
                .execute(&mut *tx)
                .await?;
            if let Some(digest) = digest {
                sqlx::query(INSERT_INVITATION)
                    .bind(digest)
                    .bind(team)
                    .bind(leader)
                    .bind(now)
                    .bind(now.plus(INVITATION))
                    .execute(&mut *tx)
                    .await?;
            }
            let action =
                if digest.is_some() { "invitation made" } else { "invitation withdrawn" };
            let by = By { actor: Some(leader), ..By::default() };
            note!(tx, by, action, team, now);
        });
        Ok(())
    }

    /// Adds an organiser's link for one new person; `whom` is written into the audit trail.
    pub async fn invite_person(
        &self,
        organiser: Uuid,
        whom: &str,
        digest: &str,
        now: Timestamp,
    ) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query(INSERT_INVITATION)
                .bind(digest)
                .bind(None::<Uuid>)
                .bind(organiser)
                .bind(now)
                .bind(now.plus(INVITATION))
                .execute(&mut *tx)
                .await?;
            let detail = serde_json::json!({ "whom": whom });
            let by = By { actor: Some(organiser), detail };
            note!(tx, by, "invitation made", digest, now);
        });
        Ok(())
    }

    /// The invitation behind a link, if it can be followed.
    pub async fn invitation(&self, digest: &str, now: Timestamp) -> Result<Option<Invitation>> {
        Ok(on!(self.read, db => sqlx::query_as(select_invitations!(
            "where i.digest = $1 and i.expires_at > $2
               and (t.id is null or t.standing <> 'suspended')"
        ))
        .bind(digest)
        .bind(now)
        .fetch_optional(db))?)
    }

    /// The link that invites to a team at this moment.
    pub async fn invitation_of(&self, team: Uuid, now: Timestamp) -> Result<Option<Invitation>> {
        Ok(on!(self.read, db => sqlx::query_as(select_invitations!(
            "where i.team_id = $1 and i.expires_at > $2"
        ))
        .bind(team)
        .bind(now)
        .fetch_optional(db))?)
    }

    /// Forgets invitations that are over.
    pub async fn sweep_invitations(&self, now: Timestamp) -> Result<u64> {
        Ok(on!(self.write, db => sqlx::query("delete from invitations where expires_at <= $1")
            .bind(now)
            .execute(db))?)
    }
}

/// Binds: digest, team, who invites, now, the end.
const INSERT_INVITATION: &str =
    "insert into invitations (digest, team_id, invited_by, created_at, expires_at)
     values ($1, $2, $3, $4, $5)";
