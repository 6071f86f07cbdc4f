//! Mail as rows: written in the transaction of what it tells of, claimed with a lease by whoever sends it, and ended once it
//! is sent. A sender that was killed between sending and writing so sends once more, and nothing is lost.

use std::time::Duration;

use sqlx::FromRow;
use uuid::Uuid;

use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::locks::Locks;
use super::timestamp::Timestamp;
use crate::domain::{Audience, MailKind, PhaseId, TeamId, UserId};

/// The event of a mail that could not be sent.
pub const NOT_SENT: &str = "mail not sent";

/// So long sending is tried.
const GIVEN_UP: Duration = Duration::from_secs(24 * 3600);

/// Who had a mail of a kind within this time has to wait for the next one for longer.
pub(super) const LATELY: Duration = Duration::from_secs(3600);

/// How long.
pub(super) const LATER: Duration = Duration::from_secs(15 * 60);

/// So long what was sent is kept, and mails can be switched off by their links.
const KEPT: Duration = Duration::from_secs(180 * 24 * 3600);

/// Something that people are to be told.
pub(super) struct Occasion {
    pub id: Uuid,
    pub kind: MailKind,
    /// What it is about.
    pub subject: Uuid,
    pub to: Receivers,
    pub detail: serde_json::Value,
}

/// Who is to be told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Receivers {
    Members(TeamId),
    /// All organisers but this one.
    Organisers(Option<UserId>),
    Everybody,
    OfPhase(PhaseId),
    WithoutSubmission(PhaseId),
}

/// Which people a kind of mail reaches: those whose address is confirmed and who have not switched it off, where mail is
/// sent and no organiser has switched the kind off. Binds: the kind's setting, the kind, whom.
macro_rules! reached {
    ($who:literal) => {
        concat!(
            "u.deleted_at is null and u.confirmed_at is not null
               and exists (select 1 from settings where name = 'mail' and value = 'on')
               and not exists (select 1 from settings where name = $1 and value = 'off')
               and not exists (select 1 from mails_off o where o.user_id = u.id and o.kind = $2) and ",
            $who
        )
    };
}

/// Binds those of [`reached`], event, now, when it is due.
macro_rules! add_mails {
    ($who:literal) => {
        concat!(
            "insert into mails (event_id, user_id, kind, state, created_at, due_at, tries)
             select $4, u.id, $2, 'waiting', $5, $6, 0
             from users u where exists (select 1 from mail_events e where e.id = $4) and ",
            reached!($who)
        )
    };
}

macro_rules! count_reached {
    ($who:literal) => {
        concat!("select count(*) from users u where ", reached!($who))
    };
}

macro_rules! name_reached {
    ($who:literal) => {
        concat!(
            "select u.display_name from users u where ",
            reached!($who),
            " order by u.id limit 5"
        )
    };
}

/// One of the texts of a macro, by whom it is about.
macro_rules! by_receivers {
    ($to:expr, $text:ident) => {
        match $to {
            Receivers::Members(_) => $text!(
                "exists (select 1 from team_members m where m.user_id = u.id and m.team_id = $3)"
            ),
            Receivers::Organisers(_) => $text!("u.organiser and (u.id <> $3 or $3 is null)"),
            Receivers::Everybody => $text!("(u.id <> $3 or $3 is null)"),
            Receivers::OfPhase(_) => $text!(
                "exists (select 1 from team_members m join submissions s on s.team_id = m.team_id
                         where m.user_id = u.id and s.phase_id = $3)"
            ),
            Receivers::WithoutSubmission(_) => $text!(
                "not u.organiser and not exists
                     (select 1 from team_members m join submissions s on s.team_id = m.team_id
                      where m.user_id = u.id and s.phase_id = $3)"
            ),
        }
    };
}

