//! Mail, through the SMTP server that the operator names.

use std::sync::Arc;
use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::Semaphore;

/// How long the server may take for a step.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many mails are on their way at a time; the others wait.
const AT_ONCE: usize = 4;

/// Sends mail.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    places: Arc<Semaphore>,
}

/// The server's password stays out of logs.
impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

/// What a mail of a kind that can be switched off says to mail programs.
#[derive(Clone, Copy, Debug)]
pub struct Bulk<'a> {
    /// Names the mail: the same for one that is sent again.
    pub id: &'a str,
    /// The address that switches the kind off when it is sent a POST (RFC 8058).
    pub unsubscribe: &'a str,
}

/// What is wrong with the configuration. The address of the server is not repeated: it holds a password.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    #[error("has to be like smtp://user:password@mail.example.org:587 or smtps://…")]
    Server,
    #[error("has to be an address like 'ASOCA <asoca@example.org>'")]
    From,
}

/// Why a mail was not sent. In words of ours: a server's own may repeat the address or the mail.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("nothing can be sent to such an address")]
    Address,
    #[error("the mail server refused with {0}")]
    Refused(lettre::transport::smtp::response::Code),
    #[error("the mail server took too long")]
    TooLong,
    #[error("the mail server can't be spoken to over an encrypted connection")]
    Encryption,
    #[error("the mail server can't be reached or understood")]
    Unreachable,
}

impl From<lettre::transport::smtp::Error> for MailError {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        match error.status() {
            Some(code) => Self::Refused(code),
            None if error.is_timeout() => Self::TooLong,
            None if error.is_tls() => Self::Encryption,
            None => Self::Unreachable,
        }
    }
}

impl Mailer {
    /// `server` is `smtp://…`, encrypted where the server offers it, and always where there is a
    /// password; or `smtps://…`, encrypted from the beginning. `from` is who the mails are from.
    pub fn new(server: &str, from: &str) -> Result<Self, SetupError> {
        let from = from.parse().map_err(|_| SetupError::From)?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&encrypted(server))
            .map_err(|_| SetupError::Server)?
            .timeout(Some(PATIENCE))
            .build();
        Ok(Self { transport, from, places: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// Sends a plain text to one address.
    pub async fn send(&self, to: &str, subject: &str, text: String) -> Result<(), MailError> {
        self.deliver(to, subject, text, &uuid::Uuid::now_v7().to_string(), None).await
    }

    /// Sends a plain text of a kind that can be switched off to one address.
    pub async fn send_bulk(
        &self,
        to: &str,
        subject: &str,
        text: String,
        bulk: Bulk<'_>,
    ) -> Result<(), MailError> {
        self.deliver(to, subject, text, bulk.id, Some(bulk.unsubscribe)).await
    }

    async fn deliver(
        &self,
        to: &str,
        subject: &str,
        text: String,
        id: &str,
        unsubscribe: Option<&str>,
    ) -> Result<(), MailError> {
        let to = to.parse().map_err(|_| MailError::Address)?;
        let id = format!("<{id}@{}>", self.from.email.domain());
        let mut mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .message_id(Some(id))
            .subject(subject)
            // Says what the text is written and packed in, without which readers show the packing.
            .singlepart(SinglePart::plain(text))
            .map_err(|_| MailError::Address)?;
        let mut say = |name, value: String| {
            mail.headers_mut().insert_raw(HeaderValue::new(name, value));
        };
        say(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        if let Some(address) = unsubscribe {
            say(HeaderName::new_from_ascii_str("List-Unsubscribe"), format!("<{address}>"));
            let one_click = "List-Unsubscribe=One-Click".to_owned();
            say(HeaderName::new_from_ascii_str("List-Unsubscribe-Post"), one_click);
        }
        // Never closed.
        let _place = self.places.acquire().await;
        self.transport.send(mail).await?;
        Ok(())
    }
}

/// Whether a mail can be made out to an address, apart from quoted names and hosts given by number, which hardly any server
/// takes.
pub fn can_be_mailed(address: &str) -> bool {
    !address.contains(['"', '[', ' ']) && address.parse::<Address>().is_ok()
}

/// The server's address, with what it means where it doesn't say whether to encrypt.
fn encrypted(server: &str) -> String {
    let Some(rest) = server.strip_prefix("smtp://") else { return server.to_owned() };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    if query.split('&').any(|field| field.starts_with("tls=")) {
        return server.to_owned();
    }
    let tls = if place.contains('@') { "required" } else { "opportunistic" };
    format!("smtp://{place}?tls={tls}&{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unless_told_so_no_password_is_sent_in_the_open() {
        assert_eq!(encrypted("smtp://u:p@host"), "smtp://u:p@host?tls=required&");
        assert_eq!(encrypted("smtp://host:25"), "smtp://host:25?tls=opportunistic&");
        for said in ["smtp://u:p@host?tls=opportunistic", "smtps://u:p@host"] {
            assert_eq!(encrypted(said), said);
        }
    }

    #[test]
    fn what_is_no_server_or_no_address_is_refused() {
        let made = |server, from| Mailer::new(server, from).map(|_| ());
        let (server, from) = ("smtp://u:p%40ss@mail.example.org:587", "ASOCA <a@example.org>");
        assert_eq!(made(server, from), Ok(()));
        assert_eq!(made("smtps://mail.example.org", "a@example.org"), Ok(()));
        for wrong in ["", "mail.example.org", "https://mail.example.org", "smtp://", "smtp://h:x"] {
            assert_eq!(made(wrong, from), Err(SetupError::Server), "{wrong}");
        }
        for wrong in ["", "nobody", "a@example.org, b@example.org"] {
            assert_eq!(made(server, wrong), Err(SetupError::From), "{wrong}");
        }
    }
}
