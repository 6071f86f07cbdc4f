//! The values of single header fields.

use std::borrow::Cow;

use crate::{Encoding, FormatError};

/// Most characters of a header's text that an error repeats.
const MAX_EXCERPT: usize = 80;

/// A line as text: UTF-8 if it is, latin-1 otherwise, so that every line is one.
pub fn decode(line: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(line) {
        Ok(text) => text.into(),
        Err(_) => line.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// A field's name without what writers disagree on: case, spaces, punctuation.
pub fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The first characters of a text, for a message.
pub fn excerpt(text: &str) -> String {
    let mut rest = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut short: String = rest.by_ref().take(MAX_EXCERPT).collect();
    if rest.next().is_some() {
        short.push('…');
    }
    short
}

/// The error of a field that reads `found` where something else must be.
pub fn bad(field: &str, found: &str, expected: &str) -> FormatError {
    let reason = format!("expected {expected}, found {:?}", excerpt(found));
    FormatError::BadField { field: field.to_string(), reason }
}

/// The encoding behind any of its names.
pub fn encoding(text: &str) -> Result<Encoding, FormatError> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "raw" => Encoding::Raw,
        "txt" | "text" | "ascii" => Encoding::Text,
        "hex" => Encoding::Hex,
        "gz" | "gzip" => Encoding::Gzip,
        "bz2" | "bzip2" => Encoding::Bzip2,
        _ => return Err(FormatError::UnsupportedEncoding(excerpt(text))),
    })
}

/// A whole number, which some write with a point: `512.0`.
pub fn whole(text: &str) -> Option<usize> {
    match text.split_once('.') {
        Some((number, fraction)) if fraction.bytes().all(|digit| digit == b'0') => number,
        _ => text,
    }
    .parse()
    .ok()
}

/// `(a,b,c) (d,e,f) none`, one vector an axis, any of which may be `none`.
pub fn directions(text: &str, axes: usize) -> Result<Vec<Option<Vec<f64>>>, FormatError> {
    let wanted = "a vector such as (0.4,0,0), or none, for each axis";
    vectors(text)
        .filter(|vectors| vectors.len() == axes)
        .ok_or_else(|| bad("space directions", text, wanted))
}

/// One vector, or `none`.
pub fn origin(text: &str) -> Result<Option<Vec<f64>>, FormatError> {
    let one = |vectors: Vec<Option<Vec<f64>>>| <[_; 1]>::try_from(vectors).ok();
    match vectors(text).and_then(one) {
        Some([vector]) => Ok(vector),
        None => Err(bad("space origin", text, "a vector such as (0,0,0)")),
    }
}

/// A number for each axis, any of which may be NaN.
pub fn numbers(field: &str, text: &str, axes: usize) -> Result<Vec<f64>, FormatError> {
    text.split_ascii_whitespace()
        .map(|number| number.parse().ok())
        .collect::<Option<Vec<f64>>>()
        .filter(|numbers| numbers.len() == axes)
        .ok_or_else(|| bad(field, text, "a number for each axis"))
}

/// Texts in double quotes, in which `\"` stands for a quote; `None` if anything else is between them.
pub fn quoted(text: &str) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let mut inside = String::new();
        let mut chars = rest.strip_prefix('"')?.char_indices();
        let end = loop {
            match chars.next()? {
                (end, '"') => break end,
                (_, '\\') => inside.push(chars.next()?.1),
                (_, c) => inside.push(c),
            }
        };
        texts.push(inside);
        rest = rest.get(end + 2..)?.trim_start();
    }
    Some(texts)
}

/// Vectors in parentheses, spaces allowed anywhere.
pub fn vectors(text: &str) -> Option<Vec<Option<Vec<f64>>>> {
    let mut vectors = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('(') {
            let (inside, after) = inner.split_once(')')?;
            let parts = inside
                .split(',')
                .map(|part| part.trim().parse().ok())
                .collect::<Option<Vec<f64>>>()?;
            vectors.push(Some(parts));
            rest = after.trim_start();
        } else {
            let none = rest.get(..4).filter(|word| word.eq_ignore_ascii_case("none"))?;
            vectors.push(None);
            rest = rest.get(none.len()..)?.trim_start();
        }
    }
    Some(vectors)
}
