//! What holds for the challenge as a whole, and how people get in.

use super::accounts::{NewAccount, insert_account};
use super::audit::{AuditContext, record_event};
use super::engine::{Result, Store, on, transaction};
use super::outbox::tell_of_team;
use super::timestamp::Timestamp;
use crate::domain::{Refusal, SignUp, Standing, TeamId, UserId};

const SIGN_UP: &str = "select value from settings where name = 'sign_up'";

/// What the row says; without one, everybody gets in.
fn sign_up(value: Option<String>) -> sqlx::Result<SignUp> {
    value.map_or(Ok(SignUp::Open), |value| {
        value.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
    })
}

impl Store {
    /// Who gets in.
    pub async fn sign_up_mode(&self) -> Result<SignUp> {
        Ok(sign_up(on!(self.read, db => sqlx::query_scalar(SIGN_UP).fetch_optional(db))?)?)
    }

    /// Says who gets in from now on.
    pub async fn set_sign_up_mode(
        &self,
        actor: UserId,
        was: Option<SignUp>,
        mode: SignUp,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(transaction!(self, tx => {
            let before = sign_up(sqlx::query_scalar(SIGN_UP).fetch_optional(&mut *tx).await?)?;
            if was.is_some_and(|was| was != before) {
                return Ok(false);
            }
            sqlx::query(
                "insert into settings (name, value) values ('sign_up', $1)
                 on conflict (name) do update set value = excluded.value",
            )
            .bind(mode.as_str())
            .execute(&mut *tx)
            .await?;
            let detail = serde_json::json!({ "before": before, "after": mode });
            let by = AuditContext { actor: Some(actor), detail };
            record_event!(tx, by, "sign-up mode changed", "sign_up", now);
            true
        }))
    }

    /// Adds a person who signs up, and the team that the person creates, if named: as the sign-up mode allows,
    /// and with the invitation of this digest, which is used up if it was for one person.
    ///
    /// `Taken` if the address or the team's name is; then nothing is added, and the invitation still works.
    pub async fn sign_up(
        &self,
        new: &NewAccount<'_>,
        invitation: Option<&str>,
        now: Timestamp,
    ) -> Result<UserId> {
        let (user, team) = (UserId::new(), TeamId::new());
        Ok(transaction!(self, tx => {
            let mode = sign_up(sqlx::query_scalar(SIGN_UP).fetch_optional(&mut *tx).await?)?;
            // Deleted before anything else, so that of two people only one follows it.
            let personal = sqlx::query(
                "delete from invitations where digest = $1 and team_id is null and expires_at > $2",
            )
            .bind(invitation)
            .bind(now)
            .execute(&mut *tx)
            .await?
            .rows_affected();
            let of_a_team: i64 = sqlx::query_scalar(
                "select count(*) from invitations i join teams t on t.id = i.team_id
                 where i.digest = $1 and i.expires_at > $2 and t.standing <> 'suspended'",
            )
            .bind(invitation)
            .bind(now)
            .fetch_one(&mut *tx)
            .await?;
            let invited = personal > 0 || of_a_team > 0;
            if mode == SignUp::Invitation && !invited {
                return Err(Refusal::InvitationNeeded.into());
            }
            // Whom an organiser invites is known; a team's link may have been passed on to anybody.
            let standing = if personal > 0 { Standing::Approved } else { Standing::Pending };
            insert_account!(tx, new, user, team, standing, now);
            // By its digest an invitation is found again in the audit log.
            let detail = serde_json::json!({
                "mode": mode,
                "invitation": invitation.filter(|_| invited),
                "team": new.team.map(|_| team),
            });
            let by = AuditContext { actor: Some(user), detail };
            record_event!(tx, by, "sign-up", user, now);
            tell_of_team!(tx, team, user, now);
            user
        }))
    }
}
