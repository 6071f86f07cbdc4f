//! Several submissions beside each other.

use std::io::{self, Write};

use super::metric::{COLUMNS, Column, GROUPS, SECONDARY_NOTE, VESSEL_NOTE, summed_up, vessels};
use crate::cli::names::{cut, letter};
use crate::cli::table::Table;
use crate::scoring::{CaseScores, ScoredCase};

/// Most submissions beside each other in the table of cases: more would not fit in 80 columns.
const ABREAST: usize = 6;

/// A submission that was scored, under the letter and the name it goes by.
pub struct Compared<'a> {
    pub letter: String,
    pub name: &'a str,
    pub cases: &'a CaseScores,
}

impl<'a> Compared<'a> {
    /// The submission at this place.
    pub fn new(at: usize, name: &'a str, cases: &'a CaseScores) -> Self {
        Self { letter: letter(at), name, cases }
    }
}

/// For each column the means, then the cases, in which `*` marks the best.
pub fn write(out: &mut dyn Write, submissions: &[Compared<'_>]) -> io::Result<()> {
    let [first, ..] = submissions else { return Ok(()) };
    for column in summed_up(first.cases) {
        writeln!(out, "{}: mean ± standard deviation", column.title)?;
        means(&column, submissions, first).write(out)?;
        writeln!(out)?;
    }
    writeln!(out, "{SECONDARY_NOTE}")?;
    if vessels(first.cases).next().is_some() {
        writeln!(out, "{VESSEL_NOTE}")?;
    }
    writeln!(out)?;
    let blocks = COLUMNS
        .iter()
        .filter(|column| column.is_ranked())
        .flat_map(|column| submissions.chunks(ABREAST).map(move |abreast| (column, abreast)));
    for (at, (column, abreast)) in blocks.enumerate() {
        let gap = if at > 0 { "\n" } else { "" };
        writeln!(out, "{gap}{} of each case, * is the best of all", column.title)?;
        cases(column, submissions, abreast).write(out)?;
    }
    Ok(())
}

fn means(column: &Column, submissions: &[Compared<'_>], first: &Compared<'_>) -> Table {
    let groups: Vec<_> = GROUPS
        .into_iter()
        .filter(|&(_, group)| column.summary(first.cases, group).is_some())
        .collect();
    let difference = format!("vs {}", first.letter);
    let head = ["", "submission"].into_iter().chain(groups.iter().map(|(name, _)| *name));
    let mut table = Table::new(2, head.chain([difference.as_str(), "best in"]));
    let mean =
        |submission: &Compared<'_>| column.summary(submission.cases, None).map(|all| all.mean);
    for submission in submissions {
        let summaries = groups.iter().map(|&(_, group)| {
            let summary = column.summary(submission.cases, group);
            summary.map_or("-".to_owned(), |summary| column.show_mean(summary))
        });
        let difference = match (mean(submission), mean(first)) {
            (Some(mean), Some(first_mean)) if submission.letter != first.letter => {
                let shown = column.show_difference(mean - first_mean);
                let zero = shown.parse() == Ok(0.0);
                if zero { shown.replace('-', "+") } else { shown }
            }
            _ => String::new(),
        };
        let best = (0..submission.cases.iter().len())
            .filter(|&at| is_best(column, submissions, submission, at))
            .count();
        let words = [submission.letter.clone(), cut(submission.name)];
        table.row(words.into_iter().chain(summaries).chain([difference, best.to_string()]));
    }
    table
}

fn cases(column: &Column, all: &[Compared<'_>], abreast: &[Compared<'_>]) -> Table {
    let letters = abreast.iter().map(|submission| format!("{} ", submission.letter));
    let head = ["case", "group"].map(str::to_owned);
    let mut table = Table::new(2, head.into_iter().chain(letters));
    let Some(first) = all.first() else { return table };
    for (at, case) in first.cases.iter().enumerate() {
        let group = case.group.map_or("", |group| group.as_str());
        let values = abreast.iter().map(|submission| {
            let shown = column.show(value(column, submission, at).unwrap_or(f64::NAN));
            let mark = if is_best(column, all, submission, at) { '*' } else { ' ' };
            format!("{shown}{mark}")
        });
        table.row([case.id.clone(), group.to_owned()].into_iter().chain(values));
    }
    table
}

/// The value of the case at this place; all submissions have the same cases in the same order.
fn value(column: &Column, submission: &Compared<'_>, at: usize) -> Option<f64> {
    let case: &ScoredCase = submission.cases.iter().nth(at)?;
    column.of(case)
}

/// Whether no other submission is better in this case.
fn is_best(column: &Column, all: &[Compared<'_>], one: &Compared<'_>, at: usize) -> bool {
    let loss = |of| value(column, of, at).map(|value| column.loss(value));
    let least = all.iter().filter_map(loss).reduce(f64::min);
    least.is_some() && loss(one) == least
}
