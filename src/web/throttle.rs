//! Passwords are looked at, and links mailed, only so often: for an address, and from a network.

use axum::http::StatusCode;
use serde_json::json;

use super::App;
use super::account_fields;
use super::auth::{AuthSession, Credentials};
use super::failure::Failure;
use super::network::Network;
use crate::challenge::{Code, Problem};
use crate::store::{Attempt, Attempted, Timestamp, User};

/// What came of a password.
pub enum Checked {
    Right(User),
    Wrong,
    /// It was not looked at, and won't be for so many seconds.
    HeldOff(u64),
}

/// Checks a password, if there were not too many wrong ones before.
pub async fn check_password(
    app: &App,
    session: &AuthSession,
    network: &Network,
    who: Credentials,
) -> Result<Checked, Failure> {
    let (email, now) = (who.email.clone(), Timestamp::now());
    let begun = app.store.begin_attempt(Attempted::Password, &email, &network.0, now).await?;
    let attempt = match begun {
        Attempt::Begun(id) => id,
        Attempt::HeldOff { until } => return Ok(Checked::HeldOff(now.until(until).as_secs() + 1)),
    };
    if let Some(user) = session.authenticate(who).await? {
        app.store.attempt_succeeded(attempt, &email).await?;
        return Ok(Checked::Right(user));
    }
    let user = match account_fields::email(&email) {
        Ok(()) => app.store.user_by_email(&email).await?,
        Err(_) => None,
    };
    // Of an address that nobody has only that it happened: people type anything into this field, passwords too.
    let subject = user.map_or_else(String::new, |user| user.id.to_string());
    let held_off = app.store.held_off(&email, &network.0, now).await?.is_some();
    let detail = if held_off { json!({ "held off": true }) } else { json!({}) };
    app.store.note(None, "failed log-in", &subject, detail, now).await?;
    Ok(Checked::Wrong)
}

/// As an answer of a page that has no form to be shown again.
pub fn held_off(seconds: u64) -> Failure {
    Failure::problems(StatusCode::TOO_MANY_REQUESTS, vec![too_many(seconds)]).retry_after(seconds)
}

pub fn too_many(seconds: u64) -> Problem {
    let minutes = seconds.div_ceil(60);
    Problem::new(
        Code::AuthTooMany,
        "a few attempts",
        "many for this address or from your network",
        format!("Wait for {minutes} min; if the password is lost, ask an organiser for a link."),
    )
}
