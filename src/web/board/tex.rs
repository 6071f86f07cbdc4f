//! A leaderboard for a paper.

use std::fmt::Write;

use super::{Board, Row};
use crate::challenge::Group;
use crate::store::Timestamp;

/// The page's table as LaTeX with booktabs, rounded as it is there: positions over all cases, mean ± standard
/// deviation over those of a group, or all.
pub fn tex(board: &Board, group: Option<Group>) -> String {
    let over = group.map_or("all cases".to_owned(), |group| format!("the {group} cases"));
    let mut text = String::from("% \\usepackage{booktabs}\n");
    // Writing to a string can't fail.
    let _ = writeln!(text, "% {}; Dice and HD95 over {over}", one_line(&board.title));
    let _ = writeln!(
        text,
        "% scorer {}, truth set {}{}",
        board.scorer_version,
        board.truth_set_digest,
        board.at.map_or_else(String::new, |at| format!(", as it stood at {at}")),
    );
    let _ = writeln!(
        text,
        "\\begin{{tabular}}{{rlrrrrrll}}\n\\toprule\n\\# & Team & Dice & \\# Dice & HD95 (mm) & \\# HD95 & {} & \
         Method & Submitted \\\\\n\\midrule",
        board.scheme.score_name()
    );
    let before = board.before_observers(group);
    for (at, row) in board.entries.iter().enumerate() {
        if before == Some(at) {
            text += &observers(board, group);
        }
        text += &line(row, group);
    }
    if before == Some(board.entries.len()) {
        text += &observers(board, group);
    }
    text += "\\bottomrule\n\\end{tabular}\n";
    text
}

/// What people reach, which has no position.
fn observers(board: &Board, group: Option<Group>) -> String {
    let Some(reached) = board.observers.of_group(group) else { return String::new() };
    let math = |text: String| format!("${}$", text.replace('±', "\\pm"));
    format!(
        "\\midrule\n & Human annotators & {} & & {} & & & \\multicolumn{{2}}{{l}}{{inter-observer}} \\\\\n\\midrule\n",
        math(reached.dice.rounded(3)),
        math(reached.hd95.rounded(2)),
    )
}

fn line(row: &Row, group: Option<Group>) -> String {
    let (dice, hd95) = row.of(group).map_or_else(
        || ("--".to_owned(), "--".to_owned()),
        |cell| {
            let (dice, hd95) = (cell.dice, cell.hd95);
            (
                format!("${:.4} \\pm {:.4}$", dice.mean, dice.std),
                format!("${:.2} \\pm {:.2}$", hd95.mean, hd95.std),
            )
        },
    );
    format!(
        "{} & {} & {dice} & {} & {hd95} & {} & {:.2} & {} & {} \\\\\n",
        row.position,
        escaped(&row.team),
        row.dice_position,
        row.hd95_position,
        row.rank_score,
        escaped(&row.method),
        row.created_at,
    )
}

/// A BibTeX entry for the ranking of a moment, which `permalink` shows.
pub fn citation(board: &Board, at: Timestamp, permalink: &str) -> String {
    let day: String = at.rfc3339().chars().take(10).collect();
    let year: String = day.chars().take(4).collect();
    format!(
        "@misc{{asoca-{}-{day},\n  title        = {{{{ASOCA}} leaderboard: {}}},\n  year         = {{{year}}},\n  \
         howpublished = {{\\url{{{permalink}}}}},\n  note         = {{As it stood at {at}; scorer {}, truth set {}}},\n}}",
        board.phase,
        escaped(&board.title),
        board.scorer_version,
        board.truth_set_digest.chars().take(12).collect::<String>(),
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
