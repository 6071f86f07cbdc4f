use serde::Deserialize;

use crate::domain::{Code, Error, Group, Problem};
use crate::service::phases::phase_named;
use crate::store::{Phase, Store, Timestamp};

/// Which ranking an address asks for.
#[derive(Deserialize)]
pub struct RankingQuery {
    /// Its short name; by default the current one.
    #[serde(default)]
    pub phase: String,
    /// `normal`, `diseased`, or anything else for all cases.
    #[serde(default)]
    group: String,
    /// The moment whose ranking is meant; by default now.
    #[serde(default)]
    at: String,
}

impl RankingQuery {
    pub async fn phase(&self, store: &Store) -> Result<Phase, Error> {
        phase_named(store, &self.phase, Timestamp::now()).await
    }

    pub fn group(&self) -> Option<Group> {
        self.group.parse().ok()
    }

    pub fn at(&self) -> Result<Option<Timestamp>, Error> {
        moment(&self.at)
    }
}

/// Reads the moment of an address; an empty text is none.
fn moment(text: &str) -> Result<Option<Timestamp>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    // A form sends no seconds and no zone; an address turns the plus of a zone into a blank.
    let complete = text.replacen(' ', "+", 1);
    let forms = ["", "Z", ":00Z"].map(|rest| complete.clone() + rest);
    let found = forms.iter().find_map(|form| Timestamp::parse(form));
    match found {
        Some(at) if at <= Timestamp::now() => Ok(Some(at)),
        _ => Err(Error::of(vec![Problem::new(
            Code::FieldInvalid,
            "a moment that is over, like 2026-12-01T09:30:00Z",
            if found.is_some() { "one to come" } else { "another text" },
            "Leave it out to mean now.",
        )])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_forms_and_addresses_write_it() {
        let at = Timestamp::parse("2026-11-01T09:30:00Z");
        for text in ["2026-11-01T09:30:00Z", "2026-11-01T09:30", "2026-11-01T09:30:00"] {
            assert_eq!(moment(text).unwrap(), at, "{text}");
        }
        assert_eq!(moment("2026-11-01T10:30:00 01:00").unwrap(), at);
        assert_eq!(moment("").unwrap(), None);
        for text in ["yesterday", "2999-01-01T00:00:00Z", "2026-11-01"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
