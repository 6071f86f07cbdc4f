//! What lists are searched by, and how they and what belongs to them are read: in pages, each by one statement.

use std::collections::HashMap;
use std::hash::Hash;
use std::str::FromStr;

/// What a text is found by. SQL's `lower` knows letter case of ASCII alone on SQLite, and on PostgreSQL what its locale
/// knows, so what is searched is stored like this as well.
pub(super) use crate::text::folded;

/// A pattern for `like … escape '!'`, [`folded`]; nothing for nothing.
pub(super) fn containing(text: &str) -> String {
    let text = folded(text.trim());
    if text.is_empty() {
        return text;
    }
    let plain = |c: char| if "%_!".contains(c) { format!("!{c}") } else { c.to_string() };
    format!("%{}%", text.chars().map(plain).collect::<String>())
}

/// An empty field of a form is none.
pub(super) fn or_none<'de, D, Id>(from: D) -> Result<Option<Id>, D::Error>
where
    D: serde::Deserializer<'de>,
    Id: FromStr<Err: std::fmt::Display>,
{
    use serde::Deserialize;
    let text = String::deserialize(from)?;
    if text.is_empty() {
        Ok(None)
    } else {
        text.parse().map(Some).map_err(serde::de::Error::custom)
    }
}

/// A field of a form that is empty or one of a closed set of words.
pub(super) fn word<'de, D, W>(from: D) -> Result<String, D::Error>
where
    D: serde::Deserializer<'de>,
    W: FromStr<Err: std::fmt::Display>,
{
    use serde::Deserialize;
    let text = String::deserialize(from)?;
    if !text.is_empty() {
        text.parse::<W>().map_err(serde::de::Error::custom)?;
    }
    Ok(text)
}

/// What a box of a form sends: `yes` where it is ticked.
pub(super) fn yes_or_none<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    use serde::Deserialize;
    let text = String::deserialize(from)?;
    match text.as_str() {
        "" | "yes" => Ok(text),
        _ => Err(serde::de::Error::custom("the only value is 'yes'")),
    }
}

/// The last of a page of so many rows: where the next one begins, if the page is full.
pub fn last_of<T, Id>(page: &[T], limit: i64, id: impl Fn(&T) -> Id) -> Option<Id> {
    page.last().filter(|_| page.len() as i64 >= limit).map(id)
}

/// The text of a query for rows whose id, named at the end of `$before`, is in the list of ids that `$1` holds as JSON.
/// Each engine has functions of its own to take such a list apart.
macro_rules! among {
    ($store:ident, $before:expr, $after:literal) => {
        match $store {
            $crate::store::engine::Store::Postgres(_) => concat!(
                $before,
                " in (select cast(value as uuid) from jsonb_array_elements_text($1)) ",
                $after
            ),
            $crate::store::engine::Store::Sqlite { .. } => concat!(
                $before,
                " in (select unhex(replace(value, '-', '')) from json_each($1)) ",
                $after
            ),
        }
    };
}

pub(super) use among;

/// Rows by what they belong to, each in the order in which they came.
pub(super) fn grouped<K: Eq + Hash, V>(
    rows: impl IntoIterator<Item = (K, V)>,
) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in rows {
        groups.entry(key).or_default().push(value);
    }
    groups
}
