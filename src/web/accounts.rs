//! Letting people in again, and deleting accounts: for the pages and the API alike.

use serde_json::json;
use uuid::Uuid;

use super::App;
use super::account_fields;
use super::auth::{AuthError, make_link};
use super::caller::Caller;
use crate::domain::{Action, Error};
use crate::mail::{MailError, Mailer};
use crate::store::{By, LinkKind, Timestamp, User};

/// The event of a mail that could not be sent.
pub const NOT_SENT: &str = "mail not sent";

/// Makes a link for an organiser to hand over, with which this person sets a new password.
pub async fn reset_link(app: &App, caller: &Caller, user: &User) -> Result<String, Error> {
    caller.must(Action::ManageAccountOf { organiser: user.organiser })?;
    Ok(link(app, user.id, Some(caller.somebody()?.id)).await?)
}

/// Deletes somebody's account, for a reason.
pub async fn anonymise(app: &App, caller: &Caller, user: &User, reason: &str) -> Result<(), Error> {
    caller.must(Action::ManageAccountOf { organiser: user.organiser })?;
    let reason = reason.trim();
    account_fields::line("a reason", reason, 1..=500).map_err(Error::from)?;
    let by = By { actor: Some(caller.somebody()?.id), detail: json!({ "reason": reason }) };
    Ok(app.store.anonymise(user.id, &by, Timestamp::now()).await?)
}

/// Deletes the account of somebody who wants it.
pub async fn delete_own(app: &App, user: &User) -> Result<(), Error> {
    let by = By { actor: Some(user.id), detail: json!({}) };
    Ok(app.store.anonymise(user.id, &by, Timestamp::now()).await?)
}

async fn link(app: &App, user: Uuid, actor: Option<Uuid>) -> Result<String, AuthError> {
    let now = Timestamp::now();
    let path = make_link(&app.store, LinkKind::Reset, Some(user), actor, now).await?;
    Ok(format!("{}{path}", app.settings.public_url))
}

/// Mails a link to set a new password, if somebody has this address. All of it happens while the
/// answer is on its way already: neither what it says nor how long it takes tells who has an account.
pub fn mail_link(app: App, mailer: Mailer, email: String) {
    tokio::spawn(async move {
        if let Err(error) = mail_link_now(&app, &mailer, &email).await {
            tracing::error!(%error, "a link could not be made or mailed");
        }
    });
}

async fn mail_link_now(app: &App, mailer: &Mailer, email: &str) -> Result<(), AuthError> {
    let Some(user) = app.store.user_by_email(email).await? else { return Ok(()) };
    let link = link(app, user.id, None).await?;
    let text = format!(
        "Somebody, probably you, asked for a new password for your account at {}.\n\n\
         Open this to set one. It works once, within a day:\n\n{link}\n\n\
         A new password ends all sessions and all tokens: scripts need new ones.\n\n\
         If it was not you, leave this mail alone: your password stays as it is.\n",
        app.settings.public_url,
    );
    if let Err(error) = mailer.send(&user.email, "Your password at ASOCA", text).await {
        note_unsent(app, Some(user.id), &error).await?;
    }
    Ok(())
}

/// Writes down that a mail was not sent, where there is one to whose account.
pub async fn note_unsent(
    app: &App,
    user: Option<Uuid>,
    error: &MailError,
) -> Result<(), AuthError> {
    tracing::warn!(%error, "a mail was not sent");
    let detail = json!({ "because": error.to_string() });
    let subject = user.map(|user| user.to_string()).unwrap_or_default();
    Ok(app.store.note(None, NOT_SENT, &subject, detail, Timestamp::now()).await?)
}