impl Receivers {
    pub fn add_mails(self) -> &'static str {
        by_receivers!(self, add_mails)
    }

    /// The id that the texts ask for.
    pub fn whom(self) -> Option<Uuid> {
        match self {
            Self::Members(team) => Some(team.uuid()),
            Self::Organisers(but) => but.map(UserId::uuid),
            Self::Everybody => None,
            Self::OfPhase(phase) | Self::WithoutSubmission(phase) => Some(phase.uuid()),
        }
    }

    /// Of a letter; nothing where a phase is missing.
    pub fn of(audience: Audience, phase: Option<PhaseId>) -> Option<Self> {
        Some(match audience {
            Audience::Everybody => Self::Everybody,
            Audience::Phase => Self::OfPhase(phase?),
            Audience::WithoutSubmission => Self::WithoutSubmission(phase?),
        })
    }
}

/// The setting by which an organiser switches a kind off.
pub(super) fn setting(kind: MailKind) -> String {
    format!("mail {kind}")
}

/// Adds no row where no mail is sent. Binds: id, kind, subject, detail, now.
pub(super) const ADD_EVENT: &str = "insert into mail_events (id, kind, subject, detail, at)
     select $1, $2, $3, $4, $5 where exists (select 1 from settings where name = 'mail' and value = 'on')";

/// Lets those wait for longer who had such a mail lately. Binds: event, since when, until when.
pub(super) const SLOW_DOWN: &str = "update mails set due_at = $3
     where event_id = $1 and exists (
         select 1 from mails r
         where r.user_id = mails.user_id and r.kind = mails.kind and r.state = 'sent' and r.ended_at > $2)";

/// Whether organisers are asked to approve a team. Binds: team, now.
pub(super) const WAITS: &str = "select count(*) from teams t
     where t.id = $1 and t.standing = 'pending' and (
         exists (select 1 from phases p
                 where p.approval = 'required' and (p.closes_at is null or p.closes_at > $2))
         or exists (select 1 from settings where name = 'sign_up' and value = 'approval'))";

/// Tells people something, in the transaction of what it tells of; gives how many.
macro_rules! tell {
    ($tx:ident, $occasion:expr, $now:expr) => {{
        let occasion: $crate::store::outbox::Occasion = $occasion;
        let text = occasion.to.add_mails();
        sqlx::query($crate::store::outbox::ADD_EVENT)
            .bind(occasion.id)
            .bind(occasion.kind.as_str())
            .bind(occasion.subject)
            .bind(sqlx::types::Json(&occasion.detail))
            .bind($now)
            .execute(&mut *$tx)
            .await?;
        let told = sqlx::query(text)
            .bind($crate::store::outbox::setting(occasion.kind))
            .bind(occasion.kind.as_str())
            .bind(occasion.to.whom())
            .bind(occasion.id)
            .bind($now)
            .bind($now.plus(occasion.kind.wait()))
            .execute(&mut *$tx)
            .await?
            .rows_affected();
        if occasion.kind.is_bundled() && told > 0 {
            sqlx::query($crate::store::outbox::SLOW_DOWN)
                .bind(occasion.id)
                .bind($now.minus($crate::store::outbox::LATELY))
                .bind($now.plus($crate::store::outbox::LATER))
                .execute(&mut *$tx)
                .await?;
        }
        told
    }};
}

/// Tells organisers of a team that waits for them, if it does.
macro_rules! tell_of_team {
    ($tx:ident, $team:expr, $by:expr, $now:expr) => {
        let waits: i64 = sqlx::query_scalar($crate::store::outbox::WAITS)
            .bind($team)
            .bind($now)
            .fetch_one(&mut *$tx)
            .await?;
        if waits > 0 {
            let occasion = $crate::store::outbox::Occasion {
                id: uuid::Uuid::now_v7(),
                kind: $crate::domain::MailKind::TeamWaiting,
                subject: $team.uuid(),
                to: $crate::store::outbox::Receivers::Organisers(Some($by)),
                detail: serde_json::json!({}),
            };
            $crate::store::outbox::tell!($tx, occasion, $now);
        }
    };
}

