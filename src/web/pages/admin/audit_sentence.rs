//! An event of the audit log as a sentence: who did what to what, and why.

use std::collections::HashMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use crate::domain::{Decision, TeamDecision};
use crate::store::{Event, Named};

/// A sentence around a link.
#[derive(Debug, PartialEq, Eq)]
pub struct Sentence {
    pub who: String,
    pub did: String,
    /// What it was done to, and where that is to be seen.
    pub subject: Option<(String, Option<String>)>,
    /// What follows it.
    pub rest: String,
    pub reason: Option<String>,
}

/// What was done, and whether its subject has to be named.
fn did(action: &str) -> Option<(&'static str, bool)> {
    Some(match action {
        "account anonymised" => ("deleted the account of", true),
        "account changed" => ("changed what they say about themselves", false),
        "address changed" => ("changed their e-mail address", false),
        "announced" => ("announced", true),
        "announcement withdrawn" => ("withdrew the announcement", true),
        "challenge changed" => ("changed what the challenge says of itself", false),
        "failed log-in" => ("gave a wrong password for", true),
        "flagged" => ("flagged", true),
        "image added" => ("added the picture", true),
        "image deleted" => ("deleted the picture", true),
        "invitation made" => ("made an invitation link", false),
        "let in" => ("confirmed the account of", true),
        "letter sent" => ("sent the letter", true),
        "log-in" => ("logged in", false),
        "logo changed" => ("changed the challenge’s logo", false),
        "mail not sent" => ("could not send a mail to", true),
        "mail settings changed" => ("changed which mails are sent", false),
        "method changed" => ("changed what is said of the method of", true),
        "organiser created" => ("created the organiser’s account of", true),
        "organiser's role changed" => ("changed the organiser’s role of", true),
        "other sessions ended" => ("ended all their other sessions", false),
        "page changed" => ("changed the page", true),
        "page created" => ("created the page", true),
        "password changed" => ("changed their password", false),
        "password reset" => ("set a new password by a link", false),
        "phase changed" => ("changed", true),
        "phase created" => ("created", true),
        "phase deleted" => ("deleted", true),
        "results declared final" => ("declared final the results of", true),
        "results no longer final" => ("declared no longer final the results of", true),
        "reset link made" => ("made a link to set the password of", true),
        "session ended" => ("ended one of their sessions", false),
        "sign-up" => ("signed up", false),
        "sign-up mode changed" => ("changed who can sign up", false),
        "snapshot published" => ("published a snapshot of", true),
        "team created" => ("created", true),
        "team handed over" => ("made another member the leader of", true),
        "team joined" => ("joined", true),
        "team left" => ("left", true),
        "team profile changed" => ("changed what is said of", true),
        "team renamed" => ("renamed", true),
        "token made" => ("created a token", false),
        "token revoked" => ("revoked a token", false),
        "token used from new address" => ("used a token from another network", false),
        "trial started" => ("started a trial of", true),
        "CT imported" => ("imported the CTs of", true),
        "truth set activated" => ("activated another truth set in", true),
        "truth set imported" => ("imported", true),
        _ => return None,
    })
}

fn decided(decision: Decision) -> &'static str {
    match decision {
        Decision::Publish => "published",
        Decision::Hide => "hid",
        Decision::Disqualify => "disqualified",
        Decision::Reinstate => "reinstated",
        Decision::Discard => "discarded",
        Decision::Restore => "restored",
        Decision::Cancel => "cancelled",
        Decision::Requeue => "queued again",
        Decision::Rescore => "had scored again",
    }
}

