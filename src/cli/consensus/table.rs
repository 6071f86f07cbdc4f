//! How far annotators agree, for people.

use std::io::{self, Write};

use crate::cli::names::{cut, letter};
use crate::cli::score::metric::{COLUMNS, Column, GROUPS};
use crate::cli::table::Table;
use crate::domain::MAX_TOLERANCE_MM;
use crate::domain::metric::{
    BETTI_0_ERROR, BETTI_1_ERROR, CL_DICE, CONNECTED_TREE_LENGTH, DICE, HD95, LEAKAGE,
    SURFACE_DICE, TREE_LENGTH,
};
use crate::scoring::{Agreement, CaseScores, ObserverTable, SurfaceTolerance, ThinBranches};
use challenge_ranking::{Untestable, Welch};
use segmentation_metrics::Summary;

/// Most annotators beside each other in the table of cases: more would not fit in 80 columns.
const ABREAST: usize = 6;

/// What the short titles stand for.
const AGREEMENT_NOTE: &str = "surf.: surface Dice at 0.5 mm; length, conn.: tree length found, and connected;\n\
     leak: leakage in mm; β0, β1: by how many pieces and loops they differ. Length\n\
     and leakage are not the same both ways.";

const WELCH: &str = "Welch's t-test of normal and diseased";

/// For each column the means, the test of the groups' difference and the cases.
pub fn write(
    out: &mut dyn Write,
    table: &ObserverTable,
    agreements: &[Agreement],
    tolerance: Option<SurfaceTolerance>,
) -> io::Result<()> {
    let scores: Vec<CaseScores> =
        table.annotators.iter().map(|annotator| table.scores(annotator)).collect();
    let (all, tests) = (table.all_scores(), table.group_tests());
    let (count, enough) = (scores.len(), scores.len() / 2 + 1);
    writeln!(out, "{count} annotators against their majority (at least {enough} of {count})\n")?;
    let official = || COLUMNS.iter().filter(|column| column.is_ranked());
    for (column, test) in official().zip([tests.dice, tests.hd95]) {
        writeln!(out, "{}: mean ± standard deviation", column.title)?;
        means(column, table, &scores, &all).write(out)?;
        match test {
            Ok(test) => writeln!(out, "{}", welch(test))?,
            Err(Untestable::Constant) => writeln!(out, "{WELCH}: values hardly vary")?,
            Err(Untestable::TooFew) => (),
        }
        writeln!(out)?;
    }
    writeln!(out, "Annotators against the majority and each other: means of all cases")?;
    against(agreements).write(out)?;
    writeln!(out, "\n{AGREEMENT_NOTE}\n")?;
    if let Some(SurfaceTolerance { mm, apart, .. }) = tolerance {
        let apart = 100.0 * apart;
        writeln!(
            out,
            "Where two annotators drew the same vessel, 95 % of their surfaces are within\n\
             {mm} mm: asoca score --metrics all --surface-tolerance {mm}. {apart:.1} % are more than\n\
             {MAX_TOLERANCE_MM} mm apart: vessels that only one of them has.\n"
        )?;
    }
    for (at, column) in official().enumerate() {
        for first in (0..count).step_by(ABREAST) {
            let gap = if at + first > 0 { "\n" } else { "" };
            writeln!(out, "{gap}{} of each case", column.title)?;
            cases(column, table, &scores, first).write(out)?;
        }
    }
    Ok(())
}

