//! What stands behind the question mark of an address. Nothing of it is ignored: what an address doesn't take, and what
//! it can't read, is refused.

use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::App;
use crate::domain::{Code, Error, Group, Problem, SubmissionId};
use crate::leaderboard::{Columns, Wanted};
use crate::service::phases::{phase_named, phase_of_entry};
use crate::store::{Phase, Store, Timestamp};
use crate::string_enum::UnknownWord;

/// What several addresses take. On a page any other parameter may be somebody's who shared a link to it; these mean
/// something, and where a page doesn't take them it must not look as if it did.
const MEANT: [&str; 7] = ["phase", "at", "group", "state", "metric", "format", "entries"];

/// Most characters of a parameter that are repeated in an error.
const MAX_SHOWN: usize = 80;

/// Refuses the parameters that an address doesn't take: for scripts all of them, on pages those that mean something.
pub fn check_names(uri: &Uri, taken: &[&str], page: bool) -> Result<(), Error> {
    // No name has it, and PostgreSQL takes no text with it.
    if uri.path().contains("%00") {
        return Err(Error::not_found());
    }
    let Asked(found): Asked<Vec<(String, String)>> = Asked::of(uri)?;
    if found.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
        return Err(refused("a text without NUL characters", "one with them"));
    }
    let is_refused = |name: &str| !taken.contains(&name) && (!page || MEANT.contains(&name));
    let Some((name, _)) = found.iter().find(|(name, _)| is_refused(name)) else { return Ok(()) };
    let expected = match taken {
        [] => "no parameters".to_owned(),
        [one] => format!("the parameter {one}"),
        [rest @ .., last] => format!("the parameters {} and {last}", rest.join(", ")),
    };
    let name: String = name.chars().take(MAX_SHOWN).collect();
    Err(refused(expected, name))
}

fn refused(expected: impl Into<String>, found: impl Into<String>) -> Error {
    let hint = "Leave it out or correct it; nothing in an address is ignored.";
    Error::of(vec![Problem::new(Code::FieldInvalid, expected, found, hint)])
}

/// The parameters of an address.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> Asked<T> {
    fn of(uri: &Uri) -> Result<Self, Error> {
        let Query(asked) = Query::try_from_uri(uri).map_err(|refusal| {
            let text = refusal.body_text();
            let reason =
                text.rsplit_once("query string: ").map_or(text.as_str(), |(_, reason)| reason);
            refused(
                "values that these parameters can have",
                reason.chars().take(4 * MAX_SHOWN).collect::<String>(),
            )
        })?;
        Ok(Self(asked))
    }
}

impl<T: DeserializeOwned> FromRequestParts<App> for Asked<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        Self::of(&parts.uri)
    }
}

/// Which ranking an address asks for.
#[derive(Deserialize)]
pub struct RankingQuery {
    /// Its short name; by default the current one.
    #[serde(default)]
    pub phase: String,
    /// `normal`, `diseased`, or `all`.
    #[serde(default)]
    pub group: String,
    /// The moment whose ranking is meant; by default now.
    #[serde(default)]
    at: String,
}

impl RankingQuery {
    pub async fn phase(&self, store: &Store) -> Result<Phase, Error> {
        phase_named(store, &self.phase, Timestamp::now()).await
    }

    pub fn group(&self) -> Result<Option<Group>, Error> {
        group(&self.group)
    }

    pub fn at(&self) -> Result<Option<Timestamp>, Error> {
        moment(&self.at)
    }
}

/// Entries of a ranking by their submissions: `entries=ID,ID`, or the parameter several times, as a form with boxes sends it.
pub struct EntriesQuery(pub Vec<SubmissionId>);

/// Of more nobody could read a comparison.
const MAX_ENTRIES: usize = 50;

impl FromRequestParts<App> for EntriesQuery {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        let Asked(found): Asked<Vec<(String, String)>> = Asked::of(&parts.uri)?;
        let named = found.iter().filter(|(name, _)| name == "entries");
        let texts: Vec<&str> = named
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .collect();
        if texts.len() > MAX_ENTRIES {
            return Err(refused("a few entries", format!("{} of them", texts.len())));
        }
        let id = |text: &&str| {
            text.parse().map_err(|_| {
                refused("entries=ID,ID", text.chars().take(MAX_SHOWN).collect::<String>())
            })
        };
        Ok(Self(texts.iter().map(id).collect::<Result<_, _>>()?))
    }
}

impl EntriesQuery {
    /// The phase of the first entry, where the address names no phase.
    pub async fn phase(
        &self,
        ranking: &RankingQuery,
        store: &Store,
    ) -> Result<Option<Phase>, Error> {
        match self.0.first() {
            Some(entry) if ranking.phase.is_empty() => phase_of_entry(store, *entry).await,
            _ => Ok(None),
        }
    }
}

/// Which entries of a ranking an address asks for, and in which order.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct ListingQuery {
    sort: String,
    order: String,
    q: String,
    page: String,
    columns: String,
}

/// Most characters that are searched for.
const MAX_SEARCH: usize = 200;

impl ListingQuery {
    /// An empty text stands for what is usual.
    pub fn wanted(&self, group: Option<Group>) -> Result<Wanted, Error> {
        let page = match self.page.as_str() {
            "" => 1,
            page => page.parse().ok().filter(|&page: &usize| page > 0).ok_or_else(|| {
                refused("page=NUMBER, from 1 on", page.chars().take(MAX_SHOWN).collect::<String>())
            })?,
        };
        if self.q.chars().count() > MAX_SEARCH {
            return Err(refused(
                format!("a search of up to {MAX_SEARCH} characters"),
                "a longer one",
            ));
        }
        let (sort, order) = (word("sort", &self.sort)?, word("order", &self.order)?);
        Ok(Wanted { group, sort, order, search: self.q.trim().to_owned(), page })
    }

    pub fn columns(&self) -> Result<Columns, Error> {
        Ok(word("columns", &self.columns)?.unwrap_or(Columns::Official))
    }
}

/// One of a closed set of words, or nothing.
fn word<T: std::str::FromStr<Err = UnknownWord>>(
    name: &str,
    text: &str,
) -> Result<Option<T>, Error> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|UnknownWord { known, .. }| {
            let known = known.trim().replace(' ', ", ");
            refused(
                format!("{name} as one of {known}"),
                text.chars().take(MAX_SHOWN).collect::<String>(),
            )
        }),
    }
}

/// Reads the group of an address: all cases where it says nothing else.
pub fn group(text: &str) -> Result<Option<Group>, Error> {
    match text {
        "" | "all" => Ok(None),
        group => group.parse().map(Some).map_err(|_| {
            refused(
                "group=normal, group=diseased or group=all",
                group.chars().take(MAX_SHOWN).collect::<String>(),
            )
        }),
    }
}

/// Reads the moment of an address; an empty text is none.
pub fn moment(text: &str) -> Result<Option<Timestamp>, Error> {
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
