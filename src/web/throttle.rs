//! What strangers may try, and how often: passwords, links by mail, accounts, tokens.
//!
//! Nobody is locked out of an account by others. Passwords from where its owner has logged in before, a network or a
//! browser, are counted for that place alone; from elsewhere for the account and the network together, and more generously for
//! each of both.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use super::App;
use super::auth::{AuthSession, Credentials};
use super::network::Network;
use super::visitor::Visitor;
use crate::domain::{Code, Error, TeamId, UserId};
use crate::service::fields;
use crate::store::User;
use crate::store::{Bucket, Rate, Timestamp};
use crate::text::address_key;

const fn rate(burst: u32, seconds: u64) -> Rate {
    Rate { burst, every: Duration::from_secs(seconds) }
}

/// Wrong passwords for an account from a place where its owner has been, or from one network.
const GUESSES: Rate = rate(10, 90);

/// Wrong passwords for an account from wherever its owner has not been: many networks together.
const GUESSES_OF_ACCOUNT: Rate = rate(50, 18);

/// Wrong passwords from a network, for accounts whose owners have not been there.
const GUESSES_FROM_NETWORK: Rate = rate(50, 18);

const MAILS_TO_ADDRESS: Rate = rate(3, 300);
const MAILS_FROM_NETWORK: Rate = rate(20, 60);

/// Names that a team gives itself.
const RENAMES: Rate = rate(10, 3600);

/// What a team says of itself and of its methods: each version is kept.
const EDITS: Rate = rate(60, 300);

/// Nobody finds a token by trying; it is about what the trying costs.
const BAD_TOKENS: Rate = rate(1000, 1);

/// How many networks are remembered that sent bad tokens.
const MAX_NETWORKS: usize = 10_000;

/// The most new accounts from a network at once.
const SIGN_UPS_AT_ONCE: u32 = 100;

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
    visitor: &Visitor,
    who: Credentials,
) -> Result<Checked, Error> {
    let (email, now) = (address_key(&who.email), Timestamp::now());
    let user = match fields::email(&email) {
        Ok(()) => app.store().user_by_email(&email).await?,
        Err(_) => None,
    };
    // Nobody is known nowhere; looked up all the same, so that the time doesn't tell.
    let id = user.as_ref().map_or(UserId::NIL, |user| user.id);
    let known = visitor.known(app, id, now).await?;
    let own = match &known {
        Some(known) => Bucket::new("password", &[&email, "known", known], GUESSES),
        None => {
            let [kind, network] = visitor.network.part();
            // Where nothing tells networks apart, a few wrong ones would keep everybody from the account.
            let rate = if visitor.network.is_hidden() { GUESSES_OF_ACCOUNT } else { GUESSES };
            Bucket::new("password", &[&email, kind, network], rate)
        }
    };
    let mut buckets = vec![own.clone()];
    if known.is_none() {
        buckets.push(Bucket::new("password", &[&email], GUESSES_OF_ACCOUNT));
        buckets.extend(visitor.network.bucket("password", GUESSES_FROM_NETWORK));
    }
    if let Some(until) = app.store().throttle(&buckets, now).await? {
        return Ok(Checked::HeldOff(seconds(now, until)));
    }
    if let Some(user) = session.authenticate(who).await? {
        app.store().unthrottle(&buckets, &own, now).await?;
        return Ok(Checked::Right(user));
    }
    // Of an address that nobody has only that it happened: people type anything into this field, passwords too.
    let subject = user.map_or_else(String::new, |user| user.id.to_string());
    let held_off = app.store().throttled(&buckets, now).await?.is_some();
    let detail = if held_off { json!({ "held off": true }) } else { json!({}) };
    app.store().record_event(None, "failed log-in", &subject, detail, now).await?;
    Ok(Checked::Wrong)
}

/// Counts a mail that somebody who is not known wants to have sent to an address, whether or not anybody has it; or
/// gives after how many seconds it may be. Without a network, that was counted already.
pub async fn count_mail(
    app: &App,
    network: Option<&Network>,
    email: &str,
    now: Timestamp,
) -> Result<Option<u64>, Error> {
    let email = address_key(email);
    let mut buckets = vec![Bucket::new("mail", &[&email], MAILS_TO_ADDRESS)];
    buckets.extend(network.and_then(|network| network.bucket("mail", MAILS_FROM_NETWORK)));
    let until = app.store().throttle(&buckets, now).await?;
    Ok(until.map(|until| seconds(now, until)))
}

