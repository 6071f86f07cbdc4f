//! A leaderboard for a paper.

use std::fmt::Write;

use super::latex_text::{ANY_CHARACTER, FONTS, FONTS_WITH_CYRILLIC, breakable, escaped};
use super::{Leaderboard, Row};
use crate::domain::{Disclosure, Group, RankedMetric};
use crate::scoring::ShownSummary;
use crate::store::Timestamp;
use segmentation_metrics::Summary;

/// The page's table as LaTeX, rounded as it is there and as wide as the text: positions over all cases, mean ± standard
/// deviation over those of a group, or all. Its first lines say what a document has to load.
pub fn latex(leaderboard: &Leaderboard, group: Option<Group>) -> String {
    let over = group.map_or("all cases".to_owned(), |group| format!("the {group} cases"));
    let table = table(leaderboard, group);
    let fonts = fonts(&table);
    let mut text =
        format!("% For pdflatex:\n% {fonts}\n% \\usepackage{{booktabs,tabularx,textcomp}}\n");
    if table.contains("\\anychar") {
        text += "% No font of pdflatex has some of the characters; lualatex and xelatex set them in a font that has them.\n";
        text += &format!("{ANY_CHARACTER}\n");
    }
    // Writing to a string can't fail.
    let _ = writeln!(text, "% {}; Dice and HD95 over {over}", one_line(&leaderboard.title));
    let _ = writeln!(
        text,
        "% scorer {}, truth set {}{}",
        leaderboard.scorer_version,
        leaderboard.truth_set_digest,
        leaderboard.at.map_or_else(String::new, |at| format!(", as of {at}")),
    );
    text + &table
}

/// What a document has to load for the letters of a text.
fn fonts(escaped: &str) -> &'static str {
    match escaped.contains("{T2A}") {
        true => FONTS_WITH_CYRILLIC,
        false => FONTS,
    }
}

fn table(leaderboard: &Leaderboard, group: Option<Group>) -> String {
    const WIDE: &str = ">{\\raggedright\\arraybackslash}X";
    let mut text = "\\noindent{\\footnotesize\\setlength{\\tabcolsep}{3pt}%\n".to_owned();
    if leaderboard.disclosure == Disclosure::Hidden {
        let _ = writeln!(
            text,
            "\\begin{{tabularx}}{{\\linewidth}}{{@{{}}{WIDE}{WIDE}l@{{}}}}\n\\toprule\n\
             Team & Method & Submitted \\\\\n\\midrule"
        );
    } else {
        let _ = writeln!(
            text,
            "\\begin{{tabularx}}{{\\linewidth}}{{@{{}}r{WIDE}rrrrr{WIDE}@{{}}}}\n\\toprule\n\
             \\# & Team & Dice & \\# & HD95 (mm) & \\# & Score & Method \\\\\n\\midrule"
        );
    }
    let before = leaderboard.before_observers(&leaderboard.entries, RankedMetric::Dice, group);
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
    if !leaderboard.baselines.is_empty() {
        if !(leaderboard.entries.is_empty() && before.is_none()) {
            text += RULE;
        }
        for row in &leaderboard.baselines {
            text += &line(row, group);
        }
    }
    text += "\\bottomrule\n";
    if leaderboard.disclosure != Disclosure::Hidden {
        text += &note(&format!("Score: {}.", leaderboard.scheme.score_name()));
    }
    if !leaderboard.baselines.is_empty() && leaderboard.disclosure != Disclosure::Hidden {
        text += &note("Baselines are not ranked.");
    }
    if before.is_some() {
        text += &note(&about_observers(leaderboard, group));
    }
    text += "\\end{tabularx}}\n";
    text
}

/// A line below the table.
fn note(text: &str) -> String {
    format!(
        "\\multicolumn{{{COLUMNS}}}{{@{{}}p{{\\linewidth}}@{{}}}}{{\\scriptsize {text}}} \\\\\n"
    )
}

/// Of a table with scores.
const COLUMNS: usize = 8;

const RULE: &str = "\\midrule\n";

/// Inter-observer agreement, which has no position.
fn observers(leaderboard: &Leaderboard, group: Option<Group>) -> String {
    let Some(reached) = leaderboard.observers.of_group(group) else { return String::new() };
    let math = |text: String| format!("${}$", text.replace('±', "\\pm"));
    format!(
        " & Human annotators$^\\ast$ & {} & & {} & & & inter-observer \\\\\n",
        math(reached.dice.rounded(3)),
        math(reached.hd95.rounded(2)),
    )
}

/// Whose agreement it is.
fn about_observers(leaderboard: &Leaderboard, group: Option<Group>) -> String {
    let of = &leaderboard.observers;
    let count = of.of_group(group).and_then(|reached| reached.count);
    let count = count.map_or_else(String::new, |count| format!(", {count} values"));
    let url = of.source.url().map_or_else(String::new, |url| {
        format!(", \\texttt{{{}}}", escaped(url).replace('/', "/\\allowbreak{}"))
    });
    format!(
        "$^\\ast$ Not ranked: inter-observer agreement of the {}{count}{url}.",
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
    let (team, method) = (breakable(&row.name()), breakable(&row.method));
    if row.scored.is_none() {
        return format!("{team} & {method} & {} \\\\\n", row.created_at);
    }
    let (dice, hd95) = row.of(group).map_or_else(
        || ("--".to_owned(), "--".to_owned()),
        |pair| (cell(pair.dice, 4), cell(pair.hd95, 2)),
    );
    let Some(placed) = &row.placed else {
        return format!(" & {team} & {dice} & & {hd95} & & & {method} \\\\\n");
    };
    format!(
        "{} & {team} & {dice} & {} & {hd95} & {} & {:.2} & {method} \\\\\n",
        placed.position, placed.dice_position, placed.hd95_position, placed.rank_score,
    )
}

/// A BibTeX entry for the ranking of a moment, which `permalink` shows, after a line that says what it needs. `challenge` is
/// what the challenge is called.
pub fn citation(
    leaderboard: &Leaderboard,
    challenge: &str,
    at: Timestamp,
    permalink: &str,
) -> String {
    let day: String = at.rfc3339().chars().take(10).collect();
    let year: String = day.chars().take(4).collect();
    let author = match challenge.to_lowercase().contains("challenge") {
        true => escaped(challenge),
        false => format!("{} challenge", escaped(challenge)),
    };
    let title = format!("{} leaderboard: {}", escaped(challenge), escaped(&leaderboard.title));
    let fonts = fonts(&title);
    let preamble = match title.contains("\\anychar") {
        true => format!("@preamble{{\"{ANY_CHARACTER}\"}}\n"),
        false => String::new(),
    };
    format!(
        "Needs {fonts} and \\usepackage{{url}} with pdflatex.\n{preamble}@misc{{asoca-{}-{day},\n  author       = {{{{{author}}}}},\n  \
         title        = {{{{{title}}}}},\n  year         = {{{year}}},\n  \
         howpublished = {{\\url{{{permalink}}}}},\n  note         = {{As of {at}; scorer {}, truth set {}}},\n}}",
        leaderboard.phase,
        leaderboard.scorer_version,
        leaderboard.truth_set_digest.chars().take(12).collect::<String>(),
    )
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