pub(super) use {tell, tell_of_team};

/// Mails of a kind to one person that are being sent.
#[derive(Clone, Debug)]
pub struct ClaimedMails {
    pub claim: Uuid,
    pub user: UserId,
    pub kind: MailKind,
    /// The address, if the person is still to be told.
    pub email: Option<String>,
    /// Oldest first; none if somebody else was faster.
    pub events: Vec<MailEvent>,
}

/// What one of them tells.
#[derive(Clone, Debug, FromRow)]
pub struct MailEvent {
    pub event_id: Uuid,
    pub subject: Uuid,
    #[sqlx(json)]
    pub detail: serde_json::Value,
    /// How often it was tried, this time included.
    pub tries: i64,
}

/// What came of sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    Sent,
    /// In words, and how long to wait until the next time.
    Failed {
        why: String,
        pause: Duration,
    },
    /// There was nothing to tell.
    Nothing,
}

/// Mail that did not get out.
#[derive(Clone, Debug, FromRow)]
pub struct Unsent {
    pub waiting: i64,
    /// Why the last of them was not sent.
    pub failure: Option<String>,
}

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

    /// Claims the mail that has been due for longest, with what goes with it; nothing if none is due. `digest` is of the
    /// secret that the mail can be switched off with.
    pub async fn claim_mails(&self, digest: &str, lease: Duration) -> Result<Option<ClaimedMails>> {
        let now = self.clock().await?;
        let due: Option<(UserId, String, Uuid)> = on!(self.read, db => sqlx::query_as(
            "select user_id, kind, event_id from mails
             where state = 'waiting' and due_at <= $1 and (lease_until is null or lease_until <= $1)
             order by due_at limit 1",
        )
        .bind(now)
        .fetch_optional(db))?;
        let Some((user, kind, event)) = due else { return Ok(None) };
        let kind: MailKind = kind.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let claim = Uuid::now_v7();
        let events: Vec<MailEvent> = transaction!(self, tx => {
            // Of two senders that look at the same moment, the second finds nothing to claim.
            tx.lock_user(user).await?;
            let claimed = sqlx::query(
                "update mails set claim = $1, lease_until = $2, tries = tries + 1
                 where user_id = $3 and kind = $4 and state = 'waiting'
                   and (lease_until is null or lease_until <= $5) and (event_id = $6 or $7)",
            )
            .bind(claim)
            .bind(now.plus(lease))
            .bind(user)
            .bind(kind.as_str())
            .bind(now)
            .bind(event)
            .bind(kind.is_bundled())
            .execute(&mut *tx)
            .await?;
            if claimed.rows_affected() > 0 {
                sqlx::query(
                    "insert into mail_links (digest, user_id, kind, created_at) values ($1, $2, $3, $4)",
                )
                .bind(digest)
                .bind(user)
                .bind(kind.as_str())
                .bind(now)
                .execute(&mut *tx)
                .await?;
            }
            sqlx::query_as(
                "select m.event_id, e.subject, e.detail, m.tries
                 from mails m join mail_events e on e.id = m.event_id
                 where m.user_id = $1 and m.claim = $2 order by m.event_id",
            )
            .bind(user)
            .bind(claim)
            .fetch_all(&mut *tx)
            .await?
        });
        let email = on!(self.read, db => sqlx::query_scalar(
            concat!("select u.email from users u where ", reached!("u.id = $3")),
        )
        .bind(setting(kind))
        .bind(kind.as_str())
        .bind(user)
        .fetch_optional(db))?;
        Ok(Some(ClaimedMails { claim, user, kind, email, events }))
    }

    /// Writes what came of mails that were claimed. `dropped`: those of them that tell the person nothing any more.
    pub async fn settle_mails(
        &self,
        of: &ClaimedMails,
        dropped: &[Uuid],
        sending: &Sending,
    ) -> Result<()> {
        let now = self.clock().await?;
        transaction!(self, tx => {
            for event in dropped {
                sqlx::query(
                    "update mails set state = 'dropped', ended_at = $3, claim = null, lease_until = null
                     where user_id = $4 and claim = $1 and event_id = $2",
                )
                .bind(of.claim)
                .bind(event)
                .bind(now)
                .bind(of.user)
                .execute(&mut *tx)
                .await?;
            }
            match sending {
                Sending::Nothing => {}
                Sending::Sent => {
                    sqlx::query(
                        "update mails set state = 'sent', ended_at = $2, claim = null, lease_until = null,
                                failure = null
                         where user_id = $3 and claim = $1",
                    )
                    .bind(of.claim)
                    .bind(now)
                    .bind(of.user)
                    .execute(&mut *tx)
                    .await?;
                }
                Sending::Failed { why, pause } => {
                    let given_up = sqlx::query(
                        "update mails set state = 'failed', ended_at = $2, claim = null, lease_until = null,
                                failure = $3
                         where user_id = $5 and claim = $1 and created_at <= $4",
                    )
                    .bind(of.claim)
                    .bind(now)
                    .bind(why)
                    .bind(now.minus(GIVEN_UP))
                    .bind(of.user)
                    .execute(&mut *tx)
                    .await?;
                    if given_up.rows_affected() > 0 {
                        let detail = serde_json::json!({ "because": why, "kind": of.kind });
                        let by = AuditContext { actor: None, detail };
                        record_event!(tx, by, NOT_SENT, of.user, now);
                    }
                    sqlx::query(
                        "update mails set due_at = $2, failure = $3, claim = null, lease_until = null
                         where user_id = $4 and claim = $1",
                    )
                    .bind(of.claim)
                    .bind(now.plus(*pause))
                    .bind(why)
                    .bind(of.user)
                    .execute(&mut *tx)
                    .await?;
                }
            }
        });
        Ok(())
    }

    /// Mail that was tried, was not sent and will be tried again.
    pub async fn unsent_mail(&self) -> Result<Unsent> {
        on!(self.read, db => sqlx::query_as(
            "select count(*) as waiting, max(failure) as failure from mails
             where state = 'waiting' and failure is not null",
        )
        .fetch_one(db))
    }

    /// How many people a letter would reach, and what the first of them are called.
    pub async fn letter_receivers(
        &self,
        audience: Audience,
        phase: Option<PhaseId>,
    ) -> Result<(i64, Vec<String>)> {
        let Some(to) = Receivers::of(audience, phase) else { return Ok((0, Vec::new())) };
        let text = by_receivers!(to, count_reached);
        let count = on!(self.read, db => sqlx::query_scalar(text)
            .bind(setting(MailKind::Letter))
            .bind(MailKind::Letter.as_str())
            .bind(to.whom())
            .fetch_one(db))?;
        let text = by_receivers!(to, name_reached);
        let names = on!(self.read, db => sqlx::query_scalar(text)
            .bind(setting(MailKind::Letter))
            .bind(MailKind::Letter.as_str())
            .bind(to.whom())
            .fetch_all(db))?;
        Ok((count, names))
    }

    /// Forgets what was sent long ago. Letters are kept, with who got them.
    pub async fn delete_old_mails(&self, now: Timestamp) -> Result<()> {
        let before = now.minus(KEPT);
        on!(self.write, db => sqlx::query(
            "delete from mails where state <> 'waiting' and kind <> 'letter' and created_at < $1",
        )
        .bind(before)
        .execute(db))?;
        on!(self.write, db => sqlx::query(
            "delete from mail_events
             where at < $1 and not exists (select 1 from mails m where m.event_id = mail_events.id)",
        )
        .bind(before)
        .execute(db))?;
        on!(self.write, db => sqlx::query("delete from mail_links where created_at < $1")
            .bind(before)
            .execute(db))?;
        Ok(())
    }
}
