use sqlx::FromRow;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::sessions::END_SESSIONS;
use super::timestamp::Timestamp;
use crate::domain::{Standing, TeamId, UserId};
use crate::text::address_key;

/// A person.
#[derive(Clone, FromRow)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub display_name: String,
    pub affiliation: String,
    pub password_hash: String,
    pub organiser: bool,
    pub created_at: Timestamp,
    /// Since when it is known that mail to the address reaches the person.
    pub confirmed_at: Option<Timestamp>,
}

/// The password hash stays out of logs.
impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What signing up takes.
#[derive(Clone)]
pub struct NewAccount<'a> {
    pub email: &'a str,
    pub display_name: &'a str,
    pub affiliation: &'a str,
    pub password_hash: &'a str,
    pub organiser: bool,
    /// The name of the team the person creates.
    pub team: Option<&'a str>,
}

/// How long the link to a new address works.
const ADDRESS_CHANGE: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// An address that was asked for by who may not have been the person: a new password ends that, too.
pub(super) const END_ADDRESS_CHANGE: &str = "delete from address_changes where user_id = $1";

/// Links to set a password that lie in the mail of an address which is not the person's any more.
const END_RESETS: &str = "delete from one_time_links where user_id = $1 and used_at is null";

pub(super) const INSERT_USER: &str = "insert into users
         (id, email, display_name, affiliation, password_hash, organiser, created_at,
          display_name_folded, affiliation_folded)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// A query of [`INSERT_USER`] for a [`NewAccount`].
macro_rules! insert_user {
    ($user:ident, $new:ident, $organiser:expr, $now:ident) => {
        sqlx::query($crate::store::accounts::INSERT_USER)
            .bind($user)
            .bind($crate::text::address_key($new.email))
            .bind($new.display_name)
            .bind($new.affiliation)
            .bind($new.password_hash)
            .bind($organiser)
            .bind($now)
            .bind($crate::store::search::folded($new.display_name))
            .bind($crate::store::search::folded($new.affiliation))
    };
}

/// Adds a person and, if named, the team it leads, in a transaction; leaves the function with `Taken` if the team's
/// name is there already.
macro_rules! insert_account {
    ($tx:ident, $new:ident, $user:ident, $team:ident, $standing:expr, $now:ident) => {
        $crate::store::accounts::insert_user!($user, $new, $new.organiser, $now)
            .execute(&mut *$tx)
            .await?;
        if let Some(name) = $new.team {
            let added = sqlx::query($crate::store::teams::INSERT_TEAM)
                .bind($team)
                .bind(name)
                .bind($crate::store::teams::name_key(name))
                .bind($standing.as_str())
                .bind($now)
                .execute(&mut *$tx)
                .await?;
            if added.rows_affected() == 0 {
                return Err($crate::store::engine::StoreError::Taken);
            }
            sqlx::query($crate::store::teams::INSERT_MEMBER)
                .bind($user)
                .bind($team)
                .bind(true)
                .bind($now)
                .execute(&mut *$tx)
                .await?;
        }
    };
}

pub(super) use {insert_account, insert_user};

impl Store {
    /// Adds a person and, if named, the approved team it leads, whatever the sign-up mode. `Taken` if the
    /// address or the team's name is there already; then neither is added. That there is an organiser more is
    /// written down.
    pub async fn add_account(&self, new: &NewAccount<'_>, now: Timestamp) -> Result<UserId> {
        let (user, team) = (UserId::new(), TeamId::new());
        transaction!(self, tx => {
            insert_account!(tx, new, user, team, Standing::Approved, now);
            if new.organiser {
                let by = AuditContext { actor: None, detail: serde_json::json!({}) };
                record_event!(tx, by, "organiser created", user, now);
            }
        });
        Ok(user)
    }

    /// The person, unless the account was deleted.
    pub async fn user(&self, id: UserId) -> Result<Option<User>> {
        on!(self.read, db => sqlx::query_as(
            "select * from users where id = $1 and deleted_at is null",
        )
        .bind(id)
        .fetch_optional(db))
    }

