//! The scores of one submission, for people.

use std::io::{self, Write};

use super::metric::{COLUMNS, GROUPS, SECONDARY_NOTE, VESSEL_NOTE, summed_up, vessels};
use crate::cli::table::Table;
use crate::scoring::CaseScores;
use segmentation_metrics::Summary;

pub fn write(out: &mut dyn Write, cases: &CaseScores) -> io::Result<()> {
    let titles = COLUMNS.iter().map(|column| column.title);
    let mut table = Table::new(2, ["case", "group"].into_iter().chain(titles));
    for case in cases.iter() {
        let group = case.group.map_or("", |group| group.as_str());
        let values = COLUMNS.iter().map(|column| column.show(column.of(case).unwrap_or(f64::NAN)));
        table.row([case.id.clone(), group.to_owned()].into_iter().chain(values));
    }
    table.write(out)?;
    writeln!(out)?;
    summaries(cases).write(out)?;
    writeln!(out, "\n{SECONDARY_NOTE}")?;
    if vessels(cases).next().is_some() {
        writeln!(out, "{VESSEL_NOTE}")?;
    }
    Ok(())
}

fn summaries(cases: &CaseScores) -> Table {
    let head = ["cases", "metric", "n", "mean", "std", "min", "25 %", "50 %", "75 %", "max"];
    let mut table = Table::new(2, head);
    for (name, group) in GROUPS {
        for column in summed_up(cases) {
            let Some(summary) = column.summary(cases, group) else { continue };
            let Summary { mean, std, min, q25, median, q75, max, count } = summary;
            let values = [mean, std, min, q25, median, q75, max].map(|value| column.show(value));
            let words = [name.to_owned(), column.title.to_owned(), count.to_string()];
            table.row(words.into_iter().chain(values));
        }
    }
    table
}

/// One line for each warning, with all the cases it is about.
pub fn warnings(cases: &CaseScores) -> Vec<String> {
    let warnings = cases.iter().flat_map(|case| case.warnings.iter().map(|it| (&*case.id, it)));
    crate::cli::warnings::by_case(warnings)
}
