//! What strangers write, on its way to people's eyes.

pub use segmentation::is_odd;

/// A line of comma-separated values (RFC 4180).
pub(crate) fn csv_line(fields: &[&str]) -> String {
    fields.iter().map(|field| csv_field(field)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// A field of comma-separated values (RFC 4180), in quotes where it could be taken for more than one, and
/// with an apostrophe before what a spreadsheet would take for a formula.
pub(crate) fn csv_field(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err() {
        return csv_field(&format!("'{text}"));
    }
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
        assert_eq!(csv_line(&["a", "b,c"]), "a,\"b,c\"\r\n");
    }

    #[test]
    fn a_spreadsheet_takes_no_text_for_a_formula_and_every_number_for_one() {
        assert_eq!(csv_field("=HYPERLINK(1,2)"), "\"'=HYPERLINK(1,2)\"");
        assert_eq!(csv_field("@team"), "'@team");
        assert_eq!(csv_field("-0.5"), "-0.5");
    }
}
