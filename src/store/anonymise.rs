//! Deleting an account: what tells whose it was goes, the row stays for what refers to it.

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, transaction};
use super::locks::Locks;
use super::timestamp::Timestamp;
use crate::domain::{Refusal, TeamId, UserId};

/// What goes with an account, and out of the team with its person.
const GONE: [&str; 10] = [
    "delete from sessions where user_id = $1",
    "delete from known_places where user_id = $1",
    "delete from token_networks where token_id in (select id from tokens where user_id = $1)",
    "update tokens set name = 'deleted' where user_id = $1",
    "delete from invitations where invited_by = $1",
    "delete from team_members where user_id = $1",
    "delete from address_changes where user_id = $1",
    "update mails set state = 'dropped' where user_id = $1 and state = 'waiting'",
    "delete from mails_off where user_id = $1",
    "delete from mail_links where user_id = $1",
];

impl Store {
    /// Takes address, name, affiliation and password from an account, revokes its tokens, ends its
    /// sessions, voids its links, and takes it out of its team. What was submitted stays with the
    /// team; a team that nobody is in any more and that never sent anything goes.
    pub async fn anonymise(&self, user: UserId, by: &AuditContext, now: Timestamp) -> Result<()> {
        transaction!(self, tx => {
            // Links before the person: in this order whoever uses one locks them.
            sqlx::query("delete from one_time_links where user_id = $1 and used_at is null")
                .bind(user)
                .execute(&mut *tx)
                .await?;
            // All organisers as well: the last two could leave at the same moment.
            tx.lock_user_and_organisers(user).await?;
            let found: Option<(bool, i64)> = sqlx::query_as(
                "select organiser,
                     (select count(*) from users o where o.organiser and o.id <> users.id)
                 from users where id = $1 and deleted_at is null",
            )
            .bind(user)
            .fetch_optional(&mut *tx)
            .await?;
            match found {
                None => return Err(Refusal::Hidden.into()),
                Some((true, 0)) => return Err(Refusal::LastOrganiser.into()),
                Some(_) => {}
            }
            let team: Option<TeamId> =
                sqlx::query_scalar("select team_id from team_members where user_id = $1")
                    .bind(user)
                    .fetch_optional(&mut *tx)
                    .await?;
            if let Some(team) = team {
                tx.lock_team(team).await?;
            }
            let led: i64 = sqlx::query_scalar(
                "select count(*) from team_members m
                     join team_members o on o.team_id = m.team_id and o.user_id <> m.user_id
                 where m.user_id = $1 and m.leader",
            )
            .bind(user)
            .fetch_one(&mut *tx)
            .await?;
            if led > 0 {
                return Err(Refusal::HandOverFirst.into());
            }
            for text in GONE {
                sqlx::query(text).bind(user).execute(&mut *tx).await?;
            }
            for text in [
                "delete from invitations where team_id = $1
                     and not exists (select 1 from team_members where team_id = $1)",
                "delete from past_profiles where team_id = $1
                     and not exists (select 1 from team_members where team_id = $1)
                     and not exists (select 1 from submissions where team_id = $1)
                     and not exists (select 1 from teams m where m.merged_into = $1)",
                "delete from teams where id = $1
                     and not exists (select 1 from team_members where team_id = $1)
                     and not exists (select 1 from submissions where team_id = $1)
                     and not exists (select 1 from teams m where m.merged_into = $1)",
            ] {
                sqlx::query(text).bind(team).execute(&mut *tx).await?;
            }
            sqlx::query(
                "update tokens set revoked_at = $2 where user_id = $1 and revoked_at is null",
            )
            .bind(user)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            // No password has such a hash, and no mail reaches such an address.
            sqlx::query(
                "update users
                 set email = $2, display_name = 'Deleted account', affiliation = '',
                     display_name_folded = '', affiliation_folded = '',
                     password_hash = 'deleted', organiser = $3, deleted_at = $4
                 where id = $1",
            )
            .bind(user)
            .bind(format!("deleted-{user}@invalid"))
            .bind(false)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            record_event!(tx, by, "account anonymised", user, now);
        });
        Ok(())
    }
}
