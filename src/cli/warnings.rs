use crate::domain::Alike;

/// One line for each warning, with all the cases it is about, in the order they came in.
pub fn by_case<'a>(warnings: impl Iterator<Item = (&'a str, impl ToString)>) -> Vec<String> {
    let warnings: Vec<(&str, String)> =
        warnings.map(|(case, warning)| (case, warning.to_string())).collect();
    let alike = Alike::of(warnings.iter().map(|(case, warning)| (Some(*case), warning.as_str())));
    alike.iter().map(line).collect()
}

fn line(alike: &Alike) -> String {
    let numbers = match alike.cases.as_slice() {
        [first, ..] if !alike.each().is_empty() => {
            format!(" (The numbers are those of case {first}.)")
        }
        _ => String::new(),
    };
    let noun = if alike.cases.len() == 1 { "case" } else { "cases" };
    format!("warning: {noun} {}: {}{numbers}", alike.cases.join(", "), alike.message())
}
