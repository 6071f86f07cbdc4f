//! What strangers write, on its way to people's eyes.

pub use segmentation::is_odd;

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
