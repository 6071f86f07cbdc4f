//! Letting people in again, and deleting accounts: for the pages and the API alike.

use serde_json::json;

use super::credentials::{AuthError, make_link};
use super::{Caller, Services, fields};
use crate::domain::{Action, Error, SignUp, UserId};
use crate::mail::{MailError, Mailer};
use crate::store::{AuditContext, LinkKind, Timestamp, User};

/// The event of a mail that could not be sent.
pub const NOT_SENT: &str = "mail not sent";

/// Makes a link for an organiser to hand over, with which this person sets a new password.
pub async fn reset_link(
    services: &Services,
    caller: &Caller,
    user: &User,
) -> Result<String, Error> {
    caller.authorize(Action::ManageAccountOf { organiser: user.organiser })?;
    Ok(link(services, user.id, Some(caller.authenticated_user()?.id)).await?)
}

/// Makes somebody an organiser, or no longer one; nothing happens where it is so already.
pub async fn set_organiser(
    services: &Services,
    caller: &Caller,
    user: UserId,
    organiser: bool,
) -> Result<(), Error> {
    caller.authorize(Action::ChangeRoles)?;
    let actor = caller.authenticated_user()?.id;
    services.store.set_organiser(actor, user, organiser, Timestamp::now()).await?;
    Ok(())
}

/// Changes what the caller says about itself.
pub async fn change_profile(
    services: &Services,
    caller: &Caller,
    display_name: &str,
    affiliation: &str,
) -> Result<(), Error> {
    let (name, affiliation) = (display_name.trim(), affiliation.trim());
    let problems = [
        fields::line("a name", name, 1..=100),
        fields::line("an affiliation", affiliation, 0..=200),
    ];
    let problems: Vec<_> = problems.into_iter().filter_map(Result::err).collect();
    if !problems.is_empty() {
        return Err(Error::of(problems));
    }
    let user = caller.authenticated_user()?;
    Ok(services.store.change_profile(user, name, affiliation, Timestamp::now()).await?)
}

/// Says who gets in.
pub async fn set_sign_up_mode(
    services: &Services,
    caller: &Caller,
    mode: SignUp,
) -> Result<(), Error> {
    caller.authorize(Action::Organise)?;
    let actor = caller.authenticated_user()?.id;
    Ok(services.store.set_sign_up_mode(actor, mode, Timestamp::now()).await?)
}

/// Deletes somebody's account, for a reason.
pub async fn anonymise(
    services: &Services,
    caller: &Caller,
    user: &User,
    reason: &str,
) -> Result<(), Error> {
    caller.authorize(Action::ManageAccountOf { organiser: user.organiser })?;
    let reason = reason.trim();
    fields::line("a reason", reason, 1..=500)?;
    let by = AuditContext {
        actor: Some(caller.authenticated_user()?.id),
        detail: json!({ "reason": reason }),
    };
    Ok(services.store.anonymise(user.id, &by, Timestamp::now()).await?)
}

/// Deletes the account of somebody who wants it.
pub async fn delete_own(services: &Services, user: &User) -> Result<(), Error> {
    let by = AuditContext { actor: Some(user.id), detail: json!({}) };
    Ok(services.store.anonymise(user.id, &by, Timestamp::now()).await?)
}

async fn link(
    services: &Services,
    user: UserId,
    actor: Option<UserId>,
) -> Result<String, AuthError> {
    let now = Timestamp::now();
    let path = make_link(&services.store, LinkKind::Reset, Some(user), actor, now).await?;
    Ok(format!("{}{path}", services.public_url))
}

/// Mails a link to set a new password, if somebody has this address. All of it happens while the
/// answer is on its way already: neither what it says nor how long it takes tells who has an account.
pub fn mail_link(services: Services, mailer: Mailer, email: String) {
    tokio::spawn(async move {
        if let Err(error) = mail_link_now(&services, &mailer, &email).await {
            tracing::error!(%error, "a link could not be made or mailed");
        }
    });
}

async fn mail_link_now(services: &Services, mailer: &Mailer, email: &str) -> Result<(), AuthError> {
    let Some(user) = services.store.user_by_email(email).await? else { return Ok(()) };
    let link = link(services, user.id, None).await?;
    let text = format!(
        "Somebody, probably you, asked for a new password for your account at {}.\n\n\
         Open this link to set one. It works once, within a day:\n\n{link}\n\n\
         A new password ends all sessions and revokes all tokens: scripts need new ones.\n\n\
         If it was not you, ignore this mail: your password stays the same.\n",
        services.public_url,
    );
    if let Err(error) = mailer.send(&user.email, "Your password at ASOCA", text).await {
        note_unsent(services, Some(user.id), &error).await?;
    }
    Ok(())
}

/// Writes down that a mail was not sent, where there is one to whose account.
pub async fn note_unsent(
    services: &Services,
    user: Option<UserId>,
    error: &MailError,
) -> Result<(), AuthError> {
    tracing::warn!(%error, "a mail was not sent");
    let detail = json!({ "because": error.to_string() });
    let subject = user.map(|user| user.to_string()).unwrap_or_default();
    Ok(services.store.record_event(None, NOT_SENT, &subject, detail, Timestamp::now()).await?)
}
