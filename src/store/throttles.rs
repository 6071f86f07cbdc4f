//! How often strangers may try something. In the database, so that the count holds over processes and restarts.
//!
//! Each bucket is one row: the moment until which it is still emptying. What is tried puts its share on top of that, and
//! there is no room where it would reach further ahead than the whole bucket does (the generic cell rate algorithm).

use std::time::Duration;

use super::engine::{Result, Store, on, transaction};
use super::timestamp::Timestamp;

/// So many at once, and then one more each time `every` has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    pub burst: u32,
    pub every: Duration,
}

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bucket {
    key: String,
    rate: Rate,
}

impl Bucket {
    /// Of what is tried, and of whom; kept as a digest.
    pub fn new(what: &str, whose: &[&str], rate: Rate) -> Self {
        let key = crate::digest::sha256(serde_json::json!([what, whose]).to_string().as_bytes());
        Self { key, rate }
    }

    /// Until when it is emptying with one more in it; or, where that has no room, the moment from which on it has.
    pub(crate) fn with_one_more(
        &self,
        busy_until: Timestamp,
        now: Timestamp,
    ) -> std::result::Result<Timestamp, Timestamp> {
        let more = busy_until.max(now).plus(self.rate.every);
        let room_at = more.minus(self.rate.every * self.rate.burst);
        if room_at <= now { Ok(more) } else { Err(room_at) }
    }
}

/// Locks a bucket's row until the transaction ends and gives until when it is emptying. Binds: bucket, now.
const LOCK: &str = "insert into throttles (bucket, busy_until) values ($1, $2)
     on conflict (bucket) do update set bucket = excluded.bucket returning busy_until";

const SET: &str = "update throttles set busy_until = $2 where bucket = $1";

impl Store {
    /// Puts one into each of these buckets, or, if one of them has no room, into none of them and gives the
    /// moment from which on all have.
    pub async fn throttle(&self, buckets: &[Bucket], now: Timestamp) -> Result<Option<Timestamp>> {
        // A look first: what is refused is to cost no write.
        if let Some(until) = self.throttled(buckets, now).await? {
            return Ok(Some(until));
        }
        // Always locked in the same order, or two could wait for each other.
        let mut buckets: Vec<&Bucket> = buckets.iter().collect();
        buckets.sort_by_key(|bucket| &bucket.key);
        Ok(transaction!(self, tx => {
            for bucket in buckets {
                let busy_until: Timestamp = sqlx::query_scalar(LOCK)
                    .bind(&bucket.key)
                    .bind(now)
                    .fetch_one(&mut *tx)
                    .await?;
                match bucket.with_one_more(busy_until, now) {
                    Ok(more) => {
                        sqlx::query(SET).bind(&bucket.key).bind(more).execute(&mut *tx).await?;
                    }
                    Err(until) => return Ok(Some(until)),
                }
            }
            None
        }))
    }

    /// The moment from which on all of these buckets have room, if one of them has none.
    pub async fn throttled(&self, buckets: &[Bucket], now: Timestamp) -> Result<Option<Timestamp>> {
        let mut room_at = None;
        for bucket in buckets {
            let busy_until: Option<Timestamp> = on!(self.read, db => sqlx::query_scalar(
                "select busy_until from throttles where bucket = $1",
            )
            .bind(&bucket.key)
            .fetch_optional(db))?;
            let refused = busy_until.and_then(|busy| bucket.with_one_more(busy, now).err());
            room_at = room_at.max(refused);
        }
        Ok(room_at)
    }

    /// Takes back one that was put into each of these buckets, and empties `emptied`.
    pub async fn unthrottle(
        &self,
        buckets: &[Bucket],
        emptied: &Bucket,
        now: Timestamp,
    ) -> Result<()> {
        let mut buckets: Vec<&Bucket> = buckets.iter().collect();
        buckets.sort_by_key(|bucket| &bucket.key);
        transaction!(self, tx => {
            for bucket in buckets {
                let busy_until: Timestamp = sqlx::query_scalar(LOCK)
                    .bind(&bucket.key)
                    .bind(now)
                    .fetch_one(&mut *tx)
                    .await?;
                let less = if bucket == emptied { now } else { busy_until.minus(bucket.rate.every) };
                sqlx::query(SET).bind(&bucket.key).bind(less).execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    /// Forgets buckets that are empty.
    pub async fn delete_expired_throttles(&self, now: Timestamp) -> Result<u64> {
        on!(self.write, db => sqlx::query("delete from throttles where busy_until <= $1")
            .bind(now)
            .execute(db))
    }
}
