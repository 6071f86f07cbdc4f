//! What organisers tell everybody.

use serde_json::json;

use super::phase_spec::MAX_TEXT;
use super::{Caller, Services, fields};
use crate::domain::{Action, AnnouncementId, Error};
use crate::store::{Announcement, AuditContext, Timestamp};

/// The most announcements that are shown.
pub const MAX_SHOWN: i64 = 50;

/// Tells everybody something.
pub async fn announce(
    services: &Services,
    caller: &Caller,
    title: &str,
    text: &str,
) -> Result<Announcement, Error> {
    caller.authorize(Action::Organise)?;
    let (title, text) = (title.trim(), text.trim());
    let wrong = [fields::line("a title", title, 1..=200), fields::text("a text", text, MAX_TEXT)];
    let problems: Vec<_> = wrong.into_iter().filter_map(Result::err).collect();
    if !problems.is_empty() {
        return Err(Error::of(problems));
    }
    let detail = json!({ "title": title, "text": text });
    let by = AuditContext { actor: Some(caller.authenticated_user()?.id), detail };
    Ok(services.store.announce(title, text, &by, Timestamp::now()).await?)
}

/// Shows an announcement to nobody any more.
pub async fn withdraw(services: &Services, caller: &Caller, id: &str) -> Result<(), Error> {
    caller.authorize(Action::Organise)?;
    let id: AnnouncementId = id.parse().map_err(|_| Error::not_found())?;
    let by =
        AuditContext { actor: Some(caller.authenticated_user()?.id), ..AuditContext::default() };
    if services.store.withdraw_announcement(id, &by, Timestamp::now()).await? {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}
