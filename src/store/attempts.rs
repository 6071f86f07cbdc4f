//! Passwords that were tried and not found right, and links that were asked for. In the database,
//! so that the count holds over processes and restarts.

use std::time::Duration;

use uuid::Uuid;

use super::{Result, Store, Timestamp, new_id, on, transaction};

/// How long an attempt counts.
const WINDOW: Duration = Duration::from_secs(15 * 60);

/// The most attempts of all kinds within the window from a network.
const MOST_FROM_NETWORK: i64 = 50;

/// What strangers may attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempted {
    /// To get in with a password.
    Password,
    /// To have a link mailed that sets a new one.
    Link,
}

impl Attempted {
    /// The most attempts within the window for what was entered as an address.
    fn most(self) -> i64 {
        match self {
            Self::Password => 10,
            Self::Link => 3,
        }
    }

    /// What is kept of an address, so that the kinds are counted each for itself.
    fn account(self, email: &str) -> String {
        let email = email.trim().to_lowercase();
        match self {
            Self::Password => crate::digest::sha256(email.as_bytes()),
            Self::Link => crate::digest::sha256(format!("link {email}").as_bytes()),
        }
    }
}

/// Whether something may be attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It may; until it succeeds, it counts as failed.
    Begun(Uuid),
    HeldOff {
        until: Timestamp,
    },
}

impl Store {
    /// Writes down that something is attempted for an address, whether or not there is such an
    /// account, unless that was too often.
    pub async fn begin_attempt(
        &self,
        what: Attempted,
        email: &str,
        network: &str,
        now: Timestamp,
    ) -> Result<Attempt> {
        let account = what.account(email);
        let room = what.most();
        if let Some(until) = self.attempts_full(&account, room, network, 0, now).await? {
            return Ok(Attempt::HeldOff { until });
        }
        let id = new_id();
        on!(self.write, db => sqlx::query(
            "insert into password_attempts (id, account, network, at) values ($1, $2, $3, $4)",
        )
        .bind(id)
        .bind(&account)
        .bind(network)
        .bind(now)
        .execute(db))?;
        // Of attempts at the same moment the last one written sees all others: no more get
        // through than there is room for, without a lock.
        if let Some(until) = self.attempts_full(&account, room, network, 1, now).await? {
            on!(self.write, db => sqlx::query("delete from password_attempts where id = $1")
                .bind(id)
                .execute(db))?;
            return Ok(Attempt::HeldOff { until });
        }
        Ok(Attempt::Begun(id))
    }

    /// Forgets the password that was right and those for the same address; those from its network
    /// stay: somebody there may have an account and try the passwords of others.
    pub async fn attempt_succeeded(&self, id: Uuid, email: &str) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query("delete from password_attempts where id = $1")
                .bind(id)
                .execute(&mut *tx)
                .await?;
            sqlx::query("update password_attempts set account = null where account = $1")
                .bind(Attempted::Password.account(email))
                .execute(&mut *tx)
                .await?;
        });
        Ok(())
    }

    /// Until when passwords for this address or from this network are held off.
    pub async fn held_off(
        &self,
        email: &str,
        network: &str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let what = Attempted::Password;
        self.attempts_full(&what.account(email), what.most(), network, 0, now).await
    }

    /// Until when there is no room, with `besides` attempts not counted.
    async fn attempts_full(
        &self,
        account: &str,
        most_for_account: i64,
        network: &str,
        besides: i64,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let since = now.minus(WINDOW);
        // There is room again once the oldest of the newest so many is out of the window.
        let of_account: Option<(Timestamp,)> = on!(self.read, db => sqlx::query_as(
            "select at from password_attempts where account = $1 and at > $2
             order by at desc limit 1 offset $3",
        )
        .bind(account)
        .bind(since)
        .bind(most_for_account - 1 + besides)
        .fetch_optional(db))?;
        let of_network: Option<(Timestamp,)> = on!(self.read, db => sqlx::query_as(
            "select at from password_attempts where network = $1 and at > $2
             order by at desc limit 1 offset $3",
        )
        .bind(network)
        .bind(since)
        .bind(MOST_FROM_NETWORK - 1 + besides)
        .fetch_optional(db))?;
        Ok(of_account.max(of_network).map(|(at,)| at.plus(WINDOW)))
    }

    /// Forgets attempts that count no more.
    pub async fn sweep_attempts(&self, now: Timestamp) -> Result<u64> {
        Ok(on!(self.write, db => sqlx::query("delete from password_attempts where at <= $1")
            .bind(now.minus(WINDOW))
            .execute(db))?)
    }
}
