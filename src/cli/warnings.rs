/// One line for each warning, with all the cases it is about, in the order they came in.
pub fn by_case<'a>(told: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut grouped: Vec<(&str, Vec<&str>)> = Vec::new();
    for (case, warning) in told {
        match grouped.iter_mut().find(|(known, _)| *known == warning) {
            Some((_, cases)) => cases.push(case),
            None => grouped.push((warning, vec![case])),
        }
    }
    let line = |(warning, cases): (&str, Vec<&str>)| {
        let noun = if cases.len() == 1 { "case" } else { "cases" };
        format!("warning: {noun} {}: {warning}", cases.join(", "))
    };
    grouped.into_iter().map(line).collect()
}
