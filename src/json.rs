//! JSON from outside, in UTF-8 or UTF-16, read strictly: the members it may have, each once, and nothing after it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};

/// So many unknown members are named.
const MAX_NAMED: usize = 10;

/// Most characters of what is repeated from a document.
const MAX_SHOWN: usize = 160;

/// Why a document isn't taken. In words for its author: nothing of the program's own types is in them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    #[error("an empty text")]
    Empty,
    #[error("text in another encoding than UTF-8 or UTF-16 (seen at byte {at})")]
    Encoding { at: usize },
    #[error("text that is no JSON from line {line}, column {column} on")]
    Syntax { line: usize, column: usize },
    #[error("{what} at line {line}, column {column}")]
    Unfit { what: String, line: usize, column: usize },
    #[error("{}", unknown(.0))]
    Unknown(Vec<String>),
}

fn unknown(members: &[String]) -> String {
    let names: Vec<String> = members.iter().map(|member| format!("'{member}'")).collect();
    let noun = if names.len() == 1 { "the unknown member" } else { "the unknown members" };
    format!("{noun} {}", names.join(", "))
}

/// Reads an object, and refuses members that `T` doesn't have.
pub fn object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let text = text(bytes)?;
    // Serde would take a list for a struct.
    if !text.trim_start().starts_with('{') {
        serde_json::from_str::<serde::de::IgnoredAny>(&text).map_err(plain)?;
        return Err(JsonError::Unfit { what: "no object".into(), line: 1, column: 1 });
    }
    strict(&text)
}

/// The text of a document, without a byte order mark, and not empty. PowerShell writes UTF-16, with a mark or
/// without, and Notepad UTF-8 with one.
pub fn text(bytes: &[u8]) -> Result<Cow<'_, str>, JsonError> {
    const UTF_32: [&[u8]; 2] = [b"\xff\xfe\0\0", b"\0\0"];
    if UTF_32.iter().any(|start| bytes.starts_with(start)) {
        return Err(JsonError::Encoding { at: 0 });
    }
    // The first character of JSON is ASCII, so that one of the first two bytes is 0 in UTF-16.
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => utf_16(rest, 2, u16::from_le_bytes)?.into(),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, 2, u16::from_be_bytes)?.into(),
        [_, 0, ..] => utf_16(bytes, 0, u16::from_le_bytes)?.into(),
        [0, _, ..] => utf_16(bytes, 0, u16::from_be_bytes)?.into(),
        _ => {
            let (start, rest) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
                Some(rest) => (3, rest),
                None => (0, bytes),
            };
            let text = std::str::from_utf8(rest);
            Cow::from(
                text.map_err(|error| JsonError::Encoding { at: start + error.valid_up_to() })?,
            )
        }
    };
    if text.trim().is_empty() { Err(JsonError::Empty) } else { Ok(text) }
}

/// `start`: how many bytes came before.
fn utf_16(bytes: &[u8], start: usize, unit: fn([u8; 2]) -> u16) -> Result<String, JsonError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut at = start;
    let mut text = String::with_capacity(pairs.len());
    for c in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let c = c.map_err(|_| JsonError::Encoding { at })?;
        at += 2 * c.len_utf16();
        text.push(c);
    }
    if rest.is_empty() { Ok(text) } else { Err(JsonError::Encoding { at }) }
}

/// Reads anything, and refuses members that `T` doesn't have.
pub fn strict<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    read(text, true)
}

/// Reads anything, whatever else there is that `T` doesn't have.
pub fn lenient<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    read(text, false)
}

fn read<T: DeserializeOwned>(text: &str, is_strict: bool) -> Result<T, JsonError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let mut track = serde_path_to_error::Track::new();
    let mut unknown = Vec::new();
    let read = serde_ignored::deserialize(
        serde_path_to_error::Deserializer::new(&mut json, &mut track),
        |path| {
            if is_strict && unknown.len() < MAX_NAMED {
                unknown.push(shown(&path.to_string()));
            }
        },
    );
    let read: T = read.map_err(|error| match plain(error) {
        JsonError::Unfit { what, line, column } => {
            let path = track.path().to_string();
            let what = if path == "." { what } else { format!("{what} in '{}',", shown(&path)) };
            JsonError::Unfit { what, line, column }
        }
        error => error,
    })?;
    json.end().map_err(plain)?;
    if unknown.is_empty() { Ok(read) } else { Err(JsonError::Unknown(unknown)) }
}

/// An error without where in the document it is.
fn plain(error: serde_json::Error) -> JsonError {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Data => JsonError::Unfit { what: unfit(&error.to_string()), line, column },
        Category::Io | Category::Syntax | Category::Eof => JsonError::Syntax { line, column },
    }
}

/// What serde says of a value, without where, which is told apart, and without the names of types.
fn unfit(message: &str) -> String {
    let at = message.rfind(" at line ").unwrap_or(message.len());
    let message = message.get(..at).unwrap_or(message);
    let name = |rest: &str| shown(rest.split('`').next().unwrap_or_default());
    if let Some(rest) = message.strip_prefix("missing field `") {
        return format!("no member '{}'", name(rest));
    }
    if let Some(rest) = message.strip_prefix("duplicate field `") {
        return format!("the member '{}' twice", name(rest));
    }
    // What was expected instead may be a type of ours; words of a list are those of the API.
    let of_words = message.starts_with("unknown variant ");
    let end =
        if of_words { message.len() } else { message.find(", expected ").unwrap_or(message.len()) };
    shown(message.get(..end).unwrap_or(message))
}

