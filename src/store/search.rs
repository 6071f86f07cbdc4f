//! What lists are searched by, and how they and what belongs to them are read: in pages, each by one statement.

use std::collections::HashMap;
use std::hash::Hash;
use std::str::FromStr;

/// What a text is found by: letter case doesn't count, of any script. SQL's `lower` knows that of ASCII alone on
/// SQLite, and on PostgreSQL what its locale knows, so what is searched is stored like this as well.
pub(super) fn folded(text: &str) -> String {
    text.to_lowercase()
}

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
