//! A leaderboard for a paper.

use std::fmt::Write;

use super::{Leaderboard, Row};
use crate::domain::{Disclosure, Group};
use crate::scoring::ShownSummary;
use crate::store::Timestamp;
use segmentation_metrics::Summary;

/// The page's table as LaTeX with booktabs, rounded as it is there: positions over all cases, mean ± standard
/// deviation over those of a group, or all.
pub fn latex(leaderboard: &Leaderboard, group: Option<Group>) -> String {
    let over = group.map_or("all cases".to_owned(), |group| format!("the {group} cases"));
    let mut text = String::from("% \\usepackage{booktabs}\n");
    // Writing to a string can't fail.
    let _ = writeln!(text, "% {}; Dice and HD95 over {over}", one_line(&leaderboard.title));
    let _ = writeln!(
        text,
        "% scorer {}, truth set {}{}",
        leaderboard.scorer_version,
        leaderboard.truth_set_digest,
        leaderboard.at.map_or_else(String::new, |at| format!(", as of {at}")),
    );
    if leaderboard.disclosure == Disclosure::Hidden {
        text += "\\begin{tabular}{lll}\n\\toprule\nTeam & Method & Submitted \\\\\n\\midrule\n";
    } else {
        let _ = writeln!(
            text,
            "\\begin{{tabular}}{{rlrrrrrll}}\n\\toprule\n\\# & Team & Dice & \\# Dice & HD95 (mm) & \\# HD95 & {} & \
             Method & Submitted \\\\\n\\midrule",
            leaderboard.scheme.score_name()
        );
    }
    let before = leaderboard.before_observers(group);
    for (at, row) in leaderboard.entries.iter().enumerate() {
        if before == Some(at) {
            if at > 0 {
                text += RULE;
            }
            text += &observers(leaderboard, group);
            text += RULE;
        }
        text += &line(row, group);
    }
    if before == Some(leaderboard.entries.len()) {
        if before > Some(0) {
            text += RULE;
        }
        text += &observers(leaderboard, group);
    }
    text += "\\bottomrule\n";
    if before.is_some() {
        text += &about_observers(leaderboard, group);
    }
    text += "\\end{tabular}\n";
    text
}

const RULE: &str = "\\midrule\n";

/// Inter-observer agreement, which has no position.
fn observers(leaderboard: &Leaderboard, group: Option<Group>) -> String {
    let Some(reached) = leaderboard.observers.of_group(group) else { return String::new() };
    let math = |text: String| format!("${}$", text.replace('±', "\\pm"));
    format!(
        " & Human annotators$^\\ast$ & {} & & {} & & & \\multicolumn{{2}}{{l}}{{inter-observer}} \\\\\n",
        math(reached.dice.rounded(3)),
        math(reached.hd95.rounded(2)),
    )
}

/// Whose agreement it is, as a note below the table.
fn about_observers(leaderboard: &Leaderboard, group: Option<Group>) -> String {
    let of = &leaderboard.observers;
    let count = of.of_group(group).and_then(|reached| reached.count);
    let count = count.map_or_else(String::new, |count| format!(", {count} values"));
    let url = of.source.url().map_or_else(String::new, |url| format!(", \\texttt{{{url}}}"));
    format!(
        "\\multicolumn{{9}}{{p{{0.95\\linewidth}}}}{{\\footnotesize $^\\ast$ Not ranked: inter-observer agreement of the {}\
         {count}{url}.}} \\\\\n",
        escaped(of.source.words()),
    )
}

/// A mean with its standard deviation, if that is shown.
fn cell(summary: ShownSummary, decimals: usize) -> String {
    match summary.exact() {
        Some(Summary { mean, std, .. }) => format!("${mean:.decimals$} \\pm {std:.decimals$}$"),
        None => format!("${}$", summary.text(decimals)),
    }
}

fn line(row: &Row, group: Option<Group>) -> String {
    let (team, method) = (escaped(&row.team), escaped(&row.method));
    let Some(placed) = &row.placed else {
        return format!("{team} & {method} & {} \\\\\n", row.created_at);
    };
    let (dice, hd95) = row.of(group).map_or_else(
        || ("--".to_owned(), "--".to_owned()),
        |pair| (cell(pair.dice, 4), cell(pair.hd95, 2)),
    );
    format!(
        "{} & {team} & {dice} & {} & {hd95} & {} & {:.2} & {method} & {} \\\\\n",
        placed.position,
        placed.dice_position,
        placed.hd95_position,
        placed.rank_score,
        row.created_at,
    )
}

/// A BibTeX entry for the ranking of a moment, which `permalink` shows.
pub fn citation(leaderboard: &Leaderboard, at: Timestamp, permalink: &str) -> String {
    let day: String = at.rfc3339().chars().take(10).collect();
    let year: String = day.chars().take(4).collect();
    format!(
        "@misc{{asoca-{}-{day},\n  title        = {{{{ASOCA}} leaderboard: {}}},\n  year         = {{{year}}},\n  \
         howpublished = {{\\url{{{permalink}}}}},\n  note         = {{As of {at}; scorer {}, truth set {}}},\n}}",
        leaderboard.phase,
        escaped(&leaderboard.title),
        leaderboard.scorer_version,
        leaderboard.truth_set_digest.chars().take(12).collect::<String>(),
    )
}

/// A text as LaTeX sets it, and never obeys it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => safe += "\\textbackslash{}",
            '~' => safe += "\\textasciitilde{}",
            '^' => safe += "\\textasciicircum{}",
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => safe.extend(['\\', c]),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_latex_is_only_set() {
        assert_eq!(
            escaped("R&D_1 50% {x} \\input"),
            "R\\&D\\_1 50\\% \\{x\\} \\textbackslash{}input"
        );
        assert_eq!(escaped("a\n~^#$"), "a \\textasciitilde{}\\textasciicircum{}\\#\\$");
    }
}
