//! Sends the mail that the store has kept: what people wait for, and what organisers write.

use std::time::Duration;

use uuid::Uuid;

use super::credentials::{AuthError, secret};
use super::{Services, mailing};
use crate::domain::{
    AnnouncementId, Decision, MailKind, Standing, State, SubmissionId, TeamId, UserId,
};
use crate::mail::{Bulk, Mailer};
use crate::stop::Stop;
use crate::store::{Challenge, ClaimedMails, MailEvent, Sending, Store, StoreError, Submission};

/// Between two looks for mail that is due.
pub const INTERVAL: Duration = Duration::from_secs(5);

/// The longest that handing over a mail takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// So long nobody else sends what was claimed.
const LEASE: Duration = Duration::from_secs(300);

/// The pause after the first time that a mail could not be sent; each one after it is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(60);

const LONGEST_PAUSE: Duration = Duration::from_secs(4 * 3600);

/// How many things one mail names; of more it says how many.
const MAX_NAMED: usize = 20;

/// How often it is tried to write down that a mail was sent, before somebody else sends it again.
const MAX_NOTES: u32 = 100;

/// Sends mail as it becomes due until told to stop; where none can be sent, says so, and none is written.
pub async fn run(services: Services, interval: Duration, stop: Stop) {
    let mailer = services.mailer.clone();
    while let Err(error) = services.store.set_mail(mailer.is_some()).await {
        tracing::warn!(%error, "whether mail is sent could not be written down");
        tokio::select! {
            () = tokio::time::sleep(interval) => {}
            () = stop.asked() => return,
        }
    }
    let Some(mailer) = mailer else { return };
    loop {
        match send_next(&services, &mailer).await {
            Ok(true) if !stop.is_asked() => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "mail that is due could not be looked for"),
        }
        tokio::select! {
            () = tokio::time::sleep(interval) => {}
            () = stop.asked() => return,
        }
    }
}