fn decided_team(decision: TeamDecision) -> &'static str {
    match decision {
        TeamDecision::Approve => "approved",
        TeamDecision::Suspend => "suspended",
        TeamDecision::Reinstate => "reinstated",
        TeamDecision::Merge => "merged",
        TeamDecision::Baseline => "made a baseline of",
        TeamDecision::Rank => "had ranked again",
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

impl Named {
    /// As a sentence calls it, and its page for organisers.
    fn in_sentence(&self, id: Uuid) -> (String, Option<String>) {
        match self {
            Self::Submission(team) => {
                (format!("a submission of {team}"), Some(format!("/submissions/{id}")))
            }
            Self::Team(name) => {
                (format!("team {name}"), Some(format!("/admin/teams?search={}", encoded(name))))
            }
            Self::Person(name, email) => {
                let page = |email: &String| format!("/admin/users?search={}", encoded(email));
                let name = if email.is_some() { name.as_str() } else { "a deleted account" };
                (name.to_owned(), email.as_ref().map(page))
            }
            Self::Phase(title, slug) => {
                (format!("phase {title}"), Some(format!("/admin/phases/{slug}")))
            }
            Self::Announcement(title) => {
                (format!("“{title}”"), Some("/admin/announcements".to_owned()))
            }
            Self::Letter(subject) => (format!("“{subject}”"), Some("/admin/letters".to_owned())),
            Self::TruthSet(name) => {
                (format!("truth set {name}"), Some(format!("/admin/truth-sets/{id}")))
            }
            Self::Trial(name) => (format!("truth set {name}"), Some(format!("/admin/trials/{id}"))),
        }
    }
}

impl Sentence {
    pub fn of(event: &Event, names: &HashMap<Uuid, Named>) -> Self {
        let text = |name: &str| event.detail.get(name).and_then(|value| value.as_str());
        let named = |id: Uuid| names.get(&id).map(|named| named.in_sentence(id));
        let (did, with_subject) = match (event.action.as_str(), text("decision")) {
            ("submission decided", Some(decision)) => {
                (decision.parse().map_or("decided about", decided), true)
            }
            ("team decided", Some(decision)) => {
                (decision.parse().map_or("decided about", decided_team), true)
            }
            (action, _) => did(action).unwrap_or((action, true)),
        };
        let who = match event.actor {
            Some(actor) => match names.get(&actor.uuid()) {
                Some(Named::Person(name, Some(_))) => name.clone(),
                _ => "A deleted account".to_owned(),
            },
            None if event.action == "failed log-in" => "Somebody".to_owned(),
            None => "The server".to_owned(),
        };
        let merged = event.action == "team decided" && text("decision") == Some("merge");
        let part = |when: &str| {
            let id = event.detail.get(when)?.get("team")?.as_str()?.parse().ok()?;
            named(id)
        };
        let mut rest = match (event.action.as_str(), text("after")) {
            ("team renamed", Some(name)) => format!(" to {name}"),
            _ => String::new(),
        };
        let subject = if merged {
            rest = part("after").map(|(into, _)| format!(" into {into}")).unwrap_or_default();
            part("before")
        } else if with_subject {
            Some(Self::subject(event, named))
        } else {
            None
        };
        let reason = text("reason").or_else(|| text("because")).map(str::to_owned);
        Self { who, did: did.to_owned(), subject, rest, reason }
    }

    /// What is not there any more, by what the event says of it.
    fn deleted(event: &Event) -> String {
        let text = |value: Option<&serde_json::Value>| {
            value.and_then(|value| Some(value.as_str()?.to_owned()))
        };
        let title = text(event.detail.get("before").and_then(|before| before.get("title")));
        let team = text(event.detail.get("name")).filter(|_| event.action == "team created");
        match (title, team) {
            (Some(title), _) if event.action.starts_with("phase ") => format!("phase {title}"),
            (_, Some(name)) => format!("team {name}"),
            _ => "something that was deleted".to_owned(),
        }
    }

    fn subject(
        event: &Event,
        named: impl Fn(Uuid) -> Option<(String, Option<String>)>,
    ) -> (String, Option<String>) {
        let subject = event.subject.as_str();
        match subject.parse::<Uuid>() {
            Ok(id) if event.actor.is_some_and(|actor| actor.uuid() == id) => named(id)
                .map_or(("themselves".to_owned(), None), |(_, link)| {
                    ("themselves".to_owned(), link)
                }),
            Ok(id) => named(id).unwrap_or_else(|| (Self::deleted(event), None)),
            Err(_) if subject.is_empty() => ("somebody without an account".to_owned(), None),
            Err(_) if event.action.starts_with("page ") => {
                (subject.to_owned(), Some(format!("/admin/pages/{subject}")))
            }
            Err(_) => (subject.to_owned(), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::{EventId, UserId};
    use crate::store::Timestamp;

    const ADA: Uuid = Uuid::from_u128(1);
    const X: Uuid = Uuid::from_u128(2);
    const SUBMISSION: Uuid = Uuid::from_u128(3);
    const Y: Uuid = Uuid::from_u128(4);
    const GONE: Uuid = Uuid::from_u128(5);

    fn said(actor: Option<Uuid>, action: &str, subject: &str, detail: Value) -> String {
        let event = Event {
            id: EventId::new(),
            at: Timestamp::now(),
            actor: actor.map(UserId::from_uuid),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail,
            email: None,
        };
        let names = HashMap::from([
            (ADA, Named::Person("Ada Byron".into(), Some("ada@example.org".into()))),
            (GONE, Named::Person("Deleted account".into(), None)),
            (X, Named::Team("X".into())),
            (Y, Named::Team("Y".into())),
            (SUBMISSION, Named::Submission("X".into())),
        ]);
        let Sentence { who, did, subject, rest, reason } = Sentence::of(&event, &names);
        let subject = subject.map(|(name, _)| format!(" {name}")).unwrap_or_default();
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        format!("{who} {did}{subject}{rest}{reason}")
    }

    #[test]
    fn an_event_says_who_did_what_to_what_and_why() {
        let decided = json!({ "decision": "disqualify", "reason": "the rules" });
        assert_eq!(
            said(Some(ADA), "submission decided", &SUBMISSION.to_string(), decided),
            "Ada Byron disqualified a submission of X (the rules)"
        );
        let merge = json!({
            "decision": "merge", "reason": "one group", "before": { "team": X }, "after": { "team": Y },
        });
        for subject in [X, Y] {
            assert_eq!(
                said(Some(ADA), "team decided", &subject.to_string(), merge.clone()),
                "Ada Byron merged team X into team Y (one group)"
            );
        }
        let renamed = json!({ "before": "X", "after": "Z", "reason": "r" });
        assert_eq!(
            said(Some(ADA), "team renamed", &X.to_string(), renamed),
            "Ada Byron renamed team X to Z (r)"
        );
        let log_in = said(Some(ADA), "log-in", &ADA.to_string(), json!({}));
        assert_eq!(log_in, "Ada Byron logged in");
    }

    #[test]
    fn what_was_deleted_still_reads() {
        let unknown = Uuid::from_u128(9).to_string();
        for (actor, action, subject, expected) in [
            (
                Some(GONE),
                "team left",
                unknown.as_str(),
                "A deleted account left something that was deleted",
            ),
            (
                Some(ADA),
                "account anonymised",
                &GONE.to_string(),
                "Ada Byron deleted the account of a deleted account",
            ),
            (
                None,
                "failed log-in",
                "",
                "Somebody gave a wrong password for somebody without an account",
            ),
            (Some(ADA), "something new", "thing", "Ada Byron something new thing"),
        ] {
            assert_eq!(said(actor, action, subject, json!({})), expected);
        }
    }
}
