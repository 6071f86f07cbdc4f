//! Mails of the challenge.

use super::Services;
use crate::mail::{MailError, Mailer};

/// Sends a mail whose subject says what it is about; the challenge's name is added to it, and to the text whom to ask.
pub(super) async fn send(
    services: &Services,
    mailer: &Mailer,
    to: &str,
    about: &str,
    mut text: String,
) -> Result<(), MailError> {
    // What is asked for is sent under the usual name rather than not at all.
    let challenge = services.store.challenge().await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the challenge's name can't be read");
        Default::default()
    });
    if let Some((_, contact)) = challenge.contact() {
        text.push_str(&format!("\nQuestions? Write to {contact}\n"));
    }
    mailer.send(to, &format!("{about} at {}", challenge.profile.name), text).await
}
