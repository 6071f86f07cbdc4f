//! What strangers write, on its way to people's eyes: what two texts have in common to who reads them, and what is not
//! seen at all.

use icu_properties::CodePointSetData;
use icu_properties::props::{DefaultIgnorableCodePoint, EmojiModifier, ExtendedPictographic};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

pub use segmentation::is_odd;

/// What makes two texts the same to who reads them: letter case, of any script, forms of a letter (NFKC), and what is not
/// seen don't count.
pub fn folded(text: &str) -> String {
    let seen = |c: &char| !is_ignorable(*c);
    let plain: String = text.chars().filter(seen).nfkc().collect();
    let folded = plain.to_lowercase().replace('ß', "ss").replace('ς', "σ");
    folded.nfkc().filter(seen).collect()
}

/// How an e-mail address is kept and looked up: in small letters, and the host in the ASCII form that mail servers know
/// (IDNA), however somebody writes it.
pub fn address_key(address: &str) -> String {
    let address = address.trim();
    let Some((name, host)) = address.rsplit_once('@') else { return folded(address) };
    let host = idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_lowercase());
    format!("{}@{host}", folded(name))
}

/// Whether a reader sees anything of it.
pub fn is_visible(text: &str) -> bool {
    // U+2800, a pattern of Braille without dots, is no space to Unicode.
    let blank = |c: char| c.is_whitespace() || c == '\u{2800}' || is_combining_mark(c);
    folded(text).chars().any(|c| !blank(c))
}

/// Whether it holds a character that nobody sees or that moves others, anywhere but where scripts and emoji need it: a
/// joiner or its opposite inside a word of a script that joins letters, a variant or a joiner behind an emoji.
pub fn has_hidden(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    characters.iter().enumerate().any(|(at, &c)| {
        if !is_odd(c) && !is_ignorable(c) {
            return false;
        }
        let before = characters.get(..at).and_then(|before| {
            before.iter().rev().find(|c| !is_variant(**c) && canonical_combining_class(**c) == 0)
        });
        let after = characters.get(at + 1);
        let both =
            |is: fn(char) -> bool| before.is_some_and(|c| is(*c)) && after.is_some_and(|c| is(*c));
        let needed = match c {
            '\u{200c}' => both(joins),
            '\u{200d}' => both(joins) || both(is_emoji),
            c if is_variant(c) => before.is_some_and(|c| is_emoji(*c) || joins(*c)),
            _ => false,
        };
        !needed
    })
}

/// Selects a variant of the character before it.
fn is_variant(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}')
}

/// A letter of a script in which it matters whether letters are joined: Arabic and those like it, of India and beyond.
fn joins(c: char) -> bool {
    matches!(
        c,
        '\u{600}'..='\u{8ff}'
            | '\u{900}'..='\u{dff}'
            | '\u{f00}'..='\u{fff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{18af}'
            | '\u{1a00}'..='\u{1cff}'
            | '\u{a800}'..='\u{abff}'
            | '\u{fb50}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}'
            | '\u{11000}'..='\u{11fff}'
    )
}

fn is_emoji(c: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
        || CodePointSetData::new::<EmojiModifier>().contains(c)
}

/// What is not shown where nothing else gives it a meaning (Default_Ignorable_Code_Point of Unicode).
pub(crate) fn is_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// What names with numbers are sorted by: letters and the number after them in turn, so that Normal_2 comes before
/// Normal_10.
pub(crate) fn natural(name: &str) -> Vec<(&str, Option<u64>)> {
    let mut key = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = |c: char| c.is_ascii_digit();
        let (text, after) = rest.split_at(rest.find(digits).unwrap_or(rest.len()));
        let end = after.find(|c| !digits(c)).unwrap_or(after.len());
        let (number, after) = after.split_at(end);
        // What is too long for a number is told apart by its text.
        key.push((text, number.parse().ok().or((end > 0).then_some(u64::MAX))));
        rest = after;
    }
    key
}

