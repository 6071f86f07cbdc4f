/// A character that nobody sees or that moves others: a control character, a space of no width, a
/// turn of the direction of writing.
pub fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The first characters of a text, for a message.
pub(crate) fn excerpt(text: &str) -> String {
    /// Most characters that are repeated.
    const MAX_LENGTH: usize = 80;
    let mut rest = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut short: String = rest.by_ref().take(MAX_LENGTH).collect();
    if rest.next().is_some() {
        short.push('…');
    }
    short
}
