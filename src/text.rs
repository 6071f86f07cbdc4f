//! What strangers write, on its way to people's eyes.

/// A character that nobody sees or that moves others: a control character, a space of no width, a
/// turn of the direction of writing.
pub fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A field of comma-separated values (RFC 4180), in quotes where it could be taken for more than one.
pub(crate) fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_a_comma_or_a_quote_stays_one_field() {
        assert_eq!(csv_field("a.zip"), "a.zip");
        assert_eq!(csv_field("a, \"b\".zip"), "\"a, \"\"b\"\".zip\"");
    }
}
