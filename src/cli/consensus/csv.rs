//! The table in long form, as pandas and R like it: one line for each annotator, case and metric (RFC 4180).

use std::io::{self, Write};

use crate::domain::RankedMetric;
use crate::scoring::ObserverTable;
use crate::text::csv_line;

pub fn write(out: &mut dyn Write, table: &ObserverTable) -> io::Result<()> {
    write!(out, "{}", csv_line(&["annotator", "case", "group", "metric", "value"]))?;
    for annotator in &table.annotators {
        for case in table.scores(annotator).iter() {
            let group = case.group.map_or("", |group| group.as_str());
            for metric in RankedMetric::ALL {
                let value = case.ranked().of(metric).to_string();
                let fields = [&annotator.name, &case.id, group, metric.key, &value];
                write!(out, "{}", csv_line(&fields))?;
            }
        }
    }
    Ok(())
}
