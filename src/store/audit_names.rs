//! What the subjects of events are called now, looked up when the log is shown: the log itself has ids only.

use std::collections::HashMap;

use sqlx::types::Json;
use uuid::Uuid;

use super::audit::Event;
use super::engine::{Result, Store, on};
use super::search::among;

/// What an id of the log stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// The name of its team.
    Submission(String),
    Team(String),
    /// Name, and the address while there is an account.
    Person(String, Option<String>),
    /// Title and short name.
    Phase(String, String),
    Announcement(String),
    /// Its subject.
    Letter(String),
    TruthSet(String),
    /// The name of its truth set.
    Trial(String),
}

/// The ids that an event names: its subject, who did it, and teams and people before and after.
fn ids(event: &Event) -> impl Iterator<Item = Uuid> {
    let of = |when: &str| {
        let part = event.detail.get(when);
        let team = part.and_then(|part| part.get("team")).or(part);
        team.and_then(|id| id.as_str()?.parse().ok())
    };
    let named = [event.subject.parse().ok(), of("before"), of("after")];
    named.into_iter().flatten().chain(event.actor.map(|actor| actor.uuid()))
}

impl Store {
    /// What the ids in these events stand for, as far as that is still there.
    pub async fn audit_names(&self, events: &[Event]) -> Result<HashMap<Uuid, Named>> {
        let mut wanted: Vec<Uuid> = events.iter().flat_map(ids).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let wanted = Json(wanted);
        let mut names = HashMap::new();

        let text = among!(
            self,
            "select s.id, t.name from submissions s join teams t on t.id = s.team_id where s.id",
            ""
        );
        let found: Vec<(Uuid, String)> =
            on!(self.read, db => sqlx::query_as(text).bind(&wanted).fetch_all(db))?;
        names.extend(found.into_iter().map(|(id, team)| (id, Named::Submission(team))));

        let text = among!(self, "select id, name from teams where id", "");
        let found: Vec<(Uuid, String)> =
            on!(self.read, db => sqlx::query_as(text).bind(&wanted).fetch_all(db))?;
        names.extend(found.into_iter().map(|(id, name)| (id, Named::Team(name))));

        let text = among!(
            self,
            "select id, display_name, case when deleted_at is null then email end from users where id",
            ""
        );
        let found: Vec<(Uuid, String, Option<String>)> =
            on!(self.read, db => sqlx::query_as(text).bind(&wanted).fetch_all(db))?;
        names.extend(found.into_iter().map(|(id, name, at)| (id, Named::Person(name, at))));

        let text = among!(self, "select id, title, slug from phases where id", "");
        let found: Vec<(Uuid, String, String)> =
            on!(self.read, db => sqlx::query_as(text).bind(&wanted).fetch_all(db))?;
        names.extend(found.into_iter().map(|(id, title, slug)| (id, Named::Phase(title, slug))));

        let text = among!(self, "select id, title from announcements where id", "");
        let found: Vec<(Uuid, String)> =
            on!(self.read, db => sqlx::query_as(text).bind(&wanted).fetch_all(db))?;
        names.extend(found.into_iter().map(|(id, title)| (id, Named::Announcement(title))));

        let text = among!(self, "select id, subject from letters where id", "");
        let found: Vec<(Uuid, String)> =
            on!(self.read, db => sqlx::query_as(text).bind(&wanted).fetch_all(db))?;
        names.extend(found.into_iter().map(|(id, subject)| (id, Named::Letter(subject))));

        let text = among!(self, "select id, name from truth_sets where id", "");
        let found: Vec<(Uuid, String)> =
            on!(self.read, db => sqlx::query_as(text).bind(&wanted).fetch_all(db))?;
        names.extend(found.into_iter().map(|(id, name)| (id, Named::TruthSet(name))));

        let text = among!(
            self,
            "select t.id, s.name from trials t join truth_sets s on s.id = t.truth_set_id where t.id",
            ""
        );
        let found: Vec<(Uuid, String)> =
            on!(self.read, db => sqlx::query_as(text).bind(&wanted).fetch_all(db))?;
        names.extend(found.into_iter().map(|(id, name)| (id, Named::Trial(name))));
        Ok(names)
    }
}