/// Sends the mail that has been due for longest; false if none is.
async fn send_next(services: &Services, mailer: &Mailer) -> Result<bool, AuthError> {
    let secret = secret::<32>()?;
    let digest = crate::digest::sha256(secret.as_bytes());
    let Some(mut of) = services.store.claim_mails(&digest, LEASE).await? else { return Ok(false) };
    if of.events.is_empty() {
        return Ok(true);
    }
    let challenge = mailing::challenge(services).await;
    let mut told = Vec::new();
    let mut dropped = Vec::new();
    for event in &of.events {
        let item = match of.email {
            // Of those that are only counted it is not asked whether they still hold.
            Some(_) if told.len() == MAX_NAMED => continue,
            Some(_) => item(services, of.user, of.kind, event).await?,
            None => None,
        };
        match item {
            Some(item) => told.push(item),
            None => dropped.push(event.event_id),
        }
    }
    let more = of.events.len() - dropped.len() - told.len();
    let sending = match of.email.take() {
        Some(to) if !told.is_empty() => {
            let letter = Letter::of(of.kind, told, more, &challenge);
            send(services, mailer, &to, &of, letter, &challenge, &secret).await
        }
        _ => Sending::Nothing,
    };
    for _ in 0..MAX_NOTES {
        match services.store.settle_mails(&of, &dropped, &sending).await {
            Ok(()) => break,
            Err(error) => tracing::warn!(%error, "what came of a mail could not be written down"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(true)
}

async fn send(
    services: &Services,
    mailer: &Mailer,
    to: &str,
    of: &ClaimedMails,
    letter: Letter,
    challenge: &Challenge,
    secret: &str,
) -> Sending {
    let url = &services.public_url;
    let unsubscribe = format!("{url}/unsubscribe/{secret}");
    let text = format!(
        "{}\n-- \nNo more {}: {unsubscribe}\nAll kinds of mail: {url}/account#mails\n{}",
        letter.text,
        of.kind.title(),
        mailing::whom_to_ask(challenge),
    );
    // The same each time that it is tried, so that who gets it twice may show it once.
    let first = of.events.first().map_or(Uuid::nil(), |event| event.event_id);
    let id = crate::digest::sha256(format!("{first} {}", of.user).as_bytes());
    let bulk = Bulk { id: id.get(..32).unwrap_or(&id), unsubscribe: &unsubscribe };
    let sent = tokio::time::timeout(PATIENCE, mailer.send_bulk(to, &letter.subject, text, bulk));
    let why = match sent.await {
        Ok(Ok(())) => return Sending::Sent,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the mail server took too long".to_owned(),
    };
    tracing::warn!(why, kind = %of.kind, "a mail was not sent");
    let tries = of.events.iter().map(|event| event.tries).max().unwrap_or(1);
    Sending::Failed { why, pause: pause_after(tries) }
}

fn pause_after(tries: i64) -> Duration {
    let doublings = u32::try_from((tries - 1).clamp(0, 16)).unwrap_or(0);
    LONGEST_PAUSE.min(FIRST_PAUSE * 2u32.pow(doublings))
}

/// What a mail tells, in words.
struct Item {
    /// A subject of its own, if there is one.
    subject: Option<String>,
    text: String,
    link: String,
}

/// A mail without what all mails have.
struct Letter {
    subject: String,
    text: String,
}

impl Letter {
    fn of(kind: MailKind, items: Vec<Item>, more: usize, challenge: &Challenge) -> Self {
        let name = &challenge.profile.name;
        let all = items.len() + more;
        let some = |one: &str, many: &str| match all {
            1 => format!("{one} at {name}"),
            _ => format!("{all} {many} at {name}"),
        };
        let mut subject = match kind {
            MailKind::Approval => format!("Your team at {name}"),
            MailKind::Result => some("A result", "results"),
            MailKind::Decision => {
                some("A decision about your submission", "decisions about your submissions")
            }
            MailKind::News => format!("News of {name}"),
            MailKind::Letter => format!("From the organisers of {name}"),
            MailKind::TeamWaiting => some("A team waits for approval", "teams wait for approval"),
            MailKind::SubmissionFailed => some("A submission failed", "submissions failed"),
        };
        let mut text = String::new();
        for item in items {
            if let Some(own) = item.subject {
                subject = format!("{own} ({name})");
            }
            text.push_str(&format!("{}\n\n{}\n\n", item.text, item.link));
        }
        if more > 0 {
            text.push_str(&format!("And {more} more.\n\n"));
        }
        Self { subject, text }
    }
}

/// What an event tells a person; nothing if it does not concern the person any more.
async fn item(
    services: &Services,
    user: UserId,
    kind: MailKind,
    event: &MailEvent,
) -> Result<Option<Item>, StoreError> {
    let (store, url) = (&services.store, &services.public_url);
    let said =
        |name: &str| event.detail.get(name).and_then(|value| value.as_str()).unwrap_or_default();
    let item = |text: String, link: String| Some(Item { subject: None, text, link });
    Ok(match kind {
        MailKind::Approval => {
            let team = store.team_of(user).await?.filter(|team| team.id.uuid() == event.subject);
            let Some(team) = team else { return Ok(None) };
            let so = match said("standing").parse() {
                Ok(Standing::Suspended) => {
                    "suspended: it can’t submit, and is not on the leaderboard"
                }
                _ => "approved: it can submit",
            };
            let reason = said("reason");
            item(
                format!("Your team {} is {so}.\nReason: {reason}", team.name),
                format!("{url}/team"),
            )
        }
        MailKind::Result | MailKind::Decision => {
            let Some(submission) = own_submission(store, user, event.subject).await? else {
                return Ok(None);
            };
            let phase = phase_title(store, &submission).await?;
            let which =
                format!("{} ({phase}, sent {})", method(&submission), submission.created_at);
            let text = match kind {
                MailKind::Result => format!("{which}: {}", ended(said("state"), &submission)),
                _ => {
                    let decision: Option<Decision> = said("decision").parse().ok();
                    let done = decision.map_or("decided about", Decision::past);
                    format!("{which}: {done}.\nReason: {}", said("reason"))
                }
            };
            item(text, format!("{url}/submissions/{}", submission.id))
        }
        MailKind::News => {
            let id = AnnouncementId::from_uuid(event.subject);
            let Some(news) = store.announcement(id).await? else { return Ok(None) };
            let link = format!("{url}/news");
            Some(Item { subject: Some(news.title), text: news.text, link })
        }
        MailKind::Letter => {
            let Some(letter) = store.letter(event.subject).await? else { return Ok(None) };
            Some(Item { subject: Some(letter.subject), text: letter.text, link: url.clone() })
        }
        MailKind::TeamWaiting | MailKind::SubmissionFailed
            if !is_organiser(store, user).await? =>
        {
            None
        }
        MailKind::TeamWaiting => match store.standing_of(TeamId::from_uuid(event.subject)).await? {
            Some((name, Standing::Pending)) => item(
                format!("Team {name} waits for your approval."),
                format!("{url}/admin/teams?standing=pending"),
            ),
            _ => None,
        },
        MailKind::SubmissionFailed => {
            let id = SubmissionId::from_uuid(event.subject);
            let Some(submission) = store.submission(id).await? else { return Ok(None) };
            let text = format!(
                "A submission of team {} failed because of an internal error: {}",
                submission.team_name,
                said("because"),
            );
            item(text, format!("{url}/submissions/{id}"))
        }
    })
}

/// The submission, if it is one of the person's team.
async fn own_submission(
    store: &Store,
    user: UserId,
    id: Uuid,
) -> Result<Option<Submission>, StoreError> {
    let Some(submission) = store.submission(SubmissionId::from_uuid(id)).await? else {
        return Ok(None);
    };
    let team = store.team_of(user).await?;
    Ok(team.is_some_and(|team| team.id == submission.team_id).then_some(submission))
}

async fn is_organiser(store: &Store, user: UserId) -> Result<bool, StoreError> {
    Ok(store.user(user).await?.is_some_and(|user| user.organiser))
}

async fn phase_title(store: &Store, submission: &Submission) -> Result<String, StoreError> {
    let phase = store.phase(submission.phase_id).await?;
    Ok(phase.map(|phase| phase.title).unwrap_or_default())
}

fn method(submission: &Submission) -> &str {
    match submission.says.method.as_str() {
        "" => "A submission of your team",
        method => method,
    }
}

/// How a submission ended. No mail says more of a score than that there is one: what may be shown of it is for the page.
fn ended(state: &str, submission: &Submission) -> &'static str {
    match state.parse() {
        Ok(State::Scored) if !submission.published => {
            "scored. It is not on the leaderboard: an organiser has to publish it."
        }
        Ok(State::Scored) => "scored.",
        Ok(State::Invalid) => {
            "invalid. Its page says what is wrong with the upload; it is not scored."
        }
        Ok(State::Failed) => {
            "failed because of an internal error. The organisers know; it does not count towards your quota."
        }
        _ => "ended.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_few_hours() {
        let minutes: Vec<u64> = (1..=10).map(|tries| pause_after(tries).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 64, 128, 240, 240]);
        assert_eq!(pause_after(i64::MAX), LONGEST_PAUSE);
    }
}