/// A line of comma-separated values (RFC 4180).
pub(crate) fn csv_line(fields: &[&str]) -> String {
    fields.iter().map(|field| csv_field(field)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// What a file of comma-separated values begins with, so that spreadsheets take its text for what it is: UTF-8.
pub(crate) const CSV_START: &str = "\u{feff}";

/// A field of comma-separated values (RFC 4180), in quotes where it could be taken for more than one. What a spreadsheet
/// would take for a formula has an apostrophe before it: at the beginning, and wherever a field would begin for a program
/// that splits lines elsewhere, as spreadsheets do at semicolons where the comma is the decimal point.
pub(crate) fn csv_field(text: &str) -> String {
    let mut field = String::with_capacity(text.len());
    let mut begins = text.parse::<f64>().is_err();
    for c in text.chars() {
        if begins && is_formula(c) {
            field.push('\'');
        }
        begins = matches!(c, ';' | '\t' | '\r' | '\n') || (begins && c == ' ');
        field.push(c);
    }
    if field.contains([',', ';', '"', '\t', '\r', '\n']) {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field
}

/// What a formula begins with, also as wide letters.
fn is_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_alike_is_the_same() {
        for (one, other) in [
            ("Café Ärzte", "Cafe\u{301} A\u{308}rzte"),
            ("Café Ärzte", "CAFÉ ÄRZTE\u{3164}"),
            ("Straße", "STRASSE"),
            ("ΟΔΟΣ", "οδος"),
            ("ＡＢＣ１", "abc1"),
            ("ﬁne", "FINE"),
            ("a\u{200d}b", "ab"),
            ("x\u{fe0f}", "X"),
        ] {
            assert_eq!(folded(one), folded(other), "{one}");
        }
        assert_ne!(folded("Muller"), folded("Müller"));
        // Once is as good as twice.
        for text in ["ΑΣ", "ǅ", "İ", "ŉ", "Ⅳ", "K", "\u{1e9e}"] {
            assert_eq!(folded(&folded(text)), folded(text), "{text}");
        }
    }

    #[test]
    fn an_address_is_one_however_its_host_is_written() {
        for address in ["ada@bücher.example", " ADA@BÜCHER.example", "ada@xn--bcher-kva.example"]
        {
            assert_eq!(address_key(address), "ada@xn--bcher-kva.example");
        }
        assert_eq!(address_key("Ada.L@Example.ORG"), "ada.l@example.org");
    }

    #[test]
    fn blanks_of_all_kinds_are_not_seen() {
        for text in
            ["", " ", "\u{2800}", "\u{3164}", "\u{200b}\u{2060}", "\u{301}", "\u{3000}\u{a0}"]
        {
            assert!(!is_visible(text), "{text:?}");
        }
        for text in ["a", "Å", "中", "🫀", "¿"] {
            assert!(is_visible(text), "{text}");
        }
    }

    #[test]
    fn joiners_stand_where_scripts_and_emoji_need_them_and_nowhere_else() {
        // Persian, Sinhala, Hindi; a family, a heart in its coloured variant.
        for text in [
            "می\u{200c}خواهم",
            "ක\u{dca}\u{200d}ෂ",
            "क\u{94d}\u{200d}ष",
            "👩\u{200d}⚕\u{fe0f}",
            "❤\u{fe0f} net",
            "👩\u{1f3fd}\u{200d}⚕\u{fe0f}",
            "plain",
        ] {
            assert!(!has_hidden(text), "{text}");
        }
        for text in [
            "a\u{200d}b",
            "a\u{200c}",
            "\u{200d}می",
            "می\u{200c}",
            "a\u{fe0f}",
            "a\u{3164}b",
            "a\u{ad}b",
            "\u{202e}a",
            "a\nb",
            "a\u{e0041}",
            "1\u{fe0f}",
        ] {
            assert!(has_hidden(text), "{text:?}");
        }
    }

    #[test]
    fn a_text_with_a_comma_or_a_quote_stays_one_field() {
        assert_eq!(csv_field("a.zip"), "a.zip");
        assert_eq!(csv_field("a, \"b\".zip"), "\"a, \"\"b\"\".zip\"");
        assert_eq!(csv_line(&["a", "b,c"]), "a,\"b,c\"\r\n");
    }

    #[test]
    fn a_spreadsheet_takes_no_text_for_a_formula_and_every_number_for_one() {
        assert_eq!(csv_field("=HYPERLINK(1,2)"), "\"'=HYPERLINK(1,2)\"");
        assert_eq!(csv_field("@team"), "'@team");
        assert_eq!(csv_field("-0.5"), "-0.5");
        assert_eq!(csv_field("a-b"), "a-b");
        assert_eq!(csv_field("  =1"), "  '=1");
        assert_eq!(csv_field("\u{ff1d}1"), "'\u{ff1d}1");
    }

    #[test]
    fn no_part_of_a_text_is_a_formula_where_lines_are_split_at_semicolons_or_tabs() {
        assert_eq!(csv_field("a;b"), "\"a;b\"");
        for between in [";", "; ", "\t", "\n"] {
            let field = csv_field(&format!("a{between}=1+1"));
            assert_eq!(field, format!("\"a{between}'=1+1\""));
        }
        assert_eq!(csv_field("-1;-2"), "\"'-1;'-2\"");
    }
}
