//! Links that let people in: to a team whoever has the link, or one new person.

use std::time::Duration;

use sqlx::FromRow;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::locks::Locks;
use super::teams::{INSERT_MEMBER, IS_LEADER};
use super::timestamp::Timestamp;
use crate::domain::{Refusal, TeamId, UserId};

/// How long an invitation link works.
const INVITATION: Duration = Duration::from_secs(14 * 24 * 3600);

/// A link that lets people in.
#[derive(Clone, Debug, FromRow)]
pub struct Invitation {
    /// Without one, a new person is invited.
    pub team_id: Option<TeamId>,
    pub team_name: Option<String>,
    /// The name of who made it.
    pub inviter: String,
    pub expires_at: Timestamp,
}

/// Binds: digest, team, who invites, now, the end.
const INSERT_INVITATION: &str =
    "insert into invitations (digest, team_id, invited_by, created_at, expires_at)
     values ($1, $2, $3, $4, $5)";

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
    /// Makes a link for this secret's digest the one that invites to a team, or takes the team's
    /// link away.
    pub async fn invite_to_team(
        &self,
        team: TeamId,
        leader: UserId,
        digest: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        transaction!(self, tx => {
            tx.lock_team(team).await?;
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
            let by = AuditContext { actor: Some(leader), ..AuditContext::default() };
            record_event!(tx, by, action, team, now);
        });
        Ok(())
    }

    /// Adds an organiser's link for one new person; `whom` is written into the audit log.
    pub async fn invite_person(
        &self,
        organiser: UserId,
        whom: &str,
        digest: &str,
        now: Timestamp,
    ) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query(INSERT_INVITATION)
                .bind(digest)
                .bind(None::<TeamId>)
                .bind(organiser)
                .bind(now)
                .bind(now.plus(INVITATION))
                .execute(&mut *tx)
                .await?;
            let detail = serde_json::json!({ "whom": whom });
            let by = AuditContext { actor: Some(organiser), detail };
            record_event!(tx, by, "invitation made", digest, now);
        });
        Ok(())
    }

    /// Takes a person into the team whose invitation has this digest, and gives the team.
    pub async fn join_team(&self, user: UserId, digest: &str, now: Timestamp) -> Result<TeamId> {
        Ok(transaction!(self, tx => {
            let invited: Option<TeamId> = sqlx::query_scalar(
                "select team_id from invitations
                 where digest = $1 and expires_at > $2 and team_id is not null",
            )
            .bind(digest)
            .bind(now)
            .fetch_optional(&mut *tx)
            .await?;
            let Some(team) = invited else { return Err(Refusal::InvitationOver.into()) };
            // Its last member may be leaving at this moment.
            tx.lock_team(team).await?;
            let takes_members: Option<TeamId> = sqlx::query_scalar(
                "select id from teams
                 where id = $1 and merged_into is null and standing <> 'suspended'",
            )
            .bind(team)
            .fetch_optional(&mut *tx)
            .await?;
            if takes_members.is_none() {
                return Err(Refusal::InvitationOver.into());
            }
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
            let by = AuditContext { actor: Some(user), ..AuditContext::default() };
            record_event!(tx, by, "team joined", team, now);
            team
        }))
    }

    /// The invitation behind a link, if it can be followed.
    pub async fn invitation(&self, digest: &str, now: Timestamp) -> Result<Option<Invitation>> {
        on!(self.read, db => sqlx::query_as(select_invitations!(
            "where i.digest = $1 and i.expires_at > $2
               and (t.id is null or t.standing <> 'suspended')"
        ))
        .bind(digest)
        .bind(now)
        .fetch_optional(db))
    }

    /// The link that invites to a team at this moment.
    pub async fn invitation_of(&self, team: TeamId, now: Timestamp) -> Result<Option<Invitation>> {
        on!(self.read, db => sqlx::query_as(select_invitations!(
            "where i.team_id = $1 and i.expires_at > $2"
        ))
        .bind(team)
        .bind(now)
        .fetch_optional(db))
    }

    /// Forgets invitations that are over.
    pub async fn delete_expired_invitations(&self, now: Timestamp) -> Result<u64> {
        on!(self.write, db => sqlx::query("delete from invitations where expires_at <= $1")
            .bind(now)
            .execute(db))
    }
}
