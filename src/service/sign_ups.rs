//! Accounts whose address has to be confirmed first.
//!
//! Where mail is sent, signing up makes no account. It answers the same to everybody and sends a mail: to a new address a
//! link that makes the account, to the owner of one that has an account a word that somebody tried.

use serde::Serialize;
use serde_json::json;

use super::accounts::note_unsent;
use super::credentials::{AuthError, secret};
use super::{Caller, Services, mailing};
use crate::domain::{Action, Error, UserId};
use crate::mail::Mailer;
use crate::store::{NewSignUp, SignedUp, Timestamp};

/// The most that are listed.
const LISTED: i64 = 500;

/// Lets a sign-up wait for its address, or tells the owner of the address. All of it happens while the answer is on its
/// way already: neither what it says nor how long it takes tells who has an account.
pub fn begin(services: Services, mailer: Mailer, entered: NewSignUp) {
    tokio::spawn(async move {
        if let Err(error) = begin_now(&services, &mailer, &entered).await {
            tracing::error!(%error, "a sign-up could not be kept or mailed");
        }
    });
}

async fn begin_now(
    services: &Services,
    mailer: &Mailer,
    entered: &NewSignUp,
) -> Result<(), AuthError> {
    let (url, email) = (&services.public_url, &entered.email);
    let (subject, text, owner) = match services.store.user_by_email(email).await? {
        Some(user) => (
            "Your account",
            format!(
                "Somebody, probably you, tried to sign up at {url} with this address.\n\n\
                 You already have an account there. Log in at {url}/login, or set a new password at {url}/forgot.\n\n\
                 If it was not you, ignore this mail: nothing has changed.\n"
            ),
            Some(user.id),
        ),
        None => {
            let secret = secret::<32>()?;
            let digest = crate::digest::sha256(secret.as_bytes());
            services.store.add_sign_up(&digest, entered, Timestamp::now()).await?;
            (
                "Confirm your e-mail address",
                format!(
                    "Somebody, probably you, signed up at {url} with this address.\n\n\
                     Open this link within a day and enter the password that you chose. Then your account is created:\n\n\
                     {url}/confirm/{secret}\n\n\
                     If it was not you, ignore this mail: no account is created.\n"
                ),
                None,
            )
        }
    };
    if let Err(error) = mailing::send(services, mailer, email, subject, text).await {
        note_unsent(services, owner, &error).await?;
    }
    Ok(())
}

/// Somebody who has not confirmed the address yet, as organisers see it.
#[derive(Serialize)]
pub struct Waiting {
    pub id: String,
    pub name: String,
    pub email: String,
    pub affiliation: String,
    pub team: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

impl From<SignedUp> for Waiting {
    fn from(SignedUp { digest, entered, created_at, expires_at }: SignedUp) -> Self {
        let NewSignUp { display_name, email, affiliation, team, .. } = entered;
        Self { id: digest, name: display_name, email, affiliation, team, created_at, expires_at }
    }
}

pub async fn waiting(services: &Services) -> Result<Vec<Waiting>, Error> {
    let people = services.store.signed_up_people(Timestamp::now(), LISTED).await?;
    Ok(people.into_iter().map(Waiting::from).collect())
}

/// Makes the account of somebody whom no mail reaches, because an organiser knows who it is.
pub async fn let_in(services: &Services, caller: &Caller, id: &str) -> Result<UserId, Error> {
    caller.authorize(Action::Organise)?;
    let now = Timestamp::now();
    let of = services.store.signed_up(id, now).await?.ok_or_else(Error::not_found)?;
    let (user, _) = services.store.confirm_sign_up(&of, now).await?;
    let organiser = Some(caller.authenticated_user()?.id);
    services.store.record_event(organiser, "let in", &user.to_string(), json!({}), now).await?;
    Ok(user)
}
