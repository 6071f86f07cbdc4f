//! Where people have logged in before: networks and browsers, kept as digests only. Passwords from there are counted apart,
//! so that whoever tries passwords elsewhere keeps nobody from logging in where they usually do.

use crate::domain::UserId;
use std::time::Duration;

use super::engine::{Result, Store, on, transaction};
use super::timestamp::Timestamp;

/// How many places of a person are remembered; of more, those seen longest ago are forgotten.
const MOST: i64 = 20;

/// How long a place is remembered that was not seen again.
const KEPT: Duration = Duration::from_secs(180 * 24 * 3600);

impl Store {
    /// Which of these places a person has logged in from, the first of them.
    pub async fn known_place(
        &self,
        user: UserId,
        places: &[String],
        now: Timestamp,
    ) -> Result<Option<String>> {
        for place in places {
            let known: Option<String> = on!(self.read, db => sqlx::query_scalar(
                "select place from known_places where user_id = $1 and place = $2 and seen_at > $3",
            )
            .bind(user)
            .bind(place)
            .bind(now.minus(KEPT))
            .fetch_optional(db))?;
            if known.is_some() {
                return Ok(known);
            }
        }
        Ok(None)
    }

    /// Remembers that a person has logged in from these places, and forgets `replaced`.
    pub async fn remember_places(
        &self,
        user: UserId,
        places: &[String],
        replaced: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        transaction!(self, tx => {
            sqlx::query("delete from known_places where user_id = $1 and place = $2")
                .bind(user)
                .bind(replaced)
                .execute(&mut *tx)
                .await?;
            for place in places {
                sqlx::query(
                    "insert into known_places (user_id, place, seen_at) values ($1, $2, $3)
                     on conflict (user_id, place) do update set seen_at = excluded.seen_at",
                )
                .bind(user)
                .bind(place)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            }
            sqlx::query(
                "delete from known_places where user_id = $1 and place in
                     (select place from known_places where user_id = $1
                      order by seen_at desc, place limit 100 offset $2)",
            )
            .bind(user)
            .bind(MOST)
            .execute(&mut *tx)
            .await?;
        });
        Ok(())
    }

    /// Forgets places that were not seen for long.
    pub async fn delete_expired_known_places(&self, now: Timestamp) -> Result<u64> {
        on!(self.write, db => sqlx::query("delete from known_places where seen_at <= $1")
            .bind(now.minus(KEPT))
            .execute(db))
    }
}
