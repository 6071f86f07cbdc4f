//! What organisers write to many, and which mails are sent at all.

use serde::{Deserialize, Serialize};

use super::phase_spec::MAX_TEXT;
use super::phases::phase_named;
use super::{Caller, Services, fields};
use crate::domain::{Action, Audience, Code, Error, LetterId, MailKind, PhaseId, Problem};
use crate::store::{Letter, NewLetter, Timestamp};

/// The most letters that are listed.
pub const MAX_LISTED: i64 = 100;

/// Most characters of a form's key.
const MAX_KEY: usize = 100;

/// A letter as an organiser enters it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Entered {
    pub subject: String,
    pub text: String,
    /// Whom to: a word of [`Audience`].
    pub to: String,
    /// The phase's name, where it is about one.
    #[serde(default)]
    pub phase: String,
    /// The same key makes one letter.
    #[serde(default)]
    pub key: String,
}

/// Whom a letter would reach.
#[derive(Clone, Debug, Serialize)]
pub struct Reach {
    pub receivers: i64,
    /// The first of them.
    pub names: Vec<String>,
}

/// A letter that fits.
struct Checked {
    audience: Audience,
    phase: Option<PhaseId>,
}

async fn checked(
    services: &Services,
    caller: &Caller,
    entered: &Entered,
) -> Result<Checked, Error> {
    caller.authorize(Action::Organise)?;
    let wrong = [
        fields::line("a subject", entered.subject.trim(), 1..=150),
        fields::text("a text", entered.text.trim(), MAX_TEXT),
        fields::line("a key", &entered.key, 0..=MAX_KEY),
    ];
    let mut problems: Vec<Problem> = wrong.into_iter().filter_map(Result::err).collect();
    if entered.text.trim().is_empty() {
        let hint = "Write what the letter says.";
        problems.push(Problem::new(Code::FieldInvalid, "a text", "none", hint));
    }
    let audience: Option<Audience> = entered.to.parse().ok();
    let Some(audience) = audience.filter(|_| problems.is_empty()) else {
        if audience.is_none() {
            problems.push(Problem::new(
                Code::FieldInvalid,
                "to: everybody, phase or without_submission",
                "something else",
                "Choose whom to write to.",
            ));
        }
        return Err(Error::of(problems));
    };
    let phase = match audience {
        Audience::Everybody => None,
        _ => Some(phase_named(&services.store, &entered.phase, Timestamp::now()).await?.id),
    };
    Ok(Checked { audience, phase })
}

/// Whom a letter would reach now.
pub async fn reach(
    services: &Services,
    caller: &Caller,
    entered: &Entered,
) -> Result<Reach, Error> {
    let Checked { audience, phase } = checked(services, caller, entered).await?;
    let (receivers, names) = services.store.letter_receivers(audience, phase).await?;
    Ok(Reach { receivers, names })
}

/// Sends a letter; one whose key was there before is not sent again, and is given back as it is.
pub async fn send(
    services: &Services,
    caller: &Caller,
    entered: &Entered,
) -> Result<Letter, Error> {
    let Checked { audience, phase } = checked(services, caller, entered).await?;
    let author = caller.authenticated_user()?.id;
    let key = match entered.key.as_str() {
        "" => LetterId::new().to_string(),
        key => key.to_owned(),
    };
    let new = NewLetter {
        key: &key,
        audience,
        phase,
        subject: entered.subject.trim(),
        text: entered.text.trim(),
    };
    services.store.add_letter(&new, author, Timestamp::now()).await?;
    services.store.letter_of_key(&key).await?.ok_or_else(Error::not_found)
}

/// Switches kinds of mail off for the whole challenge, and all others on.
pub async fn set_off(services: &Services, caller: &Caller, off: &[MailKind]) -> Result<(), Error> {
    caller.authorize(Action::Organise)?;
    let actor = caller.authenticated_user()?.id;
    Ok(services.store.set_mail_kinds_off(off, actor, Timestamp::now()).await?)
}
