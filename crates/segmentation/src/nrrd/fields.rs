//! The values of single header fields.

use std::borrow::Cow;

use super::header::Encoding;
use crate::element::Element;
use crate::error::Defect;

/// Most characters of a header's text that an error repeats.
const EXCERPT: usize = 80;

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
    let mut short: String = rest.by_ref().take(EXCERPT).collect();
    if rest.next().is_some() {
        short.push('…');
    }
    short
}

/// The defect of a field that reads `found` where something else must be.
pub fn bad(field: &str, found: &str, expected: &str) -> Defect {
    let reason = format!("expected {expected}, found {:?}", excerpt(found));
    Defect::BadHeader { field: field.to_string(), reason }
}

/// The scalar type behind any of its spellings.
pub fn element(text: &str) -> Result<Element, Defect> {
    let words: Vec<String> = text.split_whitespace().map(str::to_ascii_lowercase).collect();
    Ok(match words.join(" ").as_str() {
        "signed char" | "int8" | "int8_t" => Element::I8,
        "uchar" | "unsigned char" | "uint8" | "uint8_t" => Element::U8,
        "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => {
            Element::I16
        }
        "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => Element::U16,
        "int" | "signed int" | "int32" | "int32_t" => Element::I32,
        "uint" | "unsigned int" | "uint32" | "uint32_t" => Element::U32,
        "longlong"
        | "long long"
        | "long long int"
        | "signed long long"
        | "signed long long int"
        | "int64"
        | "int64_t" => Element::I64,
        "ulonglong" | "unsigned long long" | "unsigned long long int" | "uint64" | "uint64_t" => {
            Element::U64
        }
        "float" => Element::F32,
        "double" => Element::F64,
        _ => return Err(Defect::UnsupportedType(excerpt(text))),
    })
}

/// The encoding behind any of its names.
pub fn encoding(text: &str) -> Result<Encoding, Defect> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "raw" => Encoding::Raw,
        "txt" | "text" | "ascii" => Encoding::Text,
        "hex" => Encoding::Hex,
        "gz" | "gzip" => Encoding::Gzip,
        "bz2" | "bzip2" => Encoding::Bzip2,
        _ => return Err(Defect::UnsupportedEncoding(excerpt(text))),
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

/// `(a,b,c) (d,e,f) (g,h,i)`, one vector an axis, any of which may be `none`, or of another
/// number of dimensions: then there are no directions in space.
pub fn directions(text: &str) -> Result<Option<[[f64; 3]; 3]>, Defect> {
    let bad =
        || bad("space directions", text, "a vector such as (0.4,0,0), or none, for each axis");
    let vectors: [Option<[f64; 3]>; 3] =
        vectors(text).and_then(|vectors| vectors.try_into().ok()).ok_or_else(bad)?;
    Ok(match vectors {
        [Some(x), Some(y), Some(z)] => Some([x, y, z]),
        _ => None,
    })
}

/// One vector.
pub fn origin(text: &str) -> Result<Option<[f64; 3]>, Defect> {
    match vectors(text).as_deref() {
        Some([vector]) => Ok(*vector),
        _ => Err(bad("space origin", text, "a vector such as (0,0,0)")),
    }
}

/// Three numbers, any of which may be NaN.
pub fn spacings(text: &str) -> Result<[f64; 3], Defect> {
    text.split_ascii_whitespace()
        .map(|number| number.parse().ok())
        .collect::<Option<Vec<f64>>>()
        .and_then(|numbers| numbers.try_into().ok())
        .ok_or_else(|| bad("spacings", text, "a number for each axis"))
}

/// Vectors in parentheses, spaces allowed anywhere; one without three parts is `None`.
fn vectors(text: &str) -> Option<Vec<Option<[f64; 3]>>> {
    let mut vectors = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('(') {
            let (inside, after) = inner.split_once(')')?;
            let parts = inside
                .split(',')
                .map(|part| part.trim().parse().ok())
                .collect::<Option<Vec<f64>>>()?;
            vectors.push(parts.try_into().ok());
            rest = after.trim_start();
        } else {
            let none = rest.get(..4).filter(|word| word.eq_ignore_ascii_case("none"))?;
            vectors.push(None);
            rest = rest.get(none.len()..)?.trim_start();
        }
    }
    Some(vectors)
}
