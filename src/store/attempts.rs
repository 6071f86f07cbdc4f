//! Passwords that were tried and not found right. In the database, so that the count holds
//! over processes and restarts.

use std::time::Duration;

use uuid::Uuid;

use super::{Result, Store, Timestamp, new_id, on, transaction};

/// How long an attempt counts.
const WINDOW: Duration = Duration::from_secs(15 * 60);

/// The most attempts within the window for what was entered as an address, and from a network.
const MOST_FOR_ACCOUNT: i64 = 10;
const MOST_FROM_NETWORK: i64 = 50;

/// Whether a password may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It may; until it succeeds, it counts as failed.
    Begun(Uuid),
    HeldOff {
        until: Timestamp,
    },
}

fn account_key(email: &str) -> String {
    crate::digest::sha256(email.trim().to_lowercase().as_bytes())
}

impl Store {
    /// Writes down that a password is tried for an address, whether or not there is such an
    /// account, unless too many were.
    pub async fn begin_attempt(
        &self,
        email: &str,
        network: &str,
        now: Timestamp,
    ) -> Result<Attempt> {
        let account = account_key(email);
        if let Some(until) = self.attempts_full(&account, network, 0, now).await? {
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
        if let Some(until) = self.attempts_full(&account, network, 1, now).await? {
            on!(self.write, db => sqlx::query("delete from password_attempts where id = $1")
                .bind(id)
                .execute(db))?;
            return Ok(Attempt::HeldOff { until });
        }
        Ok(Attempt::Begun(id))
    }

    /// Forgets the attempt that was right and those for the same address; those from its network
    /// stay: somebody there may have an account and try the passwords of others.
    pub async fn attempt_succeeded(&self, id: Uuid, email: &str) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query("delete from password_attempts where id = $1")
                .bind(id)
                .execute(&mut *tx)
                .await?;
            sqlx::query("update password_attempts set account = null where account = $1")
                .bind(account_key(email))
                .execute(&mut *tx)
                .await?;
        });
        Ok(())
    }

    /// Until when attempts for this address or from this network are held off.
    pub async fn held_off(
        &self,
        email: &str,
        network: &str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        self.attempts_full(&account_key(email), network, 0, now).await
    }

    /// Until when there is no room, with `besides` attempts not counted.
    async fn attempts_full(
        &self,
        account: &str,
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
        .bind(MOST_FOR_ACCOUNT - 1 + besides)
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
