//! Which kinds of mail are sent at all, and which a person wants.

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::locks::Locks;
use super::outbox::setting;
use super::timestamp::Timestamp;
use crate::domain::{MailKind, UserId};

impl Store {
    /// Says whether mail is sent here. Where it is not, none is written.
    pub async fn set_mail(&self, on: bool) -> Result<()> {
        on!(self.write, db => sqlx::query(
            "insert into settings (name, value) values ('mail', $1)
             on conflict (name) do update set value = excluded.value",
        )
        .bind(if on { "on" } else { "off" })
        .execute(db))?;
        Ok(())
    }

    /// The kinds of mail that organisers have switched off for everybody.
    pub async fn mail_kinds_off(&self) -> Result<Vec<MailKind>> {
        let names: Vec<String> = on!(self.read, db => sqlx::query_scalar(
            "select name from settings where value = 'off' and name like 'mail %'",
        )
        .fetch_all(db))?;
        let off = |kind: &MailKind| names.contains(&setting(*kind));
        Ok(MailKind::ALL.iter().copied().filter(off).collect())
    }

    /// Switches these kinds of mail off for everybody, and all others on.
    pub async fn set_mail_kinds_off(
        &self,
        off: &[MailKind],
        actor: UserId,
        now: Timestamp,
    ) -> Result<()> {
        transaction!(self, tx => {
            for &kind in MailKind::ALL {
                sqlx::query(
                    "insert into settings (name, value) values ($1, $2)
                     on conflict (name) do update set value = excluded.value",
                )
                .bind(setting(kind))
                .bind(if off.contains(&kind) { "off" } else { "on" })
                .execute(&mut *tx)
                .await?;
            }
            let by = AuditContext { actor: Some(actor), detail: serde_json::json!({ "off": off }) };
            record_event!(tx, by, "mail settings changed", "mail", now);
        });
        Ok(())
    }

    /// The kinds of mail that a person has switched off.
    pub async fn mails_off(&self, user: UserId) -> Result<Vec<MailKind>> {
        let kinds: Vec<String> = on!(self.read, db => sqlx::query_scalar(
            "select kind from mails_off where user_id = $1",
        )
        .bind(user)
        .fetch_all(db))?;
        Ok(kinds.iter().filter_map(|kind| kind.parse().ok()).collect())
    }

    /// Switches these kinds of mail off for a person, and all others on.
    pub async fn set_mails_off(&self, user: UserId, off: &[MailKind]) -> Result<()> {
        transaction!(self, tx => {
            tx.lock_user(user).await?;
            sqlx::query("delete from mails_off where user_id = $1")
                .bind(user)
                .execute(&mut *tx)
                .await?;
            for kind in off {
                sqlx::query("insert into mails_off (user_id, kind) values ($1, $2)")
                    .bind(user)
                    .bind(kind.as_str())
                    .execute(&mut *tx)
                    .await?;
            }
        });
        Ok(())
    }

    /// Whose mails of which kind the link with this digest switches off.
    pub async fn mail_link(&self, digest: &str) -> Result<Option<(UserId, MailKind)>> {
        let found: Option<(UserId, String)> = on!(self.read, db => sqlx::query_as(
            "select l.user_id, l.kind from mail_links l join users u on u.id = l.user_id
             where l.digest = $1 and u.deleted_at is null",
        )
        .bind(digest)
        .fetch_optional(db))?;
        Ok(found.and_then(|(user, kind)| Some((user, kind.parse().ok()?))))
    }

    /// Switches one kind of mail off for a person.
    pub async fn switch_mail_off(&self, user: UserId, kind: MailKind) -> Result<()> {
        on!(self.write, db => sqlx::query(
            "insert into mails_off (user_id, kind) values ($1, $2) on conflict do nothing",
        )
        .bind(user)
        .bind(kind.as_str())
        .execute(db))?;
        Ok(())
    }

    /// Notes that mail to the person's address reaches the person.
    pub async fn set_confirmed(&self, user: UserId, now: Timestamp) -> Result<()> {
        on!(self.write, db => sqlx::query(
            "update users set confirmed_at = $2 where id = $1 and deleted_at is null",
        )
        .bind(user)
        .bind(now)
        .execute(db))?;
        Ok(())
    }
}
