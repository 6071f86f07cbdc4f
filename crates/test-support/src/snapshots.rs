//! What is not the same twice in an answer, made the same.

/// A text in which a word stands for each id, moment, digest and address of a server: `[id]`, `[time]`, `[digest]`,
/// `[address]`, and in which numbers have at most twelve digits, because the last ones are not the same with every
/// compiler. What of an answer is left can be held against a snapshot.
pub fn redacted(text: &str) -> String {
    // What such values are made of; everything else ends them.
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((moment, after)) = rest.split_at_checked(WORDED.len())
            && looks(moment, WORDED)
        {
            shown.push_str("[time]");
            rest = after;
            continue;
        }
        let end = match inside(first) {
            true => rest.find(|c| !inside(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (word, after) = rest.split_at(end);
        match stands_for(word) {
            Some(other) => shown.push_str(other),
            None => shown.push_str(&rounded(word)),
        }
        rest = after;
    }
    shown
}

/// A moment as people read it.
const WORDED: &str = "9999-99-99 99:99 UTC";

/// Whether a word begins as the pattern says: `h` is a hexadecimal digit, `9` a decimal one, all else itself.
fn looks(word: &str, pattern: &str) -> bool {
    word.len() >= pattern.len()
        && word.bytes().zip(pattern.bytes()).all(|(byte, of)| match of {
            b'h' => byte.is_ascii_hexdigit(),
            b'9' => byte.is_ascii_digit(),
            other => byte == other,
        })
}

fn stands_for(word: &str) -> Option<&'static str> {
    let looks = |pattern| looks(word, pattern);
    match word.len() {
        36 if looks("hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh") => Some("[id]"),
        64 if word.bytes().all(|byte| byte.is_ascii_hexdigit()) => Some("[digest]"),
        20.. if looks("9999-99-99T99:99:99") && word.ends_with('Z') => Some("[time]"),
        11.. if looks("127.0.0.1:9") => Some("[address]"),
        _ => None,
    }
}

/// A number with a fraction to twelve digits; anything else as it is.
fn rounded(word: &str) -> String {
    match word.parse::<f64>() {
        Ok(number) if word.contains('.') && word.len() > 12 => {
            format!("{number:.11e}").parse::<f64>().unwrap().to_string()
        }
        _ => word.to_owned(),
    }
}
