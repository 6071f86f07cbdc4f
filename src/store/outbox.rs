//! Mail as rows, written in the transaction of what it tells of: whom a kind reaches, and the macros that tell people of something.
//! `sending` has what becomes of the rows, `mail_choices` which kinds are wanted.

use std::time::Duration;

use uuid::Uuid;

use super::engine::{Result, Store, on};
use crate::domain::{Audience, MailKind, PhaseId, TeamId, UserId};

/// Who had a mail of a kind within this time has to wait for the next one for longer.
pub(super) const LATELY: Duration = Duration::from_secs(3600);

/// How long.
pub(super) const LATER: Duration = Duration::from_secs(15 * 60);

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

pub(super) use {reached, tell, tell_of_team};

impl Store {
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
}