fn shown(text: &str) -> String {
    text.chars().take(MAX_SHOWN).collect()
}

/// An object whose members are looked at later, each there once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members(pub Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Map<String, Value>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let mut all = Map::new();
                while let Some((name, value)) = members.next_entry::<String, Value>()? {
                    if all.contains_key(&name) {
                        return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
                    }
                    all.insert(name, value);
                }
                Ok(all)
            }
        }
        deserializer.deserialize_map(Once).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Fruit {
        Apple,
        Pear,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Basket {
        fruit: Fruit,
        #[serde(default)]
        counts: Vec<u8>,
    }

    #[track_caller]
    fn found(text: &str) -> String {
        object::<Basket>(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_fits_is_read_with_or_without_a_byte_order_mark() {
        for text in ["{\"fruit\": \"pear\"}", "\u{feff} {\"fruit\": \"pear\"}\n"] {
            let basket = Basket { fruit: Fruit::Pear, counts: Vec::new() };
            assert_eq!(object::<Basket>(text.as_bytes()), Ok(basket));
        }
    }

    #[test]
    fn utf_16_is_read_with_or_without_a_byte_order_mark() {
        let text = "{\"fruit\": \"pear\", \"\u{1f350}\": 1}";
        for unit in [u16::to_le_bytes, u16::to_be_bytes] {
            for mark in ["", "\u{feff}"] {
                let document = format!("{mark}{text}");
                let bytes: Vec<u8> = document.encode_utf16().flat_map(unit).collect();
                let unknown = vec!["\u{1f350}".to_owned()];
                assert_eq!(object::<Basket>(&bytes), Err(JsonError::Unknown(unknown)));
            }
        }
    }

    #[test]
    fn other_encodings_are_named_with_the_place_where_they_show() {
        for (bytes, at) in [
            (&b"{\"fruit\": \"p\xeache\"}"[..], 12),
            (b"\xef\xbb\xbf{\"\xff", 5),
            (b"\xff\xfe{\0\0\xd8a\0", 4),
            (b"\xff\xfe{\0\"", 4),
            (b"\xff\xfe\0\0{\0\0\0", 0),
            (b"\0\0\0{", 0),
        ] {
            assert_eq!(object::<Basket>(bytes), Err(JsonError::Encoding { at }));
        }
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place_and_without_names_of_types() {
        for (text, words) in [
            ("", "an empty text"),
            (" \n", "an empty text"),
            ("fruit=pear", "text that is no JSON from line 1, column 2 on"),
            ("{\n \"fruit\": \"pear\",\n}", "text that is no JSON from line 3, column 1 on"),
            ("{\"fruit\": \"pear\"", "text that is no JSON from line 1, column 16 on"),
            ("{\"fruit\": \"pear\"} {}", "text that is no JSON from line 1, column 19 on"),
            ("[\"pear\", []]", "no object at line 1, column 1"),
            ("null", "no object at line 1, column 1"),
            ("[", "text that is no JSON from line 1, column 1 on"),
            ("{}", "no member 'fruit' at line 1, column 2"),
            (
                "{\"fruit\": \"fig\"}",
                "unknown variant `fig`, expected `apple` or `pear` in 'fruit', at line 1, column 15",
            ),
            (
                "{\"fruit\": \"pear\", \"fruit\": \"pear\"}",
                "the member 'fruit' twice at line 1, column 25",
            ),
            (
                "{\"fruit\": \"pear\", \"counts\": [1, 300]}",
                "invalid value: integer `300` in 'counts[1]', at line 1, column 35",
            ),
            (
                "{\"fruit\": \"pear\", \"counts\": {}}",
                "invalid type: map in 'counts', at line 1, column 28",
            ),
            ("{\"fruit\": \"pear\", \"a\": {\"b\": 1}, \"c\": 2}", "the unknown members 'a', 'c'"),
        ] {
            assert_eq!(found(text), words, "{text}");
        }
    }

    #[test]
    fn what_is_repeated_from_a_document_is_short() {
        let long = "x".repeat(100_000);
        for text in [
            format!("{{\"fruit\": \"{long}\"}}"),
            format!("{{\"fruit\": \"pear\", \"{long}\": 1}}"),
        ] {
            assert!(found(&text).len() < 250, "{}", found(&text).len());
        }
    }

    #[test]
    fn members_that_are_looked_at_later_are_there_once_as_well() {
        let read = object::<Members>(b"{\"a\": 1, \"b\": null}").unwrap();
        assert_eq!(read.0.len(), 2);
        let twice = object::<Members>(b"{\"a\": 1, \"a\": 2}").unwrap_err().to_string();
        assert_eq!(twice, "the member 'a' twice at line 1, column 16");
    }

    #[test]
    fn a_document_nested_too_deeply_is_refused() {
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(object::<Members>(deep.as_bytes()), Err(JsonError::Syntax { .. })));
    }
}
