//! Mails of the challenge.

use super::Services;
use crate::mail::{MailError, Mailer};
use crate::store::Challenge;

/// Sends a mail whose subject says what it is about; the challenge's name is added to it, and to the text whom to ask.
pub(super) async fn send(
    services: &Services,
    mailer: &Mailer,
    to: &str,
    about: &str,
    text: String,
) -> Result<(), MailError> {
    let challenge = challenge(services).await;
    let text = format!("{text}{}", whom_to_ask(&challenge));
    mailer.send(to, &format!("{about} at {}", challenge.profile.name), text).await
}

/// What is asked for is sent under the usual name rather than not at all.
pub(super) async fn challenge(services: &Services) -> Challenge {
    services.store.challenge().await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the challenge's name can't be read");
        Default::default()
    })
}

/// The last line of a mail; empty where nobody says whom to ask.
pub(super) fn whom_to_ask(challenge: &Challenge) -> String {
    match challenge.contact() {
        Some((_, contact)) => format!("\nQuestions? Write to {contact}\n"),
        None => String::new(),
    }
}