/// Counts another name that a team gives itself, or refuses it: each stays in the audit log, and every
/// leaderboard has to be made anew.
pub async fn count_rename(app: &App, team: TeamId, now: Timestamp) -> Result<(), Error> {
    let bucket = Bucket::new("rename", &[&team.to_string()], RENAMES);
    let Some(until) = app.store().throttle(&[bucket], now).await? else { return Ok(()) };
    let seconds = seconds(now, until);
    let hint = format!("Wait for {}, or ask an organiser to rename the team.", wait(seconds));
    Err(Error::new(Code::AuthTooMany, "a new name now and then", "many within a few hours", hint)
        .retry_after(seconds))
}

/// Counts another change of what a team says of itself or of a method, or refuses it.
pub async fn count_edit(app: &App, team: TeamId, now: Timestamp) -> Result<(), Error> {
    let bucket = Bucket::new("edit", &[&team.to_string()], EDITS);
    let Some(until) = app.store().throttle(&[bucket], now).await? else { return Ok(()) };
    let seconds = seconds(now, until);
    let hint = format!("Wait for {}.", wait(seconds));
    Err(Error::new(Code::AuthTooMany, "a change now and then", "many within a few hours", hint)
        .retry_after(seconds))
}

/// Counts a new account; or gives after how many seconds it may be made.
pub async fn count_sign_up(
    app: &App,
    network: &Network,
    now: Timestamp,
) -> Result<Option<u64>, Error> {
    let an_hour = app.settings.sign_up_rate;
    let Some(every) = Duration::from_secs(3600).checked_div(an_hour) else { return Ok(None) };
    let rate = Rate { burst: an_hour.min(SIGN_UPS_AT_ONCE), every };
    let Some(bucket) = network.bucket("sign-up", rate) else { return Ok(None) };
    let until = app.store().throttle(&[bucket], now).await?;
    Ok(until.map(|until| seconds(now, until)))
}

/// Counts a password for a sign-up that waits for its address; or gives after how many seconds it may be tried.
pub async fn count_confirmation(
    app: &App,
    digest: &str,
    now: Timestamp,
) -> Result<Option<u64>, Error> {
    let until = app.store().throttle(&[Bucket::new("confirm", &[digest], GUESSES)], now).await?;
    Ok(until.map(|until| seconds(now, until)))
}

/// Tokens that were wrong, by network. In memory: to count one in the database would cost more than to look it up.
#[derive(Debug, Default)]
pub struct BadTokens(Mutex<HashMap<Bucket, Timestamp>>);

impl BadTokens {
    /// Counts one; or gives after how many seconds a wrong one is answered as such again.
    pub fn count(&self, network: &Network, now: Timestamp) -> Option<u64> {
        let bucket = network.bucket("token", BAD_TOKENS)?;
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= MAX_NETWORKS && !counted.contains_key(&bucket) {
            counted.retain(|_, busy_until| *busy_until > now);
            if counted.len() >= MAX_NETWORKS {
                counted.clear();
            }
        }
        let busy_until = counted.get(&bucket).copied().unwrap_or(now);
        match bucket.with_one_more(busy_until, now) {
            Ok(more) => {
                counted.insert(bucket, more);
                None
            }
            Err(until) => Some(seconds(now, until)),
        }
    }
}

fn seconds(now: Timestamp, until: Timestamp) -> u64 {
    now.until(until).as_secs() + 1
}

fn wait(seconds: u64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        _ => format!("{} min", seconds.div_ceil(60)),
    }
}

/// Says after how many seconds the next attempt is looked at.
pub fn too_many(seconds: u64) -> Error {
    let wait = wait(seconds);
    Error::new(
        Code::AuthTooMany,
        "a few attempts",
        "many for this address or from your network",
        format!(
            "Wait for {wait}; if the password is lost, have a link sent to set a new one, or ask an organiser for one."
        ),
    )
    .retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_tokens_are_counted_for_each_network_and_in_bounded_memory() {
        let (bad, now) = (BadTokens::default(), Timestamp::now());
        let count = |network: usize| bad.count(&Network::sure_of(&network.to_string()), now);
        for _ in 0..BAD_TOKENS.burst {
            assert_eq!(count(0), None);
        }
        assert_eq!(count(0), Some(2));
        for network in 1..2 * MAX_NETWORKS {
            assert_eq!(count(network), None);
        }
        assert!(bad.0.lock().unwrap().len() <= MAX_NETWORKS);
    }
}
