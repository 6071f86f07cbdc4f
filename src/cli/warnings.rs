/// One line for each warning, with all the cases it is about, in the order they came in.
pub fn by_case<'a>(warnings: impl Iterator<Item = (&'a str, impl ToString)>) -> Vec<String> {
    let mut grouped: Vec<(String, Vec<&str>)> = Vec::new();
    for (case, warning) in warnings {
        let warning = warning.to_string();
        match grouped.iter_mut().find(|(known, _)| *known == warning) {
            Some((_, cases)) => cases.push(case),
            None => grouped.push((warning, vec![case])),
        }
    }
    let line = |(warning, cases): (String, Vec<&str>)| {
        let noun = if cases.len() == 1 { "case" } else { "cases" };
        format!("warning: {noun} {}: {warning}", cases.join(", "))
    };
    grouped.into_iter().map(line).collect()
}
