//! What people say about themselves, checked once for the sign-up page and the command line.

use std::ops::RangeInclusive;

use crate::domain::{Code, Problem};
use crate::mail::can_be_mailed;
use crate::text::{address_key, has_hidden, is_visible};

const MIN_PASSWORD_CHARS: usize = 10;

/// Longer ones only serve to keep the server busy.
pub const MAX_PASSWORD_BYTES: usize = 1024;

fn wrong(expected: impl Into<String>, found: &str, hint: &str) -> Result<(), Problem> {
    Err(Problem::new(Code::FieldInvalid, expected, found, hint))
}

/// An address that mail can be sent to by any server: what stands before the @ is ASCII, and the host has an ASCII form.
pub fn email(address: &str) -> Result<(), Problem> {
    let key = address_key(address);
    let has_domain = key.rsplit_once('@').is_some_and(|(_, host)| host.contains('.'));
    if has_domain && key.is_ascii() && key.len() <= 254 && can_be_mailed(&key) {
        return Ok(());
    }
    let hint = "For instance ada@example.org. Before the @ only letters of ASCII can be mailed everywhere.";
    wrong("an e-mail address", "something else", hint)
}

/// One line of text of so many characters.
pub fn line(what: &str, text: &str, chars: RangeInclusive<usize>) -> Result<(), Problem> {
    let count = text.chars().count();
    let seen = is_visible(text) || (*chars.start() == 0 && text.is_empty());
    if chars.contains(&count) && seen && !has_hidden(text) {
        return Ok(());
    }
    wrong(
        format!("{what} of {} to {} characters", chars.start(), chars.end()),
        match count {
            0 => "none",
            _ if has_hidden(text) => "one with characters that nobody sees",
            _ if !seen => "one of which nothing is seen",
            _ => "another one",
        },
        "Letters, digits, spaces and punctuation are allowed.",
    )
}

pub fn team_name(name: &str) -> Result<(), Problem> {
    line("a team's name", name, 1..=60)
}

/// The address of a page elsewhere, of at most so many characters: over https, and to nobody's account.
pub fn https_url(what: &str, url: &str, max_chars: usize) -> Result<(), Problem> {
    let odd = |c: char| c.is_whitespace() || "\"<>\\^`{|}".contains(c);
    let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    let named = host.is_some_and(|host| !host.is_empty() && !host.contains('@'));
    if named && url.chars().count() <= max_chars && !url.contains(odd) && !has_hidden(url) {
        return Ok(());
    }
    let expected = format!(
        "{what}: an address like https://example.org/page, of at most {max_chars} characters"
    );
    wrong(expected, "another text", "Copy it from the browser's address bar.")
}

/// A text of several lines, of at most so many characters.
pub fn text(what: &str, text: &str, max_chars: usize) -> Result<(), Problem> {
    let count = text.chars().count();
    if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        let expected = format!("{what} of characters that are shown, and line breaks");
        return wrong(expected, "control characters", "Remove them.");
    }
    if count <= max_chars {
        return Ok(());
    }
    wrong(format!("{what} of at most {max_chars} characters"), &format!("{count}"), "Shorten it.")
}

pub fn password(password: &str) -> Result<(), Problem> {
    if password.len() > MAX_PASSWORD_BYTES {
        return wrong(
            format!("a password of at most {MAX_PASSWORD_BYTES} bytes"),
            "a longer one",
            "Shorten it.",
        );
    }
    if password.chars().count() < MIN_PASSWORD_CHARS {
        return wrong(
            format!("a password of at least {MIN_PASSWORD_CHARS} characters"),
            "a shorter one",
            "Several words in a row are easy to remember.",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_name_and_a_host() {
        assert!(email("ada@example.org").is_ok());
        assert!(email("ada@bücher.example").is_ok());
        for wrong in [
            "",
            "ada",
            "@example.org",
            "ada@host",
            "a b@example.org",
            "a@b@c.org",
            "x@example.org>",
            "a,b@example.org",
            "a..b@example.org",
            ".a@example.org",
            "ä@example.org",
            "\"a b\"@example.org",
            "a@[127.0.0.1]",
            "a@-x-.org",
        ] {
            assert!(email(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_is_one_line_of_bounded_length() {
        assert!(line("a name", "Ada", 1..=100).is_ok());
        assert!(line("a name", "", 1..=100).is_err());
        assert!(line("a name", "Ada\nLovelace", 1..=100).is_err());
        assert!(line("a name", "Ada\u{200b}", 1..=100).is_err());
        assert!(line("a name", "\u{202e}adA", 1..=100).is_err());
        assert!(line("a name", &"é".repeat(101), 1..=100).is_err());
        assert!(line("a name", "\u{2800}", 1..=100).is_err());
        assert!(line("an affiliation", "", 0..=200).is_ok());
    }

    #[test]
    fn a_password_is_counted_in_characters_and_bounded_in_bytes() {
        assert!(password("ééééééééé").is_err());
        assert!(password("éééééééééé").is_ok());
        assert!(password(&"x".repeat(1025)).is_err());
    }
}