    /// The person with this address, unless the account was deleted.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>> {
        on!(self.read, db => sqlx::query_as(
            "select * from users where email = $1 and deleted_at is null",
        )
        .bind(address_key(email))
        .fetch_optional(db))
    }

    /// Changes what a person says about itself, and writes down what was before and after.
    pub async fn change_profile(
        &self,
        user: &User,
        display_name: &str,
        affiliation: &str,
        now: Timestamp,
    ) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query(
                "update users set display_name = $2, affiliation = $3, display_name_folded = $4,
                        affiliation_folded = $5
                 where id = $1 and deleted_at is null",
            )
            .bind(user.id)
            .bind(display_name)
            .bind(affiliation)
            .bind(crate::store::search::folded(display_name))
            .bind(crate::store::search::folded(affiliation))
            .execute(&mut *tx)
            .await?;
            // What it was and is stays out: the log can't forget, and a deleted account must be forgotten.
            let changed = [
                ("name", user.display_name != display_name),
                ("affiliation", user.affiliation != affiliation),
            ];
            let changed: Vec<&str> =
                changed.into_iter().filter(|(_, changed)| *changed).map(|(what, _)| what).collect();
            let by = AuditContext {
                actor: Some(user.id),
                detail: serde_json::json!({ "changed": changed }),
            };
            record_event!(tx, by, "account changed", user.id, now);
        });
        Ok(())
    }

    /// Keeps the address that a person wants to have, in place of another one, until its link is followed.
    pub async fn ask_for_address(
        &self,
        user: UserId,
        email: &str,
        digest: &str,
        now: Timestamp,
    ) -> Result<()> {
        on!(self.write, db => sqlx::query(
            "insert into address_changes (user_id, digest, email, expires_at) values ($1, $2, $3, $4)
             on conflict (user_id) do update
             set digest = excluded.digest, email = excluded.email, expires_at = excluded.expires_at",
        )
        .bind(user)
        .bind(digest)
        .bind(address_key(email))
        .bind(now.plus(ADDRESS_CHANGE))
        .execute(db))?;
        Ok(())
    }

    /// The address that the link with this digest is about, and whose it is to be.
    pub async fn asked_address(
        &self,
        digest: &str,
        now: Timestamp,
    ) -> Result<Option<(UserId, String)>> {
        on!(self.read, db => sqlx::query_as(
            "select user_id, email from address_changes where digest = $1 and expires_at > $2",
        )
        .bind(digest)
        .bind(now)
        .fetch_optional(db))
    }

    /// Gives a person another address, whatever was asked for before, ends what was mailed to the old one, and writes it
    /// down; `Taken` if somebody has it. `confirmed`: whether mail to it reached the person.
    pub async fn change_address(
        &self,
        user: UserId,
        email: &str,
        confirmed: bool,
        now: Timestamp,
    ) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query(END_ADDRESS_CHANGE).bind(user).execute(&mut *tx).await?;
            sqlx::query(END_RESETS).bind(user).execute(&mut *tx).await?;
            sqlx::query(
                "update users set email = $2, confirmed_at = $3 where id = $1 and deleted_at is null",
            )
                .bind(user)
                .bind(address_key(email))
                .bind(confirmed.then_some(now))
                .execute(&mut *tx)
                .await?;
            record_event!(tx, AuditContext::person(user), "address changed", user, now);
        });
        Ok(())
    }

    /// Sets a new password, ends the person's sessions and what was asked for by them, and writes it down; false if the password is not `old`
    /// any more.
    pub async fn change_password(
        &self,
        old: &User,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            let changed = sqlx::query(
                "update users set password_hash = $3 where id = $1 and password_hash = $2",
            )
            .bind(old.id)
            .bind(&old.password_hash)
            .bind(password_hash)
            .execute(&mut *tx)
            .await?;
            if changed.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query(END_SESSIONS).bind(old.id).execute(&mut *tx).await?;
            sqlx::query(END_ADDRESS_CHANGE).bind(old.id).execute(&mut *tx).await?;
            record_event!(tx, AuditContext::person(old.id), "password changed", old.id, now);
            true
        }))
    }

    /// Whether anybody may organise yet.
    pub async fn has_organiser(&self) -> Result<bool> {
        let found: Option<(UserId,)> = on!(self.read, db => sqlx::query_as("select id from users where organiser limit 1")
                .fetch_optional(db))?;
        Ok(found.is_some())
    }
}
