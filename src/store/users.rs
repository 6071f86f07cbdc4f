//! People as organisers see them.

use sqlx::FromRow;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::locks::Locks;
use super::search::{containing, or_none};
use super::sessions::END_SESSIONS;
use super::timestamp::Timestamp;
use crate::domain::{Refusal, UserId};

/// A person in a list.
#[derive(Clone, Debug, FromRow, serde::Serialize)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub affiliation: String,
    pub organiser: bool,
    /// The team's name.
    pub team: Option<String>,
    pub created_at: Timestamp,
}

/// Which people are wanted.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct PersonFilter {
    /// Part of a name, an address, an affiliation or a team's name.
    pub search: String,
    /// Only who came before the person with this id: the next page.
    #[serde(deserialize_with = "or_none")]
    pub before: Option<UserId>,
}

impl Store {
    /// The people that fit and whose accounts are there, who came last first.
    pub async fn people(&self, filter: &PersonFilter, limit: i64) -> Result<Vec<Person>> {
        on!(self.read, db => sqlx::query_as(
            "select u.id, u.display_name as name, u.email, u.affiliation, u.organiser,
                    t.name as team, u.created_at
             from users u
             left join team_members m on m.user_id = u.id
             left join teams t on t.id = m.team_id
             where u.deleted_at is null
               and ($1 = '' or u.email like $1 escape '!' or u.display_name_folded like $1 escape '!'
                    or u.affiliation_folded like $1 escape '!' or t.name_key like $1 escape '!')
               and (u.id < $2 or $2 is null)
             order by u.id desc limit $3",
        )
        .bind(containing(&filter.search))
        .bind(filter.before)
        .bind(limit)
        .fetch_all(db))
    }

    /// Makes a person an organiser, or no longer one; false if it is so already. A new organiser's sessions end: nobody
    /// gets more rights than when they logged in. A former one's tokens for organisers end, too, or they would come
    /// back with the role.
    ///
    /// Who does it is an organiser when it is done, so there always is one.
    pub async fn set_organiser(
        &self,
        actor: UserId,
        user: UserId,
        organiser: bool,
        now: Timestamp,
    ) -> Result<bool> {
        if actor == user && !organiser {
            return Err(Refusal::OwnRole.into());
        }
        Ok(transaction!(self, tx => {
            // Two organisers may withdraw each other's role at the same moment: both rows are
            // locked, always in the same order.
            for id in [actor.min(user), actor.max(user)] {
                tx.lock_user(id).await?;
            }
            let role = "select organiser from users where id = $1 and deleted_at is null";
            let may: Option<bool> =
                sqlx::query_scalar(role).bind(actor).fetch_optional(&mut *tx).await?;
            if may != Some(true) {
                return Err(Refusal::Forbidden.into());
            }
            let before: Option<bool> =
                sqlx::query_scalar(role).bind(user).fetch_optional(&mut *tx).await?;
            let Some(before) = before else { return Err(Refusal::Hidden.into()) };
            if before == organiser {
                return Ok(false);
            }
            sqlx::query("update users set organiser = $2 where id = $1")
                .bind(user)
                .bind(organiser)
                .execute(&mut *tx)
                .await?;
            if organiser {
                sqlx::query(END_SESSIONS).bind(user).execute(&mut *tx).await?;
            } else {
                sqlx::query(
                    "update tokens set revoked_at = $2
                     where user_id = $1 and revoked_at is null and scope = 'organise'",
                )
                .bind(user)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            }
            let detail = serde_json::json!({
                "before": { "organiser": before }, "after": { "organiser": organiser },
            });
            let by = AuditContext { actor: Some(actor), detail };
            record_event!(tx, by, "organiser's role changed", user, now);
            true
        }))
    }
}
