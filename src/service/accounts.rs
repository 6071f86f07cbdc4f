//! Letting people in again, and deleting accounts: for the pages and the API alike.

use serde_json::json;

use super::credentials::{AuthError, make_link, secret};
use super::{Caller, Services, fields, mailing};
use crate::domain::{Action, Code, Error, SignUp, UserId};
use crate::mail::{MailError, Mailer};
use crate::store::{AuditContext, LinkKind, StoreError, Timestamp, User};

pub use crate::store::NOT_SENT;

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

/// Gives the caller another e-mail address: at once where this site sends no mail, otherwise once the link is followed that
/// is mailed to it. Whether somebody has the address already is told only where signing up tells it as well.
pub async fn change_address(
    services: &Services,
    caller: &Caller,
    email: &str,
) -> Result<(), Error> {
    let user = caller.authenticated_user()?;
    let Some(mailer) = services.mailer.clone() else {
        return match services.store.change_address(user.id, email, false, Timestamp::now()).await {
            Err(StoreError::Taken) => Err(Error::new(
                Code::AccountTaken,
                "an e-mail address that no account has",
                "one that is taken",
                "Log in with it if that account is yours.",
            )),
            changed => Ok(changed?),
        };
    };
    let (services, user, email) = (services.clone(), user.clone(), email.to_owned());
    // While the answer is on its way already: how long it takes tells nothing.
    tokio::spawn(async move {
        if let Err(error) = mail_address_link(&services, &mailer, &user, &email).await {
            tracing::error!(%error, "a link to a new address could not be made or mailed");
        }
    });
    Ok(())
}

async fn mail_address_link(
    services: &Services,
    mailer: &Mailer,
    user: &User,
    email: &str,
) -> Result<(), AuthError> {
    let url = &services.public_url;
    let text = match services.store.user_by_email(email).await? {
        Some(owner) if owner.id != user.id => format!(
            "Somebody, probably you, wanted to use this address for another account at {url}.\n\n\
             You already have an account there with it. Nothing has changed.\n"
        ),
        _ => {
            let secret = secret::<32>()?;
            let digest = crate::digest::sha256(secret.as_bytes());
            services.store.ask_for_address(user.id, email, &digest, Timestamp::now()).await?;
            format!(
                "Somebody, probably you, wants to use this address for the account of {} at {url}.\n\n\
                 Open this link within a day to confirm it:\n\n{url}/address/{secret}\n\n\
                 If it was not you, ignore this mail: nothing changes.\n",
                user.display_name
            )
        }
    };
    if let Err(error) = mailing::send(services, mailer, email, "Your e-mail address", text).await {
        note_unsent(services, Some(user.id), &error).await?;
    }
    Ok(())
}

/// Follows the link with this secret: its account has another address from now on, and whoever reads the one before is
/// told.
pub async fn confirm_address(services: &Services, secret: &str) -> Result<(), Error> {
    let now = Timestamp::now();
    let digest = crate::digest::sha256(secret.as_bytes());
    let asked = services.store.asked_address(&digest, now).await?;
    let (id, email) = asked.ok_or_else(address_link_over)?;
    let before = services.store.user(id).await?.ok_or_else(address_link_over)?;
    match services.store.change_address(id, &email, true, now).await {
        // Somebody was faster.
        Err(StoreError::Taken) => return Err(address_link_over()),
        changed => changed?,
    }
    if let Some(mailer) = services.mailer.clone().filter(|_| before.email != email) {
        let (services, url) = (services.clone(), services.public_url.clone());
        tokio::spawn(async move {
            let text = format!(
                "The e-mail address of your account at {url} was changed: it is no longer this one.\n\n\
                 If it was not you, tell the organisers.\n"
            );
            let sent =
                mailing::send(&services, &mailer, &before.email, "Your e-mail address", text);
            let sent = sent.await;
            if let Err(error) = sent
                && let Err(error) = note_unsent(&services, Some(id), &error).await
            {
                tracing::error!(%error, "that a mail was not sent could not be written down");
            }
        });
    }
    Ok(())
}

fn address_link_over() -> Error {
    Error::new(
        Code::LinkOver,
        "a link that still works",
        "one that was used, replaced or has expired",
        "Ask for it again on your account's page.",
    )
}

/// The address that the link with this secret is about.
pub async fn asked_address(services: &Services, secret: &str) -> Result<String, Error> {
    let digest = crate::digest::sha256(secret.as_bytes());
    let asked = services.store.asked_address(&digest, Timestamp::now()).await?;
    Ok(asked.ok_or_else(address_link_over)?.1)
}

/// Says who gets in. `was`: what the caller believes to hold until now, if that is to be held against what does.
pub async fn set_sign_up_mode(
    services: &Services,
    caller: &Caller,
    was: Option<SignUp>,
    mode: SignUp,
) -> Result<(), Error> {
    caller.authorize(Action::Organise)?;
    let actor = caller.authenticated_user()?.id;
    if services.store.set_sign_up_mode(actor, was, mode, Timestamp::now()).await? {
        return Ok(());
    }
    let now = services.store.sign_up_mode().await?;
    let hint =
        "Somebody else changed the setting after you opened the page. Save again to have yours.";
    Err(Error::new(
        Code::Stale,
        format!("sign_up: {now}, as it is now"),
        format!("sign_up: {mode}"),
        hint,
    ))
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
    if let Err(error) = mailing::send(services, mailer, &user.email, "Your password", text).await {
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
