//! Scores in long form, as pandas and R like them: one line for each case and column (RFC 4180).

use std::io::{self, Write};

use super::metric::{COLUMNS, vessels};
use crate::scoring::CaseScores;
use crate::text::csv_field as field;

pub fn write<'a>(
    out: &mut dyn Write,
    submissions: impl Iterator<Item = (&'a str, &'a CaseScores)>,
) -> io::Result<()> {
    write!(out, "submission,case,group,metric,value\r\n")?;
    for (name, cases) in submissions {
        let name = field(name);
        for case in cases.iter() {
            let group = case.group.map_or("", |group| group.as_str());
            for column in COLUMNS.iter().copied().chain(vessels(cases)) {
                let value = column.of(case).filter(|value| !value.is_nan());
                let value = value.map(|value| value.to_string()).unwrap_or_default();
                write!(
                    out,
                    "{name},{},{group},{},{value}\r\n",
                    field(&case.id),
                    column.metric.key
                )?;
            }
        }
    }
    Ok(())
}
