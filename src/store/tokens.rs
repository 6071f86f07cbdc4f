use std::time::Duration;

use sqlx::FromRow;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::timestamp::Timestamp;
use crate::domain::{Scope, TokenId, UserId};

/// How many networks of a token are remembered; of more, those met first are forgotten.
const MAX_NETWORKS: i64 = 100;

/// How long it is remembered where a token was used that has ended.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Ends all of a person's tokens that have not ended yet. Binds: user, now.
pub(super) const REVOKE_TOKENS: &str = "update tokens set revoked_at = $2
     where user_id = $1 and revoked_at is null and expires_at > $2";

/// A key for scripts. The key itself is shown once and kept only as a digest.
#[derive(Clone, Debug, FromRow)]
pub struct Token {
    pub id: TokenId,
    pub user_id: UserId,
    pub name: String,
    /// The key's first letters, to tell tokens apart.
    pub hint: String,
    #[sqlx(try_from = "String")]
    pub scope: Scope,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl Token {
    pub fn is_valid(&self, at: Timestamp) -> bool {
        self.revoked_at.is_none() && at < self.expires_at
    }
}

/// Where a token was used from.
#[derive(Clone, Debug, FromRow)]
pub struct TokenNetwork {
    pub token_id: TokenId,
    pub network: String,
}

#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    pub user_id: UserId,
    pub name: &'a str,
    pub digest: &'a str,
    pub hint: &'a str,
    pub scope: Scope,
    pub expires_at: Timestamp,
}

impl Store {
    /// Adds a token, and writes it down.
    pub async fn add_token(&self, new: &NewToken<'_>, now: Timestamp) -> Result<TokenId> {
        let id = TokenId::new();
        transaction!(self, tx => {
            sqlx::query(
                "insert into tokens
                     (id, user_id, name, digest, hint, scope, created_at, expires_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(id)
            .bind(new.user_id)
            .bind(new.name)
            .bind(new.digest)
            .bind(new.hint)
            .bind(new.scope.as_str())
            .bind(now)
            .bind(new.expires_at)
            .execute(&mut *tx)
            .await?;
            let detail = serde_json::json!({ "scope": new.scope });
            let by = AuditContext { actor: Some(new.user_id), detail };
            record_event!(tx, by, "token made", id, now);
        });
        Ok(id)
    }

    /// The token with this digest, valid or not.
    pub async fn token(&self, digest: &str) -> Result<Option<Token>> {
        on!(self.read, db => sqlx::query_as("select * from tokens where digest = $1")
            .bind(digest)
            .fetch_optional(db))
    }

    /// Remembers that a token was used. Written at most once a minute, so that a busy
    /// script doesn't turn every read into a write.
    pub async fn touch_token(&self, token: &Token, now: Timestamp) -> Result<()> {
        let minute_ago = now.minus(Duration::from_secs(60));
        if token.last_used_at.is_some_and(|last| last > minute_ago) {
            return Ok(());
        }
        on!(self.write, db => sqlx::query("update tokens set last_used_at = $2 where id = $1")
            .bind(token.id)
            .bind(now)
            .execute(db))?;
        Ok(())
    }

    /// Writes down the first use of a token from a network: one event, however many requests come at once.
    pub async fn note_token_network(
        &self,
        token: &Token,
        network: &str,
        now: Timestamp,
    ) -> Result<()> {
        let known: Option<(TokenId,)> = on!(self.read, db => sqlx::query_as(
            "select token_id from token_networks where token_id = $1 and network = $2",
        )
        .bind(token.id)
        .bind(network)
        .fetch_optional(db))?;
        if known.is_some() {
            return Ok(());
        }
        transaction!(self, tx => {
            let added = sqlx::query(
                "insert into token_networks (token_id, network, seen_at) values ($1, $2, $3)
                 on conflict do nothing",
            )
            .bind(token.id)
            .bind(network)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            if added.rows_affected() == 0 {
                return Ok(());
            }
            sqlx::query(
                "delete from token_networks where token_id = $1 and network in
                     (select network from token_networks where token_id = $1
                      order by seen_at desc, network limit 100 offset $2)",
            )
            .bind(token.id)
            .bind(MAX_NETWORKS)
            .execute(&mut *tx)
            .await?;
            let detail = serde_json::json!({ "network": network });
            let by = AuditContext { actor: Some(token.user_id), detail };
            record_event!(tx, by, "token used from new address", token.id, now);
        });
        Ok(())
    }

    /// Where a person's tokens were used from, the one met last first.
    pub async fn token_networks(&self, user: UserId) -> Result<Vec<TokenNetwork>> {
        on!(self.read, db => sqlx::query_as(
            "select n.token_id, n.network
             from token_networks n join tokens t on t.id = n.token_id
             where t.user_id = $1 order by n.seen_at desc, n.network",
        )
        .bind(user)
        .fetch_all(db))
    }

    /// Forgets where tokens were used from that ended long ago.
    pub async fn delete_expired_token_networks(&self, now: Timestamp) -> Result<u64> {
        on!(self.write, db => sqlx::query(
            "delete from token_networks where token_id in
                 (select id from tokens where expires_at <= $1 or revoked_at <= $1)",
        )
        .bind(now.minus(KEPT))
        .execute(db))
    }

    /// A person's tokens, newest first.
    pub async fn tokens_of(&self, user: UserId) -> Result<Vec<Token>> {
        on!(self.read, db => sqlx::query_as(
            "select * from tokens where user_id = $1 order by id desc",
        )
        .bind(user)
        .fetch_all(db))
    }

    /// Ends a person's token, and writes it down; false if the person has no such living token.
    pub async fn revoke_token(&self, user: UserId, id: TokenId, now: Timestamp) -> Result<bool> {
        Ok(transaction!(self, tx => {
            let done = sqlx::query(
                "update tokens set revoked_at = $3
                 where id = $1 and user_id = $2 and revoked_at is null",
            )
            .bind(id)
            .bind(user)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            if done.rows_affected() == 0 {
                return Ok(false);
            }
            record_event!(tx, AuditContext::person(user), "token revoked", id, now);
            true
        }))
    }
}