/// The branches of each case that are too thin.
pub fn thin(out: &mut dyn Write, below_mm: f64, cases: &[ThinBranches]) -> io::Result<()> {
    if cases.is_empty() {
        return writeln!(out, "No branch has a median diameter below {below_mm} mm.\n");
    }
    let removed = cases.iter().any(|case| case.removed);
    let what = if removed { "taken out" } else { "kept; --remove-thin takes them out" };
    writeln!(out, "Branches with a median diameter below {below_mm} mm, {what}")?;
    let head = ["case", "branches", "length mm", "of mm", "thinnest mm", "voxels"];
    let mut rows = Table::new(1, head);
    for case in cases {
        let diameters = case.branches.iter().map(|branch| branch.median_diameter_mm);
        rows.row([
            case.case.clone(),
            case.branches.len().to_string(),
            format!("{:.1}", case.length_mm),
            format!("{:.1}", case.of_mm),
            format!("{:.2}", diameters.fold(f64::INFINITY, f64::min)),
            case.voxels.to_string(),
        ]);
    }
    rows.write(out)?;
    writeln!(out)
}

fn means(column: &Column, table: &ObserverTable, scores: &[CaseScores], all: &CaseScores) -> Table {
    let groups: Vec<_> =
        GROUPS.into_iter().filter(|&(_, group)| column.summary(all, group).is_some()).collect();
    let head = ["", "annotator"].into_iter().chain(groups.iter().map(|(name, _)| *name));
    let mut rows = Table::new(2, head);
    let names = table.annotators.iter().map(|annotator| annotator.name.as_str());
    let lettered = names.zip(scores).enumerate().map(|(at, (name, of))| (letter(at), name, of));
    for (letter, name, of) in lettered.chain([(String::new(), "together", all)]) {
        let summaries = groups.iter().map(|&(_, group)| {
            let summary = column.summary(of, group);
            summary.map_or("-".to_owned(), |summary| column.show_mean(summary))
        });
        rows.row([letter, cut(name)].into_iter().chain(summaries));
    }
    rows
}

/// Whom each annotator agrees with how far, by the metrics that say most.
fn against(agreements: &[Agreement]) -> Table {
    let metrics = [
        ("Dice", &DICE),
        ("HD95", &HD95),
        ("clDice", &CL_DICE),
        ("surf.", &SURFACE_DICE),
        ("length", &TREE_LENGTH),
        ("conn.", &CONNECTED_TREE_LENGTH),
        ("leak", &LEAKAGE),
        ("β0", &BETTI_0_ERROR),
        ("β1", &BETTI_1_ERROR),
    ];
    let head = ["", "against"].into_iter().chain(metrics.iter().map(|(title, _)| *title));
    let mut rows = Table::new(2, head);
    for Agreement { annotator, against, scores } in agreements {
        let means = metrics.iter().map(|(_, metric)| {
            let values: Vec<f64> = scores.iter().filter_map(|case| case.value(metric)).collect();
            let summary = Summary::of(&values);
            summary.map_or("-".to_owned(), |summary| metric.text(summary.mean))
        });
        let words = [letter(*annotator), against.map_or("majority".to_owned(), letter)];
        rows.row(words.into_iter().chain(means));
    }
    rows
}

/// Every annotator's value of every case, from this annotator on as many as fit.
fn cases(column: &Column, table: &ObserverTable, scores: &[CaseScores], first: usize) -> Table {
    let abreast = || scores.iter().enumerate().skip(first).take(ABREAST);
    let head = ["case", "group"].map(str::to_owned).into_iter();
    let mut rows = Table::new(2, head.chain(abreast().map(|(at, _)| letter(at))));
    for (at, case) in table.cases.iter().enumerate() {
        let group = case.group.map_or("", |group| group.as_str());
        let values = abreast().map(|(_, of)| {
            let value = of.iter().nth(at).and_then(|case| column.of(case));
            column.show(value.unwrap_or(f64::NAN))
        });
        rows.row([case.id.clone(), group.to_owned()].into_iter().chain(values));
    }
    rows
}

fn welch(Welch { t, degrees_of_freedom, p }: Welch) -> String {
    let p = if p < 0.0001 { "p < 0.0001".to_owned() } else { format!("p = {p:.4}") };
    format!("{WELCH}: t = {t:.3}, df = {degrees_of_freedom:.1}, {p}")
}
