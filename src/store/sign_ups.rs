//! Sign-ups that wait until the address is confirmed. There is no account before that: nothing is taken by who writes
//! somebody else's address, and nobody can log in whom no mail reaches.

use crate::domain::UserId;
use std::time::Duration;

use sqlx::FromRow;

use super::accounts::NewAccount;
use super::engine::{Result, Store, StoreError, on, transaction};
use super::search::folded;
use super::timestamp::Timestamp;

/// How long the link in the mail works.
const LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// How many sign-ups of an address wait; of more, the oldest are forgotten.
const MAX_WAITING: i64 = 3;

/// What somebody signs up with.
#[derive(Clone, FromRow)]
pub struct NewSignUp {
    pub email: String,
    pub display_name: String,
    pub affiliation: String,
    pub password_hash: String,
    /// The name of the team to create.
    pub team: Option<String>,
    /// The digest of the invitation that was followed.
    pub invitation: Option<String>,
    /// Where to go afterwards.
    pub next: String,
}

/// Somebody who has signed up and not confirmed the address yet.
#[derive(Clone, FromRow)]
pub struct SignedUp {
    /// Of the secret in the link.
    pub digest: String,
    #[sqlx(flatten)]
    pub entered: NewSignUp,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// The password's hash stays out of logs.
impl std::fmt::Debug for SignedUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedUp").field("digest", &self.digest).finish_non_exhaustive()
    }
}

impl NewSignUp {
    /// The account that it makes.
    pub fn account(&self) -> NewAccount<'_> {
        NewAccount {
            email: &self.email,
            display_name: &self.display_name,
            affiliation: &self.affiliation,
            password_hash: &self.password_hash,
            organiser: false,
            team: self.team.as_deref(),
        }
    }
}

impl Store {
    /// Lets a sign-up wait for the link with the secret of this digest.
    pub async fn add_sign_up(&self, digest: &str, new: &NewSignUp, now: Timestamp) -> Result<()> {
        let email = folded(&new.email);
        transaction!(self, tx => {
            sqlx::query(
                "insert into sign_ups (digest, email, display_name, affiliation, password_hash, team,
                                       invitation, next, created_at, expires_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            )
            .bind(digest)
            .bind(&email)
            .bind(&new.display_name)
            .bind(&new.affiliation)
            .bind(&new.password_hash)
            .bind(&new.team)
            .bind(&new.invitation)
            .bind(&new.next)
            .bind(now)
            .bind(now.plus(LIFETIME))
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "delete from sign_ups where email = $1 and digest in
                     (select digest from sign_ups where email = $1
                      order by created_at desc, digest limit 100 offset $2)",
            )
            .bind(&email)
            .bind(MAX_WAITING)
            .execute(&mut *tx)
            .await?;
        });
        Ok(())
    }

    /// The sign-up that waits for this link.
    pub async fn signed_up(&self, digest: &str, now: Timestamp) -> Result<Option<SignedUp>> {
        on!(self.read, db => sqlx::query_as(
            "select * from sign_ups where digest = $1 and expires_at > $2",
        )
        .bind(digest)
        .bind(now)
        .fetch_optional(db))
    }

    /// Those that wait, the latest first.
    pub async fn signed_up_people(&self, now: Timestamp, limit: i64) -> Result<Vec<SignedUp>> {
        on!(self.read, db => sqlx::query_as(
            "select * from sign_ups where expires_at > $1 order by created_at desc, digest limit $2",
        )
        .bind(now)
        .bind(limit)
        .fetch_all(db))
    }

    /// Makes the account of a sign-up whose address is confirmed, as the sign-up mode allows. Whether it came with the team
    /// that was to be created is told, too: the name may be taken by now. `Taken` if the address is.
    pub async fn confirm_sign_up(&self, of: &SignedUp, now: Timestamp) -> Result<(UserId, bool)> {
        let of = &of.entered;
        let (account, invitation) = (of.account(), of.invitation.as_deref());
        let (user, whole) = match self.sign_up(&account, invitation, now).await {
            Err(StoreError::Taken) if of.team.is_some() => {
                let without_team = NewAccount { team: None, ..account };
                (self.sign_up(&without_team, invitation, now).await?, false)
            }
            made => (made?, true),
        };
        // Should this not come to be: the address is taken now, so what is left can't be used.
        on!(self.write, db => sqlx::query("delete from sign_ups where email = $1")
            .bind(&of.email)
            .execute(db))?;
        Ok((user, whole))
    }

    /// Forgets sign-ups that nobody confirmed in time.
    pub async fn delete_expired_sign_ups(&self, now: Timestamp) -> Result<u64> {
        on!(self.write, db => sqlx::query("delete from sign_ups where expires_at <= $1")
            .bind(now)
            .execute(db))
    }
}
